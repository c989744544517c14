package bench

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/hibiken/asynq"
	"github.com/redis/go-redis/v9"

	"receivepayment/access"
	"receivepayment/audit"
	"receivepayment/bitrix"
	bitrixsim "receivepayment/bitrix/sim"
	"receivepayment/db"
	"receivepayment/internal/testkit"
	"receivepayment/invoices"
	"receivepayment/jobs"
	"receivepayment/notices"
	"receivepayment/pairing"
	"receivepayment/payments"
	"receivepayment/secrets"
	"receivepayment/web"
)

// engines are the two places that the product runs on.
var engines = []struct {
	name string
	open func(testing.TB) (*db.DB, asynq.RedisClientOpt)
}{
	{"Embedded", func(t testing.TB) (*db.DB, asynq.RedisClientOpt) {
		return testkit.SQLite(t), testkit.EmbeddedRedis(t)
	}},
	{"Servers", func(t testing.TB) (*db.DB, asynq.RedisClientOpt) {
		return testkit.Postgres(t), testkit.RealRedis(t)
	}},
}

func eachEngine(b *testing.B, measure func(b *testing.B, p *product)) {
	for _, e := range engines {
		b.Run(e.name, func(b *testing.B) {
			d, opt := e.open(b)
			measure(b, newProduct(b, d, opt))
		})
	}
}

// product is the web half of the product on a fresh database, as `app web`
// runs it, with a CRM that answers at once. No worker runs beside it, so that
// what is measured is the answer alone.
type product struct {
	t        testing.TB
	db       *db.DB
	payments *payments.Service
	bell     *jobs.Bell
	portals  *pairing.Portals
	keys     *secrets.Keys
	redis    asynq.RedisClientOpt
	crm      *crm

	base   string // where it listens
	portal string // the portal's id
	token  string // a cashier's
	next   int
}

// people of the pretend portal.
const (
	administrator = 1
	cashier       = 14
)

func newProduct(t testing.TB, d *db.DB, opt asynq.RedisClientOpt) *product {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	must(t, err)
	p := &product{t: t, db: d, redis: opt, next: pattern}
	p.base = "http://localhost:" + strconv.Itoa(listener.Addr().(*net.TCPAddr).Port)
	sim := bitrixsim.New(bitrixsim.Config{
		AppURL: p.base, PublicHost: "127.0.0.1:1", ClientID: "app", ClientSecret: "key", Calm: true, Now: db.Now, RateBurst: -1,
	})
	t.Cleanup(sim.Close)
	p.crm = &crm{sim: sim.Handler()}
	text, err := secrets.Generate()
	must(t, err)
	p.keys, err = secrets.Load(text)
	must(t, err)

	server := &httptest.Server{Listener: listener, Config: &http.Server{Handler: p.wire(p.crm), ReadHeaderTimeout: time.Minute}}
	server.Start()
	t.Cleanup(server.Close)
	p.enter(sim)
	return p
}

// wire builds the product as package house does, on the given CRM.
func (p *product) wire(crm http.RoundTripper) http.Handler {
	log := slog.New(slog.DiscardHandler)
	client := redis.NewClient(&redis.Options{Addr: p.redis.Addr, Password: p.redis.Password, DB: p.redis.DB})
	p.t.Cleanup(func() { _ = client.Close() })
	queue := testkit.Queue(p.t, p.redis)
	p.bell = jobs.NewBell(client, log)
	b, err := bitrix.New(bitrix.Config{
		ClientID: "app", ClientSecret: "key", Now: db.Now, Transport: crm,
		AuthServers: []string{"http://127.0.0.1:1/auth"}, Rate: 1e9, Burst: 1 << 30,
	})
	must(p.t, err)
	p.payments = payments.New(payments.Config{
		DB: p.db, Clock: db.Now, Timing: payments.DefaultTiming(), Queue: queue, Bell: p.bell, Log: log,
		Gateways: map[string]payments.Gateway{},
	})
	p.portals = &pairing.Portals{
		DB: p.db, Clock: db.Now, Keys: p.keys, Bitrix: b, Payments: p.payments, Log: log,
		// The portal tells of its changes in vain: what answers them would be counted too.
		Handler: p.base + "/bitrix/app", EventHandler: "http://127.0.0.1:1/bitrix/events", OnDismiss: access.Forget,
	}
	told := &notices.Service{DB: p.db, Clock: db.Now, Queue: queue, Send: p.portals.Notify, Log: log}
	terminals := &pairing.Terminals{
		DB: p.db, Clock: db.Now, Keys: p.keys, Payments: p.payments, Queue: queue, Bell: p.bell, Log: log,
	}
	p.portals.Terminals = terminals
	documents := &invoices.Service{DB: p.db, Clock: db.Now, CRM: p.portals, Payments: p.payments}
	writeBacks := &invoices.WriteBacks{
		DB: p.db, Clock: db.Now, CRM: p.portals, Payments: p.payments, Queue: queue, Bell: p.bell, Notices: told, Log: log,
	}
	changes := &invoices.Changes{
		DB: p.db, Clock: db.Now, Service: documents, Payments: p.payments, WriteBacks: writeBacks, Queue: queue, Log: log,
	}
	p.portals.Look = changes.Look
	s, err := web.New(web.Config{
		Payments: p.payments, Portals: p.portals, Terminals: terminals,
		Invoices: documents, WriteBacks: writeBacks, Changes: changes, Notices: told, Audit: &audit.Log{DB: p.db},
		Callbacks: &pairing.Callbacks{Terminals: terminals, Payments: p.payments},
		Rights:    &access.Rights{DB: p.db, Clock: db.Now}, Bell: p.bell, Once: jobs.NewOnce(client, db.Now, log),
		Keys: p.keys, Now: db.Now, PublicURL: p.base, Log: log,
		Ready: func(context.Context) error { return nil },
	})
	must(p.t, err)
	return s.Handler()
}

