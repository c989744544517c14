package payments

import (
	"time"

	"receivepayment/words"
)

// evidence is what history keeps of an answer: who was asked, and what came
// back. It holds no secret and no card number.
type evidence struct {
	Asked   string `json:"asked,omitempty"`
	Status  int    `json:"status,omitempty"`
	Answer  string `json:"answer,omitempty"`
	Code    string `json:"code,omitempty"`
	Text    string `json:"text,omitempty"`
	Amount  *int64 `json:"amount,omitempty"`
	Callers string `json:"heard,omitempty"`
}

func evidenceOf(a Answer) evidence {
	ev := evidence{Asked: "status of the session", Status: a.Status, Answer: string(a.Kind)}
	if a.Result != nil {
		ev.Code, ev.Text, ev.Amount = a.Result.Code, a.Result.Text, a.Result.Amount
	}
	return ev
}

func evidenceOfCallback(r Result) evidence {
	return evidence{Callers: "callback", Code: r.Code, Text: r.Text, Amount: r.Amount}
}

// record fills in an outcome. Source stays what it first was: a callback's or
// a person's outcome that our question confirms gains ConfirmedAt only.
func record(p *Payment, r Result, source Source, now time.Time) {
	overtaken := p.State.Final() && p.Source != "" && (p.State == Approved) == r.Success
	if !overtaken {
		p.Source = source
	}
	if source == Asked {
		p.ConfirmedAt = &now
		p.Told, p.ToldAt = nil, nil
	}
	p.Seen = true
	p.ResponseCode, p.ResponseText = r.Code, r.Text
	p.CardType, p.Last4, p.Entry, p.Account = r.CardType, r.Last4, r.Entry, r.Account
	p.AuthCode, p.RRN, p.STAN = r.AuthCode, r.RRN, r.STAN
	p.SettlementDate, p.RFN, p.Reference = r.SettlementDate, r.RFN, r.Reference
	if r.Success {
		recordAmounts(p, r)
	}
}

// countsAsAbsent is rule of evidence 2 (and 6): whether this "never submitted"
// may count towards proof at all. What counts is when we asked, because the
// provider may have looked at any moment since; the limit is on the answer.
func (t Timing) countsAsAbsent(p Payment, a Answer, asked, now time.Time) bool {
	return !a.OtherPairing && !p.Seen && p.SentAt != nil &&
		!asked.Before(t.sendingOver(p)) && now.Before(p.SentAt.Add(absentWithin))
}

// provesAbsent reports whether this counting answer is the one that makes it
// proof: a second, asked for long enough after the first had come.
func provesAbsent(p Payment, asked time.Time) bool {
	return p.AbsentCount > 0 && p.AbsentAt != nil && asked.Sub(*p.AbsentAt) >= absentApart
}

// toldOtherwise is the alert when our question answers the opposite of what a
// callback had reported and nobody has recorded yet.
func toldOtherwise(old Payment, e Event) []Alert {
	if old.Told == nil || old.State.Final() || !e.found() || old.Told.Success == (e == FoundApproved) {
		return nil
	}
	return []Alert{{Code: AlertContradiction, Text: words.English("A callback reported another result than the answer to our own question, which decides.")}}
}

// contradiction says in a sentence what was believed and what came.
func contradiction(p Payment, e Event) string {
	return words.English("The payment was recorded as %s, then this arrived: %s.", words.English(recorded[p.State]), words.English(arrived[e]))
}

// recorded are the decided states for people; the others contradict nothing.
var recorded = map[State]words.Key{
	Approved: "Approved", Declined: "Declined", Cancelled: "Cancelled", NeverStarted: "Never started",
}

// arrived is the news that can contradict them.
var arrived = map[Event]words.Key{
	Accepted:       "the provider took it on",
	FoundApproved:  "asked, the provider says approved",
	FoundDeclined:  "asked, the provider says declined",
	FoundCancelled: "asked, the provider says cancelled",
	FoundAbsent:    "asked, the provider says never seen",
	ToldApproved:   "The terminal reported: approved",
	ToldDeclined:   "The terminal reported: declined",
	ToldCancelled:  "The terminal reported: cancelled",
}

func (p Payment) money(minor int64) Money { return Money{Minor: minor, Currency: p.Currency} }

func value(n *int64) int64 {
	if n == nil || *n < 0 {
		return 0
	}
	return *n
}
