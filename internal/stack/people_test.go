package stack

import (
	"net/http"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestRightsOfADepartmentReachThoseBelowIt(t *testing.T) {
	t.Parallel()
	eachShop(t, func(t *testing.T, s *shop) {
		// Counter (5) and Warehouse (6) are parts of the company (1).
		s.admin.grant("D1", "take", "report").Want(http.StatusOK)
		if diff := cmp.Diff([]any{"take", "report"}, mine(s.cashier.in(t))); diff != "" {
			t.Errorf("by the company (-want +got):\n%s", diff)
		}
		s.admin.grant("D5", "refund").Want(http.StatusOK)
		if diff := cmp.Diff([]any{"take", "refund", "report"}, mine(s.cashier)); diff != "" {
			t.Errorf("company and counter together (-want +got):\n%s", diff)
		}
		s.admin.grant("14", "take").Want(http.StatusOK)
		if diff := cmp.Diff([]any{"take"}, mine(s.cashier)); diff != "" {
			t.Errorf("by name (-want +got):\n%s", diff)
		}
		s.admin.Do(http.MethodDelete, "/api/v1/rights/14", nil).Want(http.StatusNoContent)
		s.admin.Do(http.MethodDelete, "/api/v1/rights/14", nil).Want(http.StatusNoContent)
		if diff := cmp.Diff([]any{"take", "refund", "report"}, mine(s.cashier)); diff != "" {
			t.Errorf("after taking that back (-want +got):\n%s", diff)
		}
		s.admin.Do(http.MethodDelete, "/api/v1/rights/x", nil).refused(422, "invalid", "userId")

		// Moved to the warehouse: what counts is what Bitrix24 says.
		s.Bitrix.SetDepartments(Cashier, 6)
		s.Directory()
		if diff := cmp.Diff([]any{"take", "report"}, mine(s.cashier)); diff != "" {
			t.Errorf("after moving (-want +got):\n%s", diff)
		}
	})
}

func TestADismissedColleagueLosesTerminalsRightsAndPages(t *testing.T) {
	t.Parallel()
	eachShop(t, func(t *testing.T, s *shop) {
		address := "/api/v1/terminals/" + s.terminal
		s.cashier.Do(http.MethodPatch, address, Object{"default": true}).Want(http.StatusOK)
		s.admin.Do(http.MethodPatch, address, Object{"shared": false, "users": []string{"14", "15"}}).Want(http.StatusOK)
		s.admin.grant("14", "take", "refund").Want(http.StatusOK)

		s.Bitrix.Dismiss(Cashier, true)
		s.Directory()
		s.cashier.Do(http.MethodGet, "/api/v1/terminals", nil).refused(401, "unauthenticated", "")
		got := s.admin.Do(http.MethodGet, address, nil).Want(http.StatusOK)
		if diff := cmp.Diff([]any{"15"}, got["users"]); diff != "" {
			t.Errorf("who may use it (-want +got):\n%s", diff)
		}
		for _, one := range s.admin.Do(http.MethodGet, "/api/v1/rights", nil).Want(http.StatusOK).List("items") {
			if one.Text("subject") == "14" {
				t.Errorf("still listed: %v", one)
			}
		}

		// Hired again, they begin anew.
		s.Bitrix.Dismiss(Cashier, false)
		back := s.Enter(Cashier, "CRM_DEAL_DETAIL_TAB", 512)
		if diff := cmp.Diff([]any{"take"}, mine(back)); diff != "" {
			t.Errorf("rights after coming back (-want +got):\n%s", diff)
		}
		if rows := back.Do(http.MethodGet, "/api/v1/terminals", nil).Want(http.StatusOK).List("items"); len(rows) != 0 {
			t.Errorf("terminals after coming back: %v", rows)
		}
	})
}

// A portal that granted no department scope, or no user scope at all, works:
// rights by name and the default remain.
func TestDepartmentsThatAreNotToldStandInNobodysWay(t *testing.T) {
	t.Parallel()
	s := openShop(t, Options{Scopes: []string{"crm", "placement", "sale", "im"}})
	s.admin.grant("D5", "settle").Want(http.StatusOK)
	if diff := cmp.Diff([]any{"take"}, mine(s.cashier)); diff != "" {
		t.Errorf("in force (-want +got):\n%s", diff)
	}
	s.admin.grant("14", "take", "refund").Want(http.StatusOK)
	if diff := cmp.Diff([]any{"take", "refund"}, mine(s.cashier)); diff != "" {
		t.Errorf("by name (-want +got):\n%s", diff)
	}
}
