package web

import (
	"receivepayment/invoices"
	"receivepayment/mirror"
)

// crmStories are what the CRM is told: where invoices go, and what else.
func crmStories() map[string]story {
	telling := func(m mirror.State) func(who caller) any {
		return func(who caller) any {
			return crmTellingView{Who: who, Settings: invoices.Settings{Notices: true, Fields: true}, Mirror: m}
		}
	}
	return map[string]story{
		"crm-telling": {piece: "crm-telling", data: telling(mirror.State{})},
		"crm-cards-refused": {piece: "crm-telling", data: telling(mirror.State{
			Wanted: true, Trouble: "You have exceeded the maximum number of smart processes available on your plan.",
		})},
		"crm-stages": {piece: "crm-stages", data: func(who caller) any {
			return crmStagesView{Who: who, Funnels: []invoices.FunnelChoice{{
				ID: "3", Name: "General", Chosen: invoices.StageMap{Paid: "DT31_3:P"},
				Stages: []invoices.StageChoice{
					{ID: "DT31_3:N", Name: "New"}, {ID: "DT31_3:P", Name: "Paid", Meaning: "paid"}, {ID: "DT31_3:D", Name: "Not paid", Meaning: "closed"},
				},
			}}}
		}},
	}
}
