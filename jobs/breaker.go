package jobs

import (
	"errors"
	"sync/atomic"
	"time"
)

// rest is for how long a Redis that failed is left alone.
const rest = time.Second

// errResting means that Redis failed a moment ago and was not asked.
var errResting = errors.New("redis failed a moment ago")

// breaker keeps step after step from waiting for a Redis that is gone: what is
// asked of Redis here can be left undone. The zero value is ready.
type breaker struct{ open atomic.Bool }

// try runs call, unless an earlier one failed within [rest].
func (b *breaker) try(call func() error) error {
	if b.open.Load() {
		return errResting
	}
	err := call()
	if err != nil && b.open.CompareAndSwap(false, true) {
		time.AfterFunc(rest, func() { b.open.Store(false) })
	}
	return err
}
