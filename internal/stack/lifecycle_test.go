package stack

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/emersion/go-smtp"
	"github.com/google/go-cmp/cmp"

	"receivepayment/audit"
	bitrixsim "receivepayment/bitrix/sim"
	linklysim "receivepayment/linkly/sim"
	"receivepayment/pairing"
	"receivepayment/payments"
)

// portal reads the portal's row.
func (s *Stack) portal() pairing.Portal {
	s.t.Helper()
	p, err := s.House.Portals.Portal(s.t.Context(), s.Bitrix.MemberID())
	if err != nil {
		s.t.Fatal(err)
	}
	return p
}

// age makes a column of the portal older, or due.
func (s *Stack) setPortal(column string, value any) {
	s.t.Helper()
	err := s.House.DB.WithContext(s.t.Context()).Table("portals").Where("id = ?", s.Bitrix.MemberID()).Update(column, value).Error
	if err != nil {
		s.t.Fatal(err)
	}
}

func (s *Stack) count(table, where string, args ...any) int64 {
	s.t.Helper()
	var n int64
	if err := s.House.DB.WithContext(s.t.Context()).Table(table).Where(where, args...).Count(&n).Error; err != nil {
		s.t.Fatal(err)
	}
	return n
}

func TestAPortalLeavesAndComesBack(t *testing.T) {
	t.Parallel()
	eachShop(t, func(t *testing.T, s *shop) {
		document := s.invoice("inv", "")
		paid := s.paid(s.order("p-1", document, "287.00"))
		s.written(paid.Text("id"))
		open := s.taken(s.order("p-2", order900, "540.00"))
		s.awaitDisplay(open, "cancel")

		s.Bitrix.Uninstall(false)
		s.Bitrix.WaitEvents()
		s.cashier.Do(http.MethodGet, "/api/v1/terminals", nil).refused(http.StatusUnauthorized, "unauthenticated", "")
		if n := s.count("portal_tokens", "1 = 1"); n != 0 {
			t.Errorf("%d tokens outlived the uninstallation", n)
		}
		if n := s.count("terminals", "status <> ?", pairing.Retired); n != 0 {
			t.Errorf("%d terminals are still paired", n)
		}
		left := s.portal()
		if left.Installed || left.LeftAt == nil || left.ForgetAt == nil || !left.ForgetAt.After(time.Now()) {
			t.Errorf("after the uninstallation the portal is %+v", left)
		}
		if n := s.count("portal_users", "1 = 1"); n == 0 {
			t.Error("names were not kept for the time that was chosen")
		}

		// The customer taps after the shop has removed the app: the charge is kept.
		s.Terminal.Auto(linklysim.AutoConfig{})
		s.Await("the open payment is decided", func() bool {
			p, err := s.House.Payments.Get(t.Context(), open)
			return err == nil && p.State == payments.Approved
		})
		s.Terminal.AutoOff()
		s.setPortal("due_at", time.Now().UTC().Add(-time.Minute))
		s.Await("the last secret goes", func() bool { return s.count("pairings", "ended_at IS NULL") == 0 })

		s.admin = s.Install()
		if back := s.portal(); !back.Installed || back.LeftAt != nil || back.ForgetAt != nil {
			t.Errorf("after the reinstallation the portal is %+v", back)
		}
		got := s.admin.Do(http.MethodGet, "/api/v1/payments/"+open, nil).Want(http.StatusOK)
		if got.Text("state") != "approved" {
			t.Errorf("the payment that was open is %s", got.Text("state"))
		}
		s.Terminal.NewPairCode()
		s.terminal = s.Pair(s.admin)
	})
}

