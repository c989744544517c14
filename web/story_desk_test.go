package web

import (
	"time"

	"receivepayment/access"
	"receivepayment/audit"
	"receivepayment/pairing"
)

// The parts of the app's own page, which it fetches one by one.

func part(template string, data func(who caller) any) story {
	return story{piece: template, data: data}
}

func wizardAt(step string, change func(*pairing.Card)) story {
	return part("wizard", func(who caller) any {
		v := pairView{Who: who, Step: step, Now: noon(), RequestID: "r-1", Without: 2}
		if change != nil {
			card := terminalOn(who, change).Card
			v.Card = &card
		}
		return v
	})
}

func wizardStories() map[string]story {
	ready := func(c *pairing.Card) { c.Facts.Bank = "ANZ" }
	return map[string]story{
		"wizard-ready": wizardAt(stepReady, nil),
		"wizard-enter": wizardAt(stepEnter, nil),
		"wizard-again": wizardAt(stepReady, ready),
		"wizard-wait":  wizardAt(stepProve, func(c *pairing.Card) { c.Status = pairing.Proving }),
		"wizard-prove": wizardAt(stepProve, ready),
		"wizard-sick": wizardAt(stepProve, func(c *pairing.Card) {
			c.Status, c.StatusReason = pairing.Attention, "The terminal did not answer. Is it on, and online?"
		}),
		"wizard-assign": wizardAt(stepAssign, ready),
		"wizard-try":    wizardAt(stepTry, ready),
		"wizard-done":   wizardAt(stepDone, ready),
	}
}

func peopleStories() map[string]story {
	two := pairing.Named{ID: "t_2", Name: "Counter 2"}
	departments := []pairing.Department{{Subject: "D5", Name: "Sales"}}
	next := "c"
	board := func(who caller) any {
		mine := "t_1"
		return peopleView{deskTabs: deskTabs{Who: who, Tab: "people"}, Board: peopleJSON{Everybodys: 1, Without: 1, Next: &next, Items: []personBoardJSON{
			{ID: "14", Name: "Mere Tane", Position: "Cashier", Entered: true, ByName: []namedJSON{{ID: "t_1", Name: "Counter 1"}}, Default: &mine},
			{ID: "15", Name: "Maria Kern", ByGroup: []namedJSON{{ID: "t_2", Name: "Counter 2"}}},
			{ID: "16", Name: "Jo Park", Without: true},
		}}}
	}
	groups := func(who caller) any {
		cards := []pairing.GroupCard{{
			Group:   pairing.Group{ID: "g_1", Name: "Wharf shop", Department: "D5", OpensAt: "08:30", TimeZone: "Pacific/Auckland"},
			Members: []string{"14"}, Terminals: 2,
		}}
		return newGroupsView(who, cards, pairing.Portal{OpensAt: "08:30", TimeZone: "Pacific/Auckland"}, departments, map[string]string{"14": "Mere Tane"}, "Pacific/Auckland")
	}
	holders := func(who caller) []holderView {
		return []holderView{
			{Who: who, holderJSON: holderJSON{grantJSON: grantJSON{Subject: "14", Rights: []access.Right{access.Take}}, Name: "Mere Tane", Own: true}},
			{Who: who, holderJSON: holderJSON{grantJSON: grantJSON{Subject: "D5", Rights: access.All()}, Name: "Sales"}},
			{Who: who, holderJSON: holderJSON{grantJSON: grantJSON{Subject: "1", Rights: access.All()}, Name: "Aroha Ngata", Admin: true}},
		}
	}
	return map[string]story{
		"people": part("people-tab", board),
		"people-without": part("people-tab", func(who caller) any {
			v := board(who).(peopleView)
			v.Query.Without, v.Board.Everybodys, v.Board.Items = true, 0, v.Board.Items[2:]
			return v
		}),
		"person": part("person-form", func(who caller) any {
			v := personView{Who: who, User: pairing.User{UserID: "14", Name: "Mere Tane"}, Reach: pairing.Reach{ByName: []pairing.Named{two}, Default: "t_2"}, More: true}
			v.offer(twoCounters(), nil, false)
			return v
		}),
		"groups": part("groups-tab", groups),
		"group":  {piece: "groups-tab", data: groups, open: "#group-new"},
		"rights": part("rights-tab", func(who caller) any {
			return rightsView{deskTabs: deskTabs{Who: who, Tab: "rights"}, Holders: holders(who), Departments: departments}
		}),
		"rights-more": part("rights-tab", func(who caller) any {
			return rightsView{deskTabs: deskTabs{Who: who, Tab: "rights"}, Holders: holders(who), Text: "a", Next: "c"}
		}),
		"rights-form": part("rights-form", func(who caller) any { return holders(who)[0] }),
	}
}

