package stack

import (
	"net/http"
	"strings"
	"testing"

	"receivepayment/pairing"
)

// run begins a function and follows it to its end.
// Slips come as callbacks of their own and may be late: so many are waited for.
func (s *shop) run(c Client, kind string, slips int) Object {
	s.t.Helper()
	address := "/api/v1/terminals/" + s.terminal + "/functions"
	id := c.Do(http.MethodPost, address, Object{"function": kind}).Want(http.StatusAccepted).Text("id")
	var f Object
	s.Await("the function "+kind+" ends", func() bool {
		f = c.Do(http.MethodGet, address+"/"+id, nil).Want(http.StatusOK)
		return f.Text("endedAt") != "" && len(f.List("receipts")) >= slips
	})
	return f
}

func TestTerminalsOwnFunctionsEndWithWhatItPrinted(t *testing.T) {
	t.Parallel()
	eachShop(t, func(t *testing.T, s *shop) {
		address := "/api/v1/terminals/" + s.terminal + "/functions"
		s.paid(s.order("p-1", s.invoice("i-1", "10.00"), "10.00"))
		for _, one := range []struct{ kind, slip, word string }{
			{"logon", "logon", "LOGON"},
			{"status", "", ""},
			{"reprint", "customer", "DUPLICATE"},
			{"totals", "settlement", "PURCHASES"},
			{"presettlement", "settlement", "PURCHASES"},
			{"settlement", "settlement", "PURCHASES"},
		} {
			wanted := 1
			if one.slip == "" {
				wanted = 0
			}
			f := s.run(s.admin, one.kind, wanted)
			if f.Text("state") != "done" || f.Text("startedBy", "id") != "1" {
				t.Errorf("%s ended %v", one.kind, f)
			}
			slips := f.List("receipts")
			if one.slip == "" {
				if len(slips) != 0 {
					t.Errorf("%s printed %v", one.kind, slips)
				}
				continue
			}
			if len(slips) != 1 || slips[0].Text("type") != one.slip || !strings.Contains(slips[0].Text("text"), one.word) {
				t.Errorf("%s printed %v", one.kind, slips)
			}
		}
		again := s.run(s.admin, "settlement", 0)
		if again.Text("state") != "failed" || again.Text("code") != "97" {
			t.Errorf("a second settlement of the day: %v", again)
		}

		// Not beside a sale, and a sale not beside it; for each who may.
		s.cashier.Do(http.MethodPost, address, Object{"function": "settlement"}).refused(403, "forbidden", "")
		s.cashier.Do(http.MethodPost, address, Object{"function": "dance"}).refused(422, "invalid", "function")
		if f := s.run(s.cashier, "reprint", 1); f.Text("state") != "done" {
			t.Errorf("the cashier's last receipt: %v", f)
		}
		sale := s.taken(s.order("p-2", s.invoice("i-2", "5.00"), "5.00"))
		s.admin.Do(http.MethodPost, address, Object{"function": "settlement"}).refused(409, "terminal_busy", "")
		s.awaitDisplay(sale, "cancel")
		act(s.cashier, sale, "keys", Object{"key": "cancel"}).Want(http.StatusAccepted)
		s.AwaitPayment(s.cashier, sale, "cancelled")
		s.paid(s.order("p-3", s.invoice("i-3", "6.00"), "6.00"))
		listed := s.cashier.Do(http.MethodGet, address, nil).Want(http.StatusOK).List("items")
		if len(listed) != 8 {
			t.Errorf("%d functions are listed", len(listed))
		}
		s.honest()
	})
}

func TestTerminalSettlesByItselfOnlyAtATimeThatSomebodyChose(t *testing.T) {
	t.Parallel()
	s := openShop(t, Options{})
	address := "/api/v1/terminals/" + s.terminal
	due := func() {
		err := s.House.DB.WithContext(t.Context()).Model(&pairing.Terminal{}).Where("id = ? AND settle_at <> ''", s.terminal).
			Update("settle_due", s.House.DB.NowFunc()).Error
		if err != nil {
			t.Fatal(err)
		}
	}
	s.cashier.Do(http.MethodPut, address+"/settlement", Object{"at": "23:30", "zone": "Australia/Sydney"}).refused(403, "forbidden", "")
	s.admin.Do(http.MethodPut, address+"/settlement", Object{"at": "soon", "zone": "UTC"}).refused(422, "invalid", "at")
	s.admin.Do(http.MethodPut, address+"/settlement", Object{"at": "23:30", "zone": "Moon"}).refused(422, "invalid", "zone")
	due()
	chosen := s.admin.Do(http.MethodPut, address+"/settlement", Object{"at": "23:30", "zone": "Australia/Sydney"}).Want(http.StatusOK)
	if chosen.Text("settlement", "at") != "23:30" || chosen.Text("settlement", "next") == "" {
		t.Errorf("chosen: %v", chosen["settlement"])
	}
	if n := len(s.admin.Do(http.MethodGet, address+"/functions", nil).Want(http.StatusOK).List("items")); n != 0 {
		t.Fatalf("%d functions ran by themselves", n)
	}

	due() // the time has come
	var f Object
	s.Await("the terminal settles", func() bool {
		items := s.admin.Do(http.MethodGet, address+"/functions", nil).Want(http.StatusOK).List("items")
		if len(items) > 0 {
			f = items[0]
		}
		return f.Text("endedAt") != ""
	})
	if f.Text("function") != "settlement" || f.Text("state") != "done" || f["startedBy"] != nil {
		t.Errorf("it ran %v", f)
	}
	s.admin.Do(http.MethodPut, address+"/settlement", Object{}).Want(http.StatusOK)
	card := s.admin.Do(http.MethodGet, address, nil).Want(http.StatusOK)
	if card["settlement"] != nil {
		t.Errorf("never, and yet %v", card["settlement"])
	}
}

// A settlement whose answer is lost may have happened: it is never sent again,
// and nobody is told that it failed.
func TestLostAnswerOfASettlementIsUnknownAndNotSentAgain(t *testing.T) {
	t.Parallel()
	s := openShop(t, Options{})
	now := s.House.DB.NowFunc()
	sent, due := now.Add(-5*60e9), now
	f := pairing.Function{
		ID: "f_lost", PortalID: s.Bitrix.MemberID(), TerminalID: s.terminal, PairingID: "x", Kind: pairing.Settlement,
		SessionID: "3b1c0f6e-7a40-4f9f-8a51-0f5a6f0c2b11", State: pairing.FunctionSent, ByID: "1", ByName: "Ada",
		CreatedAt: sent, SentAt: &sent, DueAt: &due,
	}
	if err := s.House.DB.WithContext(t.Context()).Create(&f).Error; err != nil {
		t.Fatal(err)
	}
	before := len(s.Linkly.Requests())
	s.Await("it is given up", func() bool {
		got := s.admin.Do(http.MethodGet, "/api/v1/terminals/"+s.terminal+"/functions/f_lost", nil).Want(http.StatusOK)
		return got.Text("state") == "unknown"
	})
	if after := len(s.Linkly.Requests()); after != before {
		t.Errorf("%d requests were sent meanwhile", after-before)
	}
}
