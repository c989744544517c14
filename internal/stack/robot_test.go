package stack

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	bitrixsim "receivepayment/bitrix/sim"
)

// A workflow asks for a card payment: the cashier is asked with a link that
// opens Receive Payment, the workflow waits, and it is answered once, although
// the answer's reply is lost.
func TestRobotAsksTheCashierAndAnswersTheWorkflowOnce(t *testing.T) {
	t.Parallel()
	eachShop(t, func(t *testing.T, s *shop) {
		s.admin.Do(http.MethodPut, "/api/v1/settings", Object{"crm": Object{"automation": true}}).Want(http.StatusOK)
		doc := s.invoice("i-1", "187.00")
		s.Bitrix.Inject(bitrixsim.Fault{Kind: bitrixsim.FaultErrorAfter, Method: "bizproc.event.send", Times: 1})
		s.Bitrix.RunRobot("pos_request_payment", 31, 77, map[string]string{"cashier": "user_15", "note": "At the counter"})
		s.Await("the cashier is asked", func() bool {
			got := s.Bitrix.Notifications(15)
			return len(got) == 1 && strings.Contains(got[0].Message, "At the counter") &&
				strings.Contains(got[0].Message, "/marketplace/view/vendor.eftpos/?params[invoice]=77")
		})
		p := s.paid(s.order("p-1", doc, "187.00"))
		s.Await("the workflow is answered", func() bool { return s.Bitrix.Workflows()[0].Answered && s.Bitrix.Workflows()[0].Refused == 1 })
		w := s.Bitrix.Workflows()[0]
		if w.Values["status"] != "approved" || w.Values["reference"] != p.Text("txnRef") || w.Values["amount"] != "AUD 187.00" {
			t.Errorf("the workflow got %v", w.Values)
		}
		s.happened()
		s.honest()
	})
}

func TestRobotOfAStrangerIsRefusedAndNothingIsKept(t *testing.T) {
	t.Parallel()
	s := openShop(t, Options{})
	form := url.Values{
		"code": {"pos_request_payment"}, "event_token": {"x"}, "use_subscription": {"Y"}, "document_id[2]": {"SMART_INVOICE_77"},
		"auth[member_id]": {s.Bitrix.MemberID()}, "auth[application_token]": {"guessed"},
	}
	s.Post(s.App+"/bitrix/robot", form).Want(http.StatusUnauthorized)
	form.Set("auth[application_token]", s.Bitrix.ApplicationToken())
	form.Set("code", "another_robot")
	s.Post(s.App+"/bitrix/robot", form).Want(http.StatusUnprocessableEntity)
	var kept int64
	if err := s.House.DB.WithContext(t.Context()).Table("card_requests").Count(&kept).Error; err != nil || kept != 0 {
		t.Errorf("%d requests kept, %v", kept, err)
	}
}
