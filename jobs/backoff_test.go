package jobs

import (
	"strings"
	"testing"
	"time"
)

func TestBackoffDoublesAndEnds(t *testing.T) {
	t.Parallel()
	want := []time.Duration{1, 2, 4, 8, 16, 16, 16}
	for n, seconds := range want {
		if got := backoff(n, nil, nil); got != seconds*time.Second {
			t.Errorf("after %d tries %s, want %d s", n, got, seconds)
		}
	}
}

func TestNoKindIsAPrefixOfAnother(t *testing.T) {
	t.Parallel()
	all := []Kind{Purchase, Refund, WriteBack, Prove}
	for _, a := range all {
		if _, weighted := weights()[a.queue()]; !weighted {
			t.Errorf("%s goes to queue %s, which nobody serves", a, a.queue())
		}
		for _, b := range all {
			if a != b && strings.HasPrefix(string(b), string(a)) {
				t.Errorf("asynq would route %s to the handler of %s", b, a)
			}
		}
	}
}
