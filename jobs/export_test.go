package jobs

import (
	"context"
	"time"
)

// SetSleep replaces the waiting for a portal's turn, so that tests do not wait.
func SetSleep(a *Allowance, sleep func(context.Context, time.Duration) error) { a.sleep = sleep }
