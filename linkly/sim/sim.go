package sim

import (
	"context"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"
)

// Sim is Linkly Cloud in memory: the auth host, the REST host, any number of terminals and the page.
// It is safe for concurrent use. Make it with New and end it with Close.
type Sim struct {
	// Fixed after New.
	cfg   Config
	dice  *dice
	plans plans
	book  book

	// ctx ends with Close; every wait in this package watches it.
	ctx    context.Context
	stop   context.CancelFunc
	wg     sync.WaitGroup
	client *http.Client
	owned  *http.Transport // of our own client, emptied by Close

	// mu guards everything below and the fields of terminals, sessions, pairings and tokens. One lock for all leaves no
	// order of locks to get wrong (only the book's comes after it), and no test has enough terminals to feel it. It is
	// never held across a call to the network.
	mu        sync.Mutex
	closed    bool
	version   uint64
	changed   chan struct{} // closed and replaced at every change that the page shows
	terminals []*Terminal
	secrets   map[string]*pairing
	tokens    map[string]*token
	sessions  map[string]*session // by normalised id
	refs      map[string]string   // TxnRef to the session that used it
	counter   int
}

// New makes a Sim. It panics when cfg.Now is missing, which is a programming mistake.
func New(cfg Config) *Sim {
	if cfg.Now == nil {
		panic("linkly/sim: Config.Now is required")
	}
	cfg.Timing, cfg.Casing = cfg.Timing.withDefaults(), cfg.Casing.withDefaults()

	// Misbehaving is the default: a client that was only ever tested in good weather is not tested.
	f := cfg.Faults
	if f == nil {
		f = DefaultFaults()
	}
	if cfg.Calm {
		f = nil
	}

	ctx, stop := context.WithCancel(context.Background())
	s := &Sim{
		cfg: cfg, dice: newDice(cfg.Seed, f), plans: plans{armed: map[string]Plan{}, bound: map[string]*Plan{}}, ctx: ctx, stop: stop, changed: make(chan struct{}),
		secrets: map[string]*pairing{}, tokens: map[string]*token{}, sessions: map[string]*session{}, refs: map[string]string{},
	}
	// A transport of our own, so that Close can end its idle connections and leave no goroutine.
	s.client = cfg.Client
	if s.client == nil {
		s.owned = &http.Transport{MaxIdleConnsPerHost: 64, IdleConnTimeout: 30 * time.Second}
		s.client = &http.Client{Transport: s.owned, CheckRedirect: func(*http.Request, []*http.Request) error {
			return http.ErrUseLastResponse
		}}
	}
	return s
}

// Close ends every sale where it stands, stops all callbacks, and returns when no goroutine of the Sim is left.
// Requests that arrive afterwards are answered 503.
func (s *Sim) Close() {
	s.mu.Lock()
	s.closed = true
	s.mu.Unlock()
	s.stop()
	s.wg.Wait()
	if s.owned != nil {
		s.owned.CloseIdleConnections()
	}
}

// spawn runs f in a goroutine that Close waits for; after Close it does nothing.
func (s *Sim) spawn(f func()) {
	// Under the lock, because Add must not run beside the Wait of Close.
	s.mu.Lock()
	if s.closed {
		s.mu.Unlock()
		return
	}
	s.wg.Add(1)
	s.mu.Unlock()

	go func() {
		defer s.wg.Done()
		f()
	}()
}

// pause waits and reports whether the time passed; false means that the Sim was closed.
func (s *Sim) pause(d time.Duration) bool {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return true
	case <-s.ctx.Done():
		return false
	}
}

// touchLocked tells everybody who watches that something visible changed. The caller holds s.mu.
func (s *Sim) touchLocked() {
	s.version++
	close(s.changed)
	s.changed = make(chan struct{})
}

// SetFaults replaces the probabilities of all faults; nil makes the Sim calm.
func (s *Sim) SetFaults(f Faults) {
	s.dice.set(f)
	s.mu.Lock()
	defer s.mu.Unlock()
	s.touchLocked()
}

// Faults returns the probabilities in force. It is empty when the Sim is calm.
func (s *Sim) Faults() Faults { return s.dice.get() }

// Next makes a fault happen at its next times occasions, whatever its probability. It works while calm.
func (s *Sim) Next(f Fault, times int) { s.dice.once(f, times) }

// Terminals lists the terminals in the order in which they were added.
func (s *Sim) Terminals() []*Terminal {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]*Terminal(nil), s.terminals...)
}

// Terminal finds a terminal by its id ("t1", "t2", …); nil when there is none.
func (s *Sim) Terminal(id string) *Terminal {
	for _, t := range s.Terminals() {
		if t.id == id {
			return t
		}
	}
	return nil
}

// AddTerminal plugs in one more terminal, online and not paired. Missing members of c get plausible values.
func (s *Sim) AddTerminal(c TerminalConfig) *Terminal {
	s.mu.Lock()
	defer s.mu.Unlock()
	n := len(s.terminals) + 1
	t := &Terminal{sim: s, id: "t" + strconv.Itoa(n), cfg: c.withDefaults(n), online: true}
	s.terminals = append(s.terminals, t)
	s.touchLocked()
	return t
}

// normal is a session id as it is compared: lower case, without hyphens (reference linkly 4).
func normal(id string) string { return strings.ReplaceAll(strings.ToLower(id), "-", "") }
