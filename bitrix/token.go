package bitrix

import (
	"context"
	"fmt"
	"log/slog"
	"time"
)

// Token is one user's pair of tokens for one portal, with what is needed to use and to renew it. It is
// a secret: printing and logging show only whose it is. Encoding it as JSON does show everything,
// for a caller who seals the result.
type Token struct {
	// Access is sent with every call; Refresh buys the next pair and works once.
	Access, Refresh string
	// ExpiresAt is when Access ends, by our clock. An hour after it was issued, usually.
	ExpiresAt time.Time
	// Endpoint is the portal's REST root (client_endpoint), such as https://shop.bitrix24.com/rest/.
	Endpoint string
	// Server is the authorisation server's REST root (server_endpoint); it only selects on the allow-list.
	Server string
	// MemberID is the portal's lasting id, UserID the id of the token's owner there.
	MemberID, UserID string
}

// String says whose token it is.
func (t Token) String() string {
	return fmt.Sprintf("bitrix.Token{member %s, user %s}", t.MemberID, t.UserID)
}

// GoString is String, so that %#v cannot print the tokens either.
func (t Token) GoString() string { return t.String() }

// LogValue says whose token it is.
func (t Token) LogValue() slog.Value { return slog.StringValue(t.String()) }

// secrets are the texts that may not appear in an error.
func (t Token) secrets() []string { return []string{t.Access, t.Refresh} }

// Tokens keeps one owner's token of one portal for a [Portal]. The caller implements it over its
// database, where the token is sealed.
type Tokens interface {
	// Token returns the pair to use now.
	Token(ctx context.Context) (Token, error)
	// Renewed returns a newer pair than stale. When the stored pair already is newer, because another
	// process was faster, that one is returned and renew is not called. Otherwise exactly one caller
	// runs renew with the stored pair and stores its result in place of it: a refresh token works once,
	// so two renewals at the same time would leave one holder with a dead pair (reference bitrix24 2.3).
	Renewed(ctx context.Context, stale Token, renew func(ctx context.Context, current Token) (Token, error)) (Token, error)
}
