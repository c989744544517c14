package bitrix

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"
)

const verifyMethod = "app.info"

// Identity is what the authorisation server says about an access token. It is the only proof of who
// sent a post; everything in the post itself is a claim until it equals this.
type Identity struct {
	// ClientID is the application, always ours.
	ClientID string
	// UserID is the token's owner on the portal.
	UserID string
	// MemberID is the portal's lasting id; Domain its present address; Endpoint its REST root.
	MemberID, Domain, Endpoint string
	// Server is the REST root of the authorisation server that answered.
	Server string
	// Scope is what the application may do there.
	Scope []string
	// Status is the kind of installation: L local, F free, D demo, T trial, P paid.
	Status string
	// Installed is false until the installer page has finished.
	Installed bool
	// ExpiresAt is when the access token ends; zero when the server did not say.
	ExpiresAt time.Time
}

// tokenInfo is the authorisation server's form of app.info, unlike the portal's (reference bitrix24 1.6).
type tokenInfo struct {
	ClientID FlexString `json:"client_id"`
	UserID   FlexString `json:"user_id"`
	Scope    scopes     `json:"scope"`
	Expires  FlexString `json:"expires"`
	Install  struct {
		Installed FlexBool   `json:"installed"`
		Status    FlexString `json:"status"`
		Domain    FlexString `json:"domain"`
		Endpoint  FlexString `json:"client_endpoint"`
		MemberID  FlexString `json:"member_id"`
		Scope     scopes     `json:"scope"`
	} `json:"install"`
}

// Verify asks the authorisation server whose token this is (reference bitrix24 1.6, step 2). The
// posted server endpoint only selects, by host, one of the allowed servers; with an unknown host
// nobody is asked and the error is ErrUnknownServer. When it is empty all are asked in turn.
//
// A token of another application gives ErrForeignApp. Compare the identity's MemberID and Domain with
// the posted ones, and use its Endpoint from then on.
func (c *Client) Verify(ctx context.Context, serverEndpoint, accessToken string) (Identity, error) {
	if accessToken == "" {
		return Identity{}, &Error{Method: verifyMethod, Class: Auth, Err: errors.New("no access token")}
	}
	servers, err := c.allowed(verifyMethod, serverEndpoint)
	if err != nil {
		return Identity{}, err
	}

	return firstAnswer(servers, func(s authServer) (Identity, *Error) { return c.verifyAt(ctx, s, accessToken) })
}

func (c *Client) verifyAt(ctx context.Context, s authServer, accessToken string) (Identity, *Error) {
	env, a, failure := c.exchange(ctx, request{
		method: verifyMethod, verb: http.MethodGet, url: s.rest() + "app.info/",
		query:   url.Values{"auth": {accessToken}},
		secrets: []string{accessToken},
	})
	if failure != nil {
		return Identity{}, failure
	}

	var info tokenInfo
	if err := decodeResult(verifyMethod, a.status, env.Result, &info); err != nil {
		return Identity{}, &Error{Method: verifyMethod, Status: a.status, Class: Unclear, Err: errNotJSON}
	}
	if string(info.ClientID) != c.cfg.ClientID {
		return Identity{}, &Error{Method: verifyMethod, Status: a.status, Class: Denied, Err: ErrForeignApp}
	}
	id := info.identity(s)
	if err := id.check(); err != nil {
		return Identity{}, &Error{Method: verifyMethod, Status: a.status, Class: Unclear, Err: err}
	}

	return id, nil
}

func (t tokenInfo) identity(s authServer) Identity {
	scope := t.Scope
	if len(scope) == 0 {
		scope = t.Install.Scope
	}

	return Identity{
		ClientID:  string(t.ClientID),
		UserID:    string(t.UserID),
		MemberID:  string(t.Install.MemberID),
		Domain:    string(t.Install.Domain),
		Endpoint:  string(t.Install.Endpoint),
		Server:    s.rest(),
		Scope:     scope,
		Status:    string(t.Install.Status),
		Installed: bool(t.Install.Installed),
		ExpiresAt: parseExpiry(string(t.Expires)),
	}
}

// check refuses an identity that leaves open who or where.
func (id Identity) check() error {
	if id.MemberID == "" || id.UserID == "" || id.UserID == "0" {
		return errors.New("answer does not name the portal and the user")
	}
	_, err := restRoot(id.Endpoint)

	return err
}

// parseExpiry reads a date or Unix seconds.
func parseExpiry(text string) time.Time {
	if seconds, err := strconv.ParseInt(text, 10, 64); err == nil && seconds > 0 {
		return time.Unix(seconds, 0).UTC()
	}

	return parseTime(text)
}

// scopes is a list of scope names, sent as one text with commas or as an array.
type scopes []string

func (s *scopes) UnmarshalJSON(b []byte) error {
	if text, err := scalar(b); err == nil {
		*s = splitScope(text)
		return nil
	}

	return (*List[string])(s).UnmarshalJSON(b)
}

func splitScope(text string) []string {
	if text == "" {
		return nil
	}

	return strings.FieldsFunc(text, func(r rune) bool { return r == ',' || r == ' ' })
}