func kayaakuStories() map[string]story {
	device := func(change func(*pairing.KayaakuCard)) func(*pairing.Card) {
		return func(c *pairing.Card) {
			c.Provider, c.Currency = pairing.KayaakuProvider, "MYR"
			c.Kayaaku = &pairing.KayaakuCard{Transport: pairing.USBBridge}
			change(c.Kayaaku)
		}
	}
	return map[string]story{
		"kayaaku": {page: "settings-page", data: shelf(nil, device(func(k *pairing.KayaakuCard) {
			k.Paired, k.Version, k.System, k.Port = true, "1.0", "linux", "/dev/ttyUSB0"
		}),
			device(func(k *pairing.KayaakuCard) { k.Offline = "This terminal has no bridge at the till." }))},
		"kayaaku-pair": part("kayaaku-form", func(caller) any { return newDevice() }),
		"kayaaku-device": part("device-form", func(caller) any {
			return deviceForm{Slug: "device-t-1", Device: pairing.Device{TerminalID: "t_1", Name: "Kaunter 1", HasKey: true, KayaakuSettings: pairing.KayaakuSettings{
				Transport: pairing.HTTPSigned, BaseURL: "https://pay.example.my/mqpos-host/thirdparty", SourceSystem: "RCP", MID: "000000123456789",
				Email: "kaunter@example.my", DeviceSN: "N7-000123", Zone: "Asia/Kuala_Lumpur", VoidUntil: "22:00", EnquireAfter: 90, Approved: []string{"00"},
			}}}
		}),
	}
}

func auditStories() map[string]story {
	lines := []audit.Line{
		{Seq: 42, At: noon(), ActorID: "1", ActorName: "Aroha Ngata", Action: audit.RefundStarted, Subject: "p_K7Q2M9X4T1", Detail: "42.50 AUD of p_B24K7Q2M9X: returned item"},
		{Seq: 41, At: noon().Add(-time.Hour), ActorID: "1", ActorName: "Aroha Ngata", Action: audit.RightsChanged, Subject: "14", Detail: "may now: take refund report"},
		{Seq: 40, At: noon().Add(-26 * time.Hour), ActorID: "15", Action: audit.TerminalPaired, Subject: "t_1"},
		{Seq: 39, At: noon().Add(-27 * time.Hour), Action: audit.CardRefused, Subject: "t_2", Detail: "Counter 2, named by 17"},
	}
	tab := func(text string, rows []audit.Line) func(who caller) any {
		return func(who caller) any {
			return auditView{deskTabs: deskTabs{Who: who, Tab: "audit"}, Rows: rowsOf(who, rows), Text: text, Next: map[bool]string{true: "39"}[len(rows) > 0]}
		}
	}
	return map[string]story{
		"audit":         part("audit-tab", tab("", lines)),
		"audit-nothing": part("audit-tab", tab("counter 9", nil)),
		"audit-whole":   part("audit-proof", func(caller) any { return auditProofJSON{Lines: 42} }),
		"audit-broken": part("audit-proof", func(caller) any {
			return auditProofJSON{Lines: 42, Faults: []auditFaultJSON{{Seq: 17, What: "altered"}, {Seq: 23, What: "removed; the next line is 24"}}}
		}),
	}
}
