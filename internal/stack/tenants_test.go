package stack

import (
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/labstack/echo/v4"
)

// neighbour is the member id of a second portal, whose people are nobody's here.
const neighbour = "77777777777777777777777777777777"

// neighbours installs the app on a second portal and answers its administrator.
func (s *Stack) neighbours() Client {
	s.t.Helper()
	_, port, _ := strings.Cut(strings.TrimPrefix(s.Portal, "http://"), ":")
	s.Bitrix.AddPortal("localhost:"+port, neighbour)
	e := s.Bitrix.InstallFormAt(neighbour, Admin)
	return s.client(s.Post(e.URL, e.Body).Want(http.StatusOK).Text("token"))
}

// Every address below /api/v1 is asked with another portal's token for our
// things, by every id that we have. A new route is walked by itself.
func TestNoRouteReadsOrWritesAcrossPortals(t *testing.T) {
	t.Parallel()
	s := openShop(t, Options{})
	paid := s.paid(s.order("p-1", s.invoice("inv", ""), "287.00"))
	s.written(paid.Text("id"))
	open := s.taken(s.order("p-2", order900, "540.00"))
	s.awaitDisplay(open, "cancel")
	other := s.neighbours()

	secrets := []string{
		paid.Text("id"), open, s.terminal, paid.Text("txnRef"), paid.Text("sessionId"), "Counter 1",
	}
	before, sale := s.dump(t), s.show(paid.Text("id"))
	routes := s.House.Web.Handler().(*echo.Echo).Routes() //nolint:forcetypeassert // the server is an echo
	walked := 0
	for _, route := range routes {
		if !strings.HasPrefix(route.Path, "/api/v1/") || strings.HasSuffix(route.Path, "/events") ||
			strings.HasSuffix(route.Path, "/wizard") { // a form that nothing is in, for people only
			continue
		}
		for _, id := range []string{paid.Text("id"), open, s.terminal} {
			walked++
			path := strings.NewReplacer(
				":id", id, ":target", "invoice", ":code", "paid_twice", ":user", "14", ":step", "events",
			).Replace(route.Path)
			a := other.Do(route.Method, path+"?entity=deal&id=512&q=Mere", trespass(s, route.Path, paid.Text("id")))
			for _, secret := range secrets {
				if strings.Contains(string(a.Body), secret) && secret != id {
					t.Errorf("%s %s tells another portal %q", route.Method, path, secret)
				}
			}
			if a.Status < 300 && strings.Contains(route.Path, ":id") {
				t.Errorf("%s %s answers another portal %d: %.200s", route.Method, path, a.Status, a.Body)
			}
		}
	}
	if walked < 60 {
		t.Fatalf("only %d addresses were walked", walked)
	}
	// The open payment goes on by itself; what is decided, and who may do what, stays.
	after := s.dump(t)
	for _, table := range []string{"payment_receipts", "pairings", "rights"} {
		if ours(before[table], s.Bitrix.MemberID(), secrets) != ours(after[table], s.Bitrix.MemberID(), secrets) {
			t.Errorf("another portal changed our rows of %s", table)
		}
	}
	if diff := cmp.Diff(sale["history"], s.show(paid.Text("id"))["history"]); diff != "" {
		t.Errorf("another portal changed a payment of ours:\n%s", diff)
	}
	card := s.admin.Do(http.MethodGet, "/api/v1/terminals/"+s.terminal, nil).Want(http.StatusOK)
	if card.Text("name") != "Counter 1" || card.Text("status") != "ready" {
		t.Errorf("another portal changed a terminal of ours: %v", card)
	}
	if p := s.show(open); p.Text("state") == "cancelled" && p.at("result", "responseCode") == nil {
		t.Errorf("another portal ended a payment of ours: %v", p["history"])
	}
}

// trespass is a body that fits many routes and names our things in each.
func trespass(s *shop, route, payment string) Object {
	switch route { // these take nothing else, and change their own portal's settings only
	case "/api/v1/settings":
		return Object{"resolveLimit": nil}
	case "/api/v1/connection":
		return Object{"retentionDays": 30}
	}
	return Object{
		"requestId": "trespass", "document": "SI:77", "deal": "512", "terminal": s.terminal, "amount": "1.00", "currency": "AUD",
		"reason": "none", "key": "cancel", "outcome": "paid", "payment": payment, "rights": []string{"take"}, "name": "Stolen",
		"users": []string{"14"},
	}
}

// ours are the lines about our own portal.
func ours(lines []string, member string, marks []string) string {
	var out []string
	for _, line := range lines {
		for _, mark := range append([]string{member}, marks...) {
			if strings.Contains(line, mark) {
				out = append(out, line)
				break
			}
		}
	}
	return strings.Join(out, "\n")
}
