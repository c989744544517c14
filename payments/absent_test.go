package payments

import (
	"errors"
	"testing"
	"time"

	"receivepayment/internal/testkit"
)

// TestSecondLookForAnAbsentPaymentComesAsSoonAsItCounts: the network was away
// so long that nobody waits any more; when the provider then says "never seen",
// the invoice must not stay blocked for another slow round of asking.
func TestSecondLookForAnAbsentPaymentComesAsSoonAsItCounts(t *testing.T) {
	t.Parallel()
	h := newHeart(t, testkit.SQLite(t))
	h.bank.begin = func(Payment) error { return errors.New("cut") }
	h.bank.answers(Answer{}, errors.New("no network"))
	p := h.run(h.start().ID, 5*time.Minute)
	h.wantState(p, Unknown)

	h.bank.answers(Answer{Kind: Absent, Status: 404}, nil)
	p = h.run(p.ID, freed.most)
	if p.AbsentCount == 0 {
		t.Fatal("the first look was not taken")
	}
	p = h.run(p.ID, absentApart)
	h.wantState(p, NeverStarted)
}
