package stack

import (
	"net/http"
	"slices"
	"strings"
	"testing"

	"receivepayment/audit"
	kayaakusim "receivepayment/kayaaku/sim"
	linklysim "receivepayment/linkly/sim"
)

// unaudited are the actions of the JSON face that change something and leave no
// line in the audit, each with the reason.
var unaudited = map[string]string{
	"startPayment":      "the payment itself says who, and its history what",
	"pressKey":          "in the payment's history",
	"addInvoice":        "the CRM keeps who made it",
	"requestRefund":     "in the payment's history; what is decided of it is audited",
	"sendRefundRequest": "leaves the line of the refund that it starts",
	"printReceipt":      "the receipt keeps that it was printed",
	"mailReceipt":       "the mailing keeps who and where",
	"checkPayment":      "a question changes nothing",
	"releasePayment":    "in the payment's history",
	"askManager":        "a message",
	"takeOverPayment":   "in the payment's history",
	"acknowledgeAlert":  "the alert keeps who and when",
	"retryWriteBack":    "asks for what is due anyway",
	"giveTicket":        "lets somebody read what they may read",
	"repair":            "repeats the installation's steps and chooses nothing",
	"askForTerminal":    "a message",
	"startTestSale":     "the payment itself says who",
	"testTerminal":      "a question to the terminal",
	"pressFunctionKey":  "belongs to the function whose start is audited",
}

// deed is one action of the JSON face and the line that it has to leave.
type deed struct {
	operation string
	action    audit.Action
	do        func() Answer
}

// TestEveryActionLeavesItsLineInTheAudit takes each action that is audited
// through real HTTP: it leaves exactly one line, of the right kind, with the
// name of who acted. An action that is added to the face has to be here, or to
// say why it is not audited.
func TestEveryActionLeavesItsLineInTheAudit(t *testing.T) {
	t.Parallel()
	s := openShop(t, Options{Change: quick})
	deeds := s.deeds()
	for _, d := range deeds {
		before := s.lines()
		if got := d.do(); got.Status >= 300 {
			t.Fatalf("%s: status %d: %s", d.operation, got.Status, got.Body)
		}
		after := s.lines()
		if len(after) != len(before)+1 {
			t.Errorf("%s leaves %d lines", d.operation, len(after)-len(before))
			continue
		}
		line := after[0]
		if line.Text("action") != string(d.action) || line.Text("by", "id") != itoa(Admin) || line.Text("by", "name") == "" || line.Text("subject") == "" {
			t.Errorf("%s leaves %v, want %s", d.operation, line, d.action)
		}
	}
	if _, faults, err := (&audit.Log{DB: s.House.DB}).Verify(t.Context()); err != nil || len(faults) > 0 {
		t.Errorf("the chain is broken: %v %v", faults, err)
	}
	s.decided(t, deeds)
}

// lines are the newest of the audit.
func (s *shop) lines() (all []Object) {
	s.t.Helper()
	for cursor := ""; ; {
		o := s.admin.Do(http.MethodGet, "/api/v1/audit?cursor="+cursor, nil).Want(http.StatusOK)
		all = append(all, o.List("items")...)
		if cursor = o.Text("next"); cursor == "" {
			return all
		}
	}
}

// decided asserts that each action of the description that changes something is
// either among the deeds or has its reason.
func (s *shop) decided(t *testing.T, deeds []deed) {
	t.Helper()
	c, err := theContract()
	if err != nil {
		t.Fatal(err)
	}
	known := map[string]bool{}
	for path, item := range c.doc.Paths.Map() {
		for method, operation := range item.Operations() {
			if !strings.HasPrefix(path, "/api/v1/") || method == http.MethodGet {
				continue
			}
			id := operation.OperationID
			known[id] = true
			done := slices.ContainsFunc(deeds, func(d deed) bool { return d.operation == id })
			if done == (unaudited[id] != "") {
				t.Errorf("%s %s (%s): say which line it leaves in the audit, or why it leaves none, and not both", method, path, id)
			}
		}
	}
	for id := range unaudited {
		if !known[id] {
			t.Errorf("%s is no action of the description", id)
		}
	}
}

// deeds are all of them, in an order in which each can be done. They follow one
// another: later ones use what earlier ones made.
func (s *shop) deeds() []deed {
	s.t.Helper()
	do := func(method, address string, body any) func() Answer {
		return func() Answer { return s.admin.Do(method, address, body) }
	}
	terminal := "/api/v1/terminals/" + s.terminal
	return slices.Concat(s.deedsOfSettings(do, terminal), s.deedsOfMoney(), s.deedsOfADevice(), []deed{
		{"pairTerminalAgain", audit.TerminalAgain, func() Answer {
			return s.admin.Do(http.MethodPost, terminal+"/pair", Object{"secret": s.Terminal.PairExisting()})
		}},
		{"retireTerminal", audit.TerminalRetired, func() Answer {
			s.awaitTerminal("ready")
			return s.admin.Do(http.MethodDelete, terminal, nil)
		}},
		{"pairTerminal", audit.TerminalPaired, do(http.MethodPost, "/api/v1/terminals", Object{"name": "Practice", "provider": "practice"})},
	})
}

