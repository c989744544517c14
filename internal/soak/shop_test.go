package soak_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"testing"

	linklysim "receivepayment/linkly/sim"
)

// terminal is a terminal of ours and the virtual PIN pad behind it.
type terminal struct {
	id  string
	pad *linklysim.Terminal
}

// object is a JSON object to send.
type object map[string]any

// customer is who stands at a terminal: they tap, and sign when asked.
func customer() linklysim.AutoConfig { return linklysim.AutoConfig{Signature: linklysim.KeyYes} }

// pair plugs in a virtual PIN pad, pairs it, and returns when it is proven.
// The secret goes through the test's hands, so that it can ask the provider
// too.
func (r *running) pair(t testing.TB, boss *person, n int) []terminal {
	t.Helper()
	out := make([]terminal, n)
	for i := range out {
		pad := r.linkly.AddTerminal(linklysim.TerminalConfig{})
		pad.Auto(customer())
		a := boss.do(t.Context(), http.MethodPost, "/api/v1/terminals", object{
			"name": fmt.Sprintf("Counter %d", i+1), "provider": "linkly", "environment": "sandbox", "currency": "AUD",
			"secret": r.newSecret(pad),
		})
		var got struct {
			ID string `json:"id"`
		}
		if a.status != http.StatusCreated || !a.into(&got) {
			t.Fatalf("pair: %s", a)
		}
		out[i] = terminal{id: got.ID, pad: pad}
	}
	for _, term := range out {
		await(t, "the terminal is ready", func() bool { return r.status(t.Context(), boss, term) == "ready" })
	}
	return out
}

// newSecret pairs the pad at the provider: its earlier secret dies.
func (r *running) newSecret(pad *linklysim.Terminal) string {
	secret := pad.PairExisting()
	r.mu.Lock()
	defer r.mu.Unlock()
	r.secrets[pad.ID()] = secret
	delete(r.token, pad.ID())
	return secret
}

func (r *running) status(ctx context.Context, boss *person, term terminal) string {
	a := boss.do(ctx, http.MethodGet, "/api/v1/terminals/"+term.id, nil)
	var got struct {
		Status string `json:"status"`
	}
	a.into(&got)
	return got.Status
}

// invoice is a document to be paid, as a colleague entered it in the portal.
type invoice struct {
	id    int
	name  string // SI:77
	deal  int
	total int64 // cents
}

// invoices enters so many invoices over the amount, twenty to a deal.
func (r *running) invoices(t testing.TB, n int, cents int64) []invoice {
	t.Helper()
	e := r.bitrix.EntryForm(admin, "DEFAULT", 0)
	out := make([]invoice, n)
	deal := 0
	for i := range out {
		if i%20 == 0 {
			deal = r.bitrix.AddDeal(newDeal(i/20 + 1))
		}
		id := r.addInvoice(t, e.Body.Get("AUTH_ID"), deal, cents)
		out[i] = invoice{id: id, name: fmt.Sprintf("SI:%d", id), deal: deal, total: cents}
	}
	return out
}

func (r *running) addInvoice(t testing.TB, token string, deal int, cents int64) int {
	t.Helper()
	raw, _ := json.Marshal(object{"auth": token, "entityTypeId": 31, "fields": object{
		"title": "Goods", "parentId2": deal, "currencyId": "AUD", "opportunity": decimal(cents), "isManualOpportunity": "Y",
	}})
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, r.portal+"/rest/crm.item.add", bytes.NewReader(raw))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/json")
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = res.Body.Close() }()
	var got struct {
		Result struct {
			Item struct {
				ID int `json:"id"`
			} `json:"item"`
		} `json:"result"`
	}
	if err := json.NewDecoder(res.Body).Decode(&got); err != nil || got.Result.Item.ID == 0 {
		t.Fatalf("the portal took no invoice: status %d, %v", res.StatusCode, err)
	}
	return got.Result.Item.ID
}

// decimal writes cents as 12.34.
func decimal(cents int64) string { return fmt.Sprintf("%d.%02d", cents/100, cents%100) }
