package sim

import "time"

// ownCompanyID is the seller, the default of mycompanyId.
const ownCompanyID = 3

// paymentTerm is how long after its issue an invoice falls due by default (reference bitrix24, 6.3).
const paymentTerm = 7 * 24 * time.Hour

// blank is a new item with the portal's defaults, not yet stored and without an id.
func (p *portal) blank(typeID, userID int, now time.Time) *item {
	it := &item{typeID: typeID, vals: map[string]any{}}
	for _, f := range p.fieldsOf(typeID) {
		it.vals[f.name] = f.kind.zero()
	}
	for _, name := range []string{"createdBy", "updatedBy", "assignedById", "lastActivityBy"} {
		it.vals[name] = userID
	}
	for _, name := range []string{"createdTime", "updatedTime", "lastActivityTime"} {
		it.vals[name] = now
	}
	it.vals["opened"] = "Y"
	if typeID != typeDeal && typeID != typeInvoice {
		return it
	}

	category := p.defaultCategory(typeID)
	it.vals["categoryId"] = category
	it.vals["stageId"] = p.firstStage(typeID, category)
	it.vals["currencyId"] = p.baseCurrency()
	it.vals["movedBy"], it.vals["movedTime"] = userID, now
	it.vals["begindate"] = midnight(now)
	it.vals["closedate"] = midnight(now.Add(paymentTerm))
	if typeID == typeInvoice {
		it.vals["mycompanyId"] = ownCompanyID
	}
	return it
}

// recalculate makes amount and tax follow the product rows unless the amount is kept by hand. An amount sent
// without isManualOpportunity is therefore overwritten (reference bitrix24, 6.3 and 6.6).
func (p *portal) recalculate(it *item) {
	if it.text("isManualOpportunity") == "Y" {
		return
	}
	var sum, tax decimal
	for _, row := range p.rows[ownerKey{it.typeID, it.id}] {
		sum += row.price.times(row.quantity).cents()
		tax += (row.price - row.exclusive()).times(row.quantity).cents()
	}
	it.vals["opportunity"], it.vals["taxValue"] = sum, tax
}
