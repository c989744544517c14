package soak_test

import (
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	bitrixsim "receivepayment/bitrix/sim"
	"receivepayment/payments"
)

const entryAdd = "crm.activity.configurable.add"

// TestSalesDoNotDependOnBitrix24 takes the portal away while sales are on the
// terminals: they end as ever, no new one starts, and the portal is told when
// it is back, once.
func TestSalesDoNotDependOnBitrix24(t *testing.T) {
	t.Parallel()
	everywhere(t, 2, func(c *counter) {
		c.hold()
		sales := c.send()
		c.wantShown()
		c.bitrix.Inject(bitrixsim.Fault{Kind: bitrixsim.FaultDown})
		c.come()
		c.wantApproved(sales, 10*time.Second)
		c.wantRefused() // the amount is read from the CRM before each charge
		for _, w := range c.writeBacks(c.t, sales[0].id) {
			if w.State == payments.Done && w.Target != payments.TargetTrigger { // nobody asked for triggers: nothing to tell
				c.t.Errorf("%s is done although the portal is away", w.Target)
			}
		}
		c.bitrix.Heal()
		c.wantTold(sales, 20*time.Second)
		c.wantClean()
	})
}

// TestPortalIsToldOnceHoweverItAnswers lets each write-back meet one obstacle
// that mends itself.
func TestPortalIsToldOnceHoweverItAnswers(t *testing.T) {
	t.Parallel()
	once := func(kind bitrixsim.FaultKind, methods ...string) []bitrixsim.Fault {
		var out []bitrixsim.Fault
		for _, m := range methods {
			out = append(out, bitrixsim.Fault{Kind: kind, Method: m, Times: 1})
		}
		return out
	}
	obstacles := map[string][]bitrixsim.Fault{
		"the answer is lost":         once(bitrixsim.FaultLostAnswer, entryAdd, entryAdd, "crm.item.update"),
		"500 after it was applied":   once(bitrixsim.FaultErrorAfter, entryAdd, entryAdd, "crm.item.update"),
		"500 before it was applied":  once(bitrixsim.FaultErrorBefore, entryAdd, entryAdd, "crm.item.update"),
		"a web page with 200":        once(bitrixsim.FaultHTML, entryAdd, entryAdd, "crm.item.update"),
		"too many requests":          once(bitrixsim.FaultQueryLimit, entryAdd, entryAdd, "crm.item.update"),
		"the method is blocked":      once(bitrixsim.FaultOperationLimit, entryAdd, entryAdd, "crm.item.update"),
		"the token has expired":      once(bitrixsim.FaultExpiredToken, entryAdd),
		"it expires at once again":   {{Kind: bitrixsim.FaultExpiredToken, Method: entryAdd, Times: 3}},
		"the authority is slow, too": append(once(bitrixsim.FaultExpiredToken, entryAdd), bitrixsim.Fault{Kind: bitrixsim.FaultSlow, Method: "oauth/token", Times: 1, Delay: 800 * time.Millisecond}),
	}
	everywhere(t, 3, func(c *counter) {
		for name, faults := range obstacles {
			c.t.Log(name)
			for _, f := range faults {
				c.bitrix.Inject(f)
			}
			sales := c.send()
			c.wantApproved(sales, 15*time.Second)
			c.wantTold(sales, 20*time.Second)
			c.bitrix.Heal()
		}
		c.wantClean()
	})
}

// TestMovedPortalIsFound gives the portal a new address: payments and
// write-backs follow it.
func TestMovedPortalIsFound(t *testing.T) {
	t.Parallel()
	c := newCounter(t, embedded, 2)
	c.hold()
	sales := c.send()
	c.wantShown()
	host := strings.Replace(strings.TrimPrefix(c.portal, "http://"), "127.0.0.1", "localhost", 1)
	c.bitrix.MoveDomain(host)
	c.come()
	c.wantApproved(sales, 10*time.Second)
	c.wantTold(sales, 20*time.Second)
	again := c.send()
	c.wantApproved(again, 10*time.Second)
	c.wantTold(again, 20*time.Second)
	c.wantClean()
}

// TestWriteBackThatNeedsAPersonIsShown kills the administrator's tokens, and
// then closes the paid stage: both wait where people look, and are done when
// the obstacle is gone and somebody presses Retry.
func TestWriteBackThatNeedsAPersonIsShown(t *testing.T) {
	t.Parallel()
	c := newCounter(t, embedded, 1)
	obstacles := []struct {
		name         string
		begin, mend  func()
		needsAPerson payments.Target
	}{
		{"dead tokens", func() {
			c.bitrix.Inject(bitrixsim.Fault{Kind: bitrixsim.FaultExpiredToken, Method: "crm.*"})
			c.bitrix.Inject(bitrixsim.Fault{Kind: bitrixsim.FaultRefreshRefused})
		}, func() {
			c.bitrix.Heal()
			c.boss.enter(t.Context())
		}, payments.TargetTimeline},
		{"a required field", func() {
			c.bitrix.Require("DT31_3:P", "comments")
		}, func() {
			c.bitrix.Unrequire("DT31_3:P")
		}, payments.TargetDocument},
	}
	for _, o := range obstacles {
		t.Log(o.name)
		c.hold()
		sales := c.send()
		c.wantShown()
		o.begin()
		c.come()
		c.wantApproved(sales, 10*time.Second)
		var last []payments.WriteBack
		await(t, "it waits for a person", func() bool {
			last = c.writeBacks(t, sales[0].id)
			return slices.ContainsFunc(last, func(w payments.WriteBack) bool {
				return w.Target == o.needsAPerson && w.State == payments.Attention && w.LastError != "" && w.DueAt != nil
			})
		})
		o.mend()
		for _, w := range last {
			c.boss.do(t.Context(), http.MethodPost, "/api/v1/payments/"+sales[0].id+"/write-backs/"+string(w.Target)+"/retry", nil)
		}
		c.wantTold(sales, 20*time.Second)
	}
	c.wantClean()
}
