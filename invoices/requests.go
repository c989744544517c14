package invoices

import (
	"context"
	"fmt"
	"log/slog"
	"strconv"
	"strings"
	"time"

	"github.com/google/uuid"
	"gorm.io/gorm/clause"

	"receivepayment/bitrix"
	"receivepayment/db"
	"receivepayment/jobs"
	"receivepayment/notices"
	"receivepayment/payments"
)

// Requests are card payments that workflows ask for: the robot's runs. A
// request asks a cashier, waits for the payment, and answers its workflow once.
// Safe for concurrent use.
type Requests struct {
	DB      *db.DB
	Clock   db.Clock
	CRM     CRM
	Queue   *jobs.Queue
	Notices *notices.Service
	Log     *slog.Logger
}

// CardRequest is one run of the robot: domain type and row at once.
type CardRequest struct {
	ID         string `gorm:"primaryKey"`
	PortalID   string
	EventToken string
	Entity     string // deal or invoice
	EntityID   string
	Cashier    string // a user's id, empty for who is responsible for the item
	Note       string
	Waits      bool
	State      string
	Outcome    string
	PaymentID  string
	Attempts   int
	LastError  string
	DueAt      *time.Time
	CreatedAt  time.Time
	DoneAt     *time.Time
}

// TableName is the table of requests.
func (CardRequest) TableName() string { return "card_requests" }

// Where a request stands.
const (
	requestNew      = "new"      // the cashier was not asked yet
	requestAsked    = "asked"    // waiting for the payment
	requestAnswered = "answered" // the workflow has its answer
)

const (
	// requestLook is how often a request looks for its payment; it costs one query.
	requestLook = 3 * time.Second
	// requestLease is for how long one try owns its row; longer than its calls take.
	requestLease = 2 * time.Minute
	// requestFor is how long a workflow waits; then the answer is expired.
	requestFor = 24 * time.Hour
	// anotherCard is how long after a refusal the customer may try another card
	// before the workflow hears of it.
	anotherCard = 2 * time.Minute
)

// Take stores a run of the robot that has been verified; the same run told twice
// is one. It asks nobody, so that whoever told may go.
func (s *Requests) Take(ctx context.Context, portalID string, c bitrix.RobotCall) error {
	entity := map[int]string{bitrix.TypeDeal: bitrix.EntityDeal, bitrix.TypeInvoice: bitrix.EntityInvoice}[c.EntityTypeID]
	if c.Code != robotCode || entity == "" {
		return payments.Invalid("document_id", "This robot works on deals and invoices.")
	}
	now := s.Clock()
	row := CardRequest{
		ID: "q_" + uuid.NewString(), PortalID: portalID, EventToken: c.EventToken, Entity: entity,
		EntityID: strconv.FormatInt(c.EntityID, 10), Cashier: userOf(c.Properties[robotCashier]), Note: c.Properties[robotNote],
		Waits: c.Waits, State: requestNew, DueAt: &now, CreatedAt: now,
	}
	if runes := []rune(row.Note); len(runes) > 500 {
		row.Note = string(runes[:500])
	}
	res := s.DB.WithContext(ctx).Clauses(clause.OnConflict{DoNothing: true}).Create(&row)
	if res.Error != nil {
		return fmt.Errorf("keep a request for a card payment: %w", res.Error)
	}
	if res.RowsAffected == 1 {
		s.soon(ctx, row.ID, now)
	}
	return nil
}

// userOf reads a user as workflows write one, user_14, or a bare id.
func userOf(text string) string {
	text = strings.TrimPrefix(strings.TrimSpace(text), "user_")
	if text == "" || len(text) > 20 || strings.Trim(text, "0123456789") != "" {
		return ""
	}
	return text
}

func (s *Requests) soon(ctx context.Context, id string, due time.Time) {
	if err := s.Queue.At(ctx, jobs.Request, id, due); err != nil {
		s.Log.DebugContext(ctx, "the janitor will take it", "error", err)
	}
}

// Due lists the requests whose next look is overdue, for the janitor.
func (s *Requests) Due(ctx context.Context, limit int) ([]jobs.Due, error) {
	return jobs.Rows{Kind: jobs.Request}.Overdue(s.DB.WithContext(ctx).Model(&CardRequest{}), s.Clock(), limit)
}

// Step takes the next step of one request: the job's handler.
func (s *Requests) Step(ctx context.Context, id string) error {
	now := s.Clock()
	res := s.DB.WithContext(ctx).Model(&CardRequest{}).Where("id = ? AND due_at <= ?", id, now).Update("due_at", now.Add(requestLease))
	if res.Error != nil || res.RowsAffected == 0 {
		return res.Error
	}
	var r CardRequest
	if err := s.DB.WithContext(ctx).Where("id = ?", id).Take(&r).Error; err != nil {
		return fmt.Errorf("read request %s: %w", id, db.NotFound(err))
	}
	err := s.next(ctx, &r)
	if ctx.Err() != nil {
		return ctx.Err()
	}
	if err != nil {
		r.LastError = sentence(err)
		r.DueAt = later(s.Clock(), backoffs[min(r.Attempts, len(backoffs)-1)])
		r.Attempts++
		s.Log.WarnContext(ctx, "a workflow's request is postponed", "request", id, "error", err)
	}
	err = s.DB.WithContext(ctx).Model(&CardRequest{}).Where("id = ?", id).
		Select("Cashier", "State", "Outcome", "PaymentID", "Attempts", "LastError", "DueAt", "DoneAt").Updates(&r).Error
	if err != nil {
		return fmt.Errorf("record request %s: %w", id, err)
	}
	if r.DueAt != nil {
		s.soon(ctx, id, *r.DueAt)
	}
	return nil
}

func later(now time.Time, wait time.Duration) *time.Time {
	at := now.Add(wait)
	return &at
}
