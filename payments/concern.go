package payments

import (
	"context"
	"fmt"
	"slices"
)

// What became of a document while its payment is open, as alerts.
const (
	AlertDocumentChanged = "document_changed"
	AlertDocumentGone    = "document_gone"
)

// Concern says which payments a change of the CRM is about; one of its fields
// is set.
type Concern struct {
	Document string // SI:77
	Order    string // O:900/ begins the names of the order's payments
	Deal     string
}

// concernedLimit bounds the payments that one change makes us look at.
const concernedLimit = 500

// Concerned lists the payments that a change is about, the latest first.
func (s *Service) Concerned(ctx context.Context, portalID string, c Concern) ([]Payment, error) {
	tx := s.db.WithContext(ctx).Where("portal_id = ?", portalID)
	switch {
	case c.Document != "":
		tx = tx.Where("document = ?", c.Document)
	case c.Order != "":
		tx = tx.Where("document >= ? AND document < ?", c.Order, c.Order+"~") // the names that begin so
	default:
		tx = tx.Where("deal_id = ?", c.Deal)
	}
	var rows []Payment
	if err := tx.Order("created_at DESC").Limit(concernedLimit).Find(&rows).Error; err != nil {
		return nil, fmt.Errorf("read the payments that a change is about: %w", err)
	}
	return rows, nil
}

// Unsettled names the documents of a portal that have an open payment, or one
// that the CRM has not been told of.
func (s *Service) Unsettled(ctx context.Context, portalID string) ([]string, error) {
	var names []string
	open := s.db.WithContext(ctx).Model(&Payment{}).Select("id").
		Where("portal_id = ? AND state IN ?", portalID, []State{Created, Sent, Unknown, Review})
	untold := s.db.WithContext(ctx).Model(&WriteBack{}).Select("payment_id").
		Where("portal_id = ? AND state <> ?", portalID, Done)
	err := s.db.WithContext(ctx).Model(&Payment{}).Distinct("document").
		Where("portal_id = ? AND (id IN (?) OR id IN (?))", portalID, open, untold).
		Limit(concernedLimit).Pluck("document", &names).Error
	if err != nil {
		return nil, fmt.Errorf("read what is not settled: %w", err)
	}
	return slices.DeleteFunc(names, IsTest), nil
}

// Warn keeps something about a payment that a person must see. The same warning
// twice is one.
func (s *Service) Warn(ctx context.Context, id, code, text string) error {
	return s.alert(ctx, id, Alert{Code: code, Text: text})
}
