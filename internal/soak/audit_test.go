package soak_test

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	linklysim "receivepayment/linkly/sim"
	"receivepayment/payments"
)

// audit compares what our database says with what the bank did.
type audit struct {
	byState map[payments.State]int
	kinds   map[payments.Kind]int

	wrongOutcomes int // the state contradicts the money
	doubleCharges int // one payment charged twice, or a document beyond its total without an alert
	unaccounted   int // money moved and we neither book it nor say that we do not know
	stuck         int // open although the provider knows the answer
	doubledTold   int // more than one timeline entry for an approval
	untold        int // approvals that the CRM does not know
	unmeasured    int // unknown outcomes that were never resolved although the provider knew

	forgotten int // the provider lost the result: unknown or in review, document blocked
	late      int // it never arrived, and that could not be proved before the review: a person decides
	denied    int // the provider lost the result and nothing was ever heard: it says "never submitted"
	lied      int // only a callback's lie is known, and the provider lost the result
	person    int // the provider contradicted itself: a person decides
	alerts    int

	// told "never submitted" of: what the bank moved for them no client could know
	deniedIDs map[string]bool

	resolved []time.Duration // from unknown to decided, since the network was back
	wrong    []string
}

// listed is how many payments of one kind of trouble are named.
const listed = 20

func (s *soak) audit() *audit {
	a := &audit{byState: map[payments.State]int{}, kinds: map[payments.Kind]int{}, deniedIDs: map[string]bool{}}
	rows, charges, alerts := s.all(s.t), s.charges(), s.alerts()
	known := map[string]bool{}
	for _, p := range rows {
		known[p.SessionID] = true
		a.byState[p.State]++
		a.kinds[p.Kind]++
		a.payment(s, p, charges[p.SessionID])
		a.alerts += len(alerts[p.ID])
	}
	for session, list := range charges {
		if !known[session] && approved(list) > 0 {
			a.unaccounted++
			a.say("a charge of session %s, which no payment of ours has", session)
		}
	}
	a.documents(rows, charges, alerts)
	a.told(s, rows)
	a.unknowns(s, rows)
	a.visible(s)
	a.conclude(s)
	return a
}

func (a *audit) say(format string, args ...any) {
	a.wrong = append(a.wrong, fmt.Sprintf(format, args...))
}

func approved(list []linklysim.Charge) int {
	n := 0
	for _, c := range list {
		if c.Approved {
			n++
		}
	}
	return n
}

// payment compares one payment with the money.
func (a *audit) payment(s *soak, p payments.Payment, list []linklysim.Charge) {
	moved := approved(list)
	if moved > 1 || len(list) > 1 {
		a.doubleCharges++
		a.say("payment %s was charged %d times", p.ID, len(list))
	}
	right := false
	switch p.State {
	case payments.Approved:
		right = moved == 1
		if right && p.Collected() != goods(list) {
			a.wrongOutcomes++
			a.say("payment %s collected %d and %d moved", p.ID, p.Collected(), goods(list))
		}
	case payments.Declined, payments.Cancelled, payments.NeverStarted:
		right = moved == 0
	case payments.Created, payments.Sent, payments.Unknown, payments.Review:
		a.open(s, p)
		return
	}
	if !right {
		a.mismatch(s, p, moved)
	}
}

func goods(list []linklysim.Charge) int64 {
	for _, c := range list {
		if c.Approved {
			return c.Goods
		}
	}
	return 0
}

// open is a payment that is not decided: right only when the provider cannot
// say any more.
func (a *audit) open(s *soak, p payments.Payment) {
	switch {
	case s.contradicted(p):
		a.person++
	case p.State == payments.Review && !s.arrived(p):
		a.late++
	case (p.State == payments.Unknown || p.State == payments.Review) && s.arrived(p) && !s.remembered(p):
		a.forgotten++
	default:
		a.stuck++
		a.say("payment %s is stuck in %s: %s", p.ID, p.State, s.life(p))
	}
}

