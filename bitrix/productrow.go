package bitrix

import (
	"cmp"
	"context"
	"encoding/json"
	"net/http"
	"slices"
)

// ProductRow is one line of a deal or an invoice (reference bitrix24 6.6). Amounts, quantity and
// rates are exact decimal text, empty where the portal has none.
type ProductRow struct {
	// ID is the row's own id and ignored when writing.
	ID int64
	// ProductID is the catalogue's product, 0 for a free line that only has a name.
	ProductID int64
	Name      string
	// Price is the final price of one unit, with discount and tax; PriceExclusive is without tax.
	Price, PriceExclusive string
	// Quantity is how many units; empty means 1.
	Quantity string
	// DiscountTypeID is 1 for an amount (DiscountSum) and 2 for a percentage (DiscountRate), 0 for none.
	DiscountTypeID            int
	DiscountRate, DiscountSum string
	// TaxRate is a percentage; empty means untaxed, which is not the same as "0".
	TaxRate     string
	TaxIncluded bool
	MeasureCode int64
	MeasureName string
	Sort        int64
}

type productRowWire struct {
	ID             FlexInt    `json:"id"`
	ProductID      FlexInt    `json:"productId"`
	Name           FlexString `json:"productName"`
	Price          Amount     `json:"price"`
	PriceExclusive Amount     `json:"priceExclusive"`
	Quantity       Amount     `json:"quantity"`
	DiscountTypeID FlexInt    `json:"discountTypeId"`
	DiscountRate   Amount     `json:"discountRate"`
	DiscountSum    Amount     `json:"discountSum"`
	TaxRate        Amount     `json:"taxRate"`
	TaxIncluded    FlexBool   `json:"taxIncluded"`
	MeasureCode    FlexInt    `json:"measureCode"`
	MeasureName    FlexString `json:"measureName"`
	Sort           FlexInt    `json:"sort"`
}

func (w productRowWire) row() ProductRow {
	return ProductRow{
		ID: int64(w.ID), ProductID: int64(w.ProductID), Name: string(w.Name),
		Price: string(w.Price), PriceExclusive: string(w.PriceExclusive), Quantity: string(w.Quantity),
		DiscountTypeID: int(w.DiscountTypeID), DiscountRate: string(w.DiscountRate), DiscountSum: string(w.DiscountSum),
		TaxRate: string(w.TaxRate), TaxIncluded: bool(w.TaxIncluded),
		MeasureCode: int64(w.MeasureCode), MeasureName: string(w.MeasureName), Sort: int64(w.Sort),
	}
}

type productRowPage struct {
	Rows List[productRowWire] `json:"productRows"`
}

func productRows(method string, raw json.RawMessage) ([]ProductRow, error) {
	var page productRowPage
	if err := decodeResult(method, http.StatusOK, raw, &page); err != nil {
		return nil, err
	}
	rows := make([]ProductRow, 0, len(page.Rows))
	for _, w := range page.Rows {
		rows = append(rows, w.row())
	}

	return rows, nil
}

// ProductRows reads all lines of an owner in their order. ownerType is OwnerDeal or OwnerInvoice.
func (p *Portal) ProductRows(ctx context.Context, ownerType string, ownerID int64) ([]ProductRow, error) {
	const method = "crm.item.productrow.list"

	rows, err := collect(ctx, p, method, map[string]any{
		"filter": map[string]any{"=ownerType": ownerType, "=ownerId": ownerID},
		// By id, because rows may share their place, and pages of equals could lose one between them.
		"order": map[string]any{"id": "asc"},
	}, 0, func(raw json.RawMessage) ([]ProductRow, error) { return productRows(method, raw) })
	slices.SortStableFunc(rows, func(a, b ProductRow) int { return cmp.Compare(a.Sort, b.Sort) })

	return rows, err
}

// Owner names what product rows belong to; Type is OwnerDeal or OwnerInvoice.
type Owner struct {
	Type string
	ID   int64
}

// ProductRowsOf reads all lines of up to 50 owners, in one request when each has at most 50.
func (p *Portal) ProductRowsOf(ctx context.Context, owners []Owner) ([][]ProductRow, error) {
	const method = "crm.item.productrow.list"

	cmds := make([]Command, len(owners))
	for i, o := range owners {
		cmds[i] = Command{Key: "rows" + formatID(int64(i)), Method: method, Params: map[string]any{
			"filter": map[string]any{"=ownerType": o.Type, "=ownerId": o.ID}, "order": map[string]any{"id": "asc"},
		}}
	}
	batch, err := p.Batch(ctx, cmds)
	if err != nil {
		return nil, err
	}
	all := make([][]ProductRow, len(owners))
	for i, o := range owners {
		var raw json.RawMessage
		page, err := batch.Decode(cmds[i].Key, &raw)
		if err != nil {
			return nil, err
		}
		if all[i], err = productRows(method, raw); err != nil {
			return nil, err
		}
		if page.Next != nil {
			if all[i], err = p.ProductRows(ctx, o.Type, o.ID); err != nil {
				return nil, err
			}
		}
		slices.SortStableFunc(all[i], func(a, b ProductRow) int { return cmp.Compare(a.Sort, b.Sort) })
	}

	return all, nil
}

// SetProductRows replaces all lines of an owner and returns them as stored. Repeating it is harmless.
func (p *Portal) SetProductRows(ctx context.Context, ownerType string, ownerID int64, rows []ProductRow) ([]ProductRow, error) {
	const method = "crm.item.productrow.set"

	lines := make([]map[string]any, 0, len(rows))
	for _, r := range rows {
		lines = append(lines, r.wire())
	}
	var raw json.RawMessage
	_, err := p.Call(ctx, method, map[string]any{"ownerType": ownerType, "ownerId": ownerID, "productRows": lines}, &raw)
	if err != nil {
		return nil, err
	}

	return productRows(method, raw)
}

// wire keeps to the keys that may be written (reference bitrix24 6.6); the portal computes the others.
func (r ProductRow) wire() map[string]any {
	out := map[string]any{"productName": r.Name, "price": Amount(r.Price), "quantity": Amount(either(r.Quantity, "1"))}
	putID(out, "productId", r.ProductID)
	putID(out, "measureCode", r.MeasureCode)
	putID(out, "sort", r.Sort)
	putID(out, "discountTypeId", int64(r.DiscountTypeID))
	switch r.DiscountTypeID {
	case 1:
		putAmount(out, "discountSum", r.DiscountSum)
	case 2:
		putAmount(out, "discountRate", r.DiscountRate)
	}
	if r.TaxRate != "" {
		out["taxRate"] = Amount(r.TaxRate)
		out["taxIncluded"] = yesNo(r.TaxIncluded)
	}

	return out
}

func putAmount(out map[string]any, name, value string) {
	if value != "" {
		out[name] = Amount(value)
	}
}

func yesNo(v bool) string {
	if v {
		return "Y"
	}

	return "N"
}
