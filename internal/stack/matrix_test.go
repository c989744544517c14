package stack

import (
	"net/http"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// action is one thing that the JSON face offers, and who may do it.
type action struct {
	operation string // its operationId in the description
	method    string
	address   string
	body      any
	// need are the rights of which one lets the action through; empty means that
	// everybody who may open the app may do it.
	need []string
	// adminOnly: no right lets it through.
	adminOnly bool
}

var allRights = []string{"take", "refund", "refund_unmatched", "moto", "approve", "pair", "settle", "report", "resolve"}

// actions is the table of the shop: each action of the JSON face that carries a
// token, with the right that it needs. The bodies are such that nobody's money
// or terminal changes, whatever is let through: what matters is whether the
// right lets it come so far.
func (s *shop) actions(sale, refund string) []action {
	pay, back, terminal := "/api/v1/payments/"+sale, "/api/v1/payments/"+refund, "/api/v1/terminals/"+s.terminal
	nothing := Object{}
	return []action{
		{operation: "listDocuments", method: "GET", address: dealAddress},
		{operation: "addInvoice", method: "POST", address: "/api/v1/invoices", body: nothing, need: []string{"take"}},
		{operation: "listPayments", method: "GET", address: "/api/v1/payments"},
		{operation: "startPayment", method: "POST", address: "/api/v1/payments", body: nothing, need: []string{"take"}},
		{operation: "showPayment", method: "GET", address: pay},
		{operation: "pressKey", method: "POST", address: pay + "/keys", body: Object{"key": "cancel"}, need: []string{"take"}},
		{operation: "pressKey", method: "POST", address: back + "/keys", body: Object{"key": "cancel"}, need: []string{"refund"}},
		{operation: "startRefund", method: "POST", address: pay + "/refunds", body: nothing, need: []string{"refund"}},
		{operation: "printReceipt", method: "POST", address: pay + "/receipts/none/print"},
		{operation: "showLetter", method: "GET", address: pay + "/receipts/none/mailings", need: []string{"take"}},
		{operation: "mailReceipt", method: "POST", address: pay + "/receipts/none/mailings", body: nothing, need: []string{"take"}},
		{operation: "requestRefund", method: "POST", address: pay + "/refund-requests", body: nothing},
		{operation: "listRefundRequests", method: "GET", address: "/api/v1/refund-requests"},
		{operation: "showRefundRequest", method: "GET", address: "/api/v1/refund-requests/rr_none"},
		{operation: "approveRefundRequest", method: "POST", address: "/api/v1/refund-requests/rr_none/approve", body: nothing, need: []string{"approve"}},
		{operation: "rejectRefundRequest", method: "POST", address: "/api/v1/refund-requests/rr_none/reject", body: nothing}, // one's own
		{operation: "sendRefundRequest", method: "POST", address: "/api/v1/refund-requests/rr_none/send", body: nothing, need: []string{"take", "refund"}},
		{operation: "checkPayment", method: "POST", address: pay + "/check"},
		{operation: "releasePayment", method: "POST", address: pay + "/release", need: []string{"take"}},
		{operation: "resolvePayment", method: "POST", address: pay + "/resolve", body: nothing, need: []string{"resolve"}},
		{operation: "askManager", method: "POST", address: pay + "/ask-manager", need: []string{"take"}},
		{operation: "askManager", method: "POST", address: back + "/ask-manager", need: []string{"refund"}},
		{operation: "takeOverPayment", method: "POST", address: pay + "/take-over", need: []string{"take"}},
		{operation: "acknowledgeAlert", method: "POST", address: pay + "/alerts/none/acknowledge", need: []string{"take"}},
		{operation: "acknowledgeAlert", method: "POST", address: back + "/alerts/none/acknowledge", need: []string{"refund"}},
		{operation: "retryWriteBack", method: "POST", address: pay + "/write-backs/none/retry"},
		{operation: "giveTicket", method: "POST", address: "/api/v1/stream-tickets"},
		{operation: "listAttention", method: "GET", address: "/api/v1/attention"},
		{operation: "showSettings", method: "GET", address: "/api/v1/settings"},
		{operation: "putSettings", method: "PUT", address: "/api/v1/settings", body: nothing, adminOnly: true},
		{operation: "listAudit", method: "GET", address: "/api/v1/audit", need: []string{"report"}},
		{operation: "proveAudit", method: "GET", address: "/api/v1/audit/proof", need: []string{"report"}},
		{operation: "showConnection", method: "GET", address: "/api/v1/connection", adminOnly: true},
		{operation: "putConnection", method: "PUT", address: "/api/v1/connection", body: Object{"retentionDays": -1}, adminOnly: true},
		{operation: "repair", method: "POST", address: "/api/v1/connection/repair", adminOnly: true},
		{operation: "showTillPolicy", method: "GET", address: "/api/v1/till-policy"},
		{operation: "changeTillPolicy", method: "PATCH", address: "/api/v1/till-policy", body: nothing, adminOnly: true},
		{operation: "listRights", method: "GET", address: "/api/v1/rights"},
		{operation: "chooseTelling", method: "PUT", address: "/api/v1/settings/crm", body: Object{"notices": true}, adminOnly: true},
		{operation: "listStages", method: "GET", address: "/api/v1/settings/stages", adminOnly: true},
		{operation: "chooseStages", method: "PUT", address: "/api/v1/settings/stages", body: Object{"funnel": "99"}, adminOnly: true},
		{operation: "addStage", method: "POST", address: "/api/v1/settings/stages", body: Object{"funnel": "99", "meaning": "refunded"}, adminOnly: true},
		{operation: "listWriteBacks", method: "GET", address: "/api/v1/write-backs"},
		{operation: "putRights", method: "PUT", address: "/api/v1/rights/999", body: nothing, adminOnly: true},
		{operation: "withdrawRights", method: "DELETE", address: "/api/v1/rights/999", adminOnly: true},
		{operation: "showRights", method: "GET", address: "/api/v1/rights/14", adminOnly: true},
		{operation: "listPeople", method: "GET", address: "/api/v1/people", need: []string{"pair"}},
		{operation: "showPerson", method: "GET", address: "/api/v1/people/999", need: []string{"pair"}},
		{operation: "putPerson", method: "PUT", address: "/api/v1/people/999", body: nothing, need: []string{"pair"}},
		{operation: "listGroups", method: "GET", address: "/api/v1/groups", need: []string{"pair"}},
		{operation: "addGroup", method: "POST", address: "/api/v1/groups", body: nothing, need: []string{"pair"}},
		{operation: "changeGroup", method: "PATCH", address: "/api/v1/groups/g_nowhere", body: nothing, need: []string{"pair"}},
		{operation: "dropGroup", method: "DELETE", address: "/api/v1/groups/g_nowhere", need: []string{"pair"}},
		{operation: "showOpening", method: "GET", address: "/api/v1/opening", need: []string{"pair"}},
		{operation: "putOpening", method: "PUT", address: "/api/v1/opening", body: nothing, need: []string{"pair"}},
		{operation: "startWizard", method: "GET", address: "/api/v1/terminals/wizard?terminal=t_nowhere", need: []string{"pair"}},
		{operation: "askForTerminal", method: "POST", address: "/api/v1/terminals/ask", need: []string{"take"}},
		{operation: "newBridgeCode", method: "POST", address: "/api/v1/terminals/t_nowhere/bridge-code", need: []string{"pair"}},
		{operation: "revokeBridge", method: "DELETE", address: "/api/v1/terminals/t_nowhere/bridge", need: []string{"pair"}},
		{operation: "listFunctions", method: "GET", address: terminal + "/functions"},
		{operation: "beginFunction", method: "POST", address: terminal + "/functions", body: Object{"function": "settlement"}, need: []string{"settle"}},
		{operation: "showFunction", method: "GET", address: terminal + "/functions/f_nowhere"},
		{operation: "pressFunctionKey", method: "POST", address: terminal + "/functions/f_nowhere/keys", body: Object{"key": "ok"}},
		{operation: "chooseSettlement", method: "PUT", address: terminal + "/settlement", body: Object{"at": "nonsense"}, need: []string{"settle"}},
		{operation: "showSupport", method: "GET", address: pay + "/support"},
		{operation: "startTestSale", method: "POST", address: terminal + "/test-sale", body: nothing, need: []string{"pair"}},
		{operation: "listTerminals", method: "GET", address: "/api/v1/terminals"},
		{operation: "pairTerminal", method: "POST", address: "/api/v1/terminals", body: nothing, need: []string{"pair"}},
		{operation: "showTerminal", method: "GET", address: terminal},
		{operation: "changeTerminal", method: "PATCH", address: terminal, body: Object{"name": ""}, need: []string{"pair"}},
		{operation: "changeTerminal", method: "PATCH", address: terminal, body: Object{"default": false}},
		{operation: "retireTerminal", method: "DELETE", address: "/api/v1/terminals/t_nowhere", need: []string{"pair"}},
		{operation: "pairTerminalAgain", method: "POST", address: terminal + "/pair", body: nothing, need: []string{"pair"}},
		{operation: "showDevice", method: "GET", address: terminal + "/device", need: []string{"pair"}},
		{operation: "putDevice", method: "PUT", address: terminal + "/device", body: nothing, need: []string{"pair"}},
		{operation: "testTerminal", method: "POST", address: "/api/v1/terminals/t_nowhere/test", need: []string{"pair"}},
	}
}

// role is somebody who asks, and what the rights say of them.
type role struct {
	name  string
	who   Client
	has   []string
	admin bool
}

// The whole table through real HTTP: each action as each role, with each right
// given alone, by name and by department.
func TestEveryCellOfTheRightsTable(t *testing.T) {
	t.Parallel()
	s := openShop(t, Options{})
	sale := s.paid(s.order("p-1", s.invoice("i-1", "10.00"), "10.00")).Text("id")
	refund := s.refund("r-1", sale, "1.00").Text("id")
	tom := s.Enter(15, "DEFAULT", 0)

	roles := []role{
		{name: "an administrator", who: s.admin, has: allRights, admin: true},
		{name: "somebody of whom nobody has said anything", who: tom, has: []string{"take"}},
	}
	cells := 0
	try := func(r role) {
		for _, a := range s.actions(sale, refund) {
			cells++
			may := r.admin || !a.adminOnly && (len(a.need) == 0 || slices.ContainsFunc(a.need, func(n string) bool { return slices.Contains(r.has, n) }))
			got := r.who.Do(a.method, a.address, a.body)
			forbidden := got.Status == http.StatusForbidden && got.Object().Text("code") == "forbidden"
			if forbidden == may {
				t.Errorf("%s as %s with %v: status %d, may %v: %.200s", a.operation, r.name, r.has, got.Status, may, got.Body)
			}
			if got.Status == http.StatusUnauthorized || got.Status >= 500 {
				t.Errorf("%s as %s: status %d: %.200s", a.operation, r.name, got.Status, got.Body)
			}
		}
	}
	for _, r := range roles {
		try(r)
	}
	for _, given := range append([][]string{{}}, single(allRights)...) {
		s.admin.grant("14", given...).Want(http.StatusOK)
		try(role{name: "somebody by name", who: s.cashier, has: given})
		s.admin.grant("D5", given...).Want(http.StatusOK)
		try(role{name: "somebody by department", who: tom, has: given})
	}
	s.described(t, sale, refund)
	t.Logf("%d cells", cells)
}

func single(all []string) [][]string {
	out := make([][]string, len(all))
	for i, one := range all {
		out[i] = []string{one}
	}
	return out
}

// described asserts that the table has all actions that the description knows:
// one that is added to the face must say here who may do it.
func (s *shop) described(t *testing.T, sale, refund string) {
	t.Helper()
	c, err := theContract()
	if err != nil {
		t.Fatal(err)
	}
	var known []string
	for _, a := range s.actions(sale, refund) {
		known = append(known, a.operation)
	}
	ours := regexp.MustCompile(`^/api/v1/`)
	for path, item := range c.doc.Paths.Map() {
		for method, operation := range item.Operations() {
			if ours.MatchString(path) && !strings.HasSuffix(path, "/events") && !slices.Contains(known, operation.OperationID) {
				t.Errorf("%s %s (%s) is not in the table of rights: add who may do it", method, path, operation.OperationID)
			}
		}
	}
}
