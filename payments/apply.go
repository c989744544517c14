package payments

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"

	"receivepayment/audit"
	"receivepayment/db"
	"receivepayment/internal/fault"
	"receivepayment/words"
)

// mark is what comes with an event: who brought it, why, on what evidence, and
// the columns that it fills.
type mark struct {
	actor    string
	why      string
	evidence any
	// still is asked about the fresh row inside the transaction; false means
	// that the event is out of date and must change nothing.
	still func(Payment) bool
	// change fills columns other than the state.
	change func(*Payment)
	alerts []Alert
}

// errStale means that the row moved on and the event no longer fits.
var errStale = errors.New("the payment moved on meanwhile")

// contended bounds the retries of the compare-and-set. Each loser re-reads, so
// even one more try is rare.
const contended = 20

// apply is the only writer of a payment's state: one transaction that reads,
// asks the table, updates WHERE id AND version, writes history, sets due_at
// and adds the write-backs. It rings after commit. An event that the table
// does not take returns an error that Is [ErrWrongState] and changes nothing.
func (s *Service) apply(ctx context.Context, id string, e Event, m mark) (Payment, error) {
	var done Payment
	var changed bool
	err := s.compareAndSet(ctx, func(tx *gorm.DB) error {
		var err error
		done, changed, err = s.move(tx, id, e, m)
		return err
	})
	if db.IsDuplicate(err) {
		return done, s.cannotMove(ctx, id, e)
	}
	if err != nil {
		return done, fmt.Errorf("apply %s to payment %s: %w", e, id, err)
	}
	if changed {
		fault.Here(fault.MoveCommitted)
		s.ring(ctx, done)
		s.ringWriteBacks(ctx, done)
	}
	return done, nil
}

// cannotMove keeps a fact whose move the database's guards refuse: a payment
// that would have to block its document again while another one does.
func (s *Service) cannotMove(ctx context.Context, id string, e Event) error {
	if err := s.rest(ctx, id); err != nil {
		return fmt.Errorf("apply %s to payment %s: %w", e, id, err)
	}
	return s.alert(ctx, id, Alert{Code: AlertContradiction, Text: words.English(
		"This arrived and could not be recorded while another payment of the document is open: %s.", string(e))})
}

// compareAndSet runs the transaction until its update meets the version that
// it read.
func (s *Service) compareAndSet(ctx context.Context, fn func(tx *gorm.DB) error) error {
	for range contended {
		err := s.db.InTx(ctx, fn)
		if !errors.Is(err, errLost) {
			return err
		}
	}
	return errLost
}

// errLost means that another writer changed the row first.
var errLost = errors.New("lost the race for the row")

func (s *Service) move(tx *gorm.DB, id string, e Event, m mark) (Payment, bool, error) {
	old, err := load(tx, id)
	if err != nil {
		return old, false, err
	}
	cell, ok := s.rules.table[old.standing()][e]
	if !ok {
		return old, false, &forbidden{from: old.standing(), event: e}
	}
	if m.still != nil && !m.still(old) {
		return old, false, errStale
	}

	p := old
	if !e.fills(old) {
		m.change, m.alerts = nil, nil // the alerts speak of what would have been recorded
	}
	if m.change != nil {
		m.change(&p)
	}
	p.State = cell.To
	m.alerts = append(m.alerts, toldOtherwise(old, e)...)
	decided := cell.To.Final() && old.State != cell.To
	s.stamp(&p, old, decided)
	if cell.Alert != "" {
		m.alerts = append(m.alerts, Alert{Code: cell.Alert, Text: contradiction(old, e)})
	}
	if p.State == Approved && old.Released && !old.State.Final() {
		m.alerts = append(m.alerts, Alert{Code: AlertLateApproval, Text: words.English(lateWords(p.Kind))})
	}
	if cell.Alert == "" && quiet(old, p) {
		return old, false, nil
	}
	p.DueAt = s.timing.next(p, s.now())
	switch {
	case old.State.Final() && p.State == Review:
		p.DueAt = nil // asking has said its word; a person decides now
	case cell.Alert != "" && p.Unproven():
		p.DueAt = at(s.now()) // two stories: ask which is true
	}
	err = s.save(tx, old, &p, e, m)
	return p, true, err
}

// stamp keeps the times and the amount in step with the state.
func (s *Service) stamp(p *Payment, old Payment, decided bool) {
	now := s.now()
	if decided {
		p.DecidedAt = &now
		p.Asks = 0
	}
	if p.State == old.State {
		return
	}
	if !p.State.Final() {
		p.DecidedAt, p.ConfirmedAt, p.Source, p.Asks = nil, nil, "", 0
	}
	if old.State.Final() && !p.State.Final() {
		p.Told, p.ToldAt = nil, nil // believed once and not borne out: not to be believed again
	}
	if p.State != Approved {
		p.ApprovedAmount, p.Total, p.Surcharge, p.Tip, p.CashOut = nil, 0, 0, 0, 0
	}
}

// fills reports whether what comes with the event may be written over what is
// there. A proven outcome is never written over, and a callback never touches
// a decided payment: only our own question does.
func (e Event) fills(old Payment) bool {
	if !old.State.Final() || e == Accepted || e == Unclear {
		return true
	}
	return e.found() && old.Unproven()
}

