package sim

import (
	"net/http"
	"time"
)

// Config says how a Sim behaves. Only Now is required; every other zero value has a working default.
type Config struct {
	// Calm starts with all faults off. Otherwise Faults apply, or DefaultFaults when Faults is nil.
	Calm bool
	// Seed makes the dice of the faults repeatable: each fault rolls its own sequence.
	Seed int64
	// Faults are the probabilities with which things go wrong.
	Faults Faults
	// Now is the clock for dates, pair codes and tokens. Waiting uses real timers.
	Now func() time.Time
	// Client sends the callbacks; nil makes one that follows no redirect and gives up after 10 s.
	Client *http.Client
	// Timing holds every delay and lifetime.
	Timing Timing
	// Casing chooses the letters of member names.
	Casing Casing
}

// Timing holds the delays and lifetimes of the simulated service. A zero field takes the default named beside it.
type Timing struct {
	Step            time.Duration // pause before a display that needs no key, 400 ms
	Processing      time.Duration // how long the bank thinks, 1 s
	Acknowledge     time.Duration // how long an OK display waits for the key, 2 s
	CustomerTimeout time.Duration // how long the terminal waits for a card, an account, a PIN or an answer, 60 s
	SyncLimit       time.Duration // longest wait of async=false before 408, 3 min (reference linkly 4)
	PairCode        time.Duration // lifetime of a pair code, 180 s (reference linkly 2)
	Token           time.Duration // lifetime of a token, sent in whole seconds, 1 h
	LateArrival     time.Duration // how long after the cut a PostLate request arrives, 3 s
	CallbackDelay   time.Duration // how late a delayed callback is, 3 s
	CallbackLimit   time.Duration // longest wait for the answer to a callback, 10 s
	LongPoll        time.Duration // how long a v2 question waits for news before 425, 2 s (reference linkly 5.12)
	Silence         time.Duration // how long a silent terminal says nothing, 3 min
}

// Fast is a Timing for tests: the terminal's own pauses are a millisecond, people still get 20 s.
func Fast() Timing {
	return Timing{
		Step: time.Millisecond, Processing: time.Millisecond, Acknowledge: time.Second,
		CustomerTimeout: 20 * time.Second, LateArrival: 50 * time.Millisecond,
		CallbackDelay: 50 * time.Millisecond, LongPoll: 30 * time.Millisecond, Silence: 200 * time.Millisecond,
	}
}

// withDefaults fills in the pace of a real terminal, which is what people in a demo expect to see.
func (t Timing) withDefaults() Timing {
	set := func(d *time.Duration, def time.Duration) {
		if *d <= 0 {
			*d = def
		}
	}
	set(&t.Step, 400*time.Millisecond)
	set(&t.Processing, time.Second)
	set(&t.Acknowledge, 2*time.Second)
	set(&t.CustomerTimeout, time.Minute)
	set(&t.SyncLimit, 3*time.Minute)
	set(&t.PairCode, 180*time.Second)
	set(&t.Token, time.Hour)
	set(&t.LateArrival, 3*time.Second)
	set(&t.CallbackDelay, 3*time.Second)
	set(&t.CallbackLimit, 10*time.Second)
	set(&t.LongPoll, 2*time.Second)
	set(&t.Silence, 3*time.Minute)
	return t
}

// Letters is a way of writing member names.
type Letters string

// The ways of writing member names. The empty value takes the default of its place.
const (
	Pascal Letters = "pascal" // SessionId, RRN
	Camel  Letters = "camel"  // sessionId, rrn
	Lower  Letters = "lower"  // sessionid, rrn: never observed, for testing that readers ignore case

	// The two official v2 clients read camelCase with exceptions, and not with the same ones (reference linkly 4).
	CSharp Letters = "csharp" // RRN, AmtPurchase, NII, catId, cashoutLimit
	Java   Letters = "java"   // RRN, AmtPurchase, nii, catid, cashOutLimit
)

// Casing chooses the letters per place: camelCase over HTTP and PascalCase in callbacks were observed
// (reference linkly 4), and that is the default. The events of v2 are written for the C# client unless told otherwise.
type Casing struct{ HTTP, Callbacks, V2 Letters }

// withDefaults takes the letters that were observed on the real service.
func (c Casing) withDefaults() Casing {
	if c.HTTP == "" {
		c.HTTP = Camel
	}
	if c.Callbacks == "" {
		c.Callbacks = Pascal
	}
	if c.V2 == "" {
		c.V2 = CSharp
	}
	return c
}
