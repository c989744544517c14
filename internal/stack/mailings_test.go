package stack

import (
	"errors"
	"net/http"
	"strings"
	"sync"
	"testing"

	"github.com/emersion/go-smtp"
)

// slipOf is the id of the payment's slip of this type.
func slipOf(p Object, kind string) string {
	for _, r := range p.List("receipts") {
		if r.Text("type") == kind {
			return r.Text("id")
		}
	}
	return ""
}

// mailingState waits until the payment's only mailing is in this state.
func (s *shop) mailing(id, state string) Object {
	s.t.Helper()
	var m Object
	s.Await("the mailing is "+state, func() bool {
		all := s.cashier.Do(http.MethodGet, "/api/v1/payments/"+id, nil).Want(http.StatusOK).List("mailings")
		if len(all) == 0 {
			return false
		}
		m = all[len(all)-1]
		return m.Text("state") == state
	})
	return m
}

func TestAReceiptIsSentToTheContactOnceHoweverOftenSomebodyClicks(t *testing.T) {
	t.Parallel()
	mail := StartMail(t)
	s := openShop(t, Options{Change: mail.Settings})
	p := s.paid(s.order("p-1", s.invoice("i-1", "100.00"), "100.00"))
	path := "/api/v1/payments/" + p.Text("id") + "/receipts/" + slipOf(p, "customer") + "/mailings"

	proposed := s.cashier.Do(http.MethodGet, path, nil).Want(http.StatusOK)
	if got := proposed.Text("address"); got != "wiremu.clarke@pelorus.example" || proposed["off"] != nil {
		t.Errorf("proposed is %v", proposed)
	}
	order := Object{"requestId": "m-1", "address": proposed.Text("address")}
	var wait sync.WaitGroup
	for range 8 {
		wait.Go(func() { s.cashier.Do(http.MethodPost, path, order).Want(http.StatusAccepted) })
	}
	wait.Wait()
	m := s.mailing(p.Text("id"), "sent")
	if m.Text("address") != proposed.Text("address") || m["sentAt"] == nil || m.Text("by", "id") != "14" {
		t.Errorf("the mailing is %v", m)
	}
	s.Restart() // and what was sent stays sent
	letters := mail.Letters()
	if len(letters) != 1 || !strings.HasPrefix(letters[0], "wiremu.clarke@pelorus.example\n") || !strings.Contains(letters[0], "APPROVED") {
		t.Fatalf("the mail server got %q", letters)
	}
	if strings.Contains(letters[0], "DUPLICATE") {
		t.Error("the first copy says that it is a duplicate")
	}
	s.cashier.Do(http.MethodPost, path, Object{"requestId": "m-1", "address": "other@pelorus.example"}).refused(409, "request_reused", "")
	s.cashier.Do(http.MethodPost, path, order.with("requestId", "m-2")).Want(http.StatusAccepted)
	s.Await("the second copy", func() bool { return len(mail.Letters()) == 2 })
	if !strings.Contains(mail.Letters()[1], "** DUPLICATE **") {
		t.Error("the second copy does not say that it is one")
	}
	if printed := s.cashier.Do(http.MethodPost, strings.TrimSuffix(path, "mailings")+"print", nil).Want(http.StatusOK); printed["duplicate"] != true {
		t.Error("what was sent by e-mail is printed as if for the first time")
	}
	if strings.Contains(s.Log.String(), "wiremu.clarke@") {
		t.Error("the customer's address is in the log")
	}
}

func TestAReceiptThatTheMailServerRefusesSaysSo(t *testing.T) {
	t.Parallel()
	mail := StartMail(t)
	s := openShop(t, Options{Change: mail.Settings})
	p := s.paid(s.order("p-1", s.invoice("i-1", "100.00"), "100.00"))
	path := "/api/v1/payments/" + p.Text("id") + "/receipts/" + slipOf(p, "customer") + "/mailings"

	mail.Answer(&smtp.SMTPError{Code: 550, EnhancedCode: smtp.EnhancedCode{5, 1, 1}, Message: "no such user"})
	s.cashier.Do(http.MethodPost, path, Object{"requestId": "m-1", "address": "nobody@pelorus.example"}).Want(http.StatusAccepted)
	m := s.mailing(p.Text("id"), "failed")
	if m.Text("trouble") != "The mail server refuses it." || !strings.Contains(m.Text("lastError"), "no such user") || m["attempts"] != 1.0 {
		t.Errorf("the mailing is %v", m)
	}
	mail.Answer(errors.New("come back later")) // 451: the next try is in five seconds
	s.cashier.Do(http.MethodPost, path, Object{"requestId": "m-2", "address": "busy@pelorus.example"}).Want(http.StatusAccepted)
	s.Await("the first try", func() bool { return s.mailing(p.Text("id"), "waiting")["attempts"] == 1.0 })
	mail.Answer(nil)
	s.mailing(p.Text("id"), "sent")
	if n := len(mail.Letters()); n != 1 {
		t.Errorf("%d letters arrived", n)
	}
}

func TestWhatIsNotMailed(t *testing.T) {
	t.Parallel()
	mail := StartMail(t)
	s := openShop(t, Options{Change: mail.Settings})
	p := s.paid(s.order("p-1", s.invoice("i-1", "100.00"), "100.00"))
	receipts := "/api/v1/payments/" + p.Text("id") + "/receipts/"
	path := receipts + slipOf(p, "customer") + "/mailings"

	for _, address := range []string{"", "wiremu", "wiremu@", "wiremu@localhost", "a@b.example, c@d.example", "W <w@b.example>", "w@b.example\r\nBcc: x@y.example", "ŵ@b.example"} {
		s.cashier.Do(http.MethodPost, path, Object{"requestId": "m-1", "address": address}).refused(422, "invalid", "address")
	}
	good := Object{"requestId": "m-1", "address": "w@b.example"}
	s.cashier.Do(http.MethodPost, receipts+slipOf(p, "merchant")+"/mailings", good).refused(422, "invalid", "slip")
	s.cashier.Do(http.MethodPost, receipts+"none/mailings", good).refused(404, "not_found", "")
	s.cashier.Do(http.MethodPost, path, good.with("requestId", "")).refused(422, "invalid", "requestId")
	s.admin.Do(http.MethodPut, "/api/v1/rights/14", Object{"rights": []string{"report"}}).Want(http.StatusOK)
	s.cashier.Do(http.MethodPost, path, good).refused(403, "forbidden", "")
	if n := len(mail.Letters()); n != 0 {
		t.Errorf("%d letters arrived", n)
	}
}

func TestWithoutAMailServerNothingIsOffered(t *testing.T) {
	t.Parallel()
	s := openShop(t, Options{})
	p := s.paid(s.order("p-1", s.invoice("i-1", "100.00"), "100.00"))
	path := "/api/v1/payments/" + p.Text("id") + "/receipts/" + slipOf(p, "customer") + "/mailings"
	if off := s.cashier.Do(http.MethodGet, path, nil).Want(http.StatusOK).Text("off"); off == "" {
		t.Error("nobody says why nothing can be sent")
	}
	s.cashier.Do(http.MethodPost, path, Object{"requestId": "m-1", "address": "w@b.example"}).refused(409, "wrong_state", "")
}
