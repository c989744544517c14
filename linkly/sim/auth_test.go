package sim_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"receivepayment/linkly/sim"
)

func pairBody(user, pass, code string) string {
	return fmt.Sprintf(`{"username":%q,"password":%q,"pairCode":%q}`, user, pass, code)
}

func TestAPairCodeGivesASecretOnceAndKillsTheOldOne(t *testing.T) {
	t.Parallel()
	p := start(t)
	code := p.term.NewPairCode()
	if len(code) != 6 || p.term.PairCode() != code {
		t.Fatalf("code %q, shown %q", code, p.term.PairCode())
	}
	if status, _ := p.send("POST", "/v1/tokens/cloudpos", "", tokenBody(p.secret)); status != http.StatusUnauthorized {
		t.Errorf("token for the secret before: %d, want 401", status)
	}

	status, body := p.send("POST", "/v1/pairing/cloudpos", "", pairBody("0123456789", "s3cr3t", code))
	if status != http.StatusOK || !strings.HasPrefix(body, `{"secret":"`) {
		t.Fatalf("pair: %d %q", status, body)
	}
	status, body = p.send("POST", "/v1/pairing/cloudpos", "", pairBody("0123456789", "s3cr3t", code))
	if status != http.StatusUnauthorized || body != "" {
		t.Errorf("second use: %d %q, want 401 and nothing", status, body)
	}
	if p.term.PairCode() != "" || !p.term.Paired() {
		t.Errorf("after use: code %q, paired %v", p.term.PairCode(), p.term.Paired())
	}
	p.clean()
}

func TestPairingIsRefused(t *testing.T) {
	t.Parallel()
	cases := []struct {
		name string
		body func(code string) string
		wait time.Duration
		want int
	}{
		{"with a wrong code", func(string) string { return pairBody("0123456789", "s3cr3t", "not it") }, 0, 401},
		{"with a wrong user name", func(c string) string { return pairBody("0", "s3cr3t", c) }, 0, 400},
		{"with a wrong password", func(c string) string { return pairBody("0123456789", "x", c) }, 0, 400},
		{"after 180 seconds", func(c string) string { return pairBody("0123456789", "s3cr3t", c) }, 180 * time.Second, 401},
		{"without a password", func(c string) string { return `{"username":"0123456789","pairCode":"` + c + `"}` }, 0, 400},
		{"with a number for the code", func(string) string { return `{"username":"0123456789","password":"s3cr3t","pairCode":1}` }, 0, 400},
		{"without JSON", func(string) string { return "username=x" }, 0, 400},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			p := start(t)
			code := p.term.NewPairCode()
			p.clock.Add(c.wait)
			status, body := p.send("POST", "/v1/pairing/cloudpos", "", c.body(code))
			if status != c.want || body != "" {
				t.Errorf("%d %q, want %d and nothing", status, body, c.want)
			}
		})
	}
}

func TestACodeLivesJustUnderItsLifetime(t *testing.T) {
	t.Parallel()
	p := start(t)
	code := p.term.NewPairCode()
	p.clock.Add(179 * time.Second)
	if status, _ := p.send("POST", "/v1/pairing/cloudpos", "", pairBody("0123456789", "s3cr3t", code)); status != 200 {
		t.Errorf("after 179 s: %d, want 200", status)
	}
}

func TestATokenNeedsAProperIntroduction(t *testing.T) {
	t.Parallel()
	p := start(t)
	cases := []struct {
		name, body string
		want       int
		rule       string
	}{
		{"unknown secret", tokenBody("guess"), 401, ""},
		{"no posName", strings.Replace(tokenBody(p.secret), posName, "", 1), 400, "length"},
		{"misspelt posVendorID is read in any case", strings.Replace(tokenBody(p.secret), "posVendorId", "posVendorID", 1), 200, ""},
		{"posId is no UUID", strings.Replace(tokenBody(p.secret), posID, "till-1", 1), 400, "pos-id"},
		{"vendor of the documentation", strings.Replace(tokenBody(p.secret), posVendor, "a256b7ec-709d-4c7d-8ffe-57cc7ca1fd22", 1), 200, "pos-vendor-id"},
		{"an extra member", strings.Replace(tokenBody(p.secret), "{", `{"userName":"x",`, 1), 200, "unknown-member"},
	}
	for _, c := range cases {
		before := len(p.sim.Violations())
		status, _ := p.send("POST", "/v1/tokens/cloudpos", "", c.body)
		if status != c.want {
			t.Errorf("%s: %d, want %d", c.name, status, c.want)
		}
		if got := rules(p.sim.Violations()[before:]); !strings.Contains(got, c.rule) || (c.rule == "") != (got == "") {
			t.Errorf("%s: rules %q, want %q", c.name, got, c.rule)
		}
	}
}

func rules(list []sim.Violation) string {
	var names []string
	for _, v := range list {
		names = append(names, v.Rule)
	}
	return strings.Join(names, " ")
}

func TestATokenSaysItsLifetimeAndDiesAfterIt(t *testing.T) {
	t.Parallel()
	p := start(t, func(c *sim.Config) { c.Timing.Token = 5 * time.Minute })
	_, body := p.send("POST", "/v1/tokens/cloudpos", "", tokenBody(p.secret))
	if !strings.HasSuffix(body, `,"expirySeconds":300}`) {
		t.Errorf("body %q", body)
	}
	session := uuid.NewString()
	if status, _ := p.ask(session); status != http.StatusNotFound {
		t.Errorf("unknown session with a good token: %d, want 404", status)
	}
	p.clock.Add(5 * time.Minute)
	if status, _ := p.ask(session); status != http.StatusUnauthorized {
		t.Errorf("with an expired token: %d, want 401", status)
	}
	p.clean()
}

func TestBearerTokensThatWereNeverIssuedAreViolations(t *testing.T) {
	t.Parallel()
	p := start(t)
	path := "/v1/sessions/" + uuid.NewString() + "/transaction"
	for _, bearer := range []string{"", "made-up"} {
		if status, _ := p.send("GET", path, bearer, ""); status != http.StatusUnauthorized {
			t.Errorf("bearer %q: %d, want 401", bearer, status)
		}
	}
	if got := rules(p.sim.Violations()); got != "authorization authorization" {
		t.Errorf("rules %q", got)
	}
}

func TestPairingAgainInTheMiddleOfASaleKeepsTheSaleOfTheTerminal(t *testing.T) {
	t.Parallel()
	p := start(t)
	session := p.charge(1000)
	p.see("PRESENT CARD")
	p.term.NewPairCode()
	if status, _ := p.ask(session); status != http.StatusUnauthorized {
		t.Errorf("with the old token: %d, want 401", status)
	}
	p.secret = p.term.PairExisting()
	p.token = p.newToken()
	p.press(sim.Press{Key: sim.KeyTap})
	if got := p.settle(session); !got.Response.Success {
		t.Errorf("result %+v", got.Response)
	}
}

func TestAfterPairingAgainTheOldSessionsMayBeForgotten(t *testing.T) {
	t.Parallel()
	p := start(t)
	p.term.Auto(sim.AutoConfig{})
	session := p.charge(1000)
	p.settle(session)
	p.sim.Next(sim.RepairForgets, 1)
	p.secret = p.term.PairExisting()
	p.token = p.newToken()
	if status, _ := p.ask(session); status != http.StatusNotFound {
		t.Errorf("status %d, want 404", status)
	}
}
