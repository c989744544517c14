package web

import (
	"errors"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"receivepayment/internal/testkit"
)

func TestTokensLiveAsLongAsTheyPromise(t *testing.T) {
	t.Parallel()
	for _, one := range []struct {
		audience string
		life     time.Duration
	}{{forPages, tokenFor}, {forStreams, ticketFor}} {
		clock := testkit.NewClock()
		tokens := tokens{key: []byte("0123456789abcdef0123456789abcdef"), now: clock.Now}
		text, err := tokens.issue(claims{RegisteredClaims: jwt.RegisteredClaims{Subject: "14"}, Portal: "p"}, one.audience, one.life)
		if err != nil {
			t.Fatal(err)
		}
		clock.Advance(one.life - time.Second)
		if _, err := tokens.read(text, one.audience); err != nil {
			t.Errorf("%s: dead a second before its end", one.audience)
		}
		clock.Advance(2 * time.Second)
		if _, err := tokens.read(text, one.audience); !errors.Is(err, errUnauthenticated) {
			t.Errorf("%s: alive a second after its end", one.audience)
		}
	}
	if tokenFor != time.Hour || ticketFor != time.Minute {
		t.Errorf("a token lives %s and a ticket %s", tokenFor, ticketFor)
	}
}
