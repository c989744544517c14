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

// The targets: the document itself, its timeline, the deal's timeline, and for
// a person's decision that a payment was not paid, the document's timeline.
const (
	TargetDocument Target = "invoice"
	TargetTimeline Target = "timeline"
	TargetDeal     Target = "deal"
	TargetDecision Target = "decision"
)

// WriteBack is one thing to tell the CRM about an approved payment. It is a
// row of its own: a CRM that is down delays a badge, not a sale. It is added
// in the transaction that approves, and done by package invoices.
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
}

// TableName is the table of write-backs.
func (WriteBack) TableName() string { return "write_backs" }

func insertWriteBacks(tx *gorm.DB, p Payment, now time.Time) error {
	targets := []Target{TargetDocument, TargetTimeline}
	if p.DealID != "" {
		targets = append(targets, TargetDeal)
	}
	for _, t := range targets {
		if err := insertWriteBack(tx, p, t, now); err != nil {
			return err
		}
	}
	return nil
}

func insertWriteBack(tx *gorm.DB, p Payment, t Target, now time.Time) error {
	return tx.Clauses(clause.OnConflict{DoNothing: true}).Create(&WriteBack{
		ID: newID("w_"), PaymentID: p.ID, PortalID: p.PortalID, Target: t,
		State: Waiting, DueAt: &now, CreatedAt: now,
	}).Error
}

// ringWriteBacks puts fresh write-backs into the queue after the commit.
func (s *Service) ringWriteBacks(ctx context.Context, p Payment) {
	if !p.State.Final() {
		return
	}
	var rows []WriteBack
	err := s.db.WithContext(ctx).Select("id").
		Where("payment_id = ? AND attempts = 0 AND state = ?", p.ID, Waiting).Find(&rows).Error
	for _, w := range rows {
		if err = s.queue.Now(ctx, jobs.WriteBack, w.ID); err != nil {
			break
		}
	}
	if err != nil {
		s.log.WarnContext(ctx, "the janitor will take the write-backs", "payment", p.ID, "error", err)
	}
}
