package invoices

import (
	"context"
	"math/big"
	"strings"

	"receivepayment/bitrix"
)

// mostCompared is how many invoices of a deal are compared with its products;
// beyond it a new invoice has one line.
const mostCompared = 49

// uninvoiced reads which products of a deal no open invoice has yet, with the
// quantities that are left. None means that they cannot be told.
func uninvoiced(ctx context.Context, api *bitrix.Portal, deal int64, invoices []int64) ([]bitrix.ProductRow, error) {
	if len(invoices) > mostCompared {
		return nil, nil
	}
	owners := []bitrix.Owner{{Type: bitrix.OwnerDeal, ID: deal}}
	for _, id := range invoices {
		owners = append(owners, bitrix.Owner{Type: bitrix.OwnerInvoice, ID: id})
	}
	lists, err := api.ProductRowsOf(ctx, owners)
	if err != nil {
		return nil, crmError("read the deal's products", err)
	}
	used := map[string]*big.Rat{}
	for _, rows := range lists[1:] {
		for _, row := range rows {
			key := productKey(row)
			if used[key] == nil {
				used[key] = new(big.Rat)
			}
			used[key].Add(used[key], quantityOf(row))
		}
	}
	return less(lists[0], used), nil
}

// less takes away what was used of each product; a row of which nothing is left
// goes.
func less(rows []bitrix.ProductRow, used map[string]*big.Rat) []bitrix.ProductRow {
	var left []bitrix.ProductRow
	for _, row := range rows {
		quantity, taken := quantityOf(row), used[productKey(row)]
		if taken != nil && taken.Sign() > 0 {
			part := quantity
			if taken.Cmp(part) < 0 {
				part = taken
			}
			part = new(big.Rat).Set(part)
			quantity = new(big.Rat).Sub(quantity, part)
			taken.Sub(taken, part)
		}
		if quantity.Sign() <= 0 {
			continue
		}
		row.Quantity = decimalText(quantity)
		left = append(left, row)
	}
	return left
}

// productKey tells rows of the same product at the same price from others.
func productKey(row bitrix.ProductRow) string {
	return strings.Join([]string{optionalID(row.ProductID), row.Name, plainNumber(row.Price), plainNumber(row.TaxRate)}, "\x00")
}

func quantityOf(row bitrix.ProductRow) *big.Rat {
	text := row.Quantity
	if text == "" {
		text = "1"
	}
	quantity, ok := new(big.Rat).SetString(text)
	if !ok {
		return new(big.Rat)
	}
	return quantity
}

// plainNumber writes a number in one way, so that 57 equals 57.00.
func plainNumber(text string) string {
	n, ok := new(big.Rat).SetString(text)
	if !ok {
		return text
	}
	return n.RatString()
}

// decimalText is a quantity with the four decimals that the portal keeps.
func decimalText(n *big.Rat) string {
	text := n.FloatString(4)
	return strings.TrimRight(strings.TrimRight(text, "0"), ".")
}
