package sim

import "net/http"

// legacyItem is a deal as the old methods send it: upper case, everything text (reference bitrix24, 6.2).
func legacyItem(it *item, fields []field) map[string]any {
	out := map[string]any{}
	for _, f := range fields {
		if f.kind == kindInts || f.name == "previousStageId" {
			continue
		}
		out[upperName(f.name)] = legacy(it.vals[f.name])
	}
	return out
}

// deal finds the deal of a legacy call.
func (c *call) deal(right func(Rights) bool) (*item, *restError) { return c.legacyOf(typeDeal, right) }

// legacyOf finds the item of a legacy call. These methods refuse with an empty code (reference bitrix24, 3.2).
func (c *call) legacyOf(typeID int, right func(Rights) bool) (*item, *restError) {
	id, ok := c.args.get("id").number()
	if !ok {
		return nil, breach(http.StatusBadRequest, "", "ID is not defined or invalid.", "missing parameter")
	}
	if !c.user.may(right) {
		return nil, refuse(http.StatusBadRequest, "", "Access denied.")
	}
	it := c.p.item(typeID, id)
	if it == nil {
		return nil, refuse(http.StatusBadRequest, "", "Not found")
	}
	return it, nil
}

// runDealGet is crm.deal.get: flat, upper case, every number a text.
func runDealGet(c *call) (any, *restError) {
	it, refusal := c.deal(canRead)
	if refusal != nil {
		return nil, refusal
	}
	return legacyItem(it, c.p.fieldsOf(typeDeal)), nil
}

// runDealList is crm.deal.list; its filter has the upper-case names, so each deal is translated for the conditions.
func runDealList(c *call) (any, *restError) {
	fields := upperFields(c.p.fieldsOf(typeDeal))
	found, refusal := c.find(typeDeal, nil, nil, nil)
	if refusal != nil {
		return nil, refusal
	}
	// The old list has names of its own, so conditions work on a translated copy.
	wanted, refusal := c.p.compile(fields, c.args.get("filter"))
	if refusal != nil {
		return nil, refusal
	}
	var matching []*item
	for _, it := range found {
		if wanted(upperItem(it)) {
			matching = append(matching, it)
		}
	}
	rows, total, next := page(matching, c.args.get("start"), pageSize)
	out := make([]any, 0, len(rows))
	for _, it := range rows {
		out = append(out, legacyItem(it, c.p.fieldsOf(typeDeal)))
	}
	return list{result: out, total: total, next: next}, nil
}

// upperFields are the fields under their legacy names.
func upperFields(fields []field) []field {
	out := make([]field, 0, len(fields))
	for _, f := range fields {
		f.name = upperName(f.name)
		out = append(out, f)
	}
	return out
}

// upperItem is a deal under the legacy names of its fields.
func upperItem(it *item) *item {
	vals := map[string]any{}
	for name, v := range it.vals {
		vals[upperName(name)] = v
	}
	return &item{typeID: it.typeID, id: it.id, vals: vals}
}

// runDealUpdate is crm.deal.update; it answers true and not the deal.
func runDealUpdate(c *call) (any, *restError) {
	it, refusal := c.deal(canWrite)
	if refusal != nil {
		return nil, refusal
	}
	sent := newArray()
	for _, f := range c.p.fieldsOf(typeDeal) {
		if v := c.args.get("fields", upperName(f.name)); v != nil {
			sent.put(f.name, v)
		}
	}
	if refusal := c.write(it, sent); refusal != nil {
		return nil, refusal
	}
	return true, nil
}

// runDealRows is crm.deal.productrows.get, without paging.
func runDealRows(c *call) (any, *restError) {
	it, refusal := c.deal(canRead)
	if refusal != nil {
		return nil, refusal
	}
	out := []any{}
	for _, r := range c.p.rows[ownerKey{typeDeal, it.id}] {
		out = append(out, r.legacy(it.id))
	}
	return out, nil
}

// legacy is a row in upper case; its prices are numbers even here, only the account price is a text.
func (r *productRow) legacy(ownerID int) map[string]any {
	return map[string]any{
		"ID": itoa(r.id), "OWNER_ID": itoa(ownerID), "OWNER_TYPE": "D", "PRODUCT_ID": r.productID,
		"PRODUCT_NAME": r.name, "PRICE": r.price, "PRICE_EXCLUSIVE": r.exclusive(), "PRICE_NETTO": r.netto(),
		"PRICE_BRUTTO": r.brutto(), "PRICE_ACCOUNT": r.price.fixed(2), "QUANTITY": r.quantity,
		"DISCOUNT_TYPE_ID": r.discountType, "DISCOUNT_RATE": r.discountRate, "DISCOUNT_SUM": r.netto() - r.exclusive(),
		"TAX_RATE": r.taxRate, "TAX_INCLUDED": r.taxIncluded, "CUSTOMIZED": "Y", "MEASURE_CODE": r.measureCode,
		"MEASURE_NAME": r.measureName, "SORT": r.sort, "TYPE": 1, "STORE_ID": nil,
	}
}