func (s *shop) deedsOfSettings(do func(method, address string, body any) func() Answer, terminal string) []deed {
	group := ""
	return []deed{
		{"putRights", audit.RightsChanged, do(http.MethodPut, "/api/v1/rights/14", Object{"rights": []string{"take"}})},
		{"withdrawRights", audit.RightsChanged, do(http.MethodDelete, "/api/v1/rights/14", nil)},
		{"changeTerminal", audit.TerminalChanged, do(http.MethodPatch, terminal, Object{"name": "Counter 9"})},
		{"putPerson", audit.TerminalChanged, do(http.MethodPut, "/api/v1/people/15", Object{"terminals": []string{s.terminal}, "default": s.terminal})},
		{"addGroup", audit.SettingsChanged, func() Answer {
			a := s.admin.Do(http.MethodPost, "/api/v1/groups", Object{"name": "Wharf"})
			group = a.Object().Text("id")
			return a
		}},
		{"changeGroup", audit.SettingsChanged, func() Answer {
			return s.admin.Do(http.MethodPatch, "/api/v1/groups/"+group, Object{"name": "Pier"})
		}},
		{"dropGroup", audit.SettingsChanged, func() Answer { return s.admin.Do(http.MethodDelete, "/api/v1/groups/"+group, nil) }},
		{"putOpening", audit.SettingsChanged, do(http.MethodPut, "/api/v1/opening", Object{"opensAt": "08:30", "timeZone": "UTC"})},
		{"putConnection", audit.SettingsChanged, do(http.MethodPut, "/api/v1/connection", Object{"retentionDays": 90})},
		{"putSettings", audit.SettingsChanged, do(http.MethodPut, "/api/v1/settings", Object{"resolveLimit": Object{"amount": "500.00", "currency": "AUD"}})},
		{"chooseTelling", audit.SettingsChanged, do(http.MethodPut, "/api/v1/settings/crm", Object{"notices": true})},
		{"addStage", audit.SettingsChanged, do(http.MethodPost, "/api/v1/settings/stages", Object{"funnel": "3", "meaning": "partlyPaid"})},
		{"chooseStages", audit.SettingsChanged, do(http.MethodPut, "/api/v1/settings/stages", Object{"funnel": "3"})},
		{"changeTillPolicy", audit.SettingsChanged, do(http.MethodPatch, "/api/v1/till-policy", Object{"tips": false})},
		{"chooseSettlement", audit.SettlementSet, do(http.MethodPut, terminal+"/settlement", Object{"at": "23:30", "zone": "UTC"})},
		{"beginFunction", audit.FunctionStarted, do(http.MethodPost, terminal+"/functions", Object{"function": "logon"})},
	}
}

func (s *shop) deedsOfMoney() []deed {
	sale, request := "", ""
	ask := func(n string) {
		request = act(s.cashier, sale, "refund-requests", Object{
			"requestId": "ask-" + n, "terminal": s.terminal, "amount": "1.00", "reason": "returned item",
		}).Want(http.StatusAccepted).Text("id")
	}
	decide := func(how string) Answer {
		return s.admin.Do(http.MethodPost, "/api/v1/refund-requests/"+request+"/"+how, Object{"reason": "seen the goods"})
	}
	return []deed{
		{"startRefund", audit.RefundStarted, func() Answer {
			s.awaitIdle()
			sale = s.paid(s.order("p-1", s.invoice("i-1", "100.00"), "100.00")).Text("id")
			s.Terminal.Auto(linklysim.AutoConfig{})
			a := act(s.admin, sale, "refunds", Object{"requestId": "b-1", "terminal": s.terminal, "amount": "4.00", "reason": "returned item"})
			s.AwaitPayment(s.admin, a.Object().Text("id"), "approved")
			return a
		}},
		{"approveRefundRequest", audit.RequestApproved, func() Answer { ask("1"); return decide("approve") }},
		{"rejectRefundRequest", audit.RequestRejected, func() Answer { ask("2"); return decide("reject") }},
		{"resolvePayment", audit.PaymentResolved, func() Answer {
			s.Linkly.SetFaults(linklysim.Faults{linklysim.CallbackDropped: 1, linklysim.Get503: 1})
			defer s.Linkly.SetFaults(nil)
			lost := s.taken(s.order("p-2", s.invoice("i-2", "10.00"), "10.00"))
			s.AwaitPayment(s.admin, lost, "unknown")
			return act(s.admin, lost, "resolve", Object{"outcome": "not_paid", "reason": "the journal has nothing"})
		}},
	}
}

func (s *shop) deedsOfADevice() []deed {
	counter := s.Kayaaku(s.admin, KayaakuOptions{Name: "Kaunter 1", Sim: kayaakusim.Config{Auto: true}, Host: true})
	device := func(method, what string, body func() any) func() Answer {
		return func() Answer {
			return s.admin.Do(method, "/api/v1/terminals/"+counter.Terminal+"/"+what, body())
		}
	}
	none := func() any { return nil }
	return []deed{
		{"putDevice", audit.TerminalChanged, device(http.MethodPut, "device", func() any {
			_, public := KayaakuKeyTexts()
			return Object{
				"transport": "usb-bridge", "baseUrl": counter.URL + "/thirdparty", "sourceSystem": kayaakusim.DemoSourceSystem,
				"email": kayaakusim.DemoEmail, "mid": kayaakusim.DemoMID, "deviceSn": kayaakusim.DemoSerial, "hostKey": public, "enquireAfter": 3,
			}
		})},
		{"newBridgeCode", audit.TerminalChanged, device(http.MethodPost, "bridge-code", none)},
		{"revokeBridge", audit.TerminalChanged, device(http.MethodDelete, "bridge", none)},
	}
}

// awaitIdle waits until the terminal has ended what it was doing.
func (s *shop) awaitIdle() {
	s.t.Helper()
	s.Await("the terminal is idle", func() bool {
		return s.admin.Do(http.MethodGet, "/api/v1/terminals/"+s.terminal, nil).Want(http.StatusOK)["busyWith"] == nil
	})
}
