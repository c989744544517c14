package stack

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	linklysim "receivepayment/linkly/sim"
	"receivepayment/pairing"
)

func terminalsOf(c Client) []string {
	c.t.Helper()
	out := []string{}
	for _, one := range c.Do(http.MethodGet, "/api/v1/terminals", nil).Want(http.StatusOK).List("items") {
		out = append(out, one.Text("name"))
	}
	return out
}

func without(c Client) []string {
	c.t.Helper()
	out := []string{}
	for _, one := range c.Do(http.MethodGet, "/api/v1/people?without=1", nil).Want(http.StatusOK).List("items") {
		out = append(out, one.Text("id"))
	}
	return out
}

// A shop's terminals belong to its department; others get theirs by name, from
// either side; who would find none is on the board, and can ask.
func TestPeopleFindTerminalsByNameByGroupAndByDepartment(t *testing.T) {
	t.Parallel()
	eachShop(t, func(t *testing.T, s *shop) {
		address := "/api/v1/terminals/" + s.terminal
		tom, ines := s.Enter(15, "DEFAULT", 0), s.Enter(16, "DEFAULT", 0)
		if got := without(s.admin.in(t)); len(got) != 0 {
			t.Errorf("with a terminal for everybody %v find none", got)
		}
		s.admin.Do(http.MethodPatch, address, Object{"shared": false}).Want(http.StatusOK)
		if diff := cmp.Diff([]string{"16", "14", "15"}, without(s.admin)); diff != "" {
			t.Errorf("who would find none, by name (-want +got):\n%s", diff)
		}

		group := s.admin.Do(http.MethodPost, "/api/v1/groups", Object{"name": " Wharf ", "department": "D5"}).Want(http.StatusCreated)
		if group.Text("name") != "Wharf" || group.Text("department") != "D5" {
			t.Errorf("added: %v", group)
		}
		got := s.admin.Do(http.MethodPatch, address, Object{"group": group.Text("id")}).Want(http.StatusOK)
		if got.Text("group", "name") != "Wharf" {
			t.Errorf("the terminal's group is %v", got["group"])
		}
		if cmp.Diff([]string{"Counter 1"}, terminalsOf(s.cashier)) != "" || len(terminalsOf(ines)) != 0 {
			t.Errorf("by department the counter finds %v, the warehouse %v", terminalsOf(s.cashier), terminalsOf(ines))
		}
		doc := s.invoice("i-1", "10.00")
		s.Terminal.Auto(linklysim.AutoConfig{})
		s.AwaitPayment(s.cashier, s.taken(s.order("p-1", doc, "10.00")), "approved")

		s.admin.Do(http.MethodPatch, "/api/v1/groups/"+group.Text("id"), Object{"members": []string{"16"}}).Want(http.StatusOK)
		if cmp.Diff([]string{"Counter 1"}, terminalsOf(ines)) != "" {
			t.Errorf("a member by name finds %v", terminalsOf(ines))
		}
		s.admin.Do(http.MethodDelete, "/api/v1/groups/"+group.Text("id"), nil).Want(http.StatusNoContent)
		if len(terminalsOf(tom)) != 0 || len(terminalsOf(ines)) != 0 {
			t.Error("a group that is gone still gives terminals")
		}
		s.send(s.order("p-2", s.invoice("i-2", "10.00"), "10.00")).refused(403, "forbidden", "")

		// From the person's side.
		s.admin.Do(http.MethodPut, "/api/v1/people/15", Object{"terminals": []string{s.terminal}, "default": s.terminal}).Want(http.StatusNoContent)
		mine := tom.Do(http.MethodGet, "/api/v1/terminals", nil).Want(http.StatusOK).List("items")
		if len(mine) != 1 || mine[0]["default"] != true {
			t.Errorf("given by name, Tom finds %v", mine)
		}
		s.admin.Do(http.MethodPut, "/api/v1/people/15", Object{"terminals": []string{"t_nowhere"}}).refused(422, "invalid", "terminals")
		s.admin.Do(http.MethodPut, "/api/v1/people/x", Object{}).refused(422, "invalid", "user")

		s.cashier.Do(http.MethodPost, "/api/v1/terminals/ask", nil).Want(http.StatusAccepted)
		s.cashier.Do(http.MethodPost, "/api/v1/terminals/ask", nil).Want(http.StatusAccepted)
		s.Await("the administrator is told once", func() bool { return len(s.Bitrix.Notifications(Admin)) == 1 })
	})
}