// quiet reports that nothing that anybody could see has changed.
func quiet(old, p Payment) bool {
	return old.State == p.State && old.Released == p.Released && old.Seen == p.Seen &&
		old.ConfirmedAt == p.ConfirmedAt && old.BeginOverAt == p.BeginOverAt
}

// columns are what apply and note may change. Who, what and how much are fixed
// when the payment is stored.
var columns = []string{
	"State", "Released", "Version", "DueAt", "SentAt", "BeginOverAt", "LastEventAt", "Asks", "Seen",
	"AbsentCount", "AbsentAt", "NotifyHash", "Display", "Told", "ToldAt", "DecidedAt", "ConfirmedAt", "Source",
	"ApprovedAmount", "Surcharge", "Tip", "CashOut", "Total", "ResponseCode", "ResponseText", "CardType",
	"Last4", "Entry", "Account", "AuthCode", "RRN", "STAN", "SettlementDate", "RFN", "Reference",
	"Operator", "OperatorName",
}

// filledLater are those that a payment does not have yet when it is stored; the
// database's own defaults are their zero values.
var filledLater = slices.DeleteFunc(slices.Clone(columns), func(name string) bool {
	return name == "State" || name == "Version" || name == "DueAt"
})

// update writes p over old if nobody else has written meanwhile.
func update(tx *gorm.DB, old Payment, p *Payment) error {
	p.Version = old.Version + 1
	res := tx.Model(&Payment{}).Where("id = ? AND version = ?", old.ID, old.Version).
		Select(columns).Updates(p)
	if res.Error != nil {
		return res.Error
	}
	if res.RowsAffected == 0 {
		return errLost
	}
	return nil
}

func (s *Service) save(tx *gorm.DB, old Payment, p *Payment, e Event, m mark) error {
	now := s.now()
	if err := update(tx, old, p); err != nil {
		return err
	}
	entry, err := newEntry(old, *p, e, m)
	if err != nil {
		return err
	}
	entry.At = now
	if err := tx.Create(&entry).Error; err != nil {
		return err
	}
	if p.State == Approved && (old.State != Approved || p.Collected() != old.Collected()) {
		money, err := moneyAlerts(tx, *p)
		if err != nil {
			return err
		}
		m.alerts = append(m.alerts, money...)
	}
	if err := tellCRM(tx, old, *p, e, now); err != nil {
		return err
	}
	if err := insertAlerts(tx, p.ID, m.alerts, now); err != nil {
		return err
	}
	return auditMove(tx, *p, e, m, now)
}

// auditMove notes a decision by hand; what the provider decides is history and
// no audit.
func auditMove(tx *gorm.DB, p Payment, e Event, m mark, now time.Time) error {
	if p.Practice() || (e != ResolvePaid && e != ResolveNotPaid) {
		return nil
	}
	return audit.Write(tx, now, p.PortalID, audit.PaymentResolved, p.ID, string(p.State)+": "+m.why)
}

// lateWords tell of money that moved after the operator had gone on.
func lateWords(k Kind) words.Key {
	if k == Refund {
		return "Approved after the terminal was released for the next customer. " +
			"If the customer got the money back in another way meanwhile, it went back twice."
	}
	return "Approved after the terminal was released for the next customer. " +
		"If the customer paid in another way meanwhile, refund exactly this payment."
}

func newEntry(old, p Payment, e Event, m mark) (Entry, error) {
	entry := Entry{
		ID: newID("h_"), PaymentID: p.ID, Seq: p.Version, FromState: old.State, ToState: p.State,
		Event: e, Actor: m.actor, Why: m.why,
	}
	if m.evidence == nil {
		return entry, nil
	}
	raw, err := json.Marshal(m.evidence)
	if err != nil {
		return entry, fmt.Errorf("write evidence: %w", err)
	}
	entry.Evidence = raw
	return entry, nil
}

func insertAlerts(tx *gorm.DB, id string, alerts []Alert, now time.Time) error {
	for _, a := range alerts {
		a.PaymentID, a.At = id, now
		if err := tx.Clauses(a.again()).Create(&a).Error; err != nil {
			return err
		}
	}
	return nil
}

// again is what happens when the payment has such an alert already: one that
// somebody has dealt with is opened anew, because this is another fact. Only
// the refused question repeats itself with each question.
func (a Alert) again() clause.OnConflict {
	if a.Code == AlertQuestion {
		return clause.OnConflict{DoNothing: true}
	}
	return clause.OnConflict{
		Columns:   []clause.Column{{Name: "payment_id"}, {Name: "code"}},
		DoUpdates: clause.AssignmentColumns([]string{"text", "at", "seen_at", "seen_by"}),
		Where:     clause.Where{Exprs: []clause.Expression{clause.Expr{SQL: "payment_alerts.seen_at IS NOT NULL"}}},
	}
}

func load(tx *gorm.DB, id string) (Payment, error) {
	var p Payment
	err := tx.Where("id = ?", id).Take(&p).Error
	return p, db.NotFound(err)
}
