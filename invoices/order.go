package invoices

import (
	"context"
	"errors"
	"fmt"
	"strconv"

	"receivepayment/bitrix"
	"receivepayment/db"
	"receivepayment/payments"
	"receivepayment/words"
)

// order is the view of an order: each of its payments is a document.
func (s *Service) order(ctx context.Context, crm reader, id int64) (View, error) {
	order, dealID, err := s.readOrder(ctx, crm, id)
	if err != nil {
		return View{}, err
	}
	total, err := payments.ParseCRM(orZero(order.Price), order.Currency)
	if err != nil {
		return View{}, fmt.Errorf("%w: the order's amount: %w", ErrRefused, err)
	}
	v := View{Entity: "order", ID: strconv.FormatInt(id, 10), Title: orderTitle(order), Total: total}
	if v.Documents, err = s.orderPayments(ctx, crm.id, order, dealID, true); err != nil {
		return View{}, err
	}
	v.ToInvoice = payments.Money{Minor: toInvoice(v), Currency: total.Currency}
	if order.Canceled {
		v.ToInvoice.Minor = 0
	}
	return v, nil
}

// orderTitle is what people call an order: its topic where somebody gave it one,
// else its number.
func orderTitle(o bitrix.Order) string {
	switch {
	case o.Topic != "":
		return o.Topic
	case o.Number != "":
		return words.English("Order %s", o.Number)
	}
	return words.English("Order %s", strconv.FormatInt(o.ID, 10))
}

// readOrder reads an order for somebody who may see it, and the deal that it is
// bound to. Bitrix24 gives orders to administrators only, so the administrator
// reads, and we decide by what the viewer may read (reference bitrix24 7).
func (s *Service) readOrder(ctx context.Context, crm reader, id int64) (bitrix.Order, int64, error) {
	store, err := s.store(ctx, crm.id)
	if err != nil {
		return bitrix.Order{}, 0, err
	}
	order, dealID, err := store.OrderWithDeal(ctx, id)
	if err != nil {
		return order, 0, crmError("read the order", err)
	}
	if err := mayRead(ctx, crm, order, dealID); err != nil {
		return bitrix.Order{}, 0, err
	}
	return order, dealID, nil
}

func (s *Service) store(ctx context.Context, portalID string) (*bitrix.Portal, error) {
	store, err := s.CRM.Store(ctx, portalID)
	if err != nil {
		return nil, fmt.Errorf("speak to the store: %w", err)
	}
	if store == nil {
		return nil, fmt.Errorf("%w: the app may not read this portal's orders", ErrNotFound)
	}
	return store, nil
}

// mayRead is our own check for an order: the viewer may read the deal that it
// belongs to, or one of its buyers, in the CRM. An order without any is open to
// whoever may use the app.
func mayRead(ctx context.Context, crm reader, order bitrix.Order, dealID int64) error {
	var items []bitrix.Item
	if dealID > 0 {
		items = append(items, bitrix.Item{Type: bitrix.TypeDeal, ID: dealID})
	}
	for _, id := range order.CompanyIDs {
		items = append(items, bitrix.Item{Type: bitrix.TypeCompany, ID: id})
	}
	for _, id := range order.ContactIDs {
		items = append(items, bitrix.Item{Type: bitrix.TypeContact, ID: id})
	}
	readable, denied, err := crm.Readable(ctx, items)
	if err != nil {
		return crmError("ask whether you may see the order", err)
	}
	if denied > 0 && readable == 0 {
		return fmt.Errorf("%w: the order's deal and buyers", ErrDenied)
	}
	return nil
}

