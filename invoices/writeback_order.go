package invoices

import (
	"context"
	"strings"
	"time"

	"receivepayment/bitrix"
	"receivepayment/internal/fault"
	"receivepayment/payments"
)

// markOrder writes on an order's payment what was taken or paid back. Writing
// it twice is harmless, so an ambiguous answer needs no look; what people did
// to the payment meanwhile is left alone.
func (s *WriteBacks) markOrder(ctx context.Context, api *bitrix.Portal, p payments.Payment, ref reference) (done, error) {
	order, err := api.Order(ctx, ref.order)
	if err != nil {
		return done{}, err
	}
	doc, found := paymentIn(order, ref.payment)
	if !found {
		return done{}, &needsPerson{"the order's payment was deleted, and a card payment of it was approved"}
	}
	ledgers, err := s.Payments.Ledgers(ctx, p.PortalID, []string{p.Document})
	if err != nil {
		return done{}, err
	}
	system, err := s.CRM.PaySystem(ctx, p.PortalID, order.PersonTypeID)
	if err != nil {
		return done{}, err
	}
	if system == 0 {
		system = doc.PaySystemID // the method wants one, and this portal has none of ours
	}
	if p.Kind == payments.Refund {
		return s.returnOrder(ctx, api, p, order.ID, doc, ledgers[p.Document], system)
	}
	return s.payOrder(ctx, api, p, order, doc, ledgers[p.Document], system)
}

func paymentIn(order bitrix.Order, id int64) (bitrix.OrderPayment, bool) {
	for _, p := range order.Payments {
		if p.ID == id {
			return p, true
		}
	}
	return bitrix.OrderPayment{}, false
}

// payOrder marks the payment paid once our payments cover it.
func (s *WriteBacks) payOrder(ctx context.Context, api *bitrix.Portal, p payments.Payment, order bitrix.Order,
	doc bitrix.OrderPayment, l payments.Ledger, system int64,
) (done, error) {
	switch {
	case doc.Paid && carries(l, doc.InvoiceID):
		return done{external: orderPaid, note: "marked by an earlier try or payment"}, nil
	case doc.Paid:
		return done{note: "the order's payment was marked as paid already"}, nil
	case order.Canceled:
		return done{}, &needsPerson{"the order was cancelled, and a card payment was approved"}
	}
	total, err := payments.ParseCRM(orZero(doc.Sum), doc.Currency)
	if err != nil || total.Currency != p.Currency {
		return done{}, &needsPerson{"the amount or currency of the order's payment was changed since the payment"}
	}
	collected := l.Paid - l.Refunded
	switch {
	case collected >= total.Minor:
	case total.Minor != p.DocumentTotal:
		return done{}, &needsPerson{"the amount of the order's payment was changed since the payment"}
	default:
		return done{note: "partly paid; the order's payment stays open"}, nil
	}
	fault.Here(fault.BeforeStage)
	err = s.Echoes.Around(ctx, p.PortalID, bitrix.EntityOrder, order.ID, func() error {
		_, err := api.MarkOrderPaid(ctx, doc.ID, bitrix.PaidBy{
			PaySystemID: system, Reference: p.TxnRef, Code: p.ResponseCode, Message: p.ResponseText, Voucher: p.RRN,
			Sum: payments.Money{Minor: collected, Currency: p.Currency}.String(), Currency: p.Currency,
			At: s.decidedAt(p), Comment: timelineText(s.CRM.Voice(ctx, p.PortalID), p),
		})
		return err
	})
	fault.Here(fault.AfterStage)
	if err != nil {
		return done{}, err
	}
	return done{external: orderPaid}, nil
}

// returnOrder writes a refund on the payment. Only one that leaves nothing of
// it makes it unpaid.
func (s *WriteBacks) returnOrder(ctx context.Context, api *bitrix.Portal, p payments.Payment, orderID int64, doc bitrix.OrderPayment,
	l payments.Ledger, system int64,
) (done, error) {
	full := l.Paid-l.Refunded <= 0
	if full && doc.Paid && !carries(l, doc.InvoiceID) {
		return done{note: "the order's payment was marked as paid by other means; it stays so"}, nil
	}
	comment := s.CRM.Voice(ctx, p.PortalID).T("Card refund of %s, %s.", amountText(p, p.Collected()), p.TerminalName)
	err := s.Echoes.Around(ctx, p.PortalID, bitrix.EntityOrder, orderID, func() error {
		_, err := api.MarkOrderReturned(ctx, doc.ID, bitrix.ReturnedBy{
			PaySystemID: system, Full: full, Reference: p.TxnRef, At: s.decidedAt(p),
			Comment: strings.TrimSpace(comment + " " + p.Reason),
		})
		return err
	})
	if err != nil || !full {
		return done{}, err
	}
	return done{external: orderUnpaid}, nil
}

// decidedAt is when the bank decided, as far as we know.
func (s *WriteBacks) decidedAt(p payments.Payment) time.Time {
	if p.DecidedAt != nil {
		return *p.DecidedAt
	}
	return s.Clock()
}

// carries reports whether the reference on an order's payment is one of ours.
func carries(l payments.Ledger, reference string) bool {
	for _, p := range l.Payments {
		if reference != "" && p.TxnRef == reference {
			return true
		}
	}
	return false
}
