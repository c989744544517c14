package payments

import (
	"context"
	"fmt"
	"strings"
)

// PrintReceipt hands a slip of a payment out for printing. The first time it
// is the slip as the terminal sent it; after that a copy that says so
// (reference linkly 8). [ErrNotFound] when the payment has no such slip.
func (s *Service) PrintReceipt(ctx context.Context, p Payment, hash string) (r Receipt, duplicate bool, err error) {
	tx := s.db.WithContext(ctx)
	var rows []Receipt
	if err := tx.Where("payment_id = ? AND hash = ?", p.ID, hash).Limit(1).Find(&rows).Error; err != nil {
		return r, false, fmt.Errorf("read receipt of payment %s: %w", p.ID, err)
	}
	if len(rows) == 0 {
		return r, false, ErrNotFound
	}
	r = rows[0]
	first := tx.Model(&Receipt{}).Where("payment_id = ? AND hash = ? AND printed_at IS NULL", p.ID, hash).Update("printed_at", s.now())
	if first.Error != nil {
		return r, false, fmt.Errorf("note that a receipt of payment %s is printed: %w", p.ID, first.Error)
	}
	if first.RowsAffected == 1 {
		return r, false, nil
	}
	r.Text = r.Duplicate()
	return r, true, nil
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
