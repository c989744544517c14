package linkly

import (
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"
)

// ErrPairingRefused says that this user name, password and pair code gave no secret.
// The remedy is a fresh code from the terminal (reference linkly 2).
var ErrPairingRefused = errors.New("pairing refused")

// ErrPending says that a logon or status was accepted but not finished in this call.
// The result comes as a callback, if the request named an address for one.
var ErrPending = errors.New("accepted, the result comes as a callback")

// ErrBadNotification is what every error of ParseNotification is.
var ErrBadNotification = errors.New("bad notification")

// Class says what an error proves about the request. The zero value is Unclear,
// so that whatever nobody thought of is treated as unknown.
type Class int

// The four classes.
const (
	// Unclear proves nothing: the request may have been carried out.
	Unclear Class = iota
	// Refused means that the request was certainly refused and nothing started:
	// by our own checks before sending, or by a 400 to the first sending.
	Refused
	// NotStarted means that it failed before its first byte left this machine:
	// no token, or no connection.
	NotStarted
	// Unpaired means that the token endpoint refuses the secret: the terminal
	// must be paired again. From Begin it also proves that nothing started.
	Unpaired
)

// String names the class in the words that error texts use.
func (c Class) String() string {
	switch c {
	case Refused:
		return "refused"
	case NotStarted:
		return "not started"
	case Unpaired:
		return "not paired"
	case Unclear:
		return "unclear"
	}
	return "unclear"
}

// ClassOf reports what err proves; an error that no one classified is Unclear.
// Asked about nil it also says Unclear: look at err first.
func ClassOf(err error) Class {
	var e *Error
	if errors.As(err, &e) {
		return e.Class
	}
	return Unclear
}

// IsUnpaired reports whether err shows anywhere in its chain that the secret is dead.
// It differs from ClassOf when a sale was answered 401 and the token endpoint
// then refused the secret: the sale is Unclear, the terminal is unpaired.
func IsUnpaired(err error) bool {
	for err != nil {
		var e *Error
		if !errors.As(err, &e) {
			return false
		}
		if e.Class == Unpaired {
			return true
		}
		err = e.Err
	}
	return false
}

// Error is any failed call to Linkly.
// Its text never holds a secret, token, card number or address with a query.
type Error struct {
	// Op is what was being done, such as "begin transaction".
	Op string
	// Class is what the caller may conclude.
	Class Class
	// Status is the HTTP status, 0 when there was no answer.
	Status int
	// Code and Text are what Linkly said, cleaned and shortened; often empty,
	// because error bodies are unspecified (reference linkly 14).
	Code, Text string
	// RetryAfter is how long Linkly asks us to wait, 0 when it does not say.
	RetryAfter time.Duration
	// Err is the cause, where there is one besides the status.
	Err error
}

// Error describes the failure in one line without anything secret.
func (e *Error) Error() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s: %s", e.Op, e.Class)
	if e.Status != 0 {
		fmt.Fprintf(&b, ", status %d %s", e.Status, http.StatusText(e.Status))
	}
	for _, s := range []string{e.Code, e.Text} {
		if s != "" {
			b.WriteString(": " + s)
		}
	}
	if e.Err != nil {
		b.WriteString(": " + e.Err.Error())
	}
	return b.String()
}

// Unwrap gives the cause to errors.Is and errors.As.
func (e *Error) Unwrap() error { return e.Err }

// BadNotification tells which member of a callback cannot be used.
type BadNotification struct {
	Field  string // as Linkly spells it, or "body"
	Reason string // our own words, never the received text
}

// Error names the field and the reason.
func (e *BadNotification) Error() string {
	return fmt.Sprintf("%v: %s: %s", ErrBadNotification, e.Field, e.Reason)
}

// Is makes every BadNotification an ErrBadNotification.
func (e *BadNotification) Is(target error) bool { return target == ErrBadNotification }

// refuse is the error of our own checks: nothing was sent.
func refuse(op, format string, args ...any) *Error {
	return &Error{Op: op, Class: Refused, Err: fmt.Errorf(format, args...)}
}
