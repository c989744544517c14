package stack

import (
	"net/http"
	"testing"

	"github.com/google/go-cmp/cmp"

	linklysim "receivepayment/linkly/sim"
)

func TestPairingWithACodeOrASecretMakesATerminalReady(t *testing.T) {
	t.Parallel()
	for name, credentials := range map[string]func(*Stack) Object{
		"with a code": func(s *Stack) Object {
			return Object{"username": "demo", "password": "demo", "pairCode": s.Terminal.NewPairCode()}
		},
		"with a secret": func(s *Stack) Object { return Object{"secret": s.Terminal.PairExisting()} },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := &shop{Stack: Start(t, Options{})}
			s.admin = s.Install()
			in := credentials(s.Stack).with("name", " Counter 1 ").with("provider", "linkly").with("environment", "sandbox")
			got := s.admin.Do(http.MethodPost, "/api/v1/terminals", in).Want(http.StatusCreated)
			if got.Text("status") != "proving" || got.Text("currency") != "AUD" || got.Text("name") != "Counter 1" || got["shared"] != true {
				t.Errorf("just paired: %v", got)
			}
			s.terminal = got.Text("id")
			ready := s.awaitTerminal("ready")
			want := map[string]any{
				"merchantName": "Harbour Supplies", "terminalId": "12340001", "merchantId": "000000987650001", "serial": "SIM000000001",
				"refundLimit": "100000.00", "cashOutLimit": "0.00",
			}
			facts, _ := ready["facts"].(map[string]any)
			delete(facts, "features")
			delete(facts, "bank")
			if diff := cmp.Diff(want, facts); diff != "" {
				t.Errorf("facts (-want +got):\n%s", diff)
			}
			if ready.Text("lastSeenAt") == "" || ready["lastApprovedAt"] != nil {
				t.Errorf("seen %v, approved %v", ready["lastSeenAt"], ready["lastApprovedAt"])
			}
			s.lawful()
		})
	}
}

func TestRefusedPairingStoresNothing(t *testing.T) {
	t.Parallel()
	s := Start(t, Options{})
	admin := s.Install()
	code := s.Terminal.NewPairCode()
	wrong := "000000"
	if code == wrong {
		wrong = "000001"
	}
	before := s.dump(t)
	good := Object{"name": "Counter 1", "provider": "linkly", "environment": "sandbox", "username": "demo", "password": "demo", "pairCode": code}
	for _, one := range []struct {
		name, member string
		value        any
		code, field  string
	}{
		{"a wrong code", "pairCode", wrong, "pairing_refused", "pairCode"},
		{"a wrong password", "password", "nonsense", "pairing_refused", "password"},
		{"a wrong user name", "username", "nobody", "pairing_refused", "password"},
		{"a wrong secret", "secret", "0123456789abcdef", "pairing_refused", "secret"},
		{"no code", "pairCode", nil, "invalid", "pairCode"},
		{"no password", "password", "", "invalid", "password"},
		{"no user name", "username", " ", "invalid", "username"},
		{"a code with a line break", "pairCode", "1\n2", "invalid", "pairCode"},
		{"no name", "name", nil, "invalid", "name"},
		{"a name of 61 characters", "name", string(make([]rune, 61)), "invalid", "name"},
		{"an unknown provider", "provider", "cash", "invalid", "provider"},
		{"an unknown environment", "environment", "moon", "invalid", "environment"},
		{"a currency that is none", "currency", "XXZ", "invalid", "currency"},
		{"a name that is a number", "name", 7, "invalid", "name"},
	} {
		t.Run(one.name, func(t *testing.T) {
			admin.in(t).Do(http.MethodPost, "/api/v1/terminals", good.with(one.member, one.value)).refused(422, one.code, one.field)
			if diff := cmp.Diff(before.counts(), s.dump(t).counts()); diff != "" {
				t.Errorf("something was stored:\n%s", diff)
			}
		})
	}
	s.Linkly.Next(linklysim.Pair500, 1)
	admin.Do(http.MethodPost, "/api/v1/terminals", good).refused(503, "upstream_unavailable", "")
	admin.Do(http.MethodPost, "/api/v1/terminals", good).Want(http.StatusCreated) // the code is still good
}