func TestLeavingWithTheDataForgetsPeopleAtOnce(t *testing.T) {
	t.Parallel()
	mail := StartMail(t)
	s := openShop(t, Options{Change: mail.Settings})
	paid := s.paid(s.order("p-1", s.invoice("inv", ""), "287.00"))
	s.written(paid.Text("id"))
	address := "/api/v1/payments/" + paid.Text("id") + "/receipts/" + slipOf(paid, "customer") + "/mailings"
	s.cashier.Do(http.MethodPost, address, Object{"requestId": "m-1", "address": "wiremu@pelorus.example"}).Want(http.StatusAccepted)
	s.mailing(paid.Text("id"), "sent")
	mail.Answer(&smtp.SMTPError{Code: 550, Message: "no mailbox of pelorus.example here"})
	s.cashier.Do(http.MethodPost, address, Object{"requestId": "m-2", "address": "clarke@pelorus.example"}).Want(http.StatusAccepted)
	s.mailing(paid.Text("id"), "failed")
	if text := s.dump(t).String(); !strings.Contains(text, "wiremu@pelorus") || !strings.Contains(text, "mailbox of pelorus") {
		t.Fatal("nothing is kept that could be forgotten")
	}
	s.Bitrix.Uninstall(true)
	s.Bitrix.WaitEvents()
	text := s.dump(t).String()
	for _, name := range []string{"Mere", "Tane", "Aroha", "Ngata", "Wharf pump kit", "pelorus"} {
		if strings.Contains(text, name) {
			t.Errorf("%q is still known", name)
		}
	}
	lines := s.count("audit_lines", "portal_id = ?", s.Bitrix.MemberID())
	_, broken, err := (&audit.Log{DB: s.House.DB}).Verify(t.Context())
	if err != nil || lines == 0 || len(broken) != 0 {
		t.Errorf("of the audit %d lines are left, broken: %v, %v", lines, broken, err)
	}
	p, err := s.House.Payments.Get(t.Context(), paid.Text("id"))
	if err != nil || p.State != payments.Approved || p.ApprovedAmount == nil {
		t.Errorf("the record of the payment is %+v, %v", p, err)
	}
	// The event comes a second time, as events do.
	s.event("ONAPPUNINSTALL", url.Values{"data[CLEAN]": {"1"}}).refused(http.StatusUnauthorized, "unauthenticated", "")
	s.Install()
}

// event posts an event with the portal's present application token.
func (s *Stack) event(name string, more url.Values) Answer {
	s.t.Helper()
	form := url.Values{
		"event": {name}, "auth[member_id]": {s.Bitrix.MemberID()}, "auth[application_token]": {s.Bitrix.ApplicationToken()},
	}
	for key, values := range more {
		form[key] = values
	}
	return s.Post(s.App+"/bitrix/events", form)
}

func TestEventsThatProveNothingChangeNothing(t *testing.T) {
	t.Parallel()
	s := openShop(t, Options{})
	before, token := s.dump(t).counts(), s.portal().ApplicationToken
	for name, more := range map[string]url.Values{
		"ONAPPUNINSTALL":          {"auth[application_token]": {"0123456789abcdef"}},
		"ONAPPUPDATE":             {"auth[application_token]": {"0123456789abcdef"}, "auth[access_token]": {"stolen"}, "auth[domain]": {"evil.example"}},
		"ONAPPINSTALL":            {"auth[application_token]": {"0123456789abcdef"}},
		"ONCRMDYNAMICITEMDELETE":  {"auth[application_token]": {""}, "data[FIELDS][ID]": {"77"}},
		"ONCRMDEALDELETE":         {"auth[member_id]": {"ffffffffffffffffffffffffffffffff"}},
		"ONCRMTIMELINEITEMACTION": {"auth[application_token]": {"x"}},
	} {
		s.event(name, more).refused(http.StatusUnauthorized, "unauthenticated", "")
	}
	s.event("", nil).refused(http.StatusUnprocessableEntity, "invalid", "event")
	s.event("ONAPPTEST", nil).Want(http.StatusOK)
	if diff := cmp.Diff(before, s.dump(t).counts()); diff != "" {
		t.Errorf("something was stored:\n%s", diff)
	}
	if p := s.portal(); !p.Installed || p.ApplicationToken != token {
		t.Error("the portal was changed")
	}
}

