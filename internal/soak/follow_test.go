package soak_test

import (
	"context"
	"net/http"
	"slices"
	"time"
)

// follow watches a payment as a till does: until it is decided, or until the
// outcome is unknown and the next customer is served. It answers the last
// state that it saw.
func (c *cash) follow(ctx context.Context, id string, doc invoice) string {
	c.stores(id)
	impatient, forger := c.dice.IntN(100) < 4, c.dice.IntN(100) < 3
	wait, last, unknown := 80*time.Millisecond, "", 0
	for ctx.Err() == nil {
		pause(ctx, wait)
		wait = min(wait*3/2, 700*time.Millisecond)
		p, a := c.who.read(ctx, id)
		if a.status != http.StatusOK {
			continue
		}
		last = p.State
		switch {
		case p.Final:
			return p.State
		case forger:
			c.forge(ctx, p)
			forger = false
		case impatient && slices.Contains(p.Display.Keys, "cancel"):
			c.add("cancel pressed")
			c.who.do(ctx, http.MethodPost, "/api/v1/payments/"+id+"/keys", object{"key": "cancel"})
			impatient = false
		case p.State == "unknown":
			unknown++
			if unknown == 1 && doc.name != "" {
				c.chargeAgain(ctx, p, doc)
			}
			if unknown >= 3 || c.dice.IntN(2) == 0 {
				c.add("released")
				c.who.do(ctx, http.MethodPost, "/api/v1/payments/"+id+"/release", nil)
				return p.State
			}
		case p.State == "review":
			return p.State
		}
	}
	return last
}

// chargeAgain is what people do who do not believe: the same customer, the
// other terminal. It must be refused for as long as the outcome is not known.
func (c *cash) chargeAgain(ctx context.Context, open paymentIn, doc invoice) {
	c.add("second charges tried")
	got := c.click(ctx, "/api/v1/payments", object{
		"requestId": c.request(), "document": doc.name, "terminal": c.spare[c.dice.IntN(len(c.spare))].id,
		"amount": "40.00", "currency": "AUD",
	})
	if got.id == "" {
		return
	}
	c.stores(got.id)
	if p, a := c.who.read(context.WithoutCancel(ctx), open.ID); a.status == http.StatusOK && !p.Final {
		c.breach("payment %s was taken on while %s of the same invoice is %s", got.id, open.ID, p.State)
	}
}

// forge calls us back as somebody who knows the address and not the proof.
func (c *cash) forge(ctx context.Context, p paymentIn) {
	c.add("callbacks forged")
	liar := &person{r: c.running, http: c.who.http, token: "somebody-else"}
	a := liar.once(ctx, http.MethodPost, "/linkly/notify/"+p.ID+"/transaction", object{
		"SessionId": p.SessionID, "ResponseType": "transaction", "Response": object{
			"TxnRef": p.TxnRef, "TxnType": "P", "Success": true, "ResponseCode": "00", "ResponseText": "APPROVED",
		},
	})
	if a.err == nil && a.status < http.StatusBadRequest {
		c.breach("a forged callback was answered %s", a)
	}
}