// enter installs the app and lets a cashier in.
func (p *product) enter(sim *bitrixsim.Sim) {
	p.t.Helper()
	installed := sim.InstallForm(administrator)
	p.post(installed.URL, installed.Body)
	sim.FinishInstall()
	e := sim.EntryForm(cashier, "CRM_DEAL_DETAIL_TAB", 512)
	p.token = p.post(e.URL, e.Body)
	var row pairing.Portal
	must(p.t, p.db.WithContext(p.t.Context()).Take(&row).Error)
	p.portal = row.ID
	p.call(http.MethodPost, "/api/v1/invoices", map[string]string{"requestId": "bench-i", "deal": "512"}, http.StatusCreated)
}

func (p *product) post(address string, form url.Values) (token string) {
	p.t.Helper()
	req, err := http.NewRequestWithContext(p.t.Context(), http.MethodPost, address, strings.NewReader(form.Encode()))
	must(p.t, err)
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	req.Header.Set("Accept", "application/json")
	var out struct {
		Token string `json:"token"`
	}
	must(p.t, json.Unmarshal(send(p.t, req, http.StatusOK), &out))
	return out.Token
}

// call sends a request as the cashier and answers the body.
func (p *product) call(method, path string, body any, want int) []byte {
	p.t.Helper()
	return send(p.t, p.request(method, p.base+path, body), want)
}

func (p *product) request(method, address string, body any) *http.Request {
	p.t.Helper()
	raw, err := json.Marshal(body)
	must(p.t, err)
	req, err := http.NewRequestWithContext(p.t.Context(), method, address, bytes.NewReader(raw))
	must(p.t, err)
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("Accept", "application/json")
	req.Header.Set("Authorization", "Bearer "+p.token)
	return req
}

// click is one Send Payment, for a document and a terminal of its own.
type click struct {
	RequestID string `json:"requestId"`
	Document  string `json:"document"`
	Terminal  string `json:"terminal"`
	Amount    string `json:"amount"`
	Currency  string `json:"currency"`
}

// clicks makes n pairs of document and terminal; nothing of it is measured.
func (p *product) clicks(n int) []click {
	p.t.Helper()
	out := make([]click, n)
	rows := make([]pairing.Terminal, n)
	for i := range out {
		p.next++
		id := strconv.Itoa(p.next)
		rows[i] = pairing.Terminal{
			ID: "t_" + id, PortalID: p.portal, Name: "Counter " + id, Provider: pairing.LinklyProvider, Environment: "sandbox",
			Currency: "AUD", Status: pairing.Ready, Shared: true, RegisterID: id, PairingID: "pair_" + id, CreatedAt: db.Now(),
		}
		out[i] = click{RequestID: "r-" + id, Document: "SI:" + id, Terminal: "t_" + id, Amount: "10.00", Currency: "AUD"}
	}
	must(p.t, p.db.WithContext(p.t.Context()).CreateInBatches(rows, 50).Error)
	return out
}

// decided is a payment that is over and stands in nobody's way.
func (p *product) decided(c click) payments.Payment {
	return payments.Payment{
		ID: "p_" + uuid.NewString(), PortalID: p.portal, RequestID: c.RequestID, Kind: payments.Purchase, Document: c.Document,
		TerminalID: c.Terminal, SessionID: uuid.NewString(), TxnRef: uuid.NewString(), Amount: 1000, Currency: "AUD",
		State: payments.Cancelled, Version: 1, CreatedAt: db.Now(),
	}
}

// past gives the portal a history, and the database what it would know of it
// by itself within a minute: a table that was empty when a statement was
// planned is no picture of a shop.
func (p *product) past(n int) {
	p.t.Helper()
	rows := make([]payments.Payment, n)
	for i, c := range p.clicks(n) {
		rows[i] = p.decided(c)
	}
	must(p.t, p.db.WithContext(p.t.Context()).CreateInBatches(rows, 50).Error)
	if p.db.Dialect == db.Postgres {
		must(p.t, p.db.WithContext(p.t.Context()).Exec("ANALYZE").Error)
	}
}

// send makes the request and answers the body, read to its end.
func send(t testing.TB, req *http.Request, want int) []byte {
	t.Helper()
	res, err := http.DefaultClient.Do(req)
	must(t, err)
	defer func() { _ = res.Body.Close() }()
	raw, err := io.ReadAll(res.Body)
	must(t, err)
	if res.StatusCode != want {
		t.Fatalf("%s %s: status %d, want %d: %.300s", req.Method, req.URL.Path, res.StatusCode, want, raw)
	}
	return raw
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(fmt.Errorf("bench: %w", err))
	}
}
