package stack

import (
	"bufio"
	"context"
	"encoding/json"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"receivepayment/db"
	linklysim "receivepayment/linkly/sim"
)

// event is one server-sent event.
type event struct {
	name string
	data []byte
}

// follow opens an event stream and hands out its events; the channel is closed
// when the stream ends.
func (s *shop) follow(c Client, query, payment string) (events <-chan event, answer *http.Response) {
	s.t.Helper()
	ctx, cancel := context.WithTimeout(s.t.Context(), patience)
	s.t.Cleanup(cancel)
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, s.App+"/api/v1/payments/"+payment+"/events"+query, nil)
	if err != nil {
		s.t.Fatal(err)
	}
	req.Header.Set("Accept", "application/json, text/event-stream")
	if c.Token != "" {
		req.Header.Set("Authorization", "Bearer "+c.Token)
	}
	res, err := c.http.Do(req)
	if err != nil {
		s.t.Fatal(err)
	}
	s.t.Cleanup(func() { _ = res.Body.Close() })
	out := make(chan event, 100)
	go func() {
		defer close(out)
		lines := bufio.NewScanner(res.Body)
		lines.Buffer(nil, 1<<20)
		var e event
		for lines.Scan() {
			name, text, _ := strings.Cut(lines.Text(), ": ")
			switch name {
			case "event":
				e.name = text
			case "data":
				e.data = append(e.data, text...)
			case "":
				if e.name != "" {
					out <- e
				}
				e = event{}
			}
		}
	}()
	return out, res
}

// payment decodes an event and compares it with the description.
func (e event) payment(t *testing.T) Object {
	t.Helper()
	c, err := theContract()
	if err != nil {
		t.Fatal(err)
	}
	if e.name != "payment" {
		t.Fatalf("event %q with %s", e.name, e.data)
	}
	if err := c.fits("Payment", e.data); err != nil {
		t.Errorf("the event differs from the description: %v", err)
	}
	var o Object
	if err := json.Unmarshal(e.data, &o); err != nil {
		t.Fatal(err)
	}
	return o
}

func (s *shop) ticket(c Client) string {
	s.t.Helper()
	return c.Do(http.MethodPost, "/api/v1/stream-tickets", nil).Want(http.StatusOK).Text("ticket")
}

func TestStreamSendsThePaymentAtOnceAndAfterEachChange(t *testing.T) {
	t.Parallel()
	eachShop(t, func(t *testing.T, s *shop) {
		id := s.taken(s.order("p-1", s.invoice("i-1", "10.00"), "10.00"))
		s.awaitDisplay(id, "cancel")
		byTicket, _ := s.follow(s.Anonymous(), "?ticket="+s.ticket(s.cashier), id)
		byToken, _ := s.follow(s.admin, "", id)

		for _, events := range []<-chan event{byTicket, byToken} {
			first := (<-events).payment(t)
			if first.Text("id") != id || first.Text("state") != "sent" {
				t.Errorf("at once: %v", first)
			}
		}
		s.Terminal.Auto(linklysim.AutoConfig{})
		for _, events := range []<-chan event{byTicket, byToken} {
			s.wantStory(t, events)
		}
		s.honest()
	})
}

// wantStory reads a stream to its end: it tells of the approval, then that
// nothing more will come.
func (s *shop) wantStory(t *testing.T, events <-chan event) {
	t.Helper()
	var last, before []byte
	approved, ended := false, false
	for e := range events {
		if ended {
			t.Fatalf("after the end comes %q", e.name)
		}
		if e.name == "end" {
			ended = true
			continue
		}
		before, last = last, e.data
		if string(before) == string(last) {
			t.Error("the same is sent twice")
		}
		approved = approved || e.payment(t).Text("state") == "approved"
	}
	if !approved || !ended {
		t.Fatalf("approved seen %v, end seen %v", approved, ended)
	}
	final := event{"payment", last}.payment(t)
	for _, w := range final.List("writeBacks") {
		if w.Text("state") != "done" {
			t.Errorf("the stream ends while the write-back of the %s is %s", w.Text("target"), w.Text("state"))
		}
	}
}

func TestStreamOfASettledPaymentTellsItOnceAndEnds(t *testing.T) {
	t.Parallel()
	s := openShop(t, Options{})
	id := s.paid(s.order("p-1", s.invoice("i-1", "10.00"), "10.00")).Text("id")
	s.awaitWriteBacks(s.cashier, id)
	for range 2 { // whoever comes back gets the same
		events, res := s.follow(s.cashier, "", id)
		if got := res.Header.Get("Content-Type"); got != "text/event-stream" {
			t.Errorf("the stream is %s", got)
		}
		if got := (<-events).payment(t).Text("state"); got != "approved" {
			t.Errorf("state %s", got)
		}
		if e := <-events; e.name != "end" {
			t.Errorf("then comes %q", e.name)
		}
		if _, more := <-events; more {
			t.Error("the stream goes on after its end")
		}
	}
}

func TestTicketIsGoodOnceForItsOwnerAndForStreamsOnly(t *testing.T) {
	t.Parallel()
	eachShop(t, func(t *testing.T, s *shop) {
		id := s.taken(s.order("p-1", s.invoice("i-1", "10.00"), "10.00"))
		ticket := s.ticket(s.cashier)
		refused := func(what, query string) {
			t.Helper()
			if got := s.Anonymous().Do(http.MethodGet, "/api/v1/payments/"+id+"/events"+query, nil); got.Status != http.StatusUnauthorized {
				t.Errorf("%s opens the stream: %d", what, got.Status)
			}
		}
		events, _ := s.follow(s.Anonymous(), "?ticket="+ticket, id)
		<-events
		refused("a ticket that was used", "?ticket="+ticket)
		refused("nothing", "")
		refused("an empty ticket", "?ticket=")
		refused("a page token as ticket", "?ticket="+s.cashier.Token)
		s.client(s.ticket(s.cashier)).Do(http.MethodGet, "/api/v1/rights", nil).refused(401, "unauthenticated", "")

		if s.Config.DatabaseURL == "" { // the key of the other one is the same, there is no need to try twice
			m := newMint(t, s.Stack)
			old := changed(changed(s.claims(), "aud", []string{"stream"}), "exp", db.Now().Add(-time.Second).Unix())
			refused("a ticket of a minute ago", "?ticket="+m.sign(old))
			refused("a ticket without an end", "?ticket="+m.sign(changed(old, "exp", nil)))
			refused("a ticket without signature", "?ticket="+m.signWith(jwt.SigningMethodNone, jwt.UnsafeAllowNoneSignatureType, old))
		}
		s.cashier.Do(http.MethodGet, "/api/v1/payments/p_nowhere/events", nil).refused(404, "not_found", "")
	})
}

// The stream belongs to a process; the change may come from anywhere. A house
// that stops ends its streams, and a new one tells the rest.
func TestStreamIsTakenUpAgainAfterARestart(t *testing.T) {
	t.Parallel()
	s := openShop(t, Options{})
	id := s.taken(s.order("p-1", s.invoice("i-1", "10.00"), "10.00"))
	s.awaitDisplay(id, "cancel")
	events, _ := s.follow(s.cashier, "", id)
	<-events
	s.Restart()
	for e := range events {
		if e.name == "end" {
			t.Error("an open payment's stream says that nothing more will come")
		}
	}
	again, _ := s.follow(s.cashier, "", id)
	s.Terminal.Auto(linklysim.AutoConfig{})
	s.wantStory(t, again)
}
