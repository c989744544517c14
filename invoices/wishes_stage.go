package invoices

import (
	"context"
	"strings"

	"receivepayment/bitrix"
	"receivepayment/payments"
	"receivepayment/words"
)

// Meanings for which a portal has no stage of its own, so that one click makes
// one.
const (
	MeaningPartlyPaid = "partlyPaid"
	MeaningRefunded   = "refunded"
)

// AddStage makes the missing stage of a funnel and chooses it; one that was
// made before is chosen again.
func (s *Wishes) AddStage(ctx context.Context, portalID, funnelID, meaning string) (Settings, error) {
	category, err := parseID("funnel", funnelID)
	if err != nil {
		return Settings{}, err
	}
	api, err := s.CRM.AsAdmin(ctx, portalID)
	if err != nil {
		return Settings{}, err
	}
	stages, err := api.Stages(ctx, bitrix.TypeInvoice, category)
	if err != nil {
		return Settings{}, crmError("read the invoice stages", err)
	}
	if len(stages) == 0 {
		return Settings{}, payments.Invalid("funnel", "There is no such invoice funnel.")
	}
	fresh, err := newStage(s.CRM.Voice(ctx, portalID), category, meaning, stages)
	if err != nil {
		return Settings{}, err
	}
	if err := api.AddStage(ctx, fresh); err != nil {
		return Settings{}, crmError("add the stage", err)
	}
	return s.chooseStage(ctx, api, portalID, category, meaning, fresh.Code)
}

// chooseStage reads the stages again, because only they tell the new one's code.
func (s *Wishes) chooseStage(ctx context.Context, api *bitrix.Portal, portalID string, category int64, meaning, code string) (Settings, error) {
	stages, err := api.Stages(ctx, bitrix.TypeInvoice, category)
	if err != nil {
		return Settings{}, crmError("read the invoice stages", err)
	}
	full := ""
	for _, st := range stages {
		if st.ID == code || strings.HasSuffix(st.ID, ":"+code) {
			full = st.ID
		}
	}
	if full == "" {
		return Settings{}, crmError("find the new stage", &bitrix.Error{Method: "crm.status.list", Class: bitrix.Unclear})
	}
	if err := s.CRM.LearnStages(ctx, portalID); err != nil {
		return Settings{}, err
	}
	err = s.change(ctx, portalID, "funnel "+number(category)+": stage "+full+" means "+meaning, func(now *Settings) {
		m := now.Stages[number(category)]
		if meaning == MeaningRefunded {
			m.Refunded = full
		} else {
			m.PartlyPaid = full
		}
		now.Stages[number(category)] = m
	})
	if err != nil {
		return Settings{}, err
	}
	return s.Read(ctx, portalID)
}

// newStage puts the stage in its place: progress before success before failure
// (reference bitrix24 6.7).
func newStage(v *words.Voice, category int64, meaning string, stages []bitrix.Stage) (bitrix.NewStage, error) {
	out := bitrix.NewStage{EntityTypeID: bitrix.TypeInvoice, CategoryID: category}
	progress, success, last := int64(0), int64(0), int64(0)
	for _, st := range stages {
		last = max(last, st.Sort)
		switch st.Semantics {
		case bitrix.StageSuccess:
			success = st.Sort
		case bitrix.StageFailure:
		default:
			progress = max(progress, st.Sort)
		}
	}
	switch meaning {
	case MeaningRefunded:
		out.Code, out.Name, out.Semantics, out.Color, out.Sort = "POS_REFUNDED", v.T("Refunded"), bitrix.StageFailure, "#A8ADB4", last+10
	case MeaningPartlyPaid:
		out.Code, out.Name, out.Color, out.Sort = "POS_PARTLY", v.T("Partly paid"), "#FFA900", (progress+max(success, progress+2))/2
	default:
		return out, payments.Invalid("meaning", "Choose partlyPaid or refunded.")
	}
	return out, nil
}
