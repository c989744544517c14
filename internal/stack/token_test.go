package stack

import (
	"encoding/base64"
	"net/http"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"receivepayment/db"
	linklysim "receivepayment/linkly/sim"
	"receivepayment/secrets"
)

// mint signs a token as the house would, or not quite.
type mint struct {
	t   *testing.T
	key []byte
}

func newMint(t *testing.T, s *Stack) mint {
	t.Helper()
	keys, err := secrets.LoadOrCreate(filepath.Join(s.Config.DataDir, "keys"))
	if err != nil {
		t.Fatal(err)
	}
	key, err := keys.Derive("page tokens")
	if err != nil {
		t.Fatal(err)
	}
	return mint{t: t, key: key}
}

// claims are those of a good page token of the cashier.
func (s *Stack) claims() jwt.MapClaims {
	now := db.Now()
	return jwt.MapClaims{
		"sub": "14", "portal": s.Bitrix.MemberID(), "aud": []string{"page"}, "jti": "j1",
		"iat": now.Unix(), "exp": now.Add(time.Hour).Unix(),
	}
}

func (m mint) sign(c jwt.MapClaims) string { return m.signWith(jwt.SigningMethodHS256, m.key, c) }

func (m mint) signWith(method jwt.SigningMethod, key any, c jwt.MapClaims) string {
	m.t.Helper()
	text, err := jwt.NewWithClaims(method, c).SignedString(key)
	if err != nil {
		m.t.Fatal(err)
	}
	return text
}

func changed(c jwt.MapClaims, key string, value any) jwt.MapClaims {
	out := jwt.MapClaims{}
	for k, v := range c {
		out[k] = v
	}
	out[key] = value
	if value == nil {
		delete(out, key)
	}
	return out
}

func TestOnlyOurOwnLivingPageTokensAreTaken(t *testing.T) {
	t.Parallel()
	s := Start(t, Options{})
	cashier := s.enterAfterInstall()
	m, good := newMint(t, s), s.claims()
	s.client(m.sign(good)).Do(http.MethodGet, "/api/v1/rights", nil).Want(http.StatusOK) // the mint is right

	parts := strings.Split(cashier.Token, ".")
	other := base64.RawURLEncoding.EncodeToString([]byte(strings.Replace(decoded(t, parts[1]), `"14"`, `"1"`, 1)))
	for name, token := range map[string]string{
		"no token":                          "",
		"not a token":                       "hello",
		"a token with another person in it": parts[0] + "." + other + "." + parts[2],
		"a token without its signature":     parts[0] + "." + parts[1] + ".",
		"a token cut short":                 cashier.Token[:len(cashier.Token)-2],
		"alg none":                          m.signWith(jwt.SigningMethodNone, jwt.UnsafeAllowNoneSignatureType, good),
		"another algorithm":                 m.signWith(jwt.SigningMethodHS512, m.key, good),
		"another key":                       m.signWith(jwt.SigningMethodHS256, []byte("0123456789abcdef0123456789abcdef"), good),
		"expired":                           m.sign(changed(good, "exp", db.Now().Add(-time.Second).Unix())),
		"without an end":                    m.sign(changed(good, "exp", nil)),
		"for streams":                       m.sign(changed(good, "aud", []string{"stream"})),
		"for nothing":                       m.sign(changed(good, "aud", nil)),
		"of another portal":                 m.sign(changed(good, "portal", "0123456789abcdef0123456789abcdef")),
		"of nobody":                         m.sign(changed(good, "sub", "")),
		"of somebody who never came":        m.sign(changed(good, "sub", "15")),
	} {
		for _, address := range []string{"/api/v1/rights", "/api/v1/documents?entity=deal&id=512", "/api/v1/payments/p_1", "/api/v1/payments/p_1/events"} {
			got := s.client(token).Do(http.MethodGet, address, nil)
			if got.Status != http.StatusUnauthorized {
				t.Errorf("%s opens %s: %d %s", name, address, got.Status, got.Body)
				continue
			}
			got.refused(http.StatusUnauthorized, "unauthenticated", "")
			if got.Header.Get("WWW-Authenticate") != "Bearer" {
				t.Errorf("%s: the refusal does not say what is wanted", name)
			}
		}
	}
}

func decoded(t *testing.T, part string) string {
	t.Helper()
	raw, err := base64.RawURLEncoding.DecodeString(part)
	if err != nil {
		t.Fatal(err)
	}
	return string(raw)
}

// enterAfterInstall is the cashier's client on a fresh installation.
func (s *Stack) enterAfterInstall() Client {
	s.t.Helper()
	s.Install()
	return s.Enter(Cashier, "CRM_DEAL_DETAIL_TAB", 512)
}

func TestTokenAndOpenPaymentSurviveARestart(t *testing.T) {
	t.Parallel()
	s := openShop(t, Options{})
	p := s.taken(s.order("p-1", s.invoice("i-1", ""), "287.00"))
	s.awaitDisplay(p, "cancel")
	s.Restart()

	if got := s.show(p).Text("id"); got != p {
		t.Fatalf("after the restart the payment is %q", got)
	}
	s.Terminal.Auto(linklysim.AutoConfig{}) // now the customer taps
	s.AwaitPayment(s.cashier, p, "approved")
	s.honest()
}

// The same call renews the token: programs come back with Bitrix24's form.
func TestEnteringAgainGivesAnotherToken(t *testing.T) {
	t.Parallel()
	s := Start(t, Options{})
	first := s.enterAfterInstall()
	second := s.Enter(Cashier, "CRM_DEAL_DETAIL_TAB", 512)
	if first.Token == second.Token {
		t.Error("the token was not renewed")
	}
	for _, c := range []Client{first, second} {
		c.Do(http.MethodGet, "/api/v1/rights", nil).Want(http.StatusOK)
	}
}