// orderPayments describes the payments of an order, the latest first.
func (s *Service) orderPayments(ctx context.Context, portalID string, order bitrix.Order, dealID int64, ours bool) ([]Document, error) {
	names := make([]string, len(order.Payments))
	paid := false
	for i, p := range order.Payments {
		names[len(names)-1-i] = orderDocument(order.ID, p.ID)
		paid = paid || p.Paid
	}
	ledgers, last := map[string]payments.Ledger{}, map[string]string{}
	var err error
	if ours {
		if ledgers, err = s.Payments.Ledgers(ctx, portalID, names); err != nil {
			return nil, err
		}
	}
	if paid {
		if last, err = s.lastSet(ctx, portalID, names); err != nil {
			return nil, err
		}
	}
	docs := make([]Document, len(names))
	for i := range names {
		p := order.Payments[len(names)-1-i]
		total, err := payments.ParseCRM(orZero(p.Sum), p.Currency)
		if err != nil {
			return nil, fmt.Errorf("%w: the amount of payment %d: %w", ErrRefused, p.ID, err)
		}
		at := standing{settled: p.Paid && last[names[i]] != orderPaid, closed: order.Canceled || p.Returned}
		d := Document{ID: names[i], Number: p.Number, Title: orderTitle(order), DealID: optionalID(dealID)}
		docs[i] = d.with(total, ledgers[names[i]], at)
	}
	return docs, nil
}

// bareOrderPayment reads one payment of an order, without our own payments.
func (s *Service) bareOrderPayment(ctx context.Context, crm reader, ref reference) (Document, error) {
	order, dealID, err := s.readOrder(ctx, crm, ref.order)
	if err != nil {
		return Document{}, err
	}
	docs, err := s.orderPayments(ctx, crm.id, order, dealID, false)
	if err != nil {
		return Document{}, err
	}
	for _, d := range docs {
		if d.ID == orderDocument(ref.order, ref.payment) {
			return d, nil
		}
	}
	return Document{}, fmt.Errorf("%w: the order has no such payment", ErrNotFound)
}

// ordersOf lists the payments of the orders that are bound to a deal which the
// viewer has read. That they cannot be read at all, because the portal's
// administrator or plan does not allow it, is no reason to keep the invoices
// back; that they cannot be read now is, or money would be missing.
func (s *Service) ordersOf(ctx context.Context, crm reader, dealID int64) ([]Document, error) {
	if s.orderless.holds(crm.id, dealID, s.Clock()) {
		return nil, nil
	}
	store, err := s.CRM.Store(ctx, crm.id)
	if err != nil || store == nil {
		return nil, err
	}
	orders, err := store.OrdersOfDeal(ctx, dealID)
	switch bitrix.ClassOf(err) {
	case 0:
	case bitrix.Denied, bitrix.NotFound, bitrix.Invalid, bitrix.Auth, bitrix.Gone:
		s.orderless.note(crm.id, dealID, s.Clock())
		return nil, nil
	case bitrix.Limited, bitrix.Moved, bitrix.Unavailable, bitrix.Unclear:
		if errors.Is(err, bitrix.ErrTokenDead) || errors.Is(err, db.ErrNotFound) {
			return nil, nil // no administrator's token is alive, until one opens the app
		}
		return nil, crmError("read the deal's orders", err)
	}
	if len(orders) == 0 {
		s.orderless.note(crm.id, dealID, s.Clock())
	}
	var docs []Document
	for _, order := range orders {
		some, err := s.orderPayments(ctx, crm.id, order, dealID, true)
		if err != nil {
			return nil, err
		}
		docs = append(docs, some...)
	}
	return docs, nil
}

// What a write-back has last made of an order's payment.
const (
	orderPaid   = "Y"
	orderUnpaid = "N"
)

// lastSet is, by document, what our own write-backs last made of an order's
// payment. One that the CRM shows as paid although we did not leave it so was
// paid by other means.
func (s *Service) lastSet(ctx context.Context, portalID string, names []string) (map[string]string, error) {
	out := map[string]string{}
	var rows []struct{ Document, External string }
	err := s.DB.WithContext(ctx).Table("write_backs").Select("payments.document, write_backs.external").
		Joins("JOIN payments ON payments.id = write_backs.payment_id").
		Where("payments.portal_id = ? AND payments.document IN ?", portalID, names).
		Where("write_backs.target = ? AND write_backs.external <> ''", payments.TargetDocument).
		Order("write_backs.done_at, write_backs.id").Scan(&rows).Error
	if err != nil {
		return nil, fmt.Errorf("read what we set: %w", err)
	}
	for _, r := range rows {
		out[r.Document] = r.External
	}
	return out, nil
}
