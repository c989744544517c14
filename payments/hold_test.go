package payments

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"receivepayment/db"
	"receivepayment/internal/testkit"
)

func hold(id string) Hold {
	return Hold{TerminalID: "t_1", TerminalName: "Counter 1", ID: id, What: "settlement", ByID: mere.ID, ByName: mere.Name}
}

func isHeld(err error, by string) bool {
	var held *Held
	return errors.Is(err, ErrTerminalBusy) && errors.As(err, &held) && held.With.ID == by
}

func TestHeldTerminalTakesNoPaymentUntilItIsLetGo(t *testing.T) {
	t.Parallel()
	testkit.EachDatabase(t, func(t *testing.T, d *db.DB) {
		h := newHeart(t, d)
		h.must(h.Hold(t.Context(), hold("settle"), time.Minute))
		if _, err := h.Start(t.Context(), order("r_1")); !isHeld(err, "settle") {
			t.Errorf("a payment of a held terminal: %v", err)
		}
		if err := h.Hold(t.Context(), hold("logon"), time.Minute); !isHeld(err, "settle") {
			t.Errorf("a second hold: %v", err)
		}
		held, err := h.Holds(t.Context(), []string{"t_1", "t_2"})
		h.must(err)
		if len(held) != 1 || held["t_1"].ByName != mere.Name {
			t.Errorf("held are %v", held)
		}

		h.must(h.LetGo(t.Context(), "t_1", "somebody else's"))
		if _, err := h.Start(t.Context(), order("r_1")); !isHeld(err, "settle") {
			t.Errorf("let go by somebody else: %v", err)
		}
		h.must(h.LetGo(t.Context(), "t_1", "settle"))
		p, err := h.Start(t.Context(), order("r_1")) // a refused request has not used up its id
		h.must(err)
		if err := h.Hold(t.Context(), hold("logon"), time.Minute); !isConflict(err, ErrTerminalBusy, p.ID) {
			t.Errorf("a hold of a terminal that takes a payment: %v", err)
		}
	})
}

func TestHoldOfADeadProcessEndsByItself(t *testing.T) {
	t.Parallel()
	testkit.EachDatabase(t, func(t *testing.T, d *db.DB) {
		h := newHeart(t, d)
		h.must(h.Hold(t.Context(), hold("settle"), time.Minute))
		h.clock.Advance(50 * time.Second)
		if kept, err := h.KeepHold(t.Context(), "t_1", "settle", time.Minute); err != nil || !kept {
			t.Fatalf("a living hold is not kept: %v", err)
		}
		h.clock.Advance(50 * time.Second)
		if _, err := h.Start(t.Context(), order("r_1")); !isHeld(err, "settle") {
			t.Errorf("a renewed hold: %v", err)
		}

		h.clock.Advance(10 * time.Second)
		if kept, err := h.KeepHold(t.Context(), "t_1", "settle", time.Minute); err != nil || kept {
			t.Errorf("a hold that ran out was revived: %v", err)
		}
		if _, err := h.Start(t.Context(), order("r_1")); err != nil {
			t.Errorf("a hold that ran out still holds: %v", err)
		}
	})
}

// Whoever comes first has the terminal: never a payment and something else.
func TestPaymentAndHoldExcludeEachOtherInARace(t *testing.T) {
	t.Parallel()
	testkit.EachDatabase(t, func(t *testing.T, d *db.DB) {
		h := newHeart(t, d)
		const terminals = 12
		for i := range terminals {
			h.addTerminal(fmt.Sprintf("till_%d", i))
		}
		atOnce(terminals*4, func(i int) error {
			till := fmt.Sprintf("till_%d", i%terminals)
			if i/terminals%2 == 0 {
				one := hold(fmt.Sprintf("h_%d", i))
				one.TerminalID = till
				return h.Hold(t.Context(), one, time.Minute)
			}
			o := order(fmt.Sprintf("r_%d", i))
			o.Terminal.ID, o.Document.ID = till, fmt.Sprintf("SI:%d", i)
			_, err := h.Start(t.Context(), o)
			return err
		})
		ids := make([]string, terminals)
		for i := range ids {
			ids[i] = fmt.Sprintf("till_%d", i)
		}
		holds, err := h.Holds(t.Context(), ids)
		h.must(err)
		payments, err := h.Holders(t.Context(), ids)
		h.must(err)
		for _, id := range ids {
			_, held := holds[id]
			_, paying := payments[id]
			if held == paying {
				t.Errorf("%s: held %v, paying %v", id, held, paying)
			}
		}
	})
}
