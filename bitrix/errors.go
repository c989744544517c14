package bitrix

import (
	"errors"
	"fmt"
	"strings"
	"time"
)

// Sentinels that callers branch on with errors.Is.
var (
	// ErrTokenDead says that a token pair can never be renewed again: only a person who opens or
	// reinstalls the application heals it (reference bitrix24 2.4).
	ErrTokenDead = errors.New("token can no longer be renewed")
	// ErrUnknownServer says that a named authorisation server is not on the allow-list; it was not asked.
	ErrUnknownServer = errors.New("authorisation server is not on the allow-list")
	// ErrForeignApp says that a token is real but was issued to another application.
	ErrForeignApp = errors.New("token belongs to another application")
)

// Class says what a failed call means to the caller.
type Class int

// The classes. All but Unclear promise that a write was not applied.
const (
	_ Class = iota
	// Denied means that the token's owner, the plan or the scope does not allow the call; an
	// administrator of the portal can mend it.
	Denied
	// NotFound means that the thing asked for does not exist, or not for this user.
	NotFound
	// Invalid means that the portal understood and refused the content: a required field, a stage that
	// may not be chosen, a wrong argument. A person can mend it, repeating alone does not.
	Invalid
	// Auth means that the token is dead or unknown; see ErrTokenDead.
	Auth
	// Limited means that the portal asks for fewer calls; Error.Until may say until when.
	Limited
	// Moved means that the portal has another address now; Error.Host names it. It is only a claim
	// of the old address: a renewed token tells the true one.
	Moved
	// Gone means that the portal was deleted or the application is not installed there.
	Gone
	// Unavailable means that nothing was sent: no connection, or no token to send.
	Unavailable
	// Unclear means that nobody knows: time out, broken connection, 5xx, or an answer that cannot be
	// read. A write may have been applied; look before repeating it.
	Unclear
)

// String names the class for logs.
func (c Class) String() string {
	switch c {
	case Denied:
		return "denied"
	case NotFound:
		return "not found"
	case Invalid:
		return "invalid"
	case Auth:
		return "auth"
	case Limited:
		return "limited"
	case Moved:
		return "moved"
	case Gone:
		return "gone"
	case Unavailable:
		return "unavailable"
	case Unclear:
		return "unclear"
	}

	return "none"
}

// NotApplied reports whether a write that failed with this class certainly changed nothing.
func (c Class) NotApplied() bool { return c != Unclear }

// Error is a failed call. Its text is safe to log and to store: it carries no token, no secret and no
// URL, and the portal's description is stripped of HTML.
type Error struct {
	// Method is the REST method, or "oauth/token" for a renewal.
	Method string
	// Status is the HTTP status, 0 when there was no answer. The portal uses 200 for some errors.
	Status int
	// Code is the portal's code as written, possibly a number or empty. Compare it with HasCode.
	Code string
	// Description is the portal's own sentence, for people.
	Description string
	// Class is what the failure means.
	Class Class
	// Host is the portal's new host, with class Moved only.
	Host string
	// Until is when a limited method may be called again, zero when the portal did not say.
	Until time.Time
	// Err is the cause, if there is one beyond the answer itself.
	Err error
}

// Error says which method failed, how, and in the portal's words why.
func (e *Error) Error() string {
	var b strings.Builder
	fmt.Fprintf(&b, "bitrix %s: %s", e.Method, e.Class)
	if e.Status != 0 {
		fmt.Fprintf(&b, ": http %d", e.Status)
	}
	if e.Code != "" {
		b.WriteString(" " + e.Code)
	}
	if e.Description != "" {
		b.WriteString(": " + e.Description)
	}
	if e.Host != "" {
		b.WriteString(": new host " + e.Host)
	}
	if e.Err != nil {
		b.WriteString(": " + e.Err.Error())
	}

	return b.String()
}

// Unwrap gives the cause to errors.Is and errors.As.
func (e *Error) Unwrap() error { return e.Err }

// HasCode reports whether the portal's code is code; case does not matter, because the portal's
// documentation and its answers differ in it (reference bitrix24 B).
func (e *Error) HasCode(code string) bool { return strings.EqualFold(e.Code, code) }

// ClassOf returns the class of the outermost [*Error] in err. An error of another kind is Unclear,
// and nil has no class.
func ClassOf(err error) Class {
	if err == nil {
		return 0
	}
	var e *Error
	if errors.As(err, &e) {
		return e.Class
	}

	return Unclear
}
