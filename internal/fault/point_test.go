package fault_test

import (
	"testing"

	"receivepayment/internal/fault"
)

func TestEveryPointHasItsOwnNameAndNumber(t *testing.T) {
	t.Parallel()
	names := map[string]bool{"unknown point": true}
	for i, p := range fault.Points() {
		if int(p) != i+1 {
			t.Errorf("point %d stands at place %d", p, i+1)
		}
		if names[p.String()] {
			t.Errorf("point %d has no name of its own: %s", p, p)
		}
		names[p.String()] = true
	}
}
