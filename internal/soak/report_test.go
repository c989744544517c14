package soak_test

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"text/tabwriter"
	"time"

	"receivepayment/payments"
)

// table is what a run prints.
func (a *audit) table(s *soak, sold time.Duration) string {
	var text strings.Builder
	w := tabwriter.NewWriter(&text, 0, 0, 2, ' ', 0)
	line := func(name string, value any) { _, _ = fmt.Fprintf(w, "%s\t%v\n", name, value) }

	line("place", s.place)
	line("seed", s.seed)
	line("sold for", sold.Round(time.Second))
	line("payments", a.kinds[payments.Purchase]+a.kinds[payments.Refund])
	line("  of them refunds", a.kinds[payments.Refund])
	for _, state := range payments.States() {
		if n := a.byState[state]; n > 0 {
			line("  "+string(state), n)
		}
	}
	line("wrong outcomes", a.wrongOutcomes)
	line("double charges", a.doubleCharges)
	line("approvals unaccounted for", a.unaccounted)
	line("stuck", a.stuck)
	line("approvals told twice", a.doubledTold)
	line("approvals not told", a.untold)
	line("unknown → resolved", fmt.Sprintf("%d, p50 %s, p95 %s, p99 %s, max %s", len(a.resolved), percentile(a.resolved, 50).Round(time.Millisecond),
		percentile(a.resolved, 95).Round(time.Millisecond), percentile(a.resolved, 99).Round(time.Millisecond), percentile(a.resolved, 100).Round(time.Millisecond)))
	line("taken up after a crash", fmt.Sprintf("%d, p50 %s, p99 %s, max %s", len(s.adoption.took), percentile(s.adoption.took, 50).Round(time.Millisecond),
		percentile(s.adoption.took, 99).Round(time.Millisecond), percentile(s.adoption.took, 100).Round(time.Millisecond)))
	line("provider lost the result", fmt.Sprintf("%d blocked and shown, %d denied, %d known by a lie only", a.forgotten, a.denied, a.lied))
	line("left to a person", fmt.Sprintf("%d told two ways, %d never arrived", a.person, a.late))
	line("alerts", a.alerts)
	line("charges at the bank", len(s.linkly.Charges()))
	for _, name := range slices.Sorted(maps.Keys(s.count)) {
		line("  "+name, s.count[name])
	}
	_ = w.Flush()
	return text.String()
}
