package payments

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"gorm.io/gorm"

	"receivepayment/words"
)

// Ledger is what our own payments say about one document. Minor units.
type Ledger struct {
	Paid     int64 // approved purchases, base amounts
	Refunded int64 // approved refunds
	Payments []Payment
}

// Open is the purchase that blocks the document, or nil.
func (l Ledger) Open() *Payment {
	for i := range l.Payments {
		if p := &l.Payments[i]; p.Kind == Purchase && p.BlocksDocument() {
			return p
		}
	}
	return nil
}

// Refundable is what may still be refunded of a purchase of this ledger: what
// was collected less approved and open refunds.
func (l Ledger) Refundable(purchase Payment) int64 {
	left := purchase.Collected()
	for _, p := range l.Payments {
		if p.Kind == Refund && p.RefundOf == purchase.ID {
			left -= p.reserves()
		}
	}
	return max(left, 0)
}

// reserves is how much of its purchase a refund uses up: what it moved, or,
// while its outcome is open, what it may move.
func (p Payment) reserves() int64 {
	switch {
	case p.State == Approved:
		return p.Collected()
	case p.BlocksDocument():
		return p.Amount
	}
	return 0
}

// without is the ledger as it would be if the payment did not exist.
func (l Ledger) without(id string) Ledger {
	var rest Ledger
	for _, p := range l.Payments {
		if p.ID != id {
			rest.add(p)
		}
	}
	return rest
}

func (l *Ledger) add(p Payment) {
	l.Payments = append(l.Payments, p)
	if p.Kind == Refund {
		l.Refunded += p.Collected()
		return
	}
	l.Paid += p.Collected()
}

// Ledgers reads what our payments say about documents of a portal, newest
// payment first. Documents without payments have an empty ledger.
func (s *Service) Ledgers(ctx context.Context, portalID string, documents []string) (map[string]Ledger, error) {
	out := make(map[string]Ledger, len(documents))
	if len(documents) == 0 {
		return out, nil
	}
	rows, err := documentPayments(s.db.WithContext(ctx), portalID, documents...)
	if err != nil {
		return nil, fmt.Errorf("read payments of documents: %w", err)
	}
	for _, p := range rows {
		l := out[p.Document]
		l.add(p)
		out[p.Document] = l
	}
	return out, nil
}

// documentPayments sorts here and not in SQL: asked for that order, SQLite
// walks through every payment of the portal to get it.
func documentPayments(tx *gorm.DB, portalID string, documents ...string) ([]Payment, error) {
	var rows []Payment
	err := tx.Where("portal_id = ? AND document IN ?", portalID, documents).Find(&rows).Error
	slices.SortFunc(rows, func(a, b Payment) int {
		return cmp.Or(b.CreatedAt.Compare(a.CreatedAt), cmp.Compare(a.ID, b.ID))
	})
	return rows, err
}

// weighed are the columns that a ledger adds up, and that [Conflict] shows. A
// payment is wide, and this is read while a customer waits.
var weighed = []string{
	"ID", "Kind", "RefundOf", "Document", "TerminalName", "Amount", "Currency", "State", "Source", "ConfirmedAt",
	"ApprovedAmount", "StartedBy", "StartedByName", "CreatedAt",
}

// ledgerOf is the ledger of one document; its payments hold what is weighed.
func ledgerOf(tx *gorm.DB, portalID, document string) (Ledger, error) {
	rows, err := documentPayments(tx.Select(weighed), portalID, document)
	var l Ledger
	for _, p := range rows {
		l.add(p)
	}
	return l, err
}

// overpaid is the alert that an approval deserves when the document is now
// paid more than it costs: a late approval after a second payment.
func overpaid(tx *gorm.DB, p Payment) ([]Alert, error) {
	if p.Kind != Purchase {
		return nil, nil
	}
	l, err := ledgerOf(tx, p.PortalID, p.Document)
	if err != nil {
		return nil, err
	}
	over := l.Paid - l.Refunded - p.DocumentTotal
	if over <= 0 {
		return nil, nil
	}
	return []Alert{{Code: AlertPaidTwice, Text: words.English(
		"The document is paid %s %s more than it costs. Refund exactly this payment if the customer was charged twice.",
		p.money(over), p.Currency)}}, nil
}
