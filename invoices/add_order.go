package invoices

import (
	"context"
	"errors"
	"fmt"

	"receivepayment/bitrix"
	"receivepayment/payments"
)

// addOrderPayment gives an order one more payment to take, over what none of its
// payments covers yet, or finds the one that an earlier try of the request
// made. Left means that it failed and something may stand there.
func (s *Service) addOrderPayment(ctx context.Context, n NewInvoice, req request) (name string, left bool, err error) {
	crm, err := s.reader(ctx, n.PortalID, n.UserID)
	if err != nil {
		return "", false, err
	}
	id, err := parseID("order", n.Order)
	if err != nil {
		return "", false, err
	}
	order, _, err := s.readOrder(ctx, crm, id)
	if err != nil {
		return "", false, err
	}
	for _, p := range order.Payments {
		if p.XMLID == req.XMLID {
			return orderDocument(order.ID, p.ID), false, nil
		}
	}
	amount, err := uncovered(order, n)
	if err != nil {
		return "", false, err
	}
	system, err := s.paySystemFor(ctx, n.PortalID, order)
	if err != nil {
		return "", false, err
	}
	store, err := s.store(ctx, n.PortalID)
	if err != nil {
		return "", false, err
	}
	added, err := store.AddOrderPayment(ctx, order.ID, system, amount.String(), req.XMLID)
	if err != nil {
		err = crmError("add the order's payment", err)
		return "", errors.Is(err, ErrUnavailable), err
	}
	return orderDocument(order.ID, added.ID), false, nil
}

// uncovered is what the new payment shall be over: what is left, or the part of
// it that was asked for.
func uncovered(order bitrix.Order, n NewInvoice) (payments.Money, error) {
	if order.Canceled {
		return payments.Money{}, ErrClosed
	}
	left, err := payments.ParseCRM(orZero(order.Price), order.Currency)
	if err != nil {
		return left, fmt.Errorf("%w: the order's amount: %w", ErrRefused, err)
	}
	for _, p := range order.Payments {
		sum, err := payments.ParseCRM(orZero(p.Sum), p.Currency)
		if err != nil || sum.Currency != left.Currency {
			return left, fmt.Errorf("%w: the amount of payment %d cannot be compared with the order's", ErrRefused, p.ID)
		}
		if !p.Returned {
			left.Minor -= sum.Minor
		}
	}
	if n.Currency != "" && n.Currency != left.Currency {
		return left, payments.Invalid("currency", "The order is in %s.", left.Currency)
	}
	if left.Minor <= 0 {
		return left, payments.Invalid("amount", "The order's payments cover all of it already; take one of them.")
	}
	if n.Amount == "" {
		return left, nil
	}
	amount, err := payments.ParseMoney(n.Amount, left.Currency)
	if err != nil {
		return left, payments.Invalid("amount", "Enter an amount like 42.50, with no more decimals than the currency has.")
	}
	if amount.Minor == 0 || amount.Minor > left.Minor {
		return left, payments.Invalid("amount", "Enter an amount above zero and at most %s, which no payment covers yet.", left.String())
	}
	return amount, nil
}

// paySystemFor is our own pay system, or where the portal has none, that of the
// order's other payments.
func (s *Service) paySystemFor(ctx context.Context, portalID string, order bitrix.Order) (int64, error) {
	system, err := s.CRM.PaySystem(ctx, portalID, order.PersonTypeID)
	if err != nil || system != 0 {
		return system, err
	}
	for _, p := range order.Payments {
		if p.PaySystemID > 0 {
			return p.PaySystemID, nil
		}
	}
	return 0, fmt.Errorf("%w: the portal has no pay system of ours; an administrator presses Repair in the app's settings", ErrRefused)
}