// life is the payment's history in one line.
func (s *soak) life(p payments.Payment) string {
	var history []payments.Entry
	if err := s.db.Where("payment_id = ?", p.ID).Order("seq").Find(&history).Error; err != nil {
		return err.Error()
	}
	line := fmt.Sprintf("pairing %s, asked %d times since", p.PairingID, p.Asks)
	for _, e := range history {
		line += fmt.Sprintf("; %s %s by %s to %s %s %s", e.At.Format("15:04:05.0"), e.Event, e.Actor, e.ToState, e.Why, e.Evidence)
	}
	return line
}

// mismatch is a decided payment whose state contradicts the money. Excused is
// only what no client could know: the provider lost the result for good, and
// all that was ever heard of it was nothing, or a lie.
func (a *audit) mismatch(s *soak, p payments.Payment, moved int) {
	unproven := p.ConfirmedAt == nil && !s.remembered(p)
	switch {
	case unproven && p.State == payments.NeverStarted && !p.Seen && !s.hears(p.ID):
		a.denied++
		a.deniedIDs[p.ID] = true
		return
	case unproven && p.Source == payments.Callback:
		a.lied++
		return
	}
	a.wrongOutcomes++
	if moved > 0 {
		a.unaccounted++
	}
	a.say("payment %s (session %s) is %s, source %q, confirmed %v, and %d charges were approved",
		p.ID, p.SessionID, p.State, p.Source, p.ConfirmedAt != nil, moved)
}

// documents looks for an invoice that was charged beyond its total, as the
// bank counts, without an alert. Payments that the provider denied for good are
// counted by themselves.
func (a *audit) documents(rows []payments.Payment, charges map[string][]linklysim.Charge, alerts map[string][]string) {
	net, warned := map[string]int64{}, map[string]bool{}
	for _, p := range rows {
		if a.deniedIDs[p.ID] {
			continue
		}
		amount := goods(charges[p.SessionID])
		if p.Kind == payments.Refund {
			amount = -amount
		}
		net[p.Document] += amount
		warned[p.Document] = warned[p.Document] || slices.Contains(alerts[p.ID], payments.AlertPaidTwice)
	}
	for document, cents := range net {
		if cents < 0 {
			a.doubleCharges++
			a.say("%s was refunded %d cents more than it was charged", document, -cents)
		}
		if cents > invoiceTotal && !warned[document] {
			a.doubleCharges++
			a.say("%s was charged %d cents and costs %d, without an alert", document, cents, invoiceTotal)
		}
	}
}

// told looks for timeline entries: one for each approval, on the invoice and
// on its deal.
func (a *audit) told(s *soak, rows []payments.Payment) {
	entries := s.entries()
	for _, p := range rows {
		if p.State != payments.Approved {
			continue
		}
		for _, where := range []string{"invoice", "deal"} {
			switch n := entries[where+" "+p.TxnRef]; {
			case n > 1:
				a.doubledTold++
				a.say("payment %s has %d timeline entries on its %s", p.ID, n, where)
			case n == 0:
				a.untold++
				a.say("payment %s has no timeline entry on its %s", p.ID, where)
			}
		}
	}
	for _, w := range s.untold() {
		a.untold++
		a.say("write-back %s of payment %s is %s after %d tries: %s", w.Target, w.PaymentID, w.State, w.Attempts, w.LastError)
	}
}

// entries counts timeline entries by the reference in their text.
func (s *soak) entries() map[string]int {
	out, deals := map[string]int{}, map[int]bool{}
	read := func(where string, typeID, id int) {
		for _, e := range s.bitrix.Timeline(typeID, id) {
			if _, ref, found := strings.Cut(e.Text, "Ref "); found {
				out[where+" "+strings.Fields(ref)[0]]++
			}
		}
	}
	for _, inv := range s.invoice[:min(int(s.next.Load()), len(s.invoice))] {
		read("invoice", 31, inv.id)
		deals[inv.deal] = true
	}
	for deal := range deals {
		read("deal", 2, deal)
	}
	return out
}

