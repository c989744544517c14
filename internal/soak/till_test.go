package soak_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"net/http"
	"sync"
	"time"
)

// invoiceTotal is what each invoice costs, in cents.
const invoiceTotal = 12000

// attempts is how often a till tries to get one invoice paid.
const attempts = 4

// sell is one cashier at one terminal: customer after customer until enough
// was sold or the shop closes.
func (s *soak) sell(ctx context.Context, i int) {
	c := &cash{soak: s, dice: s.dice(uint64(i)), at: s.terminals[i], who: s.till[i%len(s.till)], name: fmt.Sprintf("till%d", i)}
	for ctx.Err() == nil && s.stored.Load() < int64(s.payments) {
		n := int(s.next.Add(1)) - 1
		if n >= len(s.invoice) {
			return
		}
		for range attempts {
			if ctx.Err() != nil || !c.serve(ctx, s.invoice[n]) {
				break
			}
		}
	}
}

// cash is a till with its cashier.
type cash struct {
	*soak
	dice *rand.Rand
	at   terminal
	who  *person
	name string
	n    int
}

// request makes an id of our own, new for each click that means a new payment.
func (c *cash) request() string {
	c.n++
	return fmt.Sprintf("%s-%d", c.name, c.n)
}

// amount is how much to take: the cents choose what the bank says.
func (c *cash) amount() int64 {
	switch n := c.dice.IntN(100); {
	case n < 6:
		return 4051 // insufficient funds
	case n < 9:
		return 4008 // approved with a signature
	case n < 10:
		return 4050 // system error, with an OK key
	case n < 35:
		return invoiceTotal
	}
	return []int64{4000, 6000, 8000}[c.dice.IntN(3)]
}

// serve makes one attempt on the invoice, and reports whether another makes
// sense.
func (c *cash) serve(ctx context.Context, doc invoice) bool {
	order := object{"requestId": c.request(), "document": doc.name, "terminal": c.at.id, "amount": decimal(c.amount()), "currency": "AUD"}
	var got click
	switch n := c.dice.IntN(100); {
	case n < 12:
		got = c.doubleClick(ctx, order)
	case n < 22:
		got = c.twoTills(ctx, order)
	default:
		got = c.click(ctx, "/api/v1/payments", order)
	}
	switch got.code {
	case "":
	case "terminal_busy", "not_paired":
		pause(ctx, time.Duration(100+c.dice.IntN(400))*time.Millisecond)
		return true
	default: // already_paid, over_outstanding, document_open
		return false
	}
	if got.id == "" {
		return false
	}
	state := c.follow(ctx, got.id, doc)
	if state == "approved" && c.dice.IntN(100) < 12 {
		c.refund(ctx, got.id, order)
	}
	return true
}

// click is what came of pressing a button, as far as a till can know: the
// payment, or the code of the refusal.
type click struct{ id, code string }

// click sends a request until it is clear what came of it, always the same
// one: that is how a program meets a broken line.
func (c *cash) click(ctx context.Context, path string, order object) click {
	return c.clickAs(ctx, path, order, c.dice.Uint64())
}

func (c *cash) clickAs(ctx context.Context, path string, order object, seed uint64) click {
	dice := rand.New(rand.NewPCG(seed, 0))
	for {
		a := c.who.do(ctx, http.MethodPost, path, order)
		if a.status == http.StatusAccepted {
			var p paymentIn
			if !a.into(&p) || p.ID == "" {
				c.breach("accepted without a payment: %s", a)
			}
			return click{id: p.ID}
		}
		if !a.unclear() && a.status != http.StatusUnauthorized {
			c.add("refused " + a.code())
			c.expected(a)
			return click{code: a.code()}
		}
		c.add("sent again")
		if ctx.Err() != nil {
			return click{}
		}
		pause(ctx, time.Duration(50+dice.IntN(300))*time.Millisecond)
	}
}

// expected are the refusals that a busy shop meets.
func (c *cash) expected(a answer) {
	switch a.code() {
	case "terminal_busy", "not_paired", "already_paid", "over_outstanding", "document_open", "over_refund", "wrong_state", "not_final":
	default:
		c.breach("an unexpected refusal: %s", a)
	}
}

// stores counts a payment that the app took on.
func (c *cash) stores(id string) click {
	if id != "" {
		c.stored.Add(1)
	}
	return click{id: id}
}

// doubleClick sends the same request twice at once: one payment.
func (c *cash) doubleClick(ctx context.Context, order object) click {
	c.add("double clicks")
	both := c.together(
		func(seed uint64) click { return c.clickAs(ctx, "/api/v1/payments", order, seed) },
		func(seed uint64) click { return c.clickAs(ctx, "/api/v1/payments", order, seed) },
	)
	if both[0].id != "" && both[1].id != "" && both[0].id != both[1].id {
		c.breach("two payments for one request: %s and %s", both[0].id, both[1].id)
	}
	if both[0].id == "" {
		return both[1]
	}
	return both[0]
}

// twoTills lets a colleague press Send for the same invoice on another
// terminal at the same moment.
func (c *cash) twoTills(ctx context.Context, order object) click {
	c.add("two tills")
	other := object{}
	for k, v := range order {
		other[k] = v
	}
	other["requestId"], other["terminal"] = c.request(), c.spare[c.dice.IntN(len(c.spare))].id
	both := c.together(
		func(seed uint64) click { return c.clickAs(ctx, "/api/v1/payments", order, seed) },
		func(seed uint64) click { return c.clickAs(ctx, "/api/v1/payments", other, seed) },
	)
	if both[0].id == "" {
		return both[1]
	}
	if both[1].id != "" {
		c.stores(both[1].id)
	}
	return both[0]
}

func (c *cash) together(clicks ...func(seed uint64) click) []click {
	out := make([]click, len(clicks))
	var wait sync.WaitGroup
	for i, do := range clicks {
		seed := c.dice.Uint64()
		wait.Go(func() { out[i] = do(seed) })
	}
	wait.Wait()
	return out
}

// refund gives part or all of it back, sometimes twice at once, which must not
// give back more than was taken.
func (c *cash) refund(ctx context.Context, purchase string, order object) {
	path := "/api/v1/payments/" + purchase + "/refunds"
	if c.who != c.boss {
		return // cashiers may not
	}
	back := func() object {
		return object{"requestId": c.request(), "terminal": c.at.id, "amount": order["amount"], "reason": "returned item"}
	}
	if c.dice.IntN(2) == 0 {
		got := c.click(ctx, path, back())
		c.followRefund(ctx, got)
		return
	}
	c.add("double refunds")
	first, second := back(), back()
	second["terminal"] = c.spare[c.dice.IntN(len(c.spare))].id
	for _, got := range c.together(
		func(seed uint64) click { return c.clickAs(ctx, path, first, seed) },
		func(seed uint64) click { return c.clickAs(ctx, path, second, seed) },
	) {
		c.followRefund(ctx, got)
	}
}

func (c *cash) followRefund(ctx context.Context, got click) {
	if got.id != "" {
		c.follow(ctx, got.id, invoice{})
	}
}
