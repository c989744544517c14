package sim

import "time"

// NewDeal describes a deal to add.
type NewDeal struct {
	Title    string `json:"title"`
	Currency string `json:"currency"` // the portal's base currency when empty
	Lines    []Line `json:"lines"`
}

// Line is one product of a deal; Price is the final unit price as text, Quantity 1 when 0.
type Line struct {
	Name     string `json:"name"`
	Price    string `json:"price"`
	Quantity int    `json:"quantity"`
	TaxRate  string `json:"taxRate"` // percent, included in the price; empty for no tax
}

// AddDeal adds a deal for company 61 and contact 208 and returns its id. It panics on a price that is no number.
func (s *Sim) AddDeal(d NewDeal) int {
	s.mu.Lock()
	defer s.unlock()
	p := s.portals[0]
	it := p.addDeal(p.nextID(typeName(typeDeal)), d, s.now())
	s.announce(p, it, "ADD", 1)
	return it.id
}

// addDeal stores a deal with its lines; seeding and tests share it.
func (p *portal) addDeal(id int, d NewDeal, now time.Time) *item {
	it := p.blank(typeDeal, 1, now)
	it.id = id
	it.vals["id"], it.vals["title"] = id, d.Title
	it.vals["companyId"], it.vals["contactId"], it.vals["contactIds"] = 61, 208, []int{208}
	if d.Currency != "" {
		it.vals["currencyId"] = d.Currency
	}
	p.store(it)
	p.setLines(it, d.Lines)
	p.settle(it, nil)
	return it
}

// setLines replaces the rows by lines with tax included, the way shops in Australia and New Zealand quote.
func (p *portal) setLines(it *item, lines []Line) {
	key := ownerKey{it.typeID, it.id}
	p.rows[key] = nil
	for i, line := range lines {
		row := &productRow{
			id: p.nextID("productrow"), name: line.Name, price: mustDecimal(line.Price),
			quantity: decimal(max(line.Quantity, 1)) * decimalUnit, discountType: discountPercent,
			taxIncluded: "Y", measureCode: 796, measureName: "pcs", sort: (i + 1) * 10,
		}
		if line.TaxRate != "" {
			row.taxRate, row.taxed = mustDecimal(line.TaxRate), true
		}
		p.rows[key] = append(p.rows[key], row)
	}
}

// SetLines replaces the products of a deal or invoice, as a colleague in the card would.
func (s *Sim) SetLines(entityTypeID, id int, lines []Line) {
	s.mu.Lock()
	defer s.unlock()
	p := s.portals[0]
	it := p.item(entityTypeID, id)
	if it == nil {
		return
	}
	p.setLines(it, lines)
	p.settle(it, nil)
	s.announce(p, it, "UPDATE", 1)
}

// SetStage moves a deal or an invoice, as a colleague in the card would.
func (s *Sim) SetStage(entityTypeID, id int, stage string) {
	s.mu.Lock()
	defer s.unlock()
	p := s.portals[0]
	it := p.item(entityTypeID, id)
	if it == nil || p.stage(entityTypeID, stage) == nil {
		return
	}
	it.vals["previousStageId"], it.vals["stageId"] = it.text("stageId"), stage
	it.vals["movedBy"], it.vals["movedTime"] = 1, s.now()
	p.settle(it, nil)
	s.announce(p, it, "UPDATE", 1)
}

// SetLanguage makes a user read Bitrix24 in this language, such as de, la or sc.
func (s *Sim) SetLanguage(userID int, code string) {
	s.mu.Lock()
	defer s.unlock()
	if u := s.portals[0].user(userID); u != nil {
		u.language = code
	}
}

// SetRights changes what a user may do in the CRM.
func (s *Sim) SetRights(userID int, rights Rights) {
	s.mu.Lock()
	defer s.unlock()
	if u := s.portals[0].user(userID); u != nil {
		u.rights = rights
	}
}

// Require makes a field (in its universal spelling) mandatory for a stage.
func (s *Sim) Require(stage, field string) {
	s.mu.Lock()
	defer s.unlock()
	s.portals[0].required[stage] = append(s.portals[0].required[stage], field)
}

// Unrequire lifts what Require set for a stage.
func (s *Sim) Unrequire(stage string) {
	s.mu.Lock()
	defer s.unlock()
	delete(s.portals[0].required, stage)
}

// RefuseFilter makes the portal refuse a field in filters, which the real service might do with xmlId.
func (s *Sim) RefuseFilter(field string) {
	s.mu.Lock()
	defer s.unlock()
	s.portals[0].unfilterable[field] = true
}

// DeleteInvoice deletes an invoice, as a colleague in the list would.
func (s *Sim) DeleteInvoice(id int) {
	s.mu.Lock()
	defer s.unlock()
	p := s.portals[0]
	it := p.item(typeInvoice, id)
	if it == nil {
		return
	}
	delete(p.items[typeInvoice], id)
	s.announce(p, it, "DELETE", 1)
}

// AddFunnel adds a funnel of smart invoices with the four default stages.
func (s *Sim) AddFunnel(id int, name string) {
	s.mu.Lock()
	defer s.unlock()
	p := s.portals[0]
	p.categories = append(p.categories, category{typeID: typeInvoice, id: id, name: name})
	for i, st := range []struct{ code, name, semantics string }{{"N", "New", ""}, {"S", "Sent to client", ""}, {"P", "Paid", "S"}, {"D", "Not paid", "F"}} {
		p.statuses = append(p.statuses, &status{
			id: p.nextID("status"), entityID: "SMART_INVOICE_STAGE_" + itoa(id), typeID: typeInvoice, category: id,
			code: "DT31_" + itoa(id) + ":" + st.code, name: st.name, sort: (i + 1) * 10, system: true, color: "#39A8EF", semantics: st.semantics,
		})
	}
	s.touch()
}

// AddInvoices adds so many invoices over 1.00 to a deal, for tests of long lists.
func (s *Sim) AddInvoices(dealID, count int) {
	s.mu.Lock()
	defer s.unlock()
	p := s.portals[0]
	for range count {
		it := p.blank(typeInvoice, 1, s.now())
		it.id = p.nextID(typeName(typeInvoice))
		it.vals["id"], it.vals["accountNumber"], it.vals["parentId2"] = it.id, itoa(it.id), dealID
		it.vals["title"] = "No " + itoa(it.id)
		p.store(it)
		p.setLines(it, []Line{{Name: "Part", Price: "1"}})
		p.settle(it, nil)
	}
	s.touch()
}
