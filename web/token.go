package web

import (
	"crypto/rand"
	"errors"
	"fmt"
	"time"

	"github.com/golang-jwt/jwt/v5"
)

const (
	tokenFor  = time.Hour
	ticketFor = time.Minute

	forPages   = "page"
	forStreams = "stream"
)

// errUnauthenticated means that the caller showed no token, or one that is not
// ours, is changed, or has run out.
var errUnauthenticated = errors.New("no valid token")

// claims is what a token says. Rights are never in it: they are read at each
// request.
type claims struct {
	jwt.RegisteredClaims
	Portal   string `json:"portal"`
	Entity   string `json:"entity,omitempty"`
	EntityID string `json:"entityId,omitempty"`
	Language string `json:"lang,omitempty"`
}

// tokens signs and reads what pages and streams show. The key is derived from
// the keyset, so tokens survive a restart and work in every process.
type tokens struct {
	key []byte
	now func() time.Time
}

func (t tokens) issue(c claims, audience string, life time.Duration) (string, error) {
	now := t.now()
	c.Audience = jwt.ClaimStrings{audience}
	c.IssuedAt = jwt.NewNumericDate(now)
	c.ExpiresAt = jwt.NewNumericDate(now.Add(life))
	c.ID = rand.Text()
	signed, err := jwt.NewWithClaims(jwt.SigningMethodHS256, c).SignedString(t.key)
	if err != nil {
		return "", fmt.Errorf("sign %s token: %w", audience, err)
	}
	return signed, nil
}

func (t tokens) read(text, audience string) (claims, error) {
	var c claims
	_, err := jwt.ParseWithClaims(text, &c, func(*jwt.Token) (any, error) { return t.key, nil },
		jwt.WithValidMethods([]string{"HS256"}), jwt.WithAudience(audience),
		jwt.WithExpirationRequired(), jwt.WithTimeFunc(t.now))
	if err != nil || c.Portal == "" || c.Subject == "" {
		return c, errUnauthenticated
	}
	return c, nil
}
