package bitrix

import "context"

// PaymentDocument is a document of payment that hangs on an invoice, made by the portal's own "receive
// payment" (reference bitrix24 6.8). Most invoices have none.
type PaymentDocument struct {
	ID   int64
	Paid bool
	// Sum is exact decimal text in Currency.
	Sum, Currency string
}

type paymentDocumentWire struct {
	ID       FlexInt    `json:"id"`
	Paid     FlexBool   `json:"paid"`
	Sum      Amount     `json:"sum"`
	Currency FlexString `json:"currency"`
}

// InvoiceWithPayments reads an invoice and its payment documents in one request. A portal that does not
// show the documents to us, or has no such thing, answers none.
func (p *Portal) InvoiceWithPayments(ctx context.Context, id int64) (Invoice, []PaymentDocument, error) {
	batch, err := p.Batch(ctx, []Command{
		{Key: "invoice", Method: "crm.item.get", Params: itemParams(TypeInvoice, id)},
		{Key: "payments", Method: "crm.item.payment.list", Params: map[string]any{"entityTypeId": TypeInvoice, "entityId": id}},
	})
	if err != nil {
		return Invoice{}, nil, err
	}
	var got itemAnswer[invoiceWire]
	if _, err := batch.Decode("invoice", &got); err != nil {
		return Invoice{}, nil, err
	}
	if err := wrongItem("crm.item.get", got.Item.ID, id); err != nil {
		return Invoice{}, nil, err
	}
	var rows List[paymentDocumentWire]
	if _, err := batch.Decode("payments", &rows); err != nil {
		return got.Item.invoice(), nil, nil //nolint:nilerr // bookkeeping beside the stage, which alone says paid
	}
	docs := make([]PaymentDocument, 0, len(rows))
	for _, r := range rows {
		docs = append(docs, PaymentDocument{
			ID: int64(r.ID), Paid: bool(r.Paid), Sum: string(r.Sum), Currency: string(r.Currency),
		})
	}

	return got.Item.invoice(), docs, nil
}

// PayDocument marks a payment document as paid.
func (p *Portal) PayDocument(ctx context.Context, id int64) error {
	_, err := p.Call(ctx, "crm.item.payment.pay", map[string]any{"id": id}, nil)

	return err
}

// UnpayDocument marks a payment document as not paid.
func (p *Portal) UnpayDocument(ctx context.Context, id int64) error {
	_, err := p.Call(ctx, "crm.item.payment.unpay", map[string]any{"id": id}, nil)

	return err
}
