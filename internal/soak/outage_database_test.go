package soak_test

import (
	"net/http"
	"testing"
	"time"
)

// TestDatabaseOutageStartsNothingAndForgetsNothing cuts PostgreSQL off while
// sales are on the terminals and customers tap.
func TestDatabaseOutageStartsNothingAndForgetsNothing(t *testing.T) {
	t.Parallel()
	c := newCounter(t, servers, 3)
	outages := []struct {
		name  string
		begin func()
	}{
		{"cut off", c.postgres.sever},
		{"frozen", c.postgres.freeze},
	}
	for _, o := range outages {
		t.Log(o.name)
		c.hold()
		sales := c.send()
		c.wantShown()
		o.begin()
		c.come() // the callbacks of all this are lost
		c.wantRefused()
		before := len(c.linkly.Charges())
		within(3*time.Second, func() bool { return len(c.linkly.Charges()) >= before+len(sales) })
		c.postgres.mend()
		c.wantApproved(sales, 20*time.Second)
		c.wantTold(sales, 20*time.Second)
	}
	c.wantClean()
}

// wantRefused presses Send: nothing may start, and the till is told why in the
// stable words of the JSON face.
func (c *counter) wantRefused() {
	c.t.Helper()
	order, _ := c.order(c.terminals[0])
	a := c.boss.once(c.t.Context(), http.MethodPost, "/api/v1/payments", order)
	if a.status != http.StatusServiceUnavailable || a.code() != "upstream_unavailable" {
		c.t.Errorf("with the database away a click is answered %s", a)
	}
}
