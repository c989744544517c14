package invoices

import (
	"context"
	"fmt"

	"receivepayment/bitrix"
	"receivepayment/internal/fault"
	"receivepayment/payments"
)

// settleTurns bounds how often a write looks whether another payment of the
// invoice was decided while it wrote.
const settleTurns = 3

// moveStage brings the invoice to what our payments say of it: its stage, our
// own fields, and a payment document where the invoice has one. Everything here
// can be repeated; whether an earlier try was applied is read off the invoice.
func (s *WriteBacks) moveStage(ctx context.Context, api *bitrix.Portal, w payments.WriteBack, p payments.Payment,
	id int64,
) (done, error) {
	settings, err := readSettings(s.DB.WithContext(ctx), p.PortalID)
	if err != nil {
		return done{}, err
	}
	var got done
	for range settleTurns {
		ledger, err := s.ledger(ctx, p)
		if err != nil {
			return done{}, err
		}
		if got, err = s.settle(ctx, api, w, p, id, settings, ledger); err != nil {
			return got, err
		}
		after, err := s.ledger(ctx, p)
		if err != nil || (after.Paid == ledger.Paid && after.Refunded == ledger.Refunded) {
			return got, err
		}
		w.StageBefore = "" // another fact: our own move of a moment ago is no obstacle
	}
	return got, nil
}

func (s *WriteBacks) ledger(ctx context.Context, p payments.Payment) (payments.Ledger, error) {
	ledgers, err := s.Payments.Ledgers(ctx, p.PortalID, []string{p.Document})
	return ledgers[p.Document], err
}

// settle writes once. What only a person can put right is reported after what
// could be written was.
func (s *WriteBacks) settle(ctx context.Context, api *bitrix.Portal, w payments.WriteBack, p payments.Payment, id int64,
	settings Settings, ledger payments.Ledger,
) (done, error) {
	invoice, docs, err := api.InvoiceWithPayments(ctx, id)
	if err != nil {
		return done{}, err
	}
	v, err := s.judge(ctx, w, p, invoice, settings, ledger)
	if err != nil {
		return done{}, err
	}
	fields := bitrix.InvoiceFields{StageID: v.move}
	if settings.Fields {
		fields.Custom = ownFields(s.CRM.Voice(ctx, p.PortalID), p, ledger)
	}
	if v.move != "" {
		if err := s.remember(ctx, w, invoice.StageID); err != nil {
			return done{}, err
		}
	}
	if v.move != "" || fields.Custom != nil {
		err := s.Echoes.Around(ctx, p.PortalID, bitrix.EntityInvoice, id, func() error {
			fault.Here(fault.BeforeStage)
			_, err := api.UpdateInvoice(ctx, id, fields)
			return err
		})
		if err != nil {
			return done{}, err
		}
		fault.Here(fault.AfterStage)
	}
	got := done{external: v.ours, note: v.note}
	if v.move != "" {
		got.external = v.move
	}
	if got.paidDocument, err = payDocument(ctx, api, w, p, docs, ledger); err != nil {
		return got, err
	}
	if v.trouble != "" {
		return got, &needsPerson{v.trouble}
	}
	return got, nil
}

// judge decides about the stage. What the invoice costs now is compared with
// what it cost when the payment was made: only where the sums meet all the same
// is the change none of a person's troubles.
func (s *WriteBacks) judge(ctx context.Context, w payments.WriteBack, p payments.Payment, invoice bitrix.Invoice,
	settings Settings, ledger payments.Ledger,
) (verdict, error) {
	if p.State != payments.Approved {
		return verdict{note: "no longer taken for paid; the stage is left for a person"}, nil
	}
	total, err := payments.ParseCRM(orZero(invoice.Amount), invoice.Currency)
	if err != nil || total.Currency != p.Currency {
		return verdict{trouble: "the invoice's amount or currency was changed since the payment"}, nil //nolint:nilerr // a person's matter
	}
	if p.Kind == payments.Purchase && total.Minor != p.DocumentTotal && ledger.Paid-ledger.Refunded != total.Minor {
		return verdict{trouble: "the invoice's amount was changed since the payment"}, nil
	}
	funnel, err := s.CRM.Funnel(ctx, p.PortalID, invoice.CategoryID)
	if err != nil {
		return verdict{}, err
	}
	ours, err := stagesWeSet(ctx, s.DB, p.PortalID, []string{p.Document})
	if err != nil {
		return verdict{}, err
	}
	return stageFacts{
		current: invoice.StageID, previous: invoice.PreviousStageID, funnel: funnel,
		stages: settings.stageFor(invoice.CategoryID, funnel), ours: ours[p.Document], before: w.StageBefore,
		total: total.Minor, ledger: ledger,
	}.decide(), nil
}

// remember keeps where the invoice stood before we wrote: it tells our own
// move, whose answer was lost, from a person's.
func (s *WriteBacks) remember(ctx context.Context, w payments.WriteBack, stage string) error {
	if w.StageBefore != "" {
		return nil
	}
	err := s.DB.WithContext(ctx).Model(&payments.WriteBack{}).Where("id = ?", w.ID).Update("stage_before", stage).Error
	if err != nil {
		return fmt.Errorf("remember the stage before write-back %s: %w", w.ID, err)
	}
	return nil
}

// payDocument keeps the portal's own bookkeeping beside the stage: a payment
// document over exactly what was collected is marked as paid, and as not paid
// again once everything is refunded. 0 means that none was touched.
func payDocument(ctx context.Context, api *bitrix.Portal, w payments.WriteBack, p payments.Payment,
	docs []bitrix.PaymentDocument, ledger payments.Ledger,
) (int64, error) {
	if p.State != payments.Approved {
		return 0, nil
	}
	refunded := p.Kind == payments.Refund
	if refunded && ledger.Paid-ledger.Refunded > 0 {
		return 0, nil
	}
	for _, d := range docs {
		sum, err := payments.ParseCRM(orZero(d.Sum), d.Currency)
		if err != nil || sum != (payments.Money{Minor: p.Collected(), Currency: p.Currency}) {
			continue
		}
		switch {
		case d.ID == w.PaidDocument:
			return d.ID, nil
		case refunded && d.Paid:
			return d.ID, bookkeeping(api.UnpayDocument(ctx, d.ID))
		case !refunded && !d.Paid:
			return d.ID, bookkeeping(api.PayDocument(ctx, d.ID))
		}
	}
	return 0, nil
}

// bookkeeping lets a refusal pass: the stage says paid, and a document that the
// portal does not let us touch is none of a person's troubles.
func bookkeeping(err error) error {
	switch bitrix.ClassOf(err) {
	case bitrix.Denied, bitrix.NotFound, bitrix.Invalid:
		return nil
	case bitrix.Auth, bitrix.Gone, bitrix.Limited, bitrix.Moved, bitrix.Unavailable, bitrix.Unclear:
		return err
	}
	return err
}
