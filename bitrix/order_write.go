package bitrix

import (
	"context"
	"strconv"
	"time"
)

// formatID is an id as text.
func formatID(id int64) string { return strconv.FormatInt(id, 10) }

// AddOrderPayment gives an order one more unpaid payment document. It is not idempotent: give it an
// xmlID, and after an Unclear error look for that among the order's payments.
func (p *Portal) AddOrderPayment(ctx context.Context, orderID, paySystemID int64, sum, xmlID string) (OrderPayment, error) {
	return p.writePayment(ctx, "sale.payment.add", map[string]any{"fields": map[string]any{
		"orderId": orderID, "paySystemId": paySystemID, "sum": Amount(sum), "paid": "N", "xmlId": xmlID,
	}}, 0)
}

// PaidBy is what an order's payment shall say about the card payment that paid it.
type PaidBy struct {
	// PaySystemID is required by the method (reference bitrix24 7).
	PaySystemID int64
	// Reference is our own, Code and Message the bank's answer, Voucher its retrieval reference.
	Reference, Code, Message, Voucher string
	// Sum was collected, exact decimal text in Currency.
	Sum, Currency string
	At            time.Time
	Comment       string
}

// MarkOrderPaid sets a payment document paid. Setting it twice is harmless.
func (p *Portal) MarkOrderPaid(ctx context.Context, id int64, by PaidBy) (OrderPayment, error) {
	at := by.At.UTC().Format(time.RFC3339)
	fields := map[string]any{
		"paySystemId": by.PaySystemID, "paid": "Y", "datePaid": at, "psStatus": "Y", "psSum": Amount(by.Sum),
		"psCurrency": by.Currency, "psResponseDate": at, "psInvoiceId": by.Reference, "payVoucherDate": at,
	}
	putText(fields, "psStatusCode", by.Code)
	putText(fields, "psStatusMessage", by.Message)
	putText(fields, "payVoucherNum", by.Voucher)
	putText(fields, "comments", by.Comment)

	return p.writePayment(ctx, "sale.payment.update", map[string]any{"id": id, "fields": fields}, id)
}

// ReturnedBy is what an order's payment shall say about a card refund.
type ReturnedBy struct {
	PaySystemID int64
	// Full means that nothing of the payment is left: it becomes unpaid.
	Full bool
	// Reference is our own; Comment says the rest in words.
	Reference, Comment string
	At                 time.Time
}

// MarkOrderReturned writes a refund on a payment document. It never sets isReturn: that would credit the
// buyer's account, or ask a pay system for the money again (reference bitrix24 7). Setting it twice is
// harmless.
func (p *Portal) MarkOrderReturned(ctx context.Context, id int64, by ReturnedBy) (OrderPayment, error) {
	fields := map[string]any{
		"paySystemId": by.PaySystemID, "payReturnNum": by.Reference,
		"payReturnDate": by.At.UTC().Format(time.DateOnly), "payReturnComment": by.Comment,
	}
	if by.Full {
		fields["paid"] = "N"
	}

	return p.writePayment(ctx, "sale.payment.update", map[string]any{"id": id, "fields": fields}, id)
}
