package gatewaytest

import (
	"testing"

	"receivepayment/payments"
)

// TestEverySituationHasARule: and no rule lets money move while the payment
// ends as not paid.
func TestEverySituationHasARule(t *testing.T) {
	t.Parallel()
	if n := len(rules()); n != 17 {
		t.Errorf("%d rules, want one for each situation", n)
	}
	for s, rule := range rules() {
		if len(rule.states) == 0 {
			t.Errorf("%q allows nothing", s)
		}
		for _, state := range rule.states {
			if rule.moved > 0 && state.Final() && state != payments.Approved {
				t.Errorf("%q lets money move and the payment end as %s", s, state)
			}
			if rule.moved == 0 && state == payments.Approved {
				t.Errorf("%q lets a payment be approved without money", s)
			}
		}
	}
}
