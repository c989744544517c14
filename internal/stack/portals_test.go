package stack

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"receivepayment/cmd/app/house"
	"receivepayment/db"
	"receivepayment/internal/testkit"
	"receivepayment/pairing"
)

const (
	manyPortals = 200
	// stuck is how many people of the slow portal open the app at once, just within
	// its limit; with the others they are many times more than one limit for all
	// portals would bear.
	stuck = 30
)

// street is many portals that have installed the app, of which the first stops
// answering when it is told to.
type street struct {
	*Stack
	members []string
	silent  atomic.Bool
	over    chan struct{} // closed at the end: what waits at the silent one may go
}

func (s *street) slow() string { return s.members[0] }

// newStreet makes the portals, each at an address of its own, as rows: how they
// are installed is another story.
func newStreet(t *testing.T) *street {
	t.Helper()
	s := &street{over: make(chan struct{}), Stack: Start(t, Options{Change: func(c *house.Config) {
		c.BitrixRate, c.BitrixBurst = 2, 40 // as it is sold
	}})}
	_, port, err := net.SplitHostPort(strings.TrimPrefix(s.Portal, "http://"))
	if err != nil {
		t.Fatal(err)
	}
	now := db.Now()
	rows := make([]pairing.Portal, manyPortals)
	for i := range rows {
		member, domain := fmt.Sprintf("%032x", i+1), fmt.Sprintf("127.0.1.%d:%s", i+1, port)
		s.members = append(s.members, member)
		s.Bitrix.AddPortal(domain, member)
		s.Bitrix.InstallFormAt(member, Admin)
		s.open(t, domain, i == 0)
		rows[i] = pairing.Portal{
			ID: member, Domain: domain, Endpoint: "http://" + domain + "/rest/", Server: s.Portal + "/auth/rest/", AdminID: "1",
			Scope: "crm", Language: "en", Installed: true, Stages: pairing.Stages{}, PaySystems: pairing.PaySystems{},
			Funnels: []pairing.Funnel{}, Steps: pairing.Steps{}, RetentionDays: 30, CreatedAt: now, UpdatedAt: now,
		}
	}
	if err := s.House.DB.WithContext(t.Context()).CreateInBatches(&rows, 50).Error; err != nil {
		t.Fatal(err)
	}
	return s
}

// open listens for one portal.
func (s *street) open(t *testing.T, domain string, slow bool) {
	t.Helper()
	l, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", domain)
	if err != nil {
		testkit.Lacks(t, "this machine has no address %s: %v", domain, err)
	}
	handler := s.Bitrix.Handler()
	if slow {
		next := handler
		handler = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if s.silent.Load() {
				select {
				case <-r.Context().Done():
				case <-s.over:
				}
				return
			}
			next.ServeHTTP(w, r)
		})
	}
	server := &httptest.Server{Listener: l, Config: &http.Server{Handler: handler, ReadHeaderTimeout: time.Minute}}
	server.Start()
	t.Cleanup(server.Close)
}

// opens opens the app at a portal and answers the status.
func (s *street) opens(ctx context.Context, member string) (int, error) {
	e := s.Bitrix.EntryFormAt(member, Admin, "DEFAULT", 0)
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, e.URL, strings.NewReader(e.Body.Encode()))
	if err != nil {
		return 0, err
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	req.Header.Set("Accept", "application/json")
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		return 0, err
	}
	return res.StatusCode, res.Body.Close()
}

// While thirty people of one portal wait for its answer, which does not come,
// the app opens at every other portal, and the background work of each is done:
// none waits for another, and each has a limit of its own.
func TestNoPortalWaitsForAnother(t *testing.T) {
	t.Parallel()
	s := newStreet(t)
	if status, err := s.opens(t.Context(), s.slow()); status != http.StatusOK {
		t.Fatalf("the portal that will be slow: %d, %v", status, err)
	}
	s.silent.Store(true)
	patient, giveUp := context.WithCancel(t.Context())
	var waiting sync.WaitGroup
	for range stuck {
		waiting.Go(func() { _, _ = s.opens(patient, s.slow()) })
	}
	t.Cleanup(func() {
		s.silent.Store(false)
		close(s.over)
		giveUp()
		waiting.Wait()
	})

	began := time.Now()
	soon, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	var everybody sync.WaitGroup
	hands := make(chan struct{}, 8)
	for _, member := range s.members[1:] {
		everybody.Go(func() {
			hands <- struct{}{}
			defer func() { <-hands }()
			if status, err := s.opens(soon, member); status != http.StatusOK {
				t.Errorf("portal %s: %d, %v", member, status, err)
			}
		})
	}
	everybody.Wait()
	t.Logf("%d portals opened the app in %v", manyPortals-1, time.Since(began).Round(time.Millisecond))

	err := s.House.DB.WithContext(t.Context()).Table("portals").Where("1 = 1").Updates(map[string]any{"seen_at": nil, "due_at": db.Now()}).Error
	if err != nil {
		t.Fatal(err)
	}
	s.Await("every other portal is looked after", func() bool {
		return s.count("portals", "seen_at IS NOT NULL") == manyPortals-1
	})
}
