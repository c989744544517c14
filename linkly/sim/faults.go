package sim

import (
	"encoding/binary"
	"hash/fnv"
	"maps"
	"math"
	"sync"
)

// Fault names one way of going wrong.
type Fault string

// Faults of a transaction POST. "Accepted" means that the sale runs although the answer says otherwise.
const (
	PostLost        Fault = "post_lost"         // connection cut, the request never arrived
	PostCut         Fault = "post_cut"          // accepted, then the connection is cut
	PostLate        Fault = "post_late"         // connection cut, accepted Timing.LateArrival later
	Post401         Fault = "post_401"          // token refused, not accepted
	Post401Accepted Fault = "post_401_accepted" // token refused, accepted: a repeat with a new token meets 409
	PostRedirect    Fault = "post_redirect"     // 307 to the same place, not accepted
	Post403         Fault = "post_403"
	Post429         Fault = "post_429"          // with Retry-After, not accepted
	Post408         Fault = "post_408"          // timed out, not accepted
	Post408Accepted Fault = "post_408_accepted" // timed out, accepted
	Post500         Fault = "post_500"
	Post500Accepted Fault = "post_500_accepted"
	Post503         Fault = "post_503"
	Post503Accepted Fault = "post_503_accepted"
	TokenDies       Fault = "token_dies" // accepted, and the token stops working at once
)

// Faults of the status question, the token, the key and the terminal itself.
const (
	Get400          Fault = "get_400" // says nothing about the sale
	Get401          Fault = "get_401"
	Get404          Fault = "get_404" // denies a sale that it has: a correct server never does
	Get408          Fault = "get_408"
	Get500          Fault = "get_500"
	Get503          Fault = "get_503"
	GetCut          Fault = "get_cut"
	PollCut         Fault = "poll_cut"         // v2: the events are handed out, then the connection is cut
	GetEmpty        Fault = "get_empty"        // 200 with {}
	GetHTML         Fault = "get_html"         // 200 with a web page
	ResultForgotten Fault = "result_forgotten" // the result is lost for good: 404 from then on
	RepairForgets   Fault = "repair_forgets"   // after pairing again the earlier sessions answer 404
	Pair500         Fault = "pair_500"         // the code is not used up
	PairUniform     Fault = "pair_uniform"     // wrong user name or password is answered like a wrong code: 401
	PairEmpty       Fault = "pair_empty"       // 200 without a secret; the code is used up
	Token500        Fault = "token_500"
	TokenNoExpiry   Fault = "token_no_expiry"  //nolint:gosec // a name, no credential: the token comes without expirySeconds
	Sendkey500      Fault = "sendkey_500"      // the key is not pressed
	SendkeyLost     Fault = "sendkey_lost"     // 200, and the key is not pressed all the same
	OddShapes       Fault = "odd_shapes"       // strings for numbers and flags, null and missing members, [] for an empty PAD
	Silence         Fault = "silence"          // the terminal says nothing for Timing.Silence
	TerminalBusy    Fault = "terminal_busy"    // another till uses the terminal: BY
	TerminalOffline Fault = "terminal_offline" // nobody reaches the terminal: PF
	PairedAgain     Fault = "paired_again"     // somebody makes a new pair code while the sale is with the bank
	DisplayLies     Fault = "display_lies"     // the last display of a failed sale says APPROVED
)

// Faults of callbacks. Linkly promises no order, no retries and no uniqueness (reference linkly 6).
const (
	CallbackDropped     Fault = "callback_dropped"
	CallbackDoubled     Fault = "callback_doubled"
	CallbackReordered   Fault = "callback_reordered" // sent after the next one
	CallbackDelayed     Fault = "callback_delayed"   // sent Timing.CallbackDelay later
	CallbackEarly       Fault = "callback_early"     // the first one is sent before the 202
	CallbackWrongHeader Fault = "callback_wrong_header"
	CallbackContradicts Fault = "callback_contradicts" // a late second result that says the opposite
	CallbackForged      Fault = "callback_forged"      // before the result a stranger says approved, with a wrong header
)

// Faults holds a probability from 0 to 1 for each fault; one that is absent never happens by itself.
type Faults map[Fault]float64

// DefaultFaults is the everyday misbehaviour of a Sim that was not told to be calm. Faults that a correct
// server cannot produce (Get404, ResultForgotten, CallbackContradicts and their like) are not among them, nor are those
// that need a person (PairedAgain).
func DefaultFaults() Faults {
	return Faults{
		PostLost: .01, PostCut: .02, PostLate: .01, Post401: .01,
		Post408: .01, Post408Accepted: .01, Post500: .01, Post500Accepted: .01, Post503: .01, Post503Accepted: .01,
		TokenDies: .01, Get401: .01, Get408: .02, Get500: .02, Get503: .02, GetCut: .02,
		CallbackDropped: .03, CallbackDoubled: .03, CallbackReordered: .03, CallbackDelayed: .03, CallbackEarly: .03,
	}
}

// dice decides which fault happens. Each fault has its own repeatable sequence, so that one more roll for
// one of them does not change the others.
type dice struct {
	mu     sync.Mutex
	seed   int64
	faults Faults
	rolls  map[Fault]uint64
	next   map[Fault]int // one-shots
}

// newDice copies the probabilities: the caller may go on using the map.
func newDice(seed int64, f Faults) *dice {
	return &dice{seed: seed, faults: maps.Clone(f), rolls: map[Fault]uint64{}, next: map[Fault]int{}}
}

// hit reports whether the fault happens now. One-shots come first and need no probability.
func (d *dice) hit(f Fault) bool {
	if d.ordered(f) {
		return true
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	p := d.faults[f]
	if p <= 0 {
		return false
	}
	d.rolls[f]++
	return d.fraction(f, d.rolls[f]) < p
}

// ordered reports whether a one-shot of the fault is due, and uses it up.
func (d *dice) ordered(f Fault) bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.next[f] == 0 {
		return false
	}
	d.next[f]--
	return true
}

// fraction is the n-th roll for a fault, from 0 to 1. It is computed from the seed alone, so that two runs with
// the same calls in another order still see the same faults.
func (d *dice) fraction(f Fault, n uint64) float64 {
	h := fnv.New64a()
	var b [16]byte
	binary.LittleEndian.PutUint64(b[:8], uint64(d.seed)) //nolint:gosec // any bits will do as a seed
	binary.LittleEndian.PutUint64(b[8:], n)
	h.Write(b[:])
	h.Write([]byte(f))

	// FNV alone leaves neighbours alike; this finish (splitmix64) spreads them evenly.
	x := h.Sum64()
	x = (x ^ x>>30) * 0xbf58476d1ce4e5b9
	x = (x ^ x>>27) * 0x94d049bb133111eb
	x ^= x >> 31
	return float64(x>>11) / math.Exp2(53)
}

// set replaces all probabilities. One-shots that were ordered stay ordered.
func (d *dice) set(f Faults) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.faults = maps.Clone(f)
}

// get copies the probabilities, for reading outside the lock.
func (d *dice) get() Faults {
	d.mu.Lock()
	defer d.mu.Unlock()
	f := Faults{}
	maps.Copy(f, d.faults)
	return f
}

// once orders a fault for its next occasions.
func (d *dice) once(f Fault, times int) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.next[f] = times
}

// waiting returns how many one-shots of a fault are still to come.
func (d *dice) waiting(f Fault) int {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.next[f]
}