func TestAnUpdateBringsANewApplicationToken(t *testing.T) {
	t.Parallel()
	s := openShop(t, Options{})
	s.Bitrix.UpdateApp()
	s.Bitrix.WaitEvents()
	// An employee's post carries the new token, which only the event has told us.
	s.Enter(Cashier, "CRM_DEAL_DETAIL_TAB", 512)
	s.Install()
	if got := len(s.Bitrix.Placements()); got != 10 {
		t.Errorf("after the update there are %d placements", got)
	}
	s.lawful()
}

func TestThePaidPeriodIsReadAgainWhenSomebodySaysThatItChanged(t *testing.T) {
	t.Parallel()
	s := openShop(t, Options{})
	s.setPortal("seen_at", time.Now().UTC().Add(-time.Hour))
	s.Bitrix.ExpirePayment(true)
	s.Await("the end of the paid period is known", func() bool {
		return s.admin.Do(http.MethodGet, "/api/v1/connection", nil).Want(http.StatusOK)["paymentExpired"] == true
	})
	s.lawful()
}

func TestAnIdlePortalIsKeptAliveAndAnotherAdministratorTakesOver(t *testing.T) {
	t.Parallel()
	s := openShop(t, Options{})
	before := len(s.Bitrix.Calls())
	long := time.Now().UTC().Add(-30 * 24 * time.Hour)
	s.setPortal("seen_at", long)
	s.setPortal("due_at", long)
	s.Await("the portal is asked how we stand", func() bool {
		for _, call := range s.Bitrix.Calls()[before:] {
			if call.Method == "app.info" && call.UserID == Admin {
				return true
			}
		}
		return false
	})
	s.Await("the look is remembered", func() bool {
		seen := s.portal().SeenAt
		return seen != nil && seen.After(long.Add(time.Hour))
	})
}

func TestAMovedPortalIsFollowedOnlyToWhereTheAuthServerSays(t *testing.T) {
	t.Parallel()
	s := openShop(t, Options{})
	_, port, _ := strings.Cut(strings.TrimPrefix(s.Portal, "http://"), ":")
	s.Bitrix.MoveDomain("localhost:" + port)
	s.cashier.Do(http.MethodGet, "/api/v1/documents?entity=deal&id=512", nil).Want(http.StatusOK)
	if got := s.portal().Endpoint; got != "http://localhost:"+port+"/rest/" {
		t.Errorf("the portal's address is %s", got)
	}
	s.lawful()
}

func TestADeadTokenHealsWhenAnAdministratorOpensTheApp(t *testing.T) {
	t.Parallel()
	s := openShop(t, Options{})
	err := s.House.DB.WithContext(t.Context()).Table("portal_tokens").Where("user_id = ?", "1").Update("dead", true).Error
	if err != nil {
		t.Fatal(err)
	}
	if s.admin.Do(http.MethodGet, "/api/v1/connection", nil).Want(http.StatusOK)["silenced"] != true {
		t.Error("nobody is told that our background work is silenced")
	}
	s.cashier.documents("deal", 513) // which nobody has looked at before: its orders cannot be read, its invoices can
	paid := s.paid(s.order("p-1", s.invoice("inv", ""), "287.00"))
	if err := s.House.DB.WithContext(t.Context()).Exec("DELETE FROM portal_tokens WHERE user_id = ?", "1").Error; err != nil {
		t.Fatal(err)
	}
	s.cashier.documents("deal", 514)
	s.Enter(Admin, "DEFAULT", 0)
	for _, w := range s.show(paid.Text("id")).List("writeBacks") {
		act(s.admin, paid.Text("id"), "write-backs/"+w.Text("target")+"/retry", nil)
	}
	s.written(paid.Text("id"))
	s.lawful()
}

