package linkly_test

import (
	"net/http"
	"testing"

	"receivepayment/linkly"
)

func TestAuthenticateAsksAboutTheSecretEachTime(t *testing.T) {
	t.Parallel()
	alive := answer{200, `{"token":"token-0001","expirySeconds":3600}`}
	c := newCloud().on(http.MethodPost, authURL+grantPath, alive, alive, answer{503, ""}, answer{401, ""})
	terminal := c.terminal(t)

	for i, want := range []struct {
		fine  bool
		class linkly.Class
	}{{fine: true}, {fine: true}, {class: linkly.NotStarted}, {class: linkly.Unpaired}} {
		err := terminal.Authenticate(t.Context())
		if (err == nil) != want.fine || (!want.fine && linkly.ClassOf(err) != want.class) {
			t.Errorf("time %d: %v, want %+v", i+1, err, want)
		}
		if linkly.IsUnpaired(err) != (want.class == linkly.Unpaired) {
			t.Errorf("time %d: IsUnpaired of %v is wrong", i+1, err)
		}
	}
	if n := len(c.requests(grantPath)); n != 4 {
		t.Errorf("asked %d times, want 4", n)
	}
}

func TestATokenFromAuthenticateServesTheNextCall(t *testing.T) {
	t.Parallel()
	c := newCloud().withTokens().on(http.MethodGet, askURL, answer{202, ""})
	terminal := c.terminal(t)
	if err := terminal.Authenticate(t.Context()); err != nil {
		t.Fatalf("authenticate: %v", err)
	}
	if err := asks(t, terminal); err != nil {
		t.Fatalf("ask: %v", err)
	}
	if n := len(c.requests(grantPath)); n != 1 {
		t.Errorf("%d fetches, want 1", n)
	}
}
