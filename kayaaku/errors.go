package kayaaku

import (
	"errors"
	"fmt"
)

// Class says what an error proves about the request.
type Class int

// The classes. The zero value proves nothing.
const (
	Unproven   Class = iota // the request may have been carried out
	NotStarted              // it failed before its first byte left
)

// Error is a call that brought no answer. It never holds a key, a login or an
// address.
type Error struct {
	Op     string
	Class  Class
	Status int // of HTTP; zero when there was no answer at all
	Err    error
}

// Error says what could not be done.
func (e *Error) Error() string {
	if e.Status != 0 {
		return fmt.Sprintf("kayaaku %s: HTTP %d: %v", e.Op, e.Status, e.Err)
	}
	return fmt.Sprintf("kayaaku %s: %v", e.Op, e.Err)
}

// Unwrap is the cause.
func (e *Error) Unwrap() error { return e.Err }

// IsNotStarted reports whether err proves that nothing was sent.
func IsNotStarted(err error) bool {
	var e *Error
	return errors.As(err, &e) && e.Class == NotStarted
}
