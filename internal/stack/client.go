package stack

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"testing"
	"time"

	"receivepayment/db"
	"receivepayment/pairing"
)

func itoa(n int) string { return strconv.Itoa(n) }

// Object is a JSON object as an outside program sees it.
type Object map[string]any

// Client speaks the JSON face with one person's token.
type Client struct {
	Base  string
	Token string
	t     testing.TB
	http  *http.Client
}

// Answer is a status and a body.
type Answer struct {
	Status int
	Header http.Header
	Body   []byte
	t      testing.TB
}

// Object decodes the body.
func (a Answer) Object() Object {
	a.t.Helper()
	var o Object
	if err := json.Unmarshal(a.Body, &o); err != nil {
		a.t.Fatalf("status %d, body is no JSON object: %.300s", a.Status, a.Body)
	}
	return o
}

// Want fails the test unless the status is the wanted one.
func (a Answer) Want(status int) Object {
	a.t.Helper()
	if a.Status != status {
		a.t.Fatalf("status %d, want %d: %.500s", a.Status, status, a.Body)
	}
	if len(a.Body) == 0 {
		return nil
	}
	return a.Object()
}

// Text follows keys into nested objects and answers the text there.
func (o Object) Text(keys ...string) string {
	var at any = map[string]any(o)
	for _, k := range keys {
		m, ok := at.(map[string]any)
		if !ok {
			return ""
		}
		at = m[k]
	}
	text, _ := at.(string)
	return text
}

// List is the list of objects under the key.
func (o Object) List(key string) []Object {
	rows, _ := o[key].([]any)
	out := make([]Object, 0, len(rows))
	for _, r := range rows {
		if m, ok := r.(map[string]any); ok {
			out = append(out, Object(m))
		}
	}
	return out
}

// Do sends a request; a nil body sends none.
func (c Client) Do(method, path string, body any) Answer {
	c.t.Helper()
	var reader io.Reader
	if body != nil {
		raw, err := json.Marshal(body)
		if err != nil {
			c.t.Fatal(err)
		}
		reader = bytes.NewReader(raw)
	}
	req, err := http.NewRequestWithContext(c.t.Context(), method, c.Base+path, reader)
	if err != nil {
		c.t.Fatal(err)
	}
	if body != nil {
		req.Header.Set("Content-Type", "application/json")
	}
	return c.Send(req)
}

// Send adds the token and sends.
func (c Client) Send(req *http.Request) Answer {
	c.t.Helper()
	if req.Header.Get("Accept") == "" {
		req.Header.Set("Accept", "application/json")
	}
	if c.Token != "" {
		req.Header.Set("Authorization", "Bearer "+c.Token)
	}
	res, err := c.http.Do(req) // #nosec G704 -- a test calls the product that it started
	if err != nil {
		c.t.Fatal(err)
	}
	defer func() { _ = res.Body.Close() }()
	raw, err := io.ReadAll(res.Body)
	if err != nil {
		c.t.Fatal(err)
	}
	return Answer{Status: res.StatusCode, Header: res.Header, Body: raw, t: c.t}
}

// The people of the pretend portal.
const (
	Admin   = 1
	Cashier = 14
)

// Install installs the app as the administrator and answers their client.
func (s *Stack) Install() Client {
	s.t.Helper()
	e := s.Bitrix.InstallForm(Admin)
	o := s.Post(e.URL, e.Body).Want(http.StatusOK)
	s.Bitrix.FinishInstall()
	s.Directory()
	return s.client(o.Text("token"))
}

// Directory reads the portal's people now, as the janitor does after installing
// and twice a day: what is stored afterwards is a test's own doing.
func (s *Stack) Directory() {
	s.t.Helper()
	tx := s.House.DB.WithContext(s.t.Context())
	var portal pairing.Portal
	if err := tx.Where("installed").Take(&portal).Error; err != nil {
		s.t.Fatal(err)
	}
	began := db.Now()
	err := tx.Model(&pairing.Portal{}).Where("id = ?", portal.ID).Update("people_due_at", began).Error
	if err == nil {
		err = s.House.Portals.ReadDirectory(s.t.Context(), portal.ID)
	}
	if err != nil && s.scopes == nil {
		s.t.Fatal(err)
	}
	s.Await("the directory is read", func() bool { // or the janitor is at it
		return tx.Where("id = ?", portal.ID).Take(&portal).Error == nil && portal.PeopleDueAt != nil && portal.PeopleDueAt.After(began.Add(5*time.Minute))
	})
}

// Enter opens a placement as a person and answers their client.
func (s *Stack) Enter(user int, placement string, id int) Client {
	s.t.Helper()
	e := s.Bitrix.EntryForm(user, placement, id)
	return s.client(s.Post(e.URL, e.Body).Want(http.StatusOK).Text("token"))
}

// client's exchanges are all compared with the description of the JSON face.
func (s *Stack) client(token string) Client {
	return Client{Base: s.App, Token: token, t: s.t, http: &http.Client{Transport: newWitness(s.t, http.DefaultTransport, s.Tape)}}
}

// Anonymous is a client without a token.
func (s *Stack) Anonymous() Client { return s.client("") }

// Post sends a form as Bitrix24 does, asking for JSON.
func (s *Stack) Post(address string, form url.Values) Answer {
	s.t.Helper()
	req, err := http.NewRequestWithContext(s.t.Context(), http.MethodPost, address, strings.NewReader(form.Encode()))
	if err != nil {
		s.t.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	return s.Anonymous().Send(req)
}

// Pair pairs the first virtual PIN pad and waits until it is proven.
func (s *Stack) Pair(admin Client) (id string) {
	s.t.Helper()
	o := admin.Do(http.MethodPost, "/api/v1/terminals", Object{
		"name": "Counter 1", "provider": "linkly", "environment": "sandbox",
		"username": "demo", "password": "demo", "pairCode": s.Terminal.NewPairCode(),
	}).Want(http.StatusCreated)
	id = o.Text("id")
	s.Await("the terminal is ready", func() bool {
		return admin.Do(http.MethodGet, "/api/v1/terminals/"+id, nil).Want(http.StatusOK).Text("status") == "ready"
	})
	return id
}

// patience is how long Await waits: what fails fails late, so that what is only
// slow does not. Some truths take two waits of ten seconds between questions,
// on a machine that runs six stories at once.
const patience = time.Minute

// Await polls until the condition holds.
func (s *Stack) Await(what string, holds func() bool) {
	s.t.Helper()
	deadline := time.NewTimer(patience)
	defer deadline.Stop()
	tick := time.NewTicker(10 * time.Millisecond)
	defer tick.Stop()
	for !holds() {
		select {
		case <-deadline.C:
			s.t.Fatalf("waited in vain: %s", what)
		case <-tick.C:
		}
	}
}

// AwaitPayment waits until the payment is in the state and answers it.
func (s *Stack) AwaitPayment(c Client, id, state string) Object {
	s.t.Helper()
	var last Object
	s.Await("payment "+id+" becomes "+state, func() bool {
		last = c.Do(http.MethodGet, "/api/v1/payments/"+id, nil).Want(http.StatusOK)
		return last.Text("state") == state
	})
	return last
}
