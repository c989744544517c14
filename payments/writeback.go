package payments

import (
	"context"
	"time"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"

	"receivepayment/jobs"
)

// WriteBackState is where telling the CRM stands.
type WriteBackState string

// The states of a write-back. Attention means that only a person can mend what
// stands in the way; it is retried all the same.
const (
	Waiting   WriteBackState = "waiting"
	Done      WriteBackState = "done"
	Attention WriteBackState = "attention"
)

// Target is what a write-back changes in the CRM.
type Target string

// The targets: the document itself, its timeline, the deal's timeline, for a
// person's decision that a payment was not paid the document's timeline, the
// people concerned, the automation, and a to-do for somebody.
const (
	TargetDocument Target = "invoice"
	TargetTimeline Target = "timeline"
	TargetDeal     Target = "deal"
	TargetDecision Target = "decision"
	TargetNotice   Target = "notice"
	TargetTrigger  Target = "trigger"
	TargetTodo     Target = "todo"
)

// WriteBack is one thing to tell the CRM about a payment. It is a row of its
// own: a CRM that is down delays a badge, not a sale. It is added, or opened
// again, in the transaction that makes it true, and done by package invoices.
type WriteBack struct {
	ID        string `gorm:"primaryKey"`
	PaymentID string
	PortalID  string
	Target    Target
	State     WriteBackState
	Attempts  int
	LastError string
	External  string // what the CRM called the thing we made, or the stage we set
	Note      string
	DueAt     *time.Time
	// ClaimedUntil is set while a try is under way: a person's Retry makes the
	// row due, and still waits for the try's end.
	ClaimedUntil *time.Time
	CreatedAt    time.Time
	DoneAt       *time.Time

	// Revision grows when there is something new to tell. A try that ends with
	// an older one has told what is no longer true, and is followed by another.
	Revision    int64
	TriesBefore int        // the attempts that went into earlier revisions
	WantedAt    *time.Time // when the present revision came; nil for the first
	// Form is how it stands in the timeline, see package invoices.
	Form string
	// StageBefore is what we read before we wrote, to tell our own move, whose
	// answer was lost, from a person's.
	StageBefore string
	// PaidDocument is the payment document that we marked as paid, 0 for none.
	PaidDocument int64
}

// TableName is the table of write-backs.
func (WriteBack) TableName() string { return "write_backs" }

// Tries counts the attempts at the present revision.
func (w WriteBack) Tries() int { return w.Attempts - w.TriesBefore }

// Since is when what it tells became true.
func (w WriteBack) Since() time.Time {
	if w.WantedAt != nil {
		return *w.WantedAt
	}
	return w.CreatedAt
}

// news lists what the CRM must be told after a move: what it has to be told in
// any case, and what needs to be corrected where it was told before. Of notes
// alone there is nothing to tell the document or its automation.
func news(old, p Payment, e Event) (tell, correct []Target) {
	shown, heard := []Target{TargetDocument, TargetTimeline}, []Target{TargetNotice, TargetTrigger}
	if p.CashOnly {
		shown, heard = []Target{TargetTimeline}, []Target{TargetNotice}
	}
	if p.DealID != "" {
		shown = append(shown, TargetDeal)
	}
	switch {
	case p.State == Approved && (old.State != Approved || p.Headline() != old.Headline()):
		return append(shown, heard...), nil
	case old.State == Approved && p.State != Approved: // shown as paid, and disproved
		return append(shown, TargetNotice, TargetTodo), nil
	case p.State == Unknown && old.State != Unknown:
		return heard, nil
	case e == ResolveNotPaid:
		return []Target{TargetDecision}, append(shown, TargetNotice)
	case p.State != old.State && (old.State == Unknown || old.State == Review):
		return nil, append(shown, TargetNotice)
	}
	return nil, nil
}

// tellCRM adds or opens again what the move owes to the CRM. A refund also
// changes what the card of its sale says.
func tellCRM(tx *gorm.DB, old, p Payment, e Event, now time.Time) error {
	if p.Test() {
		return nil // it tries a terminal: no document, no deal, nobody to tell
	}
	tell, correct := news(old, p, e)
	if err := insertWriteBacks(tx, p, tell, now); err != nil {
		return err
	}
	if err := openAgain(tx, p.ID, correct, now); err != nil {
		return err
	}
	if p.Kind != Refund || (p.State == Approved) == (old.State == Approved) {
		return nil
	}
	return openAgain(tx, p.RefundOf, []Target{TargetTimeline, TargetDeal}, now)
}

// NewWriteBack is a row that waits for its first try.
func NewWriteBack(p Payment, t Target, now time.Time) WriteBack {
	return WriteBack{
		ID: newID("w_"), PaymentID: p.ID, PortalID: p.PortalID, Target: t,
		State: Waiting, DueAt: &now, CreatedAt: now, Revision: 1,
	}
}

// insertWriteBacks adds what is to be told; what was told before is told anew.
func insertWriteBacks(tx *gorm.DB, p Payment, targets []Target, now time.Time) error {
	if len(targets) == 0 {
		return nil
	}
	rows := make([]WriteBack, len(targets))
	for i, t := range targets {
		rows[i] = NewWriteBack(p, t, now)
	}
	return tx.Clauses(clause.OnConflict{
		Columns:   []clause.Column{{Name: "payment_id"}, {Name: "target"}},
		DoUpdates: clause.Assignments(anew(now)),
	}).Create(&rows).Error
}

// openAgain makes what was told before be told anew; what was not told stays
// untold.
func openAgain(tx *gorm.DB, paymentID string, targets []Target, now time.Time) error {
	if len(targets) == 0 {
		return nil
	}
	return tx.Model(&WriteBack{}).Where("payment_id = ? AND target IN ?", paymentID, targets).Updates(anew(now)).Error
}

// anew is how a row begins again. Its attempts go on counting, because they
// name the try that holds the claim.
func anew(now time.Time) map[string]any {
	return map[string]any{
		"state": Waiting, "due_at": now, "wanted_at": now, "last_error": "", "stage_before": "",
		"revision": gorm.Expr("write_backs.revision + 1"), "tries_before": gorm.Expr("write_backs.attempts"),
	}
}

// showReceipts opens the cards of a payment again after a slip that came late.
func (s *Service) showReceipts(ctx context.Context, paymentID string) error {
	return openAgain(s.db.WithContext(ctx), paymentID, []Target{TargetTimeline, TargetDeal}, s.now())
}

// ringWriteBacks puts what waits into the queue after the commit.
func (s *Service) ringWriteBacks(ctx context.Context, p Payment) {
	if p.State == Created || p.State == Sent {
		return
	}
	of := []string{p.ID}
	if p.RefundOf != "" {
		of = append(of, p.RefundOf)
	}
	var rows []WriteBack
	err := s.db.WithContext(ctx).Select("id").
		Where("payment_id IN ? AND state = ? AND claimed_until IS NULL AND due_at <= ?", of, Waiting, s.now()).Find(&rows).Error
	for _, w := range rows {
		if err = s.queue.Now(ctx, jobs.WriteBack, w.ID); err != nil {
			break
		}
	}
	if err != nil {
		s.log.WarnContext(ctx, "the janitor will take the write-backs", "payment", p.ID, "error", err)
	}
}
