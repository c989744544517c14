package payments

import (
	"context"
	"fmt"

	"gorm.io/gorm"
)

// named are the columns of payments and of what belongs to them that hold names
// of people or what people wrote.
func named() map[string][]string {
	return map[string][]string{
		"payments":          {"started_by_name", "operator_name", "document_title", "reason"},
		"payment_decisions": {"by_name", "reason"},
		"receipt_mailings":  {"by_name", "address", "last_error"},
		"refund_requests":   {"by_name", "decided_by_name", "document_title", "reason", "answer"},
	}
}

// Forget takes the people out of a portal's payments. Amounts, references, times
// and outcomes stay: they are what the law and the bank ask for.
func (s *Service) Forget(ctx context.Context, portalID string) error {
	of := map[string]string{
		"payments":          "portal_id = ?",
		"receipt_mailings":  "portal_id = ?",
		"refund_requests":   "portal_id = ?",
		"payment_decisions": "payment_id IN (SELECT id FROM payments WHERE portal_id = ?)",
	}
	err := s.db.InTx(ctx, func(tx *gorm.DB) error {
		for table, columns := range named() {
			set := map[string]any{}
			for _, column := range columns {
				set[column] = ""
			}
			if err := tx.Table(table).Where(of[table], portalID).Updates(set).Error; err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("forget the people in payments: %w", err)
	}
	return nil
}
