package web

import (
	"receivepayment/invoices"
	"receivepayment/mirror"
	"receivepayment/words"
)

// crmStagesView is where invoices go, funnel by funnel.
type crmStagesView struct {
	Who     caller
	Funnels []invoices.FunnelChoice
}

// crmTellingView are the switches of what else is told.
type crmTellingView struct {
	Who      caller
	Settings invoices.Settings
	Mirror   mirror.State
}

// stageFieldView is one choice among a funnel's stages.
type stageFieldView struct {
	Name, ID, Chosen string
	Label, Nothing   words.Key
	Stages           []invoices.StageChoice
	Missing          string // what one click makes, empty when there is a stage
}

// Fields are the three choices of a funnel.
func (v crmStagesView) Fields(f invoices.FunnelChoice) []stageFieldView {
	out := []stageFieldView{
		{Name: "paid", Label: "Paid", Nothing: "The funnel's own", Chosen: f.Chosen.Paid},
		{Name: "partlyPaid", Label: "Partly paid", Nothing: "Leave the stage", Chosen: f.Chosen.PartlyPaid},
		{Name: "refunded", Label: "Refunded", Nothing: "Leave the stage", Chosen: f.Chosen.Refunded},
	}
	for i := range out {
		out[i].ID = "stage-" + f.ID + "-" + out[i].Name
		for _, st := range f.Stages {
			if out[i].Name != "paid" || st.Meaning == "paid" {
				out[i].Stages = append(out[i].Stages, st)
			}
		}
		if out[i].Name != "paid" && out[i].Chosen == "" {
			out[i].Missing = out[i].Name
		}
	}
	return out
}
