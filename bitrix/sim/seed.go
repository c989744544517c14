package sim

import "time"

const mainMemberID = "5c1e0b7a94d84f2f8a6d3b905e7712aa"

const (
	dealStages    = "DEAL_STAGE"
	invoiceStages = "SMART_INVOICE_STAGE_3"
	invoiceFunnel = 3
)

// seed fills a portal with a small wholesaler: the demo's deal is 512, ready to pay. Amounts end in .00 because the
// cents choose the outcome on a simulated terminal.
func seed(p *portal, now time.Time) {
	p.users = []*user{
		{id: 1, name: "Aroha", lastName: "Ngata", position: "Owner", admin: true, departments: []int{1}},
		{id: 14, name: "Mere", lastName: "Tane", position: "Cashier", departments: []int{5}, rights: Rights{Read: true, Write: true, MoveStage: true, App: true}},
		{id: 15, name: "Tom", lastName: "Reid", position: "Cashier", departments: []int{5}, rights: Rights{Read: true, Write: true, MoveStage: true, App: true}},
		{id: 16, name: "Ines", lastName: "Okafor", position: "Warehouse", departments: []int{6}, rights: Rights{App: true}},
	}
	p.departments = []Department{{ID: 1, Name: "Harbour Supplies"}, {ID: 5, Parent: 1, Name: "Counter"}, {ID: 6, Parent: 1, Name: "Warehouse"}}
	p.currencies = []currency{
		{code: "AUD", name: "Australian Dollar", base: true, decimals: 2},
		{code: "NZD", name: "New Zealand Dollar", decimals: 2},
		{code: "USD", name: "US Dollar", decimals: 2},
		{code: "MYR", name: "Malaysian Ringgit", decimals: 2},
	}
	p.categories = []category{
		{typeID: typeDeal, id: 0, name: "General", isDefault: true},
		{typeID: typeInvoice, id: invoiceFunnel, name: "General", isDefault: true},
	}
	seedStages(p)
	seedClients(p, now)
	seedDeals(p, now)
	seedStore(p, now)
	for kind, last := range map[string]int{
		"deal": 600, "invoice": 76, "timeline": 88000, "activity": 3300, "notification": 70100,
		"status": 600, "userfield": 6900, "company": 100, "contact": 300, "order": 900, "payment": 1410, "paysystem": 30,
	} {
		p.lastID[kind] = last
	}
}

// seedStages has the default stages of deals and of the invoice funnel 3 (reference bitrix24, 6.7). Beware: S is the
// code of "sent" and the semantics of "success".
func seedStages(p *portal) {
	deal := func(id, sort int, code, name, color, semantics string) *status {
		return &status{id: id, entityID: dealStages, typeID: typeDeal, code: code, name: name, sort: sort, system: true, color: color, semantics: semantics}
	}
	invoice := func(id, sort int, code, name, color, semantics string) *status {
		return &status{
			id: id, entityID: invoiceStages, typeID: typeInvoice, category: invoiceFunnel, code: "DT31_3:" + code,
			name: name, sort: sort, system: true, color: color, semantics: semantics,
		}
	}
	p.statuses = []*status{
		deal(101, 10, "NEW", "New", "#39A8EF", ""),
		deal(102, 20, "PREPARATION", "Prepare documents", "#2FC6F6", ""),
		deal(103, 30, "PREPAYMENT_INVOICE", "Invoice sent", "#55D0E0", ""),
		deal(104, 40, "EXECUTING", "In progress", "#47E4C2", ""),
		deal(105, 50, "FINAL_INVOICE", "Final invoice", "#FFA900", ""),
		deal(106, 60, "WON", "Deal won", "#7BD500", "S"),
		deal(107, 70, "LOSE", "Deal lost", "#FF5752", "F"),
		invoice(401, 10, "N", "New", "#39A8EF", ""),
		invoice(402, 20, "S", "Sent to client", "#FFA900", ""),
		invoice(403, 30, "P", "Paid", "#7BD500", "S"),
		invoice(404, 40, "D", "Not paid", "#FF5752", "F"),
	}
}

// seedClients has the seller, one customer and its contact.
func seedClients(p *portal, now time.Time) {
	company := func(id int, title, own string) {
		it := p.blank(typeCompany, 1, now)
		it.id = id
		it.vals["id"], it.vals["title"], it.vals["isMyCompany"] = id, title, own
		it.vals["currencyId"] = p.baseCurrency()
		p.store(it)
	}
	company(ownCompanyID, "Harbour Supplies Ltd", "Y")
	company(61, "Pelorus Marine Services", "N")

	contact := p.blank(typeContact, 1, now)
	contact.id = 208
	contact.vals["id"], contact.vals["title"] = 208, "Wiremu Clarke"
	contact.vals["name"], contact.vals["lastName"], contact.vals["companyId"] = "Wiremu", "Clarke", 61
	contact.vals[email] = "wiremu.clarke@pelorus.example"
	p.store(contact)
}

// seedDeals has deals in several stages, one in another currency than the rest.
func seedDeals(p *portal, now time.Time) {
	p.lastID["productrow"] = 9000
	move := func(it *item, stage string) {
		it.vals["stageId"] = stage
		p.settle(it, nil)
	}
	move(p.addDeal(512, NewDeal{Title: "Wharf pump kit", Lines: []Line{
		{Name: "Bilge pump 24V", Price: "115", Quantity: 2, TaxRate: "15"},
		{Name: "Hose fitting set", Price: "57", TaxRate: "15"},
	}}, now), "EXECUTING")
	move(p.addDeal(513, NewDeal{Title: "Mooring lines, six boats", Lines: []Line{
		{Name: "Mooring line 14 mm, 12 m", Price: "68", Quantity: 12, TaxRate: "15"},
	}}, now), "PREPARATION")
	move(p.addDeal(514, NewDeal{Title: "Galley refit, deposit", Lines: []Line{
		{Name: "Fitting work, deposit", Price: "450", TaxRate: "15"},
	}}, now), "NEW")
	move(p.addDeal(515, NewDeal{Title: "Navigation lights", Currency: "NZD", Lines: []Line{
		{Name: "LED navigation light", Price: "89", Quantity: 4, TaxRate: "15"},
	}}, now), "NEW")
}

// seedStore has two kinds of buyers, a pay system of the portal's own, and order 900 with one unpaid payment, 1410.
func seedStore(p *portal, now time.Time) {
	p.personTypes = []personType{{id: 3, name: "Contact"}, {id: 4, name: "Company"}}
	p.paySystems = []*paySystem{{id: 6, personTypeID: 3, name: "Bank transfer", active: true}}
	p.lastID["payment"] = 1409
	p.addOrder(900, NewOrder{
		Lines: []Line{{Name: "Anchor 16 kg", Price: "340"}, {Name: "Chain 8 mm, 20 m", Price: "200"}}, Payments: []string{"540"},
	}).created = now
}
