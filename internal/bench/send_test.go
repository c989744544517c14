package bench

import (
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/labstack/echo/v4"

	"receivepayment/db"
)

// sendBar is the promise of Send Payment: its answer takes at most so many
// times as long as a handler that does one durable commit.
const sendBar = 2.5

const (
	rounds   = 5
	perRound = 200
	warmUp   = 50
)

// variant is something to time against the others; every call gets a click of
// its own.
type variant struct {
	name    string
	request func(click) *http.Request
	want    int
}

// BenchmarkSendPayment times the answer of POST /api/v1/payments over a kept
// connection on loopback, turn by turn with its floors, so that whatever
// disturbs the machine disturbs all of them alike.
func BenchmarkSendPayment(b *testing.B) {
	eachEngine(b, func(b *testing.B, p *product) {
		p.past(2000)
		variants := p.variants(b)
		for _, v := range variants {
			p.turns(b, warmUp, []variant{v})
		}
		for b.Loop() {
			medians := make([]figures, len(variants))
			for range rounds {
				for i, times := range p.turns(b, perRound, variants) {
					medians[i] = append(medians[i], times.median())
				}
			}
			report(b, variants, medians)
		}
	})
}

func report(b *testing.B, variants []variant, medians []figures) {
	bare, commit := medians[0], medians[1]
	for i, v := range variants {
		show("      %s: %-14s %s ms; %s x one commit; %s x no database",
			b.Name(), v.name, medians[i].span(), medians[i].by(commit).span(), medians[i].by(bare).span())
		b.ReportMetric(medians[i].median(), v.name+"-ms")
	}
	ratio := medians[2].by(commit).median()
	b.ReportMetric(ratio, "x-commit")
	b.ReportMetric(medians[2].by(bare).median(), "x-bare")
	row := medians[2].by(medians[3]).median()
	b.ReportMetric(row, "x-row")
	show("      %s: Send Payment over one commit of a payment's own row: %.2f x", b.Name(), row)
	bar(b, "Send Payment over one commit", ratio, sendBar, "x")
}

// variants: the floors first, then what is promised, then what explains it.
func (p *product) variants(b *testing.B) []variant {
	floor := p.floor(b)
	far := httptest.NewServer(p.crm)
	b.Cleanup(far.Close)
	distant := httptest.NewServer(p.wire(over{far.Listener.Addr().String()}))
	b.Cleanup(distant.Close)

	at := func(address string) func(click) *http.Request {
		return func(c click) *http.Request { return p.request(http.MethodPost, address, c) }
	}
	return []variant{
		{"no-database", at(floor + "/bare"), http.StatusAccepted},
		{"one-commit", at(floor + "/commit"), http.StatusAccepted},
		{"send-payment", at(p.base + "/api/v1/payments"), http.StatusAccepted},
		{"payment-row", at(floor + "/row"), http.StatusAccepted},
		{"crm-call", at(floor + "/crm"), http.StatusAccepted},
		{"send-crm-wire", at(distant.URL + "/api/v1/payments"), http.StatusAccepted},
	}
}

// turns times n calls of each variant in turn, beginning with another one each
// time.
func (p *product) turns(b *testing.B, n int, variants []variant) []figures {
	b.Helper()
	clicks := p.clicks(n * len(variants))
	times := make([]figures, len(variants))
	for i := range n {
		for j := range variants {
			k := (i + j) % len(variants)
			req := variants[k].request(clicks[i*len(variants)+k])
			began := time.Now()
			send(b, req, variants[k].want)
			times[k] = append(times[k], milliseconds(time.Since(began)))
		}
	}
	return times
}

// over sends what is meant for the portal to the address, over a connection.
type over struct{ addr string }

func (o over) RoundTrip(req *http.Request) (*http.Response, error) {
	req = req.Clone(req.Context())
	req.URL.Host = o.addr
	return http.DefaultTransport.RoundTrip(req)
}

// note is the least that a handler with one commit would keep of a click.
type note struct {
	ID       string `gorm:"primaryKey"`
	Document string
	Terminal string
	Amount   string
	At       time.Time
}

// TableName is the floor's own table.
func (note) TableName() string { return "bench_notes" }

// floor serves the handlers that Send Payment is compared with, on the same
// echo, gorm, driver and connection pool.
func (p *product) floor(b *testing.B) string {
	must(b, p.db.WithContext(b.Context()).Exec(`CREATE TABLE bench_notes (id TEXT PRIMARY KEY, document TEXT NOT NULL,
		terminal TEXT NOT NULL, amount TEXT NOT NULL, at TIMESTAMP NOT NULL)`).Error)
	e := echo.New()
	for path, work := range map[string]func(echo.Context, click) error{
		"/bare":   func(echo.Context, click) error { return nil },
		"/commit": p.insertNote,
		"/row":    p.insertRow,
		"/crm":    p.askCRM,
	} {
		e.POST(path, func(c echo.Context) error {
			var in click
			if err := c.Bind(&in); err != nil {
				return err
			}
			if err := work(c, in); err != nil {
				return err
			}
			return c.JSON(http.StatusAccepted, in)
		})
	}
	server := httptest.NewServer(e)
	b.Cleanup(server.Close)
	return server.URL
}

func (p *product) insertNote(c echo.Context, in click) error {
	return p.db.WithContext(c.Request().Context()).Create(&note{
		ID: uuid.NewString(), Document: in.Document, Terminal: in.Terminal, Amount: in.Amount, At: db.Now(),
	}).Error
}

// insertRow commits a decided payment: what one row of that width and with its
// indexes costs by itself.
func (p *product) insertRow(c echo.Context, in click) error {
	row := p.decided(in)
	return p.db.WithContext(c.Request().Context()).Create(&row).Error
}

// askCRM reads the document through our client as Send Payment must.
func (p *product) askCRM(c echo.Context, _ click) error {
	api, _, err := p.portals.As(c.Request().Context(), p.portal, "14")
	if err != nil {
		return err
	}
	_, err = api.Invoice(c.Request().Context(), pattern)
	return err
}
