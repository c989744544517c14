package sim

import (
	"net/http"
	"slices"
	"strings"
)

// ownerKey names the document that product rows belong to.
type ownerKey struct{ typeID, id int }

// productRow is one line; price is final, with discount and tax (reference bitrix24, 6.6).
type productRow struct {
	id           int
	productID    int
	name         string
	price        decimal
	quantity     decimal
	discountType int
	discountRate decimal
	discountSum  decimal
	taxRate      decimal
	taxed        bool
	taxIncluded  string
	measureCode  int
	measureName  string
	sort         int
}

const (
	discountAbsolute = 1
	discountPercent  = 2
	hundredPercent   = 100 * decimalUnit
)

// exclusive is the price without tax.
func (r *productRow) exclusive() decimal {
	return r.price.ratio(hundredPercent, hundredPercent+int64(r.taxRate)).cents()
}

// netto is the price before discount and without tax.
func (r *productRow) netto() decimal {
	if r.discountType == discountAbsolute {
		return r.exclusive() + r.discountSum
	}
	if left := int64(hundredPercent - r.discountRate); left > 0 {
		return r.exclusive().ratio(hundredPercent, left).cents()
	}
	return r.exclusive()
}

// brutto is the price before discount and with tax.
func (r *productRow) brutto() decimal {
	return r.netto().ratio(hundredPercent+int64(r.taxRate), hundredPercent).cents()
}

// output has real numbers; taxRate is null without tax, storeId always.
func (r *productRow) output(owner ownerKey) map[string]any {
	var tax any
	if r.taxed {
		tax = r.taxRate
	}
	return map[string]any{
		"id": r.id, "ownerId": owner.id, "ownerType": ownerCode(owner.typeID), "productId": r.productID,
		"productName": r.name, "price": r.price, "priceAccount": r.price, "priceExclusive": r.exclusive(),
		"priceNetto": r.netto(), "priceBrutto": r.brutto(), "quantity": r.quantity,
		"discountTypeId": r.discountType, "discountRate": r.discountRate, "discountSum": r.netto() - r.exclusive(),
		"taxRate": tax, "taxIncluded": r.taxIncluded, "customized": "Y", "measureCode": r.measureCode,
		"measureName": r.measureName, "sort": r.sort, "xmlId": "", "type": 1, "storeId": nil,
	}
}

// ownerCode is the short code of reference bitrix24, 6.1.
func ownerCode(typeID int) string {
	if typeID == typeInvoice {
		return "SI"
	}
	return "D"
}

// owner finds the document by ownerType and ownerId and checks the right.
func (c *call) owner(kind, id *value, right func(Rights) bool) (*item, *restError) {
	typeID := 0
	switch strings.ToUpper(kind.str()) {
	case "D":
		typeID = typeDeal
	case "SI":
		typeID = typeInvoice
	default:
		return nil, breach(http.StatusBadRequest, "ENTITY_TYPE_NOT_SUPPORTED", "Owner type is not supported", "owner type")
	}
	n, ok := id.number()
	if !ok {
		return nil, errMissing("ownerId")
	}
	if !c.user.may(right) {
		return nil, errDenied()
	}
	it := c.p.item(typeID, n)
	if it == nil {
		return nil, refuse(http.StatusBadRequest, "OWNER_NOT_FOUND", "Owner not found")
	}
	return it, nil
}

// runRowList is crm.item.productrow.list. Both filters are mandatory, with their equals sign.
func runRowList(c *call) (any, *restError) {
	filter := c.args.get("filter")
	kind, id := filter.get("=ownerType"), filter.get("=ownerId")
	if kind.missing() || id.missing() {
		return nil, breach(http.StatusBadRequest, "INVALID_ARG_VALUE",
			"Both =ownerType and =ownerId are required in the filter", "owner filter")
	}
	it, refusal := c.owner(kind, id, canRead)
	if refusal != nil {
		return nil, refusal
	}
	key := ownerKey{it.typeID, it.id}
	rows, total, next := page(c.p.rows[key], c.args.get("start"), pageSize)
	return list{result: rowsAnswer(key, rows), total: total, next: next}, nil
}

// rowsAnswer wraps rows; no rows are an empty list.
func rowsAnswer(key ownerKey, rows []*productRow) any {
	out := make([]any, 0, len(rows))
	for _, r := range rows {
		out = append(out, r.output(key))
	}
	return map[string]any{"productRows": out}
}

// runRowSet replaces all rows of a document.
func runRowSet(c *call) (any, *restError) {
	it, refusal := c.owner(c.args.get("ownerType"), c.args.get("ownerId"), canWrite)
	if refusal != nil {
		return nil, refusal
	}
	sent := c.args.get("productRows")
	if sent == nil {
		return nil, errMissing("productRows")
	}
	var rows []*productRow
	for i, child := range sent.items() {
		row, refusal := parseRow(child)
		if refusal != nil {
			return nil, refusal
		}
		if row.sort == 0 {
			row.sort = (i + 1) * 10
		}
		row.id = c.p.nextID("productrow")
		rows = append(rows, row)
	}
	slices.SortStableFunc(rows, func(a, b *productRow) int { return a.sort - b.sort })

	key := ownerKey{it.typeID, it.id}
	c.p.rows[key] = rows
	c.p.recalculate(it)
	c.announce(it, "UPDATE")
	return rowsAnswer(key, rows), nil
}

// parseRow reads the input keys of reference bitrix24, 6.6.
func parseRow(v *value) (*productRow, *restError) {
	r := &productRow{quantity: decimalUnit, discountType: discountPercent, measureCode: 796, measureName: "pcs"}
	for name, target := range map[string]*decimal{
		"price": &r.price, "quantity": &r.quantity, "discountRate": &r.discountRate,
		"discountSum": &r.discountSum, "taxRate": &r.taxRate,
	} {
		if v.get(name).missing() {
			continue
		}
		d, err := parseDecimal(v.get(name).str())
		if err != nil {
			return nil, breach(http.StatusBadRequest, "INVALID_ARG_VALUE", "Invalid value of "+name, "wrong type")
		}
		*target = d
	}
	for name, target := range map[string]*int{
		"productId": &r.productID, "discountTypeId": &r.discountType, "measureCode": &r.measureCode, "sort": &r.sort,
	} {
		if n, ok := v.get(name).number(); ok {
			*target = n
		}
	}
	r.taxed = !v.get("taxRate").missing()
	r.name = v.get("productName").str()
	r.taxIncluded = "N"
	if strings.EqualFold(v.get("taxIncluded").str(), "Y") {
		r.taxIncluded = "Y"
	}
	if r.name == "" && r.productID == 0 {
		return nil, breach(http.StatusBadRequest, "INVALID_ARG_VALUE", "productName or productId is required", "empty row")
	}
	return r, nil
}
