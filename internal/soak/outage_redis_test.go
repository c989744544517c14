package soak_test

import (
	"testing"
	"time"
)

// TestPaymentsGoOnWhateverRedisDoes stops, empties, restarts and slows the
// real Redis under sales: they are taken on and end as ever, only slower.
func TestPaymentsGoOnWhateverRedisDoes(t *testing.T) {
	t.Parallel()
	c := newCounter(t, servers, 4)

	t.Log("emptied while sales are on the terminals")
	c.hold()
	sales := c.send()
	c.wantShown()
	c.flush(t.Context())
	c.come()
	c.flush(t.Context())
	c.wantApproved(sales, 10*time.Second)
	c.wantTold(sales, 10*time.Second)

	t.Log("stopped before the click, and all the way")
	c.redis.sever()
	sales = c.send()
	c.wantApproved(sales, 15*time.Second)
	c.wantTold(sales, 15*time.Second)
	if c.ready(t.Context()) {
		t.Error("a process without Redis calls itself ready")
	}

	t.Log("restarted, empty, in the middle of sales")
	c.redis.mend()
	c.hold()
	sales = c.send()
	c.wantShown()
	c.redis.sever()
	c.flush(t.Context())
	c.come()
	c.redis.mend()
	c.wantApproved(sales, 15*time.Second)
	c.wantTold(sales, 15*time.Second)

	t.Log("it answers nothing at all")
	c.redis.freeze()
	sales = c.send()
	c.wantApproved(sales, 20*time.Second)
	c.redis.mend()
	c.wantTold(sales, 15*time.Second)

	t.Log("slow")
	c.redis.delay(30 * time.Millisecond)
	sales = c.send()
	c.wantApproved(sales, 20*time.Second)
	c.redis.mend()
	c.wantTold(sales, 20*time.Second)
	c.wantClean()
}
