package stack

import (
	"net/http"
	"strings"
	"testing"
)

// An invoice that a refund moved to its stage is not charged again by accident:
// somebody has to reopen it in the CRM.
func TestARefundedInvoiceIsChargedAgainOnlyWhenItIsReopened(t *testing.T) {
	t.Parallel()
	for name, stage := range map[string]string{"a failure stage": "DT31_3:D", "a stage of its own": "DT31_3:POS_REFUNDED"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := openShop(t, Options{})
			s.admin.Do(http.MethodPost, "/api/v1/settings/stages", Object{"funnel": "3", "meaning": "refunded"}).Want(http.StatusOK)
			s.admin.Do(http.MethodPut, "/api/v1/settings", Object{"crm": Object{"stages": Object{"3": Object{"paid": nil, "partlyPaid": nil, "refunded": stage}}}}).Want(http.StatusOK)
			doc := s.invoice("i-1", "100.00")
			sale := s.paid(s.order("p-1", doc, "100.00")).Text("id")
			s.awaitTold(sale)
			part := s.refund("r-1", sale, "40.00").Text("id")
			s.awaitTold(part)
			s.wantMoney("partly refunded it may be charged", "100.00", "100.00", "40.00", "40.00", "60.00", "partly_refunded")
			rest := s.refund("r-2", sale, "60.00").Text("id")
			s.awaitTold(rest)
			s.stageIs(t, stage)

			s.wantMoney("refunded nothing is owed", "100.00", "100.00", "100.00", "0.00", "0.00", "refunded")
			no := s.send(s.order("p-2", doc, "100.00")).refused(409, "wrong_state", "")
			if !strings.Contains(no.Text("detail"), "refunded") {
				t.Errorf("it is refused with: %s", no.Text("detail"))
			}
			s.Bitrix.SetStage(31, 77, "DT31_3:N")
			s.wantMoney("reopened it is owed", "100.00", "100.00", "100.00", "100.00", "0.00", "refunded")
			s.awaitTold(s.paid(s.order("p-3", doc, "100.00")).Text("id"))
			s.honest()
		})
	}
}
