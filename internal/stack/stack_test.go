package stack

import (
	"net/http"
	"testing"

	linklysim "receivepayment/linkly/sim"
)

// each runs the story on the embedded default and on real servers.
func each(t *testing.T, story func(t *testing.T, s *Stack)) {
	t.Helper()
	t.Run("Embedded", func(t *testing.T) {
		t.Parallel()
		story(t, Start(t, Options{}))
	})
	t.Run("Servers", func(t *testing.T) {
		t.Parallel()
		story(t, Start(t, Options{Postgres: true, Redis: true}))
	})
}

func TestPaymentIsTakenWrittenBackAndRefunded(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, s *Stack) {
		admin := s.Install()
		terminal := s.Pair(admin)
		s.Terminal.Auto(linklysim.AutoConfig{})
		cashier := s.Enter(Cashier, "CRM_DEAL_DETAIL_TAB", 512)

		invoice := cashier.Do(http.MethodPost, "/api/v1/invoices", Object{"requestId": "i-1", "deal": "512"}).Want(http.StatusCreated)
		p := cashier.Do(http.MethodPost, "/api/v1/payments", Object{
			"requestId": "p-1", "document": invoice.Text("id"), "terminal": terminal, "amount": "287.00", "currency": "AUD",
		}).Want(http.StatusAccepted)
		paid := s.AwaitPayment(cashier, p.Text("id"), "approved")
		if got := paid.Text("approved", "amount"); got != "287.00" {
			t.Errorf("approved %s", got)
		}
		if got := paid.Text("result", "source"); got != "asked" {
			t.Errorf("decided on the word of %s", got)
		}
		s.Await("the invoice is paid in the CRM", func() bool {
			inv, ok := s.Bitrix.Invoice(77)
			return ok && inv.Stage == "DT31_3:P" && len(s.Bitrix.Timeline(31, 77)) == 1 && len(s.Bitrix.Timeline(2, 512)) == 1
		})

		r := admin.Do(http.MethodPost, "/api/v1/payments/"+p.Text("id")+"/refunds", Object{
			"requestId": "r-1", "terminal": terminal, "amount": "287.00", "reason": "returned item",
		}).Want(http.StatusAccepted)
		s.AwaitPayment(admin, r.Text("id"), "approved")
		s.Await("the refund is in the timeline", func() bool { return len(s.Bitrix.Timeline(31, 77)) == 2 })

		if v := s.Linkly.Violations(); len(v) > 0 {
			t.Errorf("Linkly would have refused: %+v", v)
		}
		if v := s.Bitrix.Violations(); len(v) > 0 {
			t.Errorf("Bitrix24 would have refused: %+v", v)
		}
	})
}
