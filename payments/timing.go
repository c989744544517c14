package payments

import (
	"math/rand/v2"
	"time"
)

// Timing is the clocks of a payment. The zero value is not usable: start from
// [DefaultTiming].
type Timing struct {
	SendWithin     time.Duration // from the click to the first byte; later the customer has gone
	SendTimeout    time.Duration // bound of the sending call
	NeverSeenAfter time.Duration // grace after the sending call before "never seen" can count
	SilenceAfter   time.Duration // without an event, before we ask
	UnknownAfter   time.Duration // without an event, before the operator is free
	ReviewAfter    time.Duration // without an event, before a person decides
	AskFor         time.Duration // from sending, how long we go on asking
}

// DefaultTiming is what production uses.
func DefaultTiming() Timing {
	return Timing{
		SendWithin:     time.Minute,
		SendTimeout:    20 * time.Second,
		NeverSeenAfter: 10 * time.Second,
		SilenceAfter:   10 * time.Second,
		UnknownAfter:   3 * time.Minute,
		ReviewAfter:    15 * time.Minute,
		AskFor:         168 * time.Hour,
	}
}

const (
	// lease is how long a claimed step may go without renewing before another
	// process takes it up: the bound on recovery after a crash.
	lease = 5 * time.Second
	// confirmWithin is how long we try to have a callback's result confirmed
	// before it is recorded on the callback's word alone.
	confirmWithin = 10 * time.Second
	// absentApart is the least time between two "never seen" answers.
	absentApart = 3 * time.Second
	// absentWithin is how long after sending "never seen" can be proof: later
	// the provider may simply have forgotten.
	absentWithin = 10 * time.Minute
)

// pace is how the waits between questions grow: doubling from first to most.
type pace struct{ first, most time.Duration }

func (r pace) wait(asks int) time.Duration {
	w := r.first
	for range min(asks, 12) {
		w = min(2*w, r.most)
	}
	return w
}

// The paces. While staff wait, the reference's shape (linkly 9.2): start at
// one second, double, at most ten. Once the operator is free, calmer at first
// and never slower, so that an answer comes within a minute of the network's
// return even when some questions on the way are lost. When nobody waits, slow.
var (
	watched   = pace{time.Second, 10 * time.Second}
	freed     = pace{5 * time.Second, 10 * time.Second}
	unhurried = pace{5 * time.Second, 10 * time.Minute}
)

// next is when the payment needs something again, or nil when it needs
// nothing: pure, so that its whole behaviour can be read and tested here.
func (t Timing) next(p Payment, now time.Time) *time.Time {
	if p.Told != nil && !p.State.Final() {
		// A result is known from a callback: ask until it is confirmed or the
		// time for that is over.
		return at(earliest(now.Add(watched.wait(max(p.Asks-1, 0))), p.ToldAt.Add(confirmWithin)))
	}
	switch p.State {
	case Created:
		return at(now)
	case Sent:
		return t.nextSent(p, now)
	case Unknown:
		return at(earliest(now.Add(freed.wait(p.Asks)), t.quietSince(p).Add(t.ReviewAfter)))
	case Review:
		return t.untilAskedEnough(p, now)
	case Approved, Declined, Cancelled, NeverStarted:
		if !p.Unproven() {
			return nil
		}
		return t.untilAskedEnough(p, now)
	}
	return nil
}

func (t Timing) nextSent(p Payment, now time.Time) *time.Time {
	if p.BeginOverAt == nil && now.Before(p.SentAt.Add(t.SendTimeout)) {
		return at(now.Add(lease)) // the sending call is running; its process renews this
	}
	deadline := t.quietSince(p).Add(t.UnknownAfter)
	if p.Asks == 0 && p.Seen {
		return at(earliest(now.Add(jitter(t.SilenceAfter)), deadline))
	}
	return at(earliest(now.Add(jitter(watched.wait(max(p.Asks-1, 0)))), deadline))
}

func (t Timing) untilAskedEnough(p Payment, now time.Time) *time.Time {
	if p.SentAt == nil {
		return nil
	}
	end := p.SentAt.Add(t.AskFor)
	if !now.Before(end) {
		if p.State.Final() && p.BlocksDocument() {
			return at(now) // it may not rest before it was given up, or it would block for ever
		}
		return nil
	}
	return at(earliest(now.Add(unhurried.wait(p.Asks)), end))
}

// quietSince is when the provider last spoke by itself.
func (t Timing) quietSince(p Payment) time.Time {
	if p.LastEventAt != nil {
		return *p.LastEventAt
	}
	if p.SentAt != nil {
		return *p.SentAt
	}
	return p.CreatedAt
}

// UnknownAt is when a payment that was sent is called unknown if nothing more
// is heard of it; nil for any other.
func (t Timing) UnknownAt(p Payment) *time.Time {
	if p.State != Sent {
		return nil
	}
	return at(t.quietSince(p).Add(t.UnknownAfter))
}

// sendingOver is when the sending call is certainly over, and the grace after
// which a request still under way has arrived.
func (t Timing) sendingOver(p Payment) time.Time {
	if p.BeginOverAt != nil {
		return p.BeginOverAt.Add(t.NeverSeenAfter)
	}
	return p.SentAt.Add(t.SendTimeout + t.NeverSeenAfter)
}

// jitter spreads questions by up to half a second either way, so that many
// tills that lost their network at once do not ask in step.
func jitter(d time.Duration) time.Duration {
	half := min(d/2, 500*time.Millisecond)
	if half <= 0 {
		return d
	}
	return d - half + rand.N(2*half) // #nosec G404 -- spreading, not secrecy
}

func earliest(a, b time.Time) time.Time {
	if b.Before(a) {
		return b
	}
	return a
}

func at(t time.Time) *time.Time { return &t }
