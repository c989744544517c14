package echoes_test

import (
	"errors"
	"testing"
	"time"

	"receivepayment/bitrix"
	"receivepayment/db"
	"receivepayment/echoes"
	"receivepayment/internal/testkit"
)

func heard(t *testing.T, e *echoes.Echoes, portal, id string) bool {
	t.Helper()
	ours, err := e.Heard(t.Context(), portal, "invoice", id)
	if err != nil {
		t.Fatal(err)
	}
	return ours
}

func TestEachWriteTakesOneEventForItsEcho(t *testing.T) {
	t.Parallel()
	testkit.EachDatabase(t, func(t *testing.T, d *db.DB) {
		clock := testkit.NewClock()
		e := &echoes.Echoes{DB: d, Clock: clock.Now}
		write := func(answer error) {
			t.Helper()
			if err := e.Around(t.Context(), "p", "invoice", 77, func() error { return answer }); !errors.Is(err, answer) {
				t.Fatalf("the write answers %v, want %v", err, answer)
			}
		}
		if heard(t, e, "p", "77") {
			t.Error("an event is an echo before anything was written")
		}
		write(nil)
		write(nil)
		if heard(t, e, "q", "77") || heard(t, e, "p", "78") {
			t.Error("an echo is heard of another portal's or another invoice's write")
		}
		for n, want := range []bool{true, true, false} {
			if heard(t, e, "p", "77") != want {
				t.Errorf("of two writes, event %d is an echo: %v", n+1, !want)
			}
		}

		write(&bitrix.Error{Class: bitrix.Denied})
		if heard(t, e, "p", "77") {
			t.Error("a write that was refused has an echo")
		}
		write(&bitrix.Error{Class: bitrix.Unclear})
		if !heard(t, e, "p", "77") {
			t.Error("a write that may have happened has no echo")
		}

		write(nil)
		clock.Advance(2 * time.Minute)
		if heard(t, e, "p", "77") {
			t.Error("an event minutes later is still taken for the echo")
		}
		write(nil)
		if !heard(t, e, "p", "77") || heard(t, e, "p", "77") {
			t.Error("what was lost long ago is still awaited")
		}
	})
}