func TestTerminalsAreRenamedSharedAndAssigned(t *testing.T) {
	t.Parallel()
	s := openShop(t, Options{})
	address := "/api/v1/terminals/" + s.terminal
	tom := s.Enter(15, "DEFAULT", 0)
	change := func(in Object) Object { return s.admin.Do(http.MethodPatch, address, in).Want(http.StatusOK) }
	seen := func(c Client) int {
		return len(c.Do(http.MethodGet, "/api/v1/terminals", nil).Want(http.StatusOK).List("items"))
	}

	got := change(Object{"name": "Front", "shared": false, "users": []string{"14"}})
	if got.Text("name") != "Front" || got["shared"] != false || cmp.Diff([]any{"14"}, got["users"]) != "" {
		t.Errorf("changed: %v", got)
	}
	if seen(s.cashier) != 1 || seen(tom) != 0 || seen(s.admin) != 1 {
		t.Errorf("the cashier sees %d, a colleague %d, the administrator %d", seen(s.cashier), seen(tom), seen(s.admin))
	}
	tom.Do(http.MethodGet, address, nil).refused(403, "forbidden", "")
	if rows := tom.Do(http.MethodGet, dealAddress, nil).Want(http.StatusOK).List("terminals"); len(rows) != 0 {
		t.Errorf("a colleague is offered %v", rows)
	}
	if got := change(Object{"users": []string{}}); cmp.Diff([]any{}, got["users"]) != "" || got.Text("name") != "Front" {
		t.Errorf("nobody assigned: %v", got)
	}
	change(Object{"shared": true})

	// The default is each person's own, and needs no right to pair.
	if got := s.cashier.Do(http.MethodPatch, address, Object{"default": true}).Want(http.StatusOK); got["default"] != true {
		t.Error("the cashier's default is not kept")
	}
	if got := tom.Do(http.MethodGet, address, nil).Want(http.StatusOK); got["default"] != false {
		t.Error("the cashier's default is everybody's")
	}
	s.cashier.Do(http.MethodPatch, address, Object{"default": true, "name": "Mine"}).refused(403, "forbidden", "")
	s.cashier.Do(http.MethodPatch, address, Object{"default": false}).Want(http.StatusOK)
	if rows := s.cashier.Do(http.MethodGet, dealAddress, nil).Want(http.StatusOK).List("terminals"); rows[0]["default"] != false {
		t.Error("the default stays after it was taken away")
	}

	for field, in := range map[string]Object{
		"name": {"name": " "}, "users": {"users": []string{"abc"}}, "shared": {"shared": "yes"}, "default": {"default": 1},
	} {
		s.admin.Do(http.MethodPatch, address, in).refused(422, "invalid", field)
	}
	s.admin.Do(http.MethodPatch, "/api/v1/terminals/t_nowhere", Object{"name": "X"}).refused(404, "not_found", "")
}

func TestRetiredTerminalKeepsItsNameAndTakesNothing(t *testing.T) {
	t.Parallel()
	s := openShop(t, Options{})
	id := s.paid(s.order("p-1", s.invoice("i-1", "10.00"), "10.00")).Text("id")
	address := "/api/v1/terminals/" + s.terminal
	s.admin.Do(http.MethodDelete, address, nil).Want(http.StatusNoContent)
	if got := s.admin.Do(http.MethodGet, "/api/v1/terminals", nil).Want(http.StatusOK).List("items"); len(got) != 0 {
		t.Errorf("still listed: %v", got)
	}
	if got := s.admin.Do(http.MethodGet, address, nil).Want(http.StatusOK); got.Text("status") != "retired" || got.Text("name") != "Counter 1" {
		t.Errorf("retired: %v", got)
	}
	if got := s.show(id); got.Text("terminal", "name") != "Counter 1" {
		t.Errorf("its payments are of %v", got["terminal"])
	}
	s.admin.Do(http.MethodPost, address+"/test", nil).refused(409, "not_paired", "")
	s.send(s.order("p-2", s.invoice("i-2", "10.00"), "10.00")).refused(409, "not_paired", "")
	for _, method := range []string{http.MethodGet, http.MethodDelete} {
		s.admin.Do(method, "/api/v1/terminals/t_nowhere", nil).refused(404, "not_found", "")
	}
	s.admin.Do(http.MethodPost, "/api/v1/terminals/t_nowhere/test", nil).refused(404, "not_found", "")
	s.admin.Do(http.MethodPost, "/api/v1/terminals/t_nowhere/pair", Object{"secret": "x"}).refused(404, "not_found", "")
}

func TestRefusedPairingAgainLeavesTheOldOneInForce(t *testing.T) {
	t.Parallel()
	s := openShop(t, Options{})
	address := "/api/v1/terminals/" + s.terminal + "/pair"
	s.admin.Do(http.MethodPost, address, Object{"secret": "0123456789abcdef"}).refused(422, "pairing_refused", "secret")
	s.admin.Do(http.MethodPost, address, Object{"username": "demo", "password": "demo", "pairCode": "1"}).refused(422, "pairing_refused", "pairCode")
	s.admin.Do(http.MethodPost, address, Object{}).refused(422, "invalid", "username")
	s.paid(s.order("p-1", s.invoice("i-1", "10.00"), "10.00"))

	code := s.Terminal.NewPairCode()
	got := s.admin.Do(http.MethodPost, address, Object{"username": "demo", "password": "demo", "pairCode": code}).Want(http.StatusOK)
	if got.Text("id") != s.terminal {
		t.Errorf("paired again it is %s", got.Text("id"))
	}
	s.awaitTerminal("ready")
	s.paid(s.order("p-2", s.invoice("i-2", "20.00"), "20.00"))
	s.honest()
}

func TestTestOfABusyTerminalWaitsItsTurn(t *testing.T) {
	t.Parallel()
	s := openShop(t, Options{})
	s.taken(s.order("p-1", s.invoice("i-1", "10.00"), "10.00"))
	s.admin.Do(http.MethodPost, "/api/v1/terminals/"+s.terminal+"/test", nil).refused(409, "terminal_busy", "")
}
