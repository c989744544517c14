package invoices

import (
	"context"
	"fmt"

	"receivepayment/db"
	"receivepayment/jobs"
	"receivepayment/payments"
)

// Retry makes a write-back due now; a try that is under way is seen through
// first, or both would write.
func (s *WriteBacks) Retry(ctx context.Context, paymentID, target string) error {
	var rows []payments.WriteBack
	err := s.DB.WithContext(ctx).Where("payment_id = ? AND target = ?", paymentID, target).Limit(1).Find(&rows).Error
	if err != nil {
		return fmt.Errorf("read write-back: %w", err)
	}
	if len(rows) == 0 {
		return db.ErrNotFound
	}
	w := rows[0]
	res := s.DB.WithContext(ctx).Model(&payments.WriteBack{}).
		Where("id = ? AND state <> ?", w.ID, payments.Done).Update("due_at", s.Clock())
	if res.Error != nil {
		return fmt.Errorf("retry write-back: %w", res.Error)
	}
	if res.RowsAffected == 0 {
		return nil // done already
	}
	if err := s.Queue.Now(ctx, jobs.WriteBack, w.ID); err != nil {
		s.Log.WarnContext(ctx, "the janitor will take it", "error", err)
	}
	return nil
}

// Attention lists write-backs of a portal that only a person can help, oldest
// first.
func (s *WriteBacks) Attention(ctx context.Context, portalID string) ([]payments.WriteBack, error) {
	var rows []payments.WriteBack
	err := s.DB.WithContext(ctx).Where("portal_id = ? AND state = ?", portalID, payments.Attention).
		Order("created_at, id").Limit(200).Find(&rows).Error
	if err != nil {
		return nil, fmt.Errorf("list write-backs that need a person: %w", err)
	}
	return rows, nil
}

// Open lists what the CRM has not been told yet, oldest first.
func (s *WriteBacks) Open(ctx context.Context, portalID string) ([]payments.WriteBack, error) {
	var rows []payments.WriteBack
	err := s.DB.WithContext(ctx).Where("portal_id = ? AND state <> ?", portalID, payments.Done).
		Order("created_at, id").Limit(200).Find(&rows).Error
	if err != nil {
		return nil, fmt.Errorf("list what the CRM has not been told: %w", err)
	}
	return rows, nil
}

// Due lists write-backs whose next try is overdue, for the janitor.
func (s *WriteBacks) Due(ctx context.Context, limit int) ([]jobs.Due, error) {
	return jobs.Rows{Kind: jobs.WriteBack}.Overdue(s.DB.WithContext(ctx).Model(&payments.WriteBack{}), s.Clock(), limit)
}