func (s *soak) alerts() map[string][]string {
	var rows []payments.Alert
	if err := s.db.Find(&rows).Error; err != nil {
		s.t.Fatal(err)
	}
	out := map[string][]string{}
	for _, row := range rows {
		out[row.PaymentID] = append(out[row.PaymentID], row.Code)
	}
	return out
}

// unknowns measures how long outcomes stayed unknown after the provider could
// be reached again.
func (a *audit) unknowns(s *soak, rows []payments.Payment) {
	final := map[string]bool{}
	for _, p := range rows {
		final[p.ID] = p.State.Final()
	}
	var history []payments.Entry
	if err := s.db.Where("to_state <> from_state").Order("payment_id, seq").Find(&history).Error; err != nil {
		s.t.Fatal(err)
	}
	since := map[string]time.Time{}
	for _, e := range history {
		if e.ToState == payments.Unknown {
			since[e.PaymentID] = s.back(e.At)
		}
		from, was := since[e.PaymentID]
		if was && e.ToState.Final() {
			a.resolved = append(a.resolved, max(e.At.Sub(from), 0))
			delete(since, e.PaymentID)
		}
	}
	for id := range since {
		if final[id] {
			a.unmeasured++
		}
	}
	slices.Sort(a.resolved)
}

// back is when the provider could be reached again after a time.
func (s *soak) back(at time.Time) time.Time {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, o := range s.outages {
		if !at.Before(o.from.UTC()) && at.Before(o.till.UTC()) {
			return o.till.UTC()
		}
	}
	return at
}

// visible tries to charge invoices again whose outcome is not known: each must
// be refused, as long as it stays so.
func (a *audit) visible(s *soak) {
	var rows []payments.Payment
	err := s.db.Where("kind = ? AND state IN ?", payments.Purchase, []payments.State{payments.Unknown, payments.Review}).
		Limit(listed).Find(&rows).Error
	if err != nil {
		s.t.Fatal(err)
	}
	for i, p := range rows {
		got := s.boss.do(s.t.Context(), http.MethodPost, "/api/v1/payments", object{
			"requestId": fmt.Sprintf("again-%d", i), "document": p.Document, "terminal": s.spare[0].id, "amount": "0.01", "currency": "AUD",
		})
		if got.code() != "document_open" && got.code() != "already_paid" {
			a.doubleCharges++
			a.say("%s could be charged again although payment %s is %s: %s", p.Document, p.ID, p.State, got)
		}
	}
}

// conclude compares the rest with what was promised.
func (a *audit) conclude(s *soak) {
	a.wrong = append(a.wrong, s.breaches...)
	if worst := percentile(s.adoption.took, 100); worst > bound(takenUpWithin) {
		a.say("a payment was taken up again only %s after a crash", worst)
	}
	if p := percentile(a.resolved, 95); p > bound(time.Minute) {
		a.say("unknown outcomes took %s to resolve at the 95th percentile", p)
	}
	if p := percentile(a.resolved, 99); p > 5*time.Minute {
		a.say("unknown outcomes took %s to resolve at the 99th percentile", p)
	}
	if int(s.stored.Load()) < s.least {
		a.say("only %d payments were made", s.stored.Load())
	}
	if v := s.linkly.Violations(); len(v) > 0 {
		a.say("Linkly would have refused %d requests: %+v", len(v), v[0])
	}
	a.portal(s)
}

// portal looks at how the portal was spoken to. A process that died between
// the renewal of its tokens and their storing leaves its successor no other
// way to find out than to use the old pair again: at most once for each kill.
func (a *audit) portal(s *soak) {
	for _, v := range impolite(s.bitrix.Violations()) {
		if v.Rule == "refresh token reused" && s.count["tokens used up and lost"] < s.count["kills"] {
			s.add("tokens used up and lost")
			continue
		}
		a.say("Bitrix24 would have refused: %+v", v)
	}
}

// percentile of a list; zero of an empty one.
func percentile(list []time.Duration, p int) time.Duration {
	if len(list) == 0 {
		return 0
	}
	sorted := slices.Sorted(slices.Values(list))
	return sorted[(len(sorted)-1)*p/100]
}