func TestGroupsAndOpeningTimesThatCannotBe(t *testing.T) {
	t.Parallel()
	s := openShop(t, Options{})
	before := s.dump(t).counts()
	for field, in := range map[string]Object{
		"name": {"name": " "}, "department": {"name": "x", "department": "5"}, "members": {"name": "x", "members": "14"},
		"opensAt":  {"name": "x", "opensAt": "25:00", "timeZone": "UTC"},
		"timeZone": {"name": "x", "opensAt": "08:00", "timeZone": "Moon/Crater"},
	} {
		s.admin.Do(http.MethodPost, "/api/v1/groups", in).refused(422, "invalid", field)
	}
	s.admin.Do(http.MethodPut, "/api/v1/opening", Object{"opensAt": "8:00", "timeZone": "UTC"}).refused(422, "invalid", "opensAt")
	s.admin.Do(http.MethodPut, "/api/v1/opening", Object{"opensAt": "08:00"}).refused(422, "invalid", "timeZone")
	s.admin.Do(http.MethodPatch, "/api/v1/terminals/"+s.terminal, Object{"group": "g_nowhere"}).refused(422, "invalid", "group")
	s.admin.Do(http.MethodPatch, "/api/v1/groups/g_nowhere", Object{"name": "x"}).refused(404, "not_found", "")
	s.admin.Do(http.MethodDelete, "/api/v1/groups/g_nowhere", nil).refused(404, "not_found", "")
	if diff := cmp.Diff(before, s.dump(t).counts()); diff != "" {
		t.Errorf("something was stored:\n%s", diff)
	}
}

// due makes the terminal's opening check due now, and runs it.
func (s *shop) openingCheck() {
	s.t.Helper()
	ctx := s.t.Context()
	past := time.Unix(1_700_000_000, 0).UTC()
	err := s.House.DB.WithContext(ctx).Model(&pairing.Terminal{}).Where("id = ?", s.terminal).Update("check_at", past).Error
	if err == nil {
		err = s.House.Terminals.OpeningCheck(ctx, s.terminal)
	}
	if err != nil {
		s.t.Fatal(err)
	}
}

// The opening check takes the hold that a payment takes: it leaves a running
// sale alone and comes back, a sale meets no check, and a terminal that was off
// is named, looked at again, and heals by itself.
func TestAnOpeningCheckProvesTheTerminalAndDisturbsNoSale(t *testing.T) {
	t.Parallel()
	eachShop(t, func(t *testing.T, s *shop) {
		zone := "Australia/Sydney"
		s.admin.in(t).Do(http.MethodPut, "/api/v1/opening", Object{"opensAt": "08:30", "timeZone": zone}).Want(http.StatusOK)
		address := "/api/v1/terminals/" + s.terminal
		show := func() Object { return s.admin.Do(http.MethodGet, address, nil).Want(http.StatusOK) }
		next, err := time.Parse(time.RFC3339, show().Text("nextCheckAt"))
		place, _ := time.LoadLocation(zone)
		if err != nil || next.In(place).Format("15:04") != "08:00" {
			t.Errorf("the next check is at %v, want 08:00 in Sydney", show()["nextCheckAt"])
		}

		sale := s.taken(s.order("p-1", s.invoice("i-1", "10.00"), "10.00"))
		s.awaitDisplay(sale, "cancel")
		s.openingCheck()
		if got := show(); got.Text("status") != "ready" || got.Text("busyWith", "payment") != sale {
			t.Errorf("during a sale the terminal is %s, busy with %v", got.Text("status"), got["busyWith"])
		}
		s.Terminal.Auto(linklysim.AutoConfig{})
		s.AwaitPayment(s.cashier, sale, "approved")
		s.Terminal.AutoOff()

		s.Terminal.Online(false)
		s.openingCheck()
		sick := s.awaitTerminal("attention")
		if got := sick.Text("statusReason"); got != "The PIN pad is not connected to Linkly. Switch it on, and look whether it is on the network." {
			t.Errorf("the reason is %q", got)
		}
		s.send(s.order("p-2", s.invoice("i-2", "10.00"), "10.00")).refused(409, "not_paired", "")
		s.Terminal.Online(true)
		s.openingCheck()
		s.awaitTerminal("ready")
		s.paid(s.order("p-3", s.invoice("i-3", "10.00"), "10.00"))

		s.admin.Do(http.MethodPut, "/api/v1/opening", Object{"opensAt": ""}).Want(http.StatusOK)
		if got := show()["nextCheckAt"]; got != nil {
			t.Errorf("without opening times a check is due at %v", got)
		}
		s.honest()
	})
}

