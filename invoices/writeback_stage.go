package invoices

import (
	"context"

	"receivepayment/bitrix"
	"receivepayment/internal/fault"
	"receivepayment/payments"
)

// moveStage puts a covered invoice into its paid stage. Setting a stage twice
// is harmless, so an ambiguous answer needs no look; what people moved
// meanwhile is left alone.
func (s *WriteBacks) moveStage(ctx context.Context, api *bitrix.Portal, w payments.WriteBack, p payments.Payment,
	id int64,
) (done, error) {
	if p.Kind == payments.Refund {
		return done{note: "no stage is mapped for refunds; the timeline tells"}, nil
	}
	invoice, err := api.Invoice(ctx, id)
	if err != nil {
		return done{}, err
	}
	funnel, err := s.CRM.Funnel(ctx, p.PortalID, invoice.CategoryID)
	if err != nil {
		return done{}, err
	}
	switch {
	case funnel.Succeeded(invoice.StageID):
		return alreadyThere(w, invoice.StageID), nil
	case funnel.Failed(invoice.StageID):
		return done{}, &needsPerson{"the invoice was closed as not paid, and a payment was approved"}
	case funnel.Paid == "":
		return done{note: "the funnel has no stage that means paid"}, nil
	}
	covered, err := s.covers(ctx, p, invoice)
	if err != nil {
		return done{}, err
	}
	if !covered {
		return done{note: "partly paid; the stage is left alone"}, nil
	}
	fault.Here(fault.BeforeStage)
	if _, err := api.UpdateInvoice(ctx, id, bitrix.InvoiceFields{StageID: funnel.Paid}); err != nil {
		return done{}, err
	}
	fault.Here(fault.AfterStage)
	return done{external: funnel.Paid}, nil
}

// alreadyThere: a success stage is our own when an earlier try of this row may
// have set it and lost the answer; otherwise people set it, and it stays theirs.
func alreadyThere(w payments.WriteBack, stage string) done {
	if w.Attempts > 1 {
		return done{external: stage, note: "set by an earlier try"}
	}
	return done{note: "the invoice was in a paid stage already"}
}

// covers compares what was collected with what the invoice costs now. An
// amount that changed since the payment is for a person to look at.
func (s *WriteBacks) covers(ctx context.Context, p payments.Payment, invoice bitrix.Invoice) (bool, error) {
	total, err := payments.ParseCRM(orZero(invoice.Amount), invoice.Currency)
	if err != nil || total.Currency != p.Currency {
		return false, &needsPerson{"the invoice's amount or currency was changed since the payment"}
	}
	ledgers, err := s.Payments.Ledgers(ctx, p.PortalID, []string{p.Document})
	if err != nil {
		return false, err
	}
	l := ledgers[p.Document]
	covered := l.Paid-l.Refunded >= total.Minor
	if total.Minor != p.DocumentTotal && !covered {
		return false, &needsPerson{"the invoice's amount was changed since the payment"}
	}
	return covered, nil
}
