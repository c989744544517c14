package receipts

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"gorm.io/gorm"

	"receivepayment/db"
	"receivepayment/jobs"
	"receivepayment/payments"
	"receivepayment/words"
)

// Service sends what waits. Safe for concurrent use.
type Service struct {
	DB       *db.DB
	Clock    db.Clock
	Queue    *jobs.Queue
	Bell     *jobs.Bell
	Payments *payments.Service
	// Voice speaks the portal's language: that of the shop, which is the best
	// guess at the customer's.
	Voice func(ctx context.Context, portalID string) *words.Voice
	// Post is the mail server; nil where there is none, and then nothing is sent.
	Post *Post
	Log  *slog.Logger
}

// ErrOff means that there is no mail server.
var ErrOff = errors.New("no mail server is set")

const (
	// lease is for how long one try owns its row; longer than a call may take.
	lease = 50 * time.Second
	// giveUpAfter is when a receipt is news no longer.
	giveUpAfter = 24 * time.Hour
)

// On reports whether receipts can be sent.
func (s *Service) On() bool { return s.Post != nil }

// Mail has a slip of the payment sent, see [payments.Service.MailReceipt].
func (s *Service) Mail(ctx context.Context, p payments.Payment, o payments.MailOrder) (payments.Mailing, error) {
	if !s.On() {
		return payments.Mailing{}, ErrOff
	}
	return s.Payments.MailReceipt(ctx, p, o)
}

// Step sends one receipt, if it is due: the job's handler.
func (s *Service) Step(ctx context.Context, id string) error {
	if !s.On() {
		return nil // it waits for a process that has a mail server
	}
	m, won, err := s.claim(ctx, id)
	if err != nil || !won {
		return err
	}
	sent := s.send(ctx, m)
	if err := s.record(ctx, m, sent); err != nil {
		return fmt.Errorf("record mailing %s: %w", id, err)
	}
	s.Bell.Ring(ctx, m.PaymentID)
	return nil
}

func (s *Service) send(ctx context.Context, m payments.Mailing) error {
	p, err := s.Payments.Get(ctx, m.PaymentID)
	if err != nil {
		return err
	}
	slip, err := s.Payments.Slip(ctx, p, m.Slip)
	if err != nil {
		return err
	}
	if m.Duplicate {
		slip.Text = slip.Duplicate()
	}
	return s.Post.Send(ctx, write(s.Voice(ctx, m.PortalID), p, m, slip.Text))
}

// claim moves due_at forward, so that one process at a time sends it.
func (s *Service) claim(ctx context.Context, id string) (m payments.Mailing, won bool, err error) {
	now := s.Clock()
	tx := s.DB.WithContext(ctx)
	res := tx.Model(&m).Where("id = ? AND due_at <= ?", id, now).
		Updates(map[string]any{"due_at": now.Add(lease), "attempts": gorm.Expr("attempts + 1")})
	if res.Error != nil || res.RowsAffected == 0 {
		return m, false, res.Error
	}
	err = tx.Where("id = ?", id).Take(&m).Error
	return m, err == nil, err
}

// record ends the try. What was given up meanwhile by a later try stays so.
func (s *Service) record(ctx context.Context, m payments.Mailing, sent error) error {
	now := s.Clock()
	change := map[string]any{"state": payments.MailingSent, "due_at": nil, "sent_at": now, "last_error": ""}
	if sent != nil {
		s.Log.WarnContext(ctx, "a receipt was not sent", "mailing", m.ID, "attempt", m.Attempts, "error", sent)
		change = s.again(m, sent, now)
	}
	return s.DB.WithContext(ctx).Model(&payments.Mailing{}).
		Where("id = ? AND state = ? AND attempts = ?", m.ID, payments.MailingWaiting, m.Attempts).Updates(change).Error
}

// again is when the next try is due, or why there is none.
func (s *Service) again(m payments.Mailing, sent error, now time.Time) map[string]any {
	trouble := words.Key("")
	switch {
	case errors.Is(sent, errRefused):
		trouble = "The mail server refuses it."
	case now.Sub(m.CreatedAt) > giveUpAfter:
		trouble = "It could not be sent within a day."
	}
	if trouble != "" {
		return map[string]any{
			"state": payments.MailingFailed, "due_at": nil, "trouble": words.English(trouble), "last_error": said(sent),
		}
	}
	waits := []time.Duration{5 * time.Second, 30 * time.Second, 2 * time.Minute, 10 * time.Minute, time.Hour}
	return map[string]any{"due_at": now.Add(waits[min(int(m.Attempts), len(waits))-1]), "last_error": said(sent)}
}

// Due lists the receipts that wait, for the janitor. Without a mail server
// nothing is due.
func (s *Service) Due(ctx context.Context, limit int) ([]jobs.Due, error) {
	if !s.On() {
		return nil, nil
	}
	return jobs.Rows{Kind: jobs.Mailing}.Overdue(s.DB.WithContext(ctx).Model(&payments.Mailing{}), s.Clock(), limit)
}
