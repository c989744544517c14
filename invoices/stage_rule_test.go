package invoices

import (
	"testing"

	"receivepayment/bitrix"
	"receivepayment/payments"
)

// The rule about people's own stages: what they chose after we wrote stays,
// and what a new fact asks for moves only what may be moved.
func TestStageFollowsTheMoneyAndNeverUndoesAPerson(t *testing.T) {
	t.Parallel()
	funnel := bitrix.Funnel{Paid: "P", Success: []string{"P"}, Failure: []string{"D", "R"}}
	all := StageMap{Paid: "P", PartlyPaid: "H", Refunded: "R"}
	for name, tt := range map[string]struct {
		facts stageFacts
		want  verdict
	}{
		"covered moves to paid":                {facts: stageFacts{current: "N", ledger: payments.Ledger{Paid: 100}}, want: verdict{move: "P"}},
		"a part moves to partly paid":          {facts: stageFacts{current: "N", ledger: payments.Ledger{Paid: 40}}, want: verdict{move: "H"}},
		"the rest moves on":                    {facts: stageFacts{current: "H", ours: map[string]bool{"H": true}, ledger: payments.Ledger{Paid: 100}}, want: verdict{move: "P"}},
		"all refunded moves to refunded":       {facts: stageFacts{current: "P", ours: map[string]bool{"P": true}, ledger: payments.Ledger{Paid: 100, Refunded: 100}}, want: verdict{move: "R"}},
		"paid again after a refund of ours":    {facts: stageFacts{current: "R", ours: map[string]bool{"R": true}, ledger: payments.Ledger{Paid: 200, Refunded: 100}}, want: verdict{move: "P"}},
		"closed by people asks for a person":   {facts: stageFacts{current: "D", ledger: payments.Ledger{Paid: 100}}, want: verdict{trouble: "the invoice was closed as not paid, and a payment was approved"}},
		"paid by people stays theirs":          {facts: stageFacts{current: "P", ledger: payments.Ledger{Paid: 100}}, want: verdict{note: "the invoice was in that stage already"}},
		"ours by a lost answer":                {facts: stageFacts{current: "P", before: "N", ledger: payments.Ledger{Paid: 100}}, want: verdict{ours: "P", note: "set by an earlier try"}},
		"moved on by a person after our write": {facts: stageFacts{current: "S", previous: "P", before: "N", ledger: payments.Ledger{Paid: 100}}, want: verdict{ours: "P", note: "moved on by a person afterwards; left alone"}},
		"moved by a person before our write":   {facts: stageFacts{current: "S", previous: "N", before: "N", ledger: payments.Ledger{Paid: 100}}, want: verdict{note: "moved by a person meanwhile; left alone"}},
		"not applied is written again":         {facts: stageFacts{current: "N", before: "N", ledger: payments.Ledger{Paid: 100}}, want: verdict{move: "P"}},
		"a person's stage before the refund":   {facts: stageFacts{current: "S", ours: map[string]bool{"P": true}, ledger: payments.Ledger{Paid: 100, Refunded: 100}}, want: verdict{note: "moved by a person before the refund; left alone"}},
		"a part of it refunded stays":          {facts: stageFacts{current: "P", ours: map[string]bool{"P": true}, ledger: payments.Ledger{Paid: 100, Refunded: 40}}, want: verdict{note: "partly refunded; the stage is left alone"}},
		"nothing collected any more stays":     {facts: stageFacts{current: "P", ours: map[string]bool{"P": true}}, want: verdict{note: "nothing is collected any more; the stage is left for a person"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := tt.facts
			f.funnel, f.stages, f.total = funnel, all, 100
			if got := f.decide(); got != tt.want {
				t.Errorf("decided %+v, want %+v", got, tt.want)
			}
			f.stages = StageMap{Paid: "P"}
			if got := f.decide(); got.move != "" && got.move != "P" {
				t.Errorf("nothing but paid is chosen, and it moves to %s", got.move)
			}
		})
	}
}