func TestRepairPutsBackWhatSomebodyRemoved(t *testing.T) {
	t.Parallel()
	s := openShop(t, Options{})
	s.Bitrix.Inject(bitrixsim.Fault{Kind: bitrixsim.FaultAccessDenied, Method: "placement.list", Times: 1})
	got := s.admin.Do(http.MethodPost, "/api/v1/connection/repair", nil).Want(http.StatusOK)
	outcomes := map[string]string{}
	for _, st := range got.List("steps") {
		outcomes[st.Text("name")] = st.Text("outcome")
	}
	if outcomes["placements"] != "failed" || outcomes["events"] != "done" {
		t.Errorf("the steps went %v", outcomes)
	}
	got = s.admin.Do(http.MethodPost, "/api/v1/connection/repair", nil).Want(http.StatusOK)
	for _, st := range got.List("steps") {
		if st.Text("outcome") != "done" {
			t.Errorf("after the repair %v", st)
		}
	}
	s.cashier.Do(http.MethodPost, "/api/v1/connection/repair", nil).refused(http.StatusForbidden, "forbidden", "")
	s.admin.Do(http.MethodPut, "/api/v1/connection", Object{"retentionDays": 5}).Want(http.StatusOK)
	s.admin.Do(http.MethodPut, "/api/v1/connection", Object{"retentionDays": -1}).refused(http.StatusUnprocessableEntity, "invalid", "retentionDays")
	if p := s.portal(); p.RetentionDays != 5 {
		t.Errorf("names are kept for %d days", p.RetentionDays)
	}
}

func TestWhatTheCRMSaysWasChangedIsReadAgain(t *testing.T) {
	t.Parallel()
	s := openShop(t, Options{})
	document := s.invoice("inv", "")
	id := s.Bitrix.Invoices(512)[0].ID
	open := s.taken(s.order("p-1", document, "287.00"))
	s.awaitDisplay(open, "cancel")

	s.Bitrix.SetLines(31, id, []bitrixsim.Line{{Name: "Less", Price: "200"}})
	s.Await("the change of the amount is shown", func() bool { return s.alerted(open, payments.AlertDocumentChanged) })
	s.event("ONCRMDYNAMICITEMUPDATE", url.Values{"data[FIELDS][ID]": {itoa(id)}, "data[FIELDS][ENTITY_TYPE_ID]": {"31"}}).Want(http.StatusOK)
	s.event("ONCRMDYNAMICITEMUPDATE", url.Values{"data[FIELDS][ID]": {"9999"}, "data[FIELDS][ENTITY_TYPE_ID]": {"31"}}).Want(http.StatusOK)
	s.Await("every change is read", func() bool { return s.count("portal_changes", "1 = 1") == 0 })

	// No event tells of the deletion: the look finds it.
	s.Bitrix.Inject(bitrixsim.Fault{Kind: bitrixsim.FaultEventDropped})
	s.Bitrix.DeleteInvoice(id)
	s.setPortal("due_at", time.Now().UTC().Add(-time.Minute))
	s.Await("the deletion is shown", func() bool { return s.alerted(open, payments.AlertDocumentGone) })
	act(s.cashier, open, "keys", Object{"key": "cancel"})
	s.AwaitPayment(s.cashier, open, "cancelled")
}

func (s *shop) alerted(payment, code string) bool {
	for _, a := range s.show(payment).List("alerts") {
		if a.Text("code") == code {
			return true
		}
	}
	return false
}

func TestDeepLinksAndButtonsOpenTheRightScreen(t *testing.T) {
	t.Parallel()
	s := openShop(t, Options{})
	for _, one := range []struct {
		placement, key, id, entity string
	}{
		{"REST_APP_URI", "invoice", "77", "invoice"},
		{"REST_APP_URI", "deal", "512", "deal"},
		{"DEFAULT", "order", "900", "order"},
	} {
		e := s.Bitrix.LinkForm(Cashier, one.placement, map[string]string{one.key: one.id})
		got := s.Post(e.URL, e.Body).Want(http.StatusOK)
		if got.Text("context", "entity") != one.entity || got.Text("context", "id") != one.id {
			t.Errorf("%+v opens %v", one, got["context"])
		}
	}
	e := s.Bitrix.LinkForm(Cashier, "REST_APP_URI", map[string]string{"invoice": "77; drop"})
	s.Post(e.URL, e.Body).refused(http.StatusUnprocessableEntity, "invalid", "PLACEMENT_OPTIONS.invoice")
	s.lawful()
}
