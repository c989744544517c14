package stack

import (
	"net/http"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func (c Client) grant(user string, rights ...string) Answer {
	c.t.Helper()
	if rights == nil {
		rights = []string{}
	}
	return c.Do(http.MethodPut, "/api/v1/rights/"+user, Object{"rights": rights})
}

func mine(c Client) any {
	c.t.Helper()
	return c.Do(http.MethodGet, "/api/v1/rights", nil).Want(http.StatusOK)["rights"]
}

func TestRightsAreReplacedByAPutAndReadAtEachRequest(t *testing.T) {
	t.Parallel()
	s := openShop(t, Options{})
	doc := s.invoice("i-1", "10.00")
	if diff := cmp.Diff([]any{"take"}, mine(s.cashier)); diff != "" {
		t.Errorf("before any PUT (-want +got):\n%s", diff)
	}

	given := s.admin.grant("14", "refund", "report", "refund").Want(http.StatusOK)
	if diff := cmp.Diff(Object{"subject": "14", "rights": []any{"refund", "report"}}, given); diff != "" {
		t.Errorf("the PUT answers (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]any{"refund", "report"}, mine(s.cashier)); diff != "" {
		t.Errorf("in force (-want +got):\n%s", diff)
	}
	s.send(s.order("p-1", doc, "10.00")).refused(403, "forbidden", "") // it replaces: take is gone
	s.add(Object{"requestId": "i-2", "deal": "512"}).refused(403, "forbidden", "")
	s.cashier.Do(http.MethodGet, dealAddress, nil).Want(http.StatusOK)

	s.admin.grant("14").Want(http.StatusOK)
	if diff := cmp.Diff([]any{}, mine(s.cashier)); diff != "" {
		t.Errorf("nothing at all (-want +got):\n%s", diff)
	}
	s.admin.grant("14", "take").Want(http.StatusOK)
	s.taken(s.order("p-1", doc, "10.00")) // the same token all along, the same request id
}

func TestAdministratorsHaveEveryRightWhateverWasPut(t *testing.T) {
	t.Parallel()
	s := openShop(t, Options{})
	s.admin.grant("1").Want(http.StatusOK)
	all := []any{"take", "refund", "refund_unmatched", "moto", "approve", "pair", "settle", "report", "resolve"}
	if diff := cmp.Diff(all, mine(s.admin)); diff != "" {
		t.Errorf("the administrator has (-want +got):\n%s", diff)
	}
}

func TestListOfRightsShowsThoseInForce(t *testing.T) {
	t.Parallel()
	s := openShop(t, Options{})
	s.Enter(15, "DEFAULT", 0)
	s.admin.grant("15", "take", "refund").Want(http.StatusOK)
	s.admin.grant("99", "report").Want(http.StatusOK) // has never come
	s.admin.grant("D6", "take", "pair").Want(http.StatusOK)

	got := map[string]any{}
	for _, one := range s.admin.Do(http.MethodGet, "/api/v1/rights", nil).Want(http.StatusOK).List("items") {
		got[one.Text("subject")] = one["rights"]
	}
	all := []any{"take", "refund", "refund_unmatched", "moto", "approve", "pair", "settle", "report", "resolve"}
	want := map[string]any{
		"1": all, "14": []any{"take"}, "15": []any{"take", "refund"}, "99": []any{"report"}, "D6": []any{"take", "pair"},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("the administrator sees (-want +got):\n%s", diff)
	}
	rows := s.cashier.Do(http.MethodGet, "/api/v1/rights", nil).Want(http.StatusOK).List("items")
	if len(rows) != 1 || rows[0].Text("subject") != "14" {
		t.Errorf("a colleague sees %v", rows)
	}
}

func TestRightsThatCannotBePut(t *testing.T) {
	t.Parallel()
	s := openShop(t, Options{})
	before := s.dump(t).counts()
	s.cashier.grant("14", "resolve").refused(403, "forbidden", "")
	for _, user := range []string{"0", "D0", "abc", "D", "-1", "1e3", "99999999999999999999"} {
		s.admin.grant(user, "take").refused(422, "invalid", "userId")
	}
	s.admin.grant("14", "fly").refused(422, "invalid", "rights")
	for _, body := range []Object{{}, {"rights": nil}, {"rights": "take"}, {"rights": []int{1}}} {
		s.admin.Do(http.MethodPut, "/api/v1/rights/14", body).refused(422, "invalid", "rights")
	}
	if diff := cmp.Diff(before, s.dump(t).counts()); diff != "" {
		t.Errorf("something was stored:\n%s", diff)
	}
}

// What an administrator may do, a colleague may not, right by right.
func TestEachActionNeedsItsRight(t *testing.T) {
	t.Parallel()
	s := openShop(t, Options{})
	sale := s.paid(s.order("p-1", s.invoice("i-1", "10.00"), "10.00")).Text("id")
	refund := Object{"requestId": "r-1", "terminal": s.terminal, "amount": "1.00", "reason": "x"}
	for _, one := range []struct {
		right, method, address string
		body                   any
	}{
		{"take", "POST", "/api/v1/payments", s.order("p-2", "SI:77", "1.00")},
		{"take", "POST", "/api/v1/payments/" + sale + "/release", nil},
		{"take", "POST", "/api/v1/payments/" + sale + "/keys", Object{"key": "cancel"}},
		{"refund", "POST", "/api/v1/payments/" + sale + "/refunds", refund},
		{"resolve", "POST", "/api/v1/payments/" + sale + "/resolve", Object{"outcome": "paid", "reason": "x"}},
		{"pair", "POST", "/api/v1/terminals", Object{"name": "X"}},
		{"pair", "POST", "/api/v1/terminals/" + s.terminal + "/test", nil},
		{"pair", "POST", "/api/v1/terminals/" + s.terminal + "/pair", Object{"secret": "x"}},
		{"pair", "PATCH", "/api/v1/terminals/" + s.terminal, Object{"name": "Mine"}},
		{"pair", "DELETE", "/api/v1/terminals/" + s.terminal, nil},
	} {
		others := []string{}
		for _, r := range []string{"take", "refund", "refund_unmatched", "moto", "approve", "pair", "settle", "report", "resolve"} {
			if r != one.right {
				others = append(others, r)
			}
		}
		s.admin.grant("14", others...).Want(http.StatusOK)
		s.cashier.Do(one.method, one.address, one.body).refused(403, "forbidden", "")
		if t.Failed() {
			t.Fatalf("%s %s without %s", one.method, one.address, one.right)
		}
	}
	s.cashier.Do(http.MethodPut, "/api/v1/settings", Object{"resolveLimit": nil}).refused(403, "forbidden", "")
	if n := s.stored(); n != 1 {
		t.Errorf("%d payments are stored, want 1", n)
	}
}
