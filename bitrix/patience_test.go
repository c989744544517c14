package bitrix_test

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"receivepayment/bitrix"
)

func TestWaitingTakesItsTimeAndEndsWithTheContext(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		begun := time.Now()
		succeeds(t, bitrix.Pause(t.Context(), 2*time.Second))
		equal(t, time.Since(begun), 2*time.Second)

		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		err := bitrix.Pause(ctx, time.Hour)
		equal(t, errors.Is(err, context.DeadlineExceeded), true)
		equal(t, time.Since(begun), 3*time.Second)
	})
}
