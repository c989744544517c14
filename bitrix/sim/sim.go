package sim

import (
	"context"
	"net/http"
	"strings"
	"sync"
	"time"
)

// Sim is one authorisation server with one portal (more can be added with AddPortal). All methods may be called
// from any goroutine. Close it to stop deliveries and waiting pages.
type Sim struct {
	cfg    Config
	book   book
	faults faultBook

	mu      sync.Mutex
	portals []*portal
	tokens  tokenStore
	frames  map[string]*frame
	buckets map[string]*bucket
	// version counts changes; changed is closed and replaced at each, so that open pages can wait for the next.
	version int
	changed chan struct{}
	// outbox holds events raised while mu is held; they leave when it is released.
	outbox []delivery

	ctx    context.Context
	stop   context.CancelFunc
	work   *pending
	client *http.Client
	mux    http.Handler
	// methods is written once, before the first request.
	methods map[string]method
	pages   pages
}

// New builds a simulator with its seeded portal. It panics when Config.Now is missing.
func New(cfg Config) *Sim {
	cfg = cfg.withDefaults()
	ctx, stop := context.WithCancel(context.Background())
	s := &Sim{
		cfg:     cfg,
		faults:  newFaultBook(cfg.Seed),
		tokens:  newTokenStore(),
		frames:  map[string]*frame{},
		buckets: map[string]*bucket{},
		changed: make(chan struct{}),
		ctx:     ctx,
		stop:    stop,
		work:    newPending(),
		methods: allMethods(),
		pages:   parsePages(),
		client:  &http.Client{Timeout: 10 * time.Second, Transport: &http.Transport{}},
	}
	if !cfg.Calm {
		s.faults.misbehave()
	}
	s.portals = []*portal{newPortal(mainMemberID, cfg.PublicHost, cfg)}
	seed(s.portals[0], cfg.Now())
	s.mux = s.routes()
	return s
}

// Close ends waiting pages and pending deliveries and waits for them.
func (s *Sim) Close() {
	s.stop()
	s.work.wait()
	s.client.CloseIdleConnections()
}

// SetAddresses tells the simulator where the app and the portal are reached, for tests whose ports are known only
// after New. Call it before the first request.
func (s *Sim) SetAddresses(appURL, publicHost string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.cfg.AppURL = strings.TrimRight(appURL, "/")
	s.cfg.PublicHost = publicHost
	s.portals[0].domain = publicHost
}

// AddPortal adds a second account, reached under its own domain (such as 127.0.0.2:8601), with the same seeded data
// and the app not yet installed.
func (s *Sim) AddPortal(domain, memberID string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	p := newPortal(memberID, domain, s.cfg)
	seed(p, s.cfg.Now())
	s.portals = append(s.portals, p)
}

// Handler serves the portal and the authorisation server. Open pages wait at the server for changes, so call Close
// before a graceful shutdown of the server around it.
func (s *Sim) Handler() http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		// The multiplexer would answer "/rest//profile" with a redirect and so lose the body; the real one takes it.
		if rest, ok := strings.CutPrefix(r.URL.Path, "/rest/"); ok {
			s.serveREST(w, r, rest)
			return
		}
		if rest, ok := strings.CutPrefix(r.URL.Path, "/auth/"); ok {
			s.serveAuth(w, r, rest)
			return
		}
		s.mux.ServeHTTP(w, r)
	})
}

// now is the only clock; nothing here asks the machine.
func (s *Sim) now() time.Time { return s.cfg.Now() }

// portalAt finds the portal by the Host of a request; an unknown host is the main portal's, so that a proxy or
// "localhost" in a developer's browser does not end in an empty page. moved names the new domain of an old address.
func (s *Sim) portalAt(host string) (p *portal, moved string) {
	for _, p := range s.portals {
		if p.domain == host {
			return p, ""
		}
		if p.oldDomain == host {
			return p, p.domain
		}
	}
	return s.portals[0], ""
}

// unlock publishes what happened while the lock was held.
func (s *Sim) unlock() {
	out := s.outbox
	s.outbox = nil
	s.mu.Unlock()
	for _, d := range out {
		s.deliver(d)
	}
}

// touch wakes the open pages. The lock must be held.
func (s *Sim) touch() {
	s.version++
	close(s.changed)
	s.changed = make(chan struct{})
}
