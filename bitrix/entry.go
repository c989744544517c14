package bitrix

import (
	"errors"
	"fmt"
	"log/slog"
	"net/url"
	"time"
)

// ErrNoEntry says that a request carries nothing of a portal's post: somebody opened the address
// outside Bitrix24.
var ErrNoEntry = errors.New("request does not come from a Bitrix24 portal")

// FieldError says which posted field is missing or malformed. It never repeats the value.
type FieldError struct {
	Field, Problem string
}

// Error names the field and the problem.
func (e *FieldError) Error() string { return fmt.Sprintf("field %s: %s", e.Field, e.Problem) }

// Entry is the post with which a portal opens a page of the application: the installer, the
// application's own page, or a placement (reference bitrix24 1.4). All of it is a claim by a
// browser. Verify the access token, and compare MemberID and Domain, before believing any of it.
type Entry struct {
	// Domain is the portal's host, with a port where it is unusual.
	Domain string
	// Protocol is "https" or "http".
	Protocol string
	// Lang is the viewer's language, such as en.
	Lang string
	// AppSID links the page with its frame; it is no secret and proves nothing.
	AppSID string
	// AccessToken and RefreshToken are the viewer's; ExpiresIn is the lifetime of the first.
	AccessToken, RefreshToken string
	ExpiresIn                 time.Duration
	// ServerEndpoint, ApplicationToken and Scope are absent from older portals.
	ServerEndpoint, ApplicationToken string
	Scope                            []string
	// MemberID is the portal's lasting id.
	MemberID string
	// Status is the kind of installation, as in Identity.
	Status string
	// Placement is DEFAULT for the application's own page, otherwise the placement's code.
	Placement string
	// PlacementOptions are the placement's parameters, never nil.
	PlacementOptions map[string]string
}

// ParseEntry reads an entry from the form and the query of its request; the portal spreads the fields
// over both. ErrNoEntry means that there is none, a [*FieldError] which field is wrong.
func ParseEntry(form, query url.Values) (Entry, error) {
	if form.Get("AUTH_ID") == "" && form.Get("member_id") == "" {
		return Entry{}, ErrNoEntry
	}
	r := reader{form: form, query: query}
	e := Entry{
		Domain:           r.domain("DOMAIN"),
		Protocol:         r.protocol("PROTOCOL"),
		Lang:             r.lang("LANG"),
		AppSID:           r.word("APP_SID", false),
		AccessToken:      r.word("AUTH_ID", true),
		RefreshToken:     r.word("REFRESH_ID", false),
		ExpiresIn:        r.seconds("AUTH_EXPIRES"),
		ServerEndpoint:   r.word("SERVER_ENDPOINT", false),
		ApplicationToken: r.word("APPLICATION_TOKEN", false),
		Scope:            splitScope(r.get("APPLICATION_SCOPE")),
		MemberID:         r.word("member_id", true),
		Status:           r.word("status", false),
		Placement:        either(r.word("PLACEMENT", false), "DEFAULT"),
		PlacementOptions: r.options("PLACEMENT_OPTIONS"),
	}
	if r.err == nil {
		_, _, r.err = e.target()
	}
	if r.err != nil {
		return Entry{}, r.err
	}

	return e, nil
}

// Origin is the portal's web origin as claimed, for comparison with the verified one.
func (e Entry) Origin() string { return e.Protocol + "://" + e.Domain }

// Token makes the viewer's token of a verified entry: everything but the pair itself comes from the
// identity. A refresh token that was not posted leaves one that cannot be renewed.
func (e Entry) Token(id Identity, now time.Time) Token {
	expires := id.ExpiresAt
	if expires.IsZero() {
		expires = now.Add(e.ExpiresIn).UTC()
	}

	return Token{
		Access: e.AccessToken, Refresh: e.RefreshToken, ExpiresAt: expires,
		Endpoint: id.Endpoint, Server: id.Server, MemberID: id.MemberID, UserID: id.UserID,
	}
}

// String says where the entry claims to come from, without its tokens.
func (e Entry) String() string {
	return fmt.Sprintf("bitrix.Entry{member %s, domain %s, placement %s}", e.MemberID, e.Domain, e.Placement)
}

// GoString is String, so that %#v cannot print the tokens either.
func (e Entry) GoString() string { return e.String() }

// LogValue says where the entry claims to come from, without its tokens.
func (e Entry) LogValue() slog.Value { return slog.StringValue(e.String()) }
