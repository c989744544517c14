package journey_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/PuerkitoBio/goquery"

	"receivepayment/internal/stack"
)

// The page's own requests, without the page.

// submit posts a form as the page does.
func submit(t *testing.T, c stack.Client, path string, form url.Values) (stack.Answer, *goquery.Document) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, c.Base+path, strings.NewReader(form.Encode()))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	req.Header.Set("Accept", "text/html")
	answer := c.Send(req)
	doc, err := goquery.NewDocumentFromReader(strings.NewReader(string(answer.Body)))
	if err != nil {
		t.Fatal(err)
	}
	return answer, doc
}

func TestAKeyForAnOlderDisplayIsRefused(t *testing.T) {
	t.Parallel()
	s, _ := open(t, "100.00")
	c := s.Enter(stack.Cashier, "CRM_DEAL_DETAIL_TAB", 512)
	terminal := c.Do(http.MethodGet, "/api/v1/terminals", nil).Want(http.StatusOK).List("items")[0].Text("id")
	id := c.Do(http.MethodPost, "/api/v1/payments", stack.Object{
		"requestId": "r1", "document": "SI:77", "terminal": terminal, "amount": "100.00", "currency": "AUD",
	}).Want(http.StatusAccepted).Text("id")
	s.Await("the terminal asks for the card", func() bool {
		return strings.Contains(string(c.Do(http.MethodGet, "/api/v1/payments/"+id, nil).Body), "PRESENT CARD")
	})

	answer, _ := submit(t, c, "/api/v1/payments/"+id+"/keys", url.Values{"key": {"cancel"}, "shown": {"SOMETHING ELSE"}})
	if answer.Status != http.StatusConflict || !strings.Contains(string(answer.Body), "key_not_enabled") {
		t.Errorf("a key for another display: %d %s", answer.Status, answer.Body)
	}
	answer, _ = submit(t, c, "/api/v1/payments/"+id+"/keys", url.Values{"key": {"cancel"}, "shown": {"PRESENT CARD PURCHASE AUD 100.00"}})
	if answer.Status != http.StatusNoContent || !strings.Contains(answer.Header.Get("HX-Trigger"), "Asked Counter 1 to cancel") {
		t.Errorf("a key for this display: %d %s %s", answer.Status, answer.Header.Get("HX-Trigger"), answer.Body)
	}
	s.AwaitPayment(c, id, "cancelled")
}

func TestARefusedFormNamesItsFieldAndReadsTheListAgain(t *testing.T) {
	t.Parallel()
	s, admin := open(t, "100.00")
	c := s.Enter(stack.Cashier, "CRM_DEAL_DETAIL_TAB", 512)
	terminal := c.Do(http.MethodGet, "/api/v1/terminals", nil).Want(http.StatusOK).List("items")[0].Text("id")
	form := func(change ...string) url.Values {
		f := url.Values{
			"requestId": {"r1"}, "document": {"SI:77"}, "terminal": {terminal}, "amount": {"100.00"}, "currency": {"AUD"}, "expectedOutstanding": {"100.00"},
		}
		for i := 0; i < len(change); i += 2 {
			f.Set(change[i], change[i+1])
		}
		return f
	}
	for name, c2 := range map[string]struct {
		form        url.Values
		status      int
		code, field string
		again       bool
	}{
		"no amount":         {form("amount", ""), 422, "invalid", "amount", false},
		"three decimals":    {form("amount", "1.005"), 422, "invalid", "amount", false},
		"too much":          {form("amount", "100.01"), 409, "over_outstanding", "amount", true},
		"no terminal":       {form("terminal", ""), 422, "invalid", "terminal", false},
		"changed meanwhile": {form("expectedOutstanding", "99.00"), 409, "amount_changed", "", true},
	} {
		t.Run(name, func(t *testing.T) {
			answer, doc := submit(t, c, "/api/v1/payments", c2.form)
			box := doc.Find("[data-test=form-error]")
			if answer.Status != c2.status || box.AttrOr("data-code", "") != c2.code || box.AttrOr("data-field", "") != c2.field {
				t.Errorf("status %d: %s", answer.Status, answer.Body)
			}
			if got := answer.Header.Get("HX-Retarget"); got != "find .form-errors" {
				t.Errorf("it goes to %q", got)
			}
			if again := strings.Contains(answer.Header.Get("HX-Trigger"), "documents:changed"); again != c2.again {
				t.Errorf("the list is read again: %v, want %v", again, c2.again)
			}
		})
	}
	answer, doc := submit(t, admin, "/api/v1/terminals", url.Values{
		"name": {"Counter 2"}, "username": {"demo"}, "password": {""}, "pairCode": {"123456"},
	})
	if answer.Status != 422 || doc.Find("[data-test=form-error]").AttrOr("data-field", "") != "password" {
		t.Errorf("pairing without a password: %d %s", answer.Status, answer.Body)
	}
	wantBooks(t, s)
}

func TestTheSameClickTwiceIsOnePaymentAndALaterOneIsExplained(t *testing.T) {
	t.Parallel()
	s, _ := open(t, "100.00")
	c := s.Enter(stack.Cashier, "CRM_DEAL_DETAIL_TAB", 512)
	terminal := c.Do(http.MethodGet, "/api/v1/terminals", nil).Want(http.StatusOK).List("items")[0].Text("id")
	form := url.Values{"requestId": {"r1"}, "document": {"SI:77"}, "terminal": {terminal}, "amount": {"100.00"}, "currency": {"AUD"}}

	_, first := submit(t, c, "/api/v1/payments", form)
	answer, second := submit(t, c, "/api/v1/payments", form)
	id := first.Find("[data-test=live]").AttrOr("data-payment", "")
	if id == "" || second.Find("[data-test=live]").AttrOr("data-payment", "") != id {
		t.Errorf("two clicks made two payments: %s", answer.Body)
	}
	if !strings.Contains(answer.Header.Get("HX-Trigger"), "close-dialog") {
		t.Errorf("the form stays open: %s", answer.Header.Get("HX-Trigger"))
	}
	form.Set("amount", "40.00")
	_, changed := submit(t, c, "/api/v1/payments", form)
	if got := changed.Find("[data-sentence]").Text(); !strings.HasPrefix(got, "This was sent before") {
		t.Errorf("another amount under the same name is answered %q", got)
	}
	form.Set("requestId", "r2")
	_, other := submit(t, c, "/api/v1/payments", form)
	if got := other.Find("[data-test=show-open]").AttrOr("hx-get", ""); got != "/api/v1/payments/"+id+"?panel=1" {
		t.Errorf("a second attempt is led to %q, want the open payment", got)
	}
	tap(t, s, "visa")
	s.AwaitPayment(c, id, "approved")
	wantBooks(t, s, 10000)
}
