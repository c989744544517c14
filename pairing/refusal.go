package pairing

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	"receivepayment/linkly"
)

// Refusal is why Linkly gave no secret, as far as its answer tells. It Is
// [ErrPairingRefused].
type Refusal struct {
	Why Why
	Err error
}

// Why names what is wrong with the credentials.
type Why string

// What can be wrong. Linkly's answers are disputed (reference linkly 2): an
// unknown or expired code was observed as 401 with an empty body, user name and
// password are 400 in the official client's mock; a text in the body is believed
// over the status.
const (
	WrongCode   Why = "code"
	ExpiredCode Why = "expired"
	WrongLogin  Why = "login"
	WrongSecret Why = "secret"
)

func (r *Refusal) Error() string { return fmt.Sprintf("%v: %s: %v", ErrPairingRefused, r.Why, r.Err) }

// Unwrap makes it an [ErrPairingRefused].
func (r *Refusal) Unwrap() []error { return []error{ErrPairingRefused, r.Err} }

// Field is the name of the input at fault.
func (r *Refusal) Field() string {
	switch r.Why {
	case WrongLogin:
		return "password"
	case WrongSecret:
		return "secret"
	case WrongCode, ExpiredCode:
	}
	return "pairCode"
}

// ErrUpstream means that the provider could not be reached, so that nothing was
// sent; ErrNoAnswer that no clear answer came, so that the code may be used up.
// Nothing was stored either way.
var (
	ErrUpstream = errors.New("the terminal provider cannot be reached")
	ErrNoAnswer = errors.New("the terminal provider gave no clear answer")
)

// codeLife is for how long a pair code is good (reference linkly 2: about 180 s).
const codeLife = 180 * time.Second

// secret pairs, or proves that an existing secret is alive. One call: a pairing
// is never repeated by itself, because a code works once.
func (l *Linkly) secret(ctx context.Context, t Terminal, c Credentials) (string, error) {
	client, err := l.client(t.Environment)
	if err != nil {
		return "", err
	}
	if c.Secret != "" {
		err := client.Terminal(linkly.Secret(c.Secret), t.RegisterID).Authenticate(ctx)
		return c.Secret, pairingError(err, func() Why { return WrongSecret })
	}
	secret, err := client.Pair(ctx, strings.TrimSpace(c.Username), c.Password, strings.TrimSpace(c.PairCode))
	return secret.Reveal(), pairingError(err, func() Why { return l.why(c, err) })
}

func pairingError(err error, why func() Why) error {
	switch {
	case err == nil:
		return nil
	case errors.Is(err, linkly.ErrPairingRefused), linkly.IsUnpaired(err), linkly.ClassOf(err) == linkly.Refused:
		return &Refusal{Why: why(), Err: err}
	case linkly.ClassOf(err) == linkly.NotStarted:
		return fmt.Errorf("%w: %w", ErrUpstream, err)
	}
	return fmt.Errorf("%w: %w", ErrNoAnswer, err)
}

// why reads a refusal of user name, password and code.
func (l *Linkly) why(c Credentials, err error) Why {
	old := !c.CodeAt.IsZero() && l.Clock().Sub(c.CodeAt) > codeLife
	var said *linkly.Error
	if !errors.As(err, &said) {
		return WrongCode
	}
	text := strings.ToLower(said.Code + " " + said.Text)
	switch {
	case strings.Contains(text, "expired"):
		return ExpiredCode
	case strings.Contains(text, "password"), strings.Contains(text, "username"), strings.Contains(text, "credential"):
		return WrongLogin
	case strings.Contains(text, "code"):
		return WrongCode
	case said.Status == http.StatusBadRequest:
		return WrongLogin
	case old:
		return ExpiredCode
	}
	return WrongCode
}
