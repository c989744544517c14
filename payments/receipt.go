package payments

import (
	"context"
	"fmt"
	"strings"
	"time"

	"gorm.io/gorm"
)

// PrintReceipt hands a slip of a payment out for printing. The first time it
// is the slip as the terminal sent it; after that a copy that says so
// (reference linkly 8). [ErrNotFound] when the payment has no such slip.
func (s *Service) PrintReceipt(ctx context.Context, p Payment, hash string) (r Receipt, duplicate bool, err error) {
	if r, err = s.Slip(ctx, p, hash); err != nil {
		return r, false, err
	}
	first, err := handOut(s.db.WithContext(ctx), p.ID, hash, s.now())
	if err != nil {
		return r, false, fmt.Errorf("note that a receipt of payment %s is printed: %w", p.ID, err)
	}
	if first {
		return r, false, nil
	}
	r.Text = r.Duplicate()
	return r, true, nil
}

// Slip is a receipt of the payment as the terminal sent it; [ErrNotFound] when
// there is none of that hash.
func (s *Service) Slip(ctx context.Context, p Payment, hash string) (Receipt, error) {
	var rows []Receipt
	err := s.db.WithContext(ctx).Where("payment_id = ? AND hash = ?", p.ID, hash).Limit(1).Find(&rows).Error
	if err != nil {
		return Receipt{}, fmt.Errorf("read receipt of payment %s: %w", p.ID, err)
	}
	if len(rows) == 0 {
		return Receipt{}, ErrNotFound
	}
	return rows[0], nil
}

// handOut notes that a slip leaves our store, and reports whether it is for the
// first time.
func handOut(tx *gorm.DB, paymentID, hash string, now time.Time) (first bool, err error) {
	res := tx.Model(&Receipt{}).Where("payment_id = ? AND hash = ? AND printed_at IS NULL", paymentID, hash).Update("printed_at", now)
	return res.RowsAffected == 1, res.Error
}

// Duplicate is the slip with the mark of a copy above it, centred on its own
// width; nothing of the slip itself is changed.
func (r Receipt) Duplicate() string {
	const mark = "** DUPLICATE **"
	width := 0
	for line := range strings.Lines(r.Text) {
		width = max(width, len([]rune(strings.TrimRight(line, "\n"))))
	}
	return strings.Repeat(" ", max(width-len(mark), 0)/2) + mark + "\n" + r.Text
}
