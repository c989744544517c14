package bitrix_test

import (
	"testing"

	"receivepayment/bitrix"
)

func TestAFunnelIsReadByMeaningAndNotByCode(t *testing.T) {
	t.Parallel()
	f := bitrix.FunnelOf([]bitrix.Stage{
		{ID: "DT31_3:S", Name: "Sent to client"},
		{ID: "DT31_3:P", Semantics: bitrix.StageSuccess},
		{ID: "DT31_3:GIFT", Semantics: bitrix.StageSuccess},
		{ID: "DT31_3:D", Semantics: bitrix.StageFailure},
	})

	equal(t, f, bitrix.Funnel{Paid: "DT31_3:P", Success: []string{"DT31_3:P", "DT31_3:GIFT"}, Failure: []string{"DT31_3:D"}})
	equal(t, []bool{f.Succeeded("DT31_3:GIFT"), f.Succeeded("DT31_3:S"), f.Failed("DT31_3:D"), f.Failed("DT31_3:P")},
		[]bool{true, false, true, false})
	equal(t, bitrix.FunnelOf(nil), bitrix.Funnel{})
}
