package stack

import (
	"net/http"
	"slices"
	"testing"
	"time"

	"receivepayment/bitrix"
	"receivepayment/db"
)

// reads counts how often the invoice itself was read.
func reads(methods []string) int {
	n := 0
	for _, method := range methods {
		if method == "crm.item.get" {
			n++
		}
	}
	return n
}

// changesRead waits until every event has come and whatever it said was read.
func (s *shop) changesRead(t *testing.T) {
	t.Helper()
	s.Bitrix.WaitEvents()
	s.Await("what was changed is read", func() bool { return s.count("portal_changes", "1 = 1") == 0 })
}

// What we write into the CRM comes back as an event, and is not read again; what
// a person does is, once.
func TestOurOwnWritesAreNotReadAgain(t *testing.T) {
	t.Parallel()
	eachShop(t, func(t *testing.T, s *shop) {
		s.admin.Do(http.MethodPut, "/api/v1/settings", Object{"crm": Object{"notices": false}}).Want(http.StatusOK)
		order := s.order("p-1", s.invoice("i-1", ""), "287.00")
		s.setPortal("due_at", db.Now().Add(time.Hour)) // the look that no event asks for comes later
		s.changesRead(t)
		before := len(s.Bitrix.Calls())
		s.awaitTold(s.paid(order).Text("id"))
		s.changesRead(t)
		s.stageIs(t, "DT31_3:P")
		asked := methodsSince(s, before)
		wrote := slices.Index(asked, "crm.item.update")
		if wrote < 0 || reads(asked[wrote:]) != 0 {
			t.Errorf("after our own write the invoice is read again: %v", asked)
		}

		before = len(s.Bitrix.Calls())
		s.Bitrix.SetStage(bitrix.TypeInvoice, 77, "DT31_3:S")
		s.changesRead(t)
		if asked := methodsSince(s, before); reads(asked) != 1 {
			t.Errorf("what a person did makes us ask %v", asked)
		}
		s.honest()
	})
}

// An order's payment is marked as paid, which its portal tells us too.
func TestOurOwnMarkOnAnOrderIsNotReadAgain(t *testing.T) {
	t.Parallel()
	s := openShop(t, Options{})
	id := s.paid(s.order("p-1", order900, "540.00")).Text("id")
	s.awaitTold(id)
	s.Bitrix.WaitEvents()
	if n := s.count("echoes", "events > 0"); n != 0 {
		t.Errorf("%d of our writes have not come back", n)
	}
}
