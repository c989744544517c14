package invoices

import (
	"context"
	"strings"

	"receivepayment/bitrix"
	"receivepayment/payments"
	"receivepayment/words"
)

// The automation triggers that customers tie to stages of theirs.
const (
	triggerApproved = "pos_payment_approved"
	triggerRefunded = "pos_payment_refunded"
	triggerUnknown  = "pos_payment_unknown"
)

// triggers are their names, as the automation settings show them.
func triggers() map[string]words.Key {
	return map[string]words.Key{
		triggerApproved: "POS payment approved", triggerRefunded: "POS payment refunded", triggerUnknown: "POS payment unknown",
	}
}

func triggerOf(p payments.Payment) string {
	switch {
	case p.State == payments.Unknown || p.State == payments.Review:
		return triggerUnknown
	case p.State == payments.Approved && p.Kind == payments.Refund:
		return triggerRefunded
	case p.State == payments.Approved:
		return triggerApproved
	}
	return ""
}

// fire tells the automation. The portal knows no repetition: a trigger is fired
// again after a lost answer only while the items stand where they stood before,
// because then it has moved nothing yet, or had nothing to move.
func (s *WriteBacks) fire(ctx context.Context, api *bitrix.Portal, w payments.WriteBack, p payments.Payment,
	entityType int, id int64,
) (done, error) {
	settings, err := readSettings(s.DB.WithContext(ctx), p.PortalID)
	if err != nil {
		return done{}, err
	}
	code := triggerOf(p)
	if !settings.Automation || code == "" {
		return done{note: NotWanted}, nil
	}
	owners := map[int]int64{}
	if entityType == bitrix.TypeInvoice {
		owners[entityType] = id
	}
	if deal, err := parseID("deal", p.DealID); err == nil {
		owners[bitrix.TypeDeal] = deal
	}
	stages, err := stagesOf(ctx, api, owners)
	if err != nil {
		return done{}, err
	}
	if w.StageBefore != "" && w.StageBefore != stages {
		return done{external: code, note: "fired by an earlier try, or somebody moved it on"}, nil
	}
	if err := s.remember(ctx, w, stages); err != nil {
		return done{}, err
	}
	for _, kind := range []int{bitrix.TypeInvoice, bitrix.TypeDeal} {
		if owners[kind] == 0 {
			continue
		}
		if err := api.FireTrigger(ctx, code, kind, owners[kind]); err != nil {
			return done{}, err
		}
	}
	return done{external: code}, nil
}

// stagesOf reads where the items stand, as one text to compare.
func stagesOf(ctx context.Context, api *bitrix.Portal, owners map[int]int64) (string, error) {
	var stages []string
	if id := owners[bitrix.TypeInvoice]; id != 0 {
		invoice, err := api.Invoice(ctx, id)
		if err != nil {
			return "", err
		}
		stages = append(stages, invoice.StageID)
	}
	if id := owners[bitrix.TypeDeal]; id != 0 {
		deal, err := api.Deal(ctx, id)
		if err != nil {
			return "", err
		}
		stages = append(stages, deal.StageID)
	}
	return strings.Join(stages, " "), nil
}
