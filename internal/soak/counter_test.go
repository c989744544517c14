package soak_test

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	bitrixsim "receivepayment/bitrix/sim"
	"receivepayment/payments"
)

// counter is a small shop without bad weather, for the tests of one outage.
type counter struct {
	*running
	t         *testing.T
	boss      *person
	terminals []terminal
	docs      []invoice
	n         int
}

func newCounter(t *testing.T, at place, terminals int) *counter {
	t.Helper()
	if testing.Short() {
		t.Skip("starts processes")
	}
	c := &counter{running: newRunning(t, at, 1), t: t}
	c.start(t)
	c.boss = c.person(admin)
	c.boss.install(t)
	c.terminals = c.pair(t, c.boss, terminals)
	c.docs = c.invoices(t, 60, 5000)
	return c
}

// everywhere runs the story in both places.
func everywhere(t *testing.T, terminals int, story func(c *counter)) {
	t.Helper()
	for _, at := range places() {
		t.Run(string(at), func(t *testing.T) {
			t.Parallel()
			story(newCounter(t, at, terminals))
		})
	}
}

// order is a request to pay the next invoice on the terminal.
func (c *counter) order(term terminal) (object, invoice) {
	doc := c.docs[c.n]
	c.n++
	return object{
		"requestId": fmt.Sprintf("r-%d", c.n), "document": doc.name, "terminal": term.id, "amount": "50.00", "currency": "AUD",
	}, doc
}

// sale is a payment that was taken on, and its invoice.
type sale struct {
	id  string
	doc invoice
}

// send starts a payment on each terminal; each must be taken on.
func (c *counter) send() []sale {
	c.t.Helper()
	var out []sale
	for _, term := range c.terminals {
		order, doc := c.order(term)
		a := c.boss.do(c.t.Context(), http.MethodPost, "/api/v1/payments", order)
		var p paymentIn
		if a.status != http.StatusAccepted || !a.into(&p) {
			c.t.Fatalf("the payment was not taken on: %s", a)
		}
		out = append(out, sale{p.ID, doc})
	}
	return out
}

// wantApproved waits for every sale, and for one charge of each.
func (c *counter) wantApproved(sales []sale, limit time.Duration) {
	c.t.Helper()
	limit = bound(limit)
	for _, s := range sales {
		var p paymentIn
		if !within(limit, func() bool {
			p, _ = c.boss.read(c.t.Context(), s.id)
			return p.Final
		}) || p.State != string(payments.Approved) {
			c.t.Errorf("after %s the payment is %q", limit, p.State)
		}
		if n := approved(c.charges()[p.SessionID]); n != 1 {
			c.t.Errorf("%d charges for one payment", n)
		}
	}
}

// wantTold waits until the CRM knows of every sale, once.
func (c *counter) wantTold(sales []sale, limit time.Duration) {
	c.t.Helper()
	limit = bound(limit)
	for _, s := range sales {
		if !within(limit, func() bool { return c.told(s) }) {
			c.t.Errorf("after %s the CRM was not told: %+v", limit, c.writeBacks(c.t, s.id))
		}
		if n := told(c.bitrix.Timeline(31, s.doc.id)); n != 1 {
			c.t.Errorf("%d timeline entries for one approval", n)
		}
		if inv, ok := c.bitrix.Invoice(s.doc.id); !ok || inv.Semantics != "S" {
			c.t.Errorf("the invoice is not paid in the CRM: %+v", inv)
		}
	}
}

// told counts what stands in a timeline about payments; a to-do for a person is
// not among it.
func told(entries []bitrixsim.TimelineEntry) int {
	return len(slices.DeleteFunc(entries, func(e bitrixsim.TimelineEntry) bool { return e.Kind == "todo" }))
}

func (c *counter) told(s sale) bool {
	rows := c.writeBacks(c.t, s.id)
	for _, w := range rows {
		if w.State != payments.Done {
			return false
		}
	}
	return len(rows) > 0
}

// wantClean is the end of every story: both outside services were spoken to
// by the book.
func (c *counter) wantClean() {
	c.t.Helper()
	if v := c.linkly.Violations(); len(v) > 0 {
		c.t.Errorf("Linkly would have refused: %+v", v)
	}
	if v := impolite(c.bitrix.Violations()); len(v) > 0 {
		c.t.Errorf("Bitrix24 would have refused: %+v", v)
	}
}

// hold lets nobody stand at the terminals: sales wait for their card.
func (c *counter) hold() {
	for _, term := range c.terminals {
		term.pad.AutoOff()
	}
}

// come lets the customers come.
func (c *counter) come() {
	for _, term := range c.terminals {
		term.pad.Auto(customer())
	}
}

// wantShown waits until every terminal asks for the card.
func (c *counter) wantShown() {
	c.t.Helper()
	for _, term := range c.terminals {
		if _, err := term.pad.Await(c.t.Context(), "PRESENT CARD"); err != nil {
			c.t.Fatal(err)
		}
	}
}

// impolite leaves out the events that found no process, or one without its
// database: they are lost for good, and the periodic look makes up for them. An
// event that was refused stays.
func impolite(all []bitrixsim.Violation) []bitrixsim.Violation {
	return slices.DeleteFunc(slices.Clone(all), func(v bitrixsim.Violation) bool {
		return v.Rule == "event not taken" && (strings.Contains(v.Detail, "did not answer") || strings.Contains(v.Detail, "answered 5"))
	})
}
