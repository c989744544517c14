package pairing

import (
	"testing"
	"time"
)

func TestAShopOpensByItsOwnClock(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ opensAt, zone, now, want string }{
		"later today":                       {"08:30", "Australia/Sydney", "2026-11-24T20:00:00Z", "2026-11-24T21:00:00Z"},
		"tomorrow, when the check has been": {"08:30", "Australia/Sydney", "2026-11-24T21:00:00Z", "2026-11-25T21:00:00Z"},
		"the day before, east of us":        {"06:00", "Pacific/Auckland", "2026-11-24T10:00:00Z", "2026-11-24T16:30:00Z"},
		"just after midnight":               {"00:10", "UTC", "2026-11-24T12:00:00Z", "2026-11-24T23:40:00Z"},
		"after the clocks went forward":     {"08:30", "Australia/Sydney", "2026-10-03T22:00:00Z", "2026-10-04T21:00:00Z"},
		"no opening time":                   {"", "UTC", "2026-11-24T12:00:00Z", ""},
		"a zone that nobody knows":          {"08:30", "Moon/Crater", "2026-11-24T12:00:00Z", ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			now, err := time.Parse(time.RFC3339, c.now)
			if err != nil {
				t.Fatal(err)
			}
			got := ""
			if next := nextOpening(c.opensAt, c.zone, now); next != nil {
				got = next.Format(time.RFC3339)
			}
			if got != c.want {
				t.Errorf("the check is at %s, want %s", got, c.want)
			}
		})
	}
}

func TestDepartmentsAboveAreCountedOnce(t *testing.T) {
	t.Parallel()
	parent := map[string]string{"D5": "D1", "D6": "D1", "D7": "D5", "D8": "D9", "D9": "D8"}
	for _, c := range []struct {
		own, want string
	}{{"D7", "D7 D5 D1"}, {"D1", "D1"}, {"D8", "D8 D9"}, {"D4", "D4"}} {
		got := ""
		for _, d := range withAbove([]string{c.own}, parent) {
			if got != "" {
				got += " "
			}
			got += d
		}
		if got != c.want {
			t.Errorf("of %s: %s, want %s", c.own, got, c.want)
		}
	}
}