// TestATerminalThatIsNotReadyForOpeningIsToldToThoseWhoLookAfterIt: once for a
// reason, not at each further look, and to nobody who only takes payments.
func TestATerminalThatIsNotReadyForOpeningIsToldToThoseWhoLookAfterIt(t *testing.T) {
	t.Parallel()
	s := openShop(t, Options{})
	soon := time.Now().UTC().Add(20 * time.Minute).Format("15:04")
	s.admin.Do(http.MethodPut, "/api/v1/opening", Object{"opensAt": soon, "timeZone": "UTC"}).Want(http.StatusOK)
	told := func(user int) (texts []string) {
		for _, n := range s.Bitrix.Notifications(user) {
			if strings.Contains(n.Message, "is not ready for opening at "+soon) {
				texts = append(texts, n.Message)
			}
		}
		return texts
	}
	s.Terminal.Online(false)
	for range 2 {
		s.openingCheck()
		s.awaitTerminal("attention")
	}
	s.Await("the administrator is told", func() bool { return len(told(Admin)) > 0 })
	if got := told(Admin); len(got) != 1 || !strings.Contains(got[0], "Switch it on") {
		t.Errorf("the administrator reads %q, want one text with the reason", got)
	}
	show := s.admin.Do(http.MethodGet, "/api/v1/terminals/"+s.terminal, nil).Want(http.StatusOK)
	if at, err := time.Parse(time.RFC3339, show.Text("nextCheckAt")); err != nil || time.Until(at) > 6*time.Minute {
		t.Errorf("the next look is at %v, want within minutes", show["nextCheckAt"])
	}
	if got := told(Cashier); len(got) != 0 {
		t.Errorf("the cashier is told %q", got)
	}
	s.Terminal.Online(true)
	s.openingCheck()
	s.awaitTerminal("ready")
	s.honest()
}

func TestATestSaleIsRealAndToldToNobody(t *testing.T) {
	t.Parallel()
	s := openShop(t, Options{})
	s.Terminal.Auto(linklysim.AutoConfig{})
	post := func(id string) Answer {
		return s.admin.Do(http.MethodPost, "/api/v1/terminals/"+s.terminal+"/test-sale", Object{"requestId": id})
	}
	p := post("try-1").Want(http.StatusAccepted)
	if again := post("try-1").Want(http.StatusAccepted); again.Text("id") != p.Text("id") {
		t.Error("the same request is a second sale")
	}
	paid := s.AwaitPayment(s.admin, p.Text("id"), "approved")
	if paid.Text("amount", "amount") != "1.00" || len(paid.List("writeBacks")) != 0 {
		t.Errorf("the test is %v with write-backs %v", paid["amount"], paid["writeBacks"])
	}
	s.refund("back-1", p.Text("id"), "1.00")
	s.Terminal.Auto(linklysim.AutoConfig{})
	second := post("try-2").Want(http.StatusAccepted)
	s.AwaitPayment(s.admin, second.Text("id"), "approved")
	if n := len(s.Bitrix.Invoices(0)); n != 0 {
		t.Errorf("%d invoices were made", n)
	}
	post("").refused(422, "invalid", "requestId")
	s.honest()
}

func TestRetiringWaitsForTheResultAndPairingAgainNeverDoes(t *testing.T) {
	t.Parallel()
	s := openShop(t, Options{})
	address := "/api/v1/terminals/" + s.terminal
	sale := s.taken(s.order("p-1", s.invoice("i-1", "10.00"), "10.00"))
	s.awaitDisplay(sale, "cancel")
	s.admin.Do(http.MethodDelete, address, nil).refused(409, "terminal_busy", "")
	act(s.cashier, sale, "release", nil).Want(http.StatusOK)
	s.admin.Do(http.MethodDelete, address, nil).refused(409, "terminal_busy", "") // released, and still not known
	s.admin.Do(http.MethodPost, address+"/pair", Object{"secret": s.Terminal.PairExisting()}).Want(http.StatusOK)
	if err := s.Terminal.Press(linklysim.Press{Key: linklysim.KeyCancel}); err != nil { // the customer goes away; the terminal is free for its test
		t.Fatal(err)
	}
	s.awaitTerminal("ready")
}
