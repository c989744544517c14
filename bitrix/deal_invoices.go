package bitrix

import (
	"context"
	"strconv"
)

// pageSize is how many rows a page of a list has (reference bitrix24 3.3).
const pageSize = 50

// DealWithInvoices reads a deal and all its smart invoices, newest first (reference bitrix24 14.3). The
// list is complete or an error.
//
// Every page is a command of a batch. As many as the deal had when we looked last are asked for in the
// first request, and whatever is beyond in one more.
func (p *Portal) DealWithInvoices(ctx context.Context, dealID int64) (Deal, []Invoice, error) {
	expect := p.client.sizes.of(p.memberID, dealID)
	batch, err := p.Batch(ctx, dealCommands(dealID, expect))
	if err != nil {
		return Deal{}, nil, err
	}

	return p.dealIn(ctx, batch, dealID, expect)
}

func dealCommands(dealID int64, expect int) []Command {
	return append([]Command{{Key: "deal", Method: "crm.item.get", Params: itemParams(TypeDeal, dealID)}},
		invoicePages(dealID, 0, expect)...)
}

// dealIn reads the answers to dealCommands, and asks for the pages beyond.
func (p *Portal) dealIn(ctx context.Context, batch BatchResult, dealID int64, expect int) (Deal, []Invoice, error) {
	var deal itemAnswer[dealWire]
	if _, err := batch.Decode("deal", &deal); err != nil {
		return Deal{}, nil, err
	}
	if err := wrongItem("crm.item.get", deal.Item.ID, dealID); err != nil {
		return Deal{}, nil, err
	}
	rows, page, err := invoicesIn(batch, 0, expect)
	for err == nil && page.Next != nil {
		var more []invoiceWire
		more, page, err = p.invoicesBeyond(ctx, dealID, *page.Next, page.Total)
		rows = append(rows, more...)
	}
	if err != nil {
		return Deal{}, nil, err
	}
	invoices, err := invoicesFrom(rows, dealID)
	if err != nil {
		return Deal{}, nil, err
	}

	p.client.sizes.remember(p.memberID, dealID, len(invoices))

	return deal.Item.deal(), invoices, nil
}

// invoicesBeyond reads the pages from start on, all of them if the portal told how many rows there are.
func (p *Portal) invoicesBeyond(ctx context.Context, dealID int64, start, total int) ([]invoiceWire, Page, error) {
	if start > maxPages*pageSize {
		return nil, Page{}, &Error{Method: "crm.item.list", Class: Unclear, Err: errEndless}
	}
	until := min(max(total, start+1), start+pageSize*maxBatch)
	batch, err := p.Batch(ctx, invoicePages(dealID, start, until))
	if err != nil {
		return nil, Page{}, err
	}
	rows, page, err := invoicesIn(batch, start, until)
	if err == nil && page.Next != nil && *page.Next <= start {
		err = &Error{Method: "crm.item.list", Class: Unclear, Err: errEndless}
	}

	return rows, page, err
}

func invoicePages(dealID int64, start, until int) []Command {
	var cmds []Command
	for at := start; at < until; at += pageSize {
		params := invoicesOf(dealID)
		if at > 0 {
			params["start"] = at
		}
		cmds = append(cmds, Command{Key: pageKey(at), Method: "crm.item.list", Params: params})
	}

	return cmds
}

func pageKey(at int) string {
	if at == 0 {
		return "invoices"
	}

	return "invoices" + strconv.Itoa(at)
}

// invoicesIn gathers the pages' rows, and the last page's word on what follows.
func invoicesIn(batch BatchResult, start, until int) ([]invoiceWire, Page, error) {
	var rows []invoiceWire
	var page Page
	for at := start; at < until; at += pageSize {
		var got invoicePage
		var err error
		if page, err = batch.Decode(pageKey(at), &got); err != nil {
			return nil, page, err
		}
		rows = append(rows, got.Items...)
		if page.Next == nil {
			break
		}
	}

	return rows, page, nil
}
