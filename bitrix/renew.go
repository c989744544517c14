package bitrix

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"
)

const renewMethod = "oauth/token"

// issued is the token endpoint's answer (reference bitrix24 2.2). Its domain is the authorisation
// server's, not the portal's, and therefore not read.
type issued struct {
	Access    FlexString `json:"access_token"`
	Refresh   FlexString `json:"refresh_token"`
	Expires   FlexInt    `json:"expires"`
	ExpiresIn FlexInt    `json:"expires_in"`
	Endpoint  FlexString `json:"client_endpoint"`
	Server    FlexString `json:"server_endpoint"`
	MemberID  FlexString `json:"member_id"`
	UserID    FlexString `json:"user_id"`
}

// Renew trades the refresh token for a new pair (reference bitrix24 2.2). The old pair is dead
// afterwards, so store the new one before anything else, and let one caller at a time do this per
// owner. The result carries the portal's present endpoint; its UserID is whom the server names, which
// may be another when the owner was dismissed.
//
// ErrTokenDead says that the pair is lost for good. Every other error leaves the old pair worth
// another try, though an Unclear one may have used it up. With no Server in t all allowed servers are
// asked in turn.
func (c *Client) Renew(ctx context.Context, t Token) (Token, error) {
	if t.Refresh == "" {
		return Token{}, &Error{Method: renewMethod, Class: Auth, Err: ErrTokenDead}
	}
	servers, err := c.allowed(renewMethod, t.Server)
	if err != nil {
		return Token{}, err
	}

	return firstAnswer(servers, func(s authServer) (Token, *Error) { return c.renewAt(ctx, s, t) })
}

func (c *Client) renewAt(ctx context.Context, s authServer, t Token) (Token, *Error) {
	form := url.Values{
		"grant_type":    {"refresh_token"},
		"client_id":     {c.cfg.ClientID},
		"client_secret": {c.cfg.ClientSecret},
		"refresh_token": {t.Refresh},
	}
	_, a, failure := c.exchange(ctx, request{
		method: renewMethod, verb: http.MethodPost, url: s.token(),
		contentType: "application/x-www-form-urlencoded", body: []byte(form.Encode()),
		secrets: append(t.secrets(), c.cfg.ClientSecret),
	})
	if failure != nil {
		return Token{}, markDead(failure)
	}

	var got issued
	if err := json.Unmarshal(a.body, &got); err != nil {
		return Token{}, &Error{Method: renewMethod, Status: a.status, Class: Unclear, Err: errNotJSON}
	}
	renewed, err := c.merge(t, got, s)
	if err != nil {
		return Token{}, &Error{Method: renewMethod, Status: a.status, Class: Unclear, Err: err}
	}

	return renewed, nil
}

// markDead recognises the refusals that no repetition heals (reference bitrix24 2.4). wrong_client
// comes with status 200.
func markDead(e *Error) *Error {
	switch strings.ToLower(e.Code) {
	case "invalid_grant", "invalid_client", "wrong_client", "no_auth_found", "payment_required":
		e.Class, e.Err = Auth, ErrTokenDead
	case "not_installed", "portal_deleted", "application_not_found":
		e.Class, e.Err = Gone, ErrTokenDead
	}

	return e
}

// merge makes the new pair, keeping from the old one what the answer leaves out.
func (c *Client) merge(old Token, got issued, s authServer) (Token, error) {
	if got.Access == "" || got.Refresh == "" {
		return Token{}, errors.New("answer has no tokens")
	}
	if old.MemberID != "" && got.MemberID != "" && old.MemberID != string(got.MemberID) {
		return Token{}, errors.New("answer is about another portal")
	}
	fresh := Token{
		Access:    string(got.Access),
		Refresh:   string(got.Refresh),
		ExpiresAt: c.expiry(got),
		Endpoint:  either(string(got.Endpoint), old.Endpoint),
		Server:    s.rest(),
		MemberID:  either(string(got.MemberID), old.MemberID),
		UserID:    either(string(got.UserID), old.UserID),
	}
	if _, err := restRoot(fresh.Endpoint); err != nil {
		return Token{}, fmt.Errorf("new token: %w", err)
	}
	// The server may name its sibling as the next one to ask; a stranger is ignored.
	if named, err := c.allowed(renewMethod, string(got.Server)); err == nil && got.Server != "" {
		fresh.Server = named[0].rest()
	}

	return fresh, nil
}

// expiry prefers the lifetime, which our own clock can count, over the server's clock.
func (c *Client) expiry(got issued) time.Time {
	if got.ExpiresIn > 0 || got.Expires <= 0 {
		return c.cfg.Now().Add(time.Duration(got.ExpiresIn) * time.Second).UTC()
	}

	return time.Unix(int64(got.Expires), 0).UTC()
}

func either(a, b string) string {
	if a != "" {
		return a
	}

	return b
}

// firstAnswer asks one server after the other until one succeeds. When all refuse, a doubt outweighs
// a refusal: a token is not declared dead while the server that issued it may merely be silent.
func firstAnswer[T any](servers []authServer, ask func(authServer) (T, *Error)) (T, error) {
	var worst *Error
	for _, s := range servers {
		got, failure := ask(s)
		if failure == nil {
			return got, nil
		}
		if worst == nil || (doubtful(failure) && !doubtful(worst)) {
			worst = failure
		}
	}
	var none T

	return none, worst
}

func doubtful(e *Error) bool {
	return e.Class == Unclear || e.Class == Unavailable || e.Class == Limited || e.Class == Moved
}
