package bench

import (
	"bufio"
	"context"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"receivepayment/db"
	"receivepayment/payments"
)

// The promise of the live screen: how long the terminal's words take from
// Linkly's callback to the event in a browser, with that many screens open.
const (
	eventBar    = 25.0 // ms, 95th percentile
	openStreams = 200
	callbacks   = 400
)

// proof is what callbacks of the pretend sessions carry.
const proof = "Bearer the-proof-of-these-sessions"

// sent is n payments that the terminal is working on, all quiet for now.
func (p *product) sent(n int) []payments.Payment {
	p.t.Helper()
	now := db.Now()
	later := now.Add(time.Hour)
	rows := make([]payments.Payment, n)
	for i, c := range p.clicks(n) {
		rows[i] = payments.Payment{
			ID: "p_" + uuid.NewString(), PortalID: p.portal, RequestID: c.RequestID, Kind: payments.Purchase,
			Document: c.Document, DocumentTotal: 1000, TerminalID: c.Terminal, TerminalName: "Counter", Provider: "linkly",
			SessionID: uuid.NewString(), TxnRef: uuid.NewString(), Amount: 1000, Currency: "AUD", StartedBy: "14",
			State: payments.Sent, Version: 2, SentAt: &now, BeginOverAt: &now, Seen: true, DueAt: &later,
			NotifyHash: payments.HashProof(proof), CreatedAt: now,
			Display: payments.Display{Lines: []string{"SWIPE CARD", ""}, Keys: []payments.Key{payments.KeyCancel}},
		}
	}
	must(p.t, p.db.WithContext(p.t.Context()).CreateInBatches(rows, 50).Error)
	return rows
}

// BenchmarkCallbackToEvent posts displays as Linkly does and waits for each on
// an open stream: on two hundred payments with a screen each, and on one
// payment that two hundred screens watch.
func BenchmarkCallbackToEvent(b *testing.B) {
	eachEngine(b, func(b *testing.B, p *product) {
		ctx, stop := context.WithCancel(b.Context())
		defer stop()
		go p.bell.Run(ctx)
		p.past(1000)
		many := p.sent(openStreams)
		one := p.sent(1)[0]
		for b.Loop() {
			each := p.listen(b, many)
			apart := p.callBack(b, many, each, 1)
			each.close()

			crowd := make([]payments.Payment, openStreams)
			for i := range crowd {
				crowd[i] = one
			}
			all := p.listen(b, crowd)
			together := p.callBack(b, []payments.Payment{one}, all, openStreams)
			all.close()

			for name, f := range map[string]figures{"one screen each": apart, "all on one payment": together} {
				show("      %s: %d streams, %s: p50 %.1f, p95 %.1f, p99 %.1f ms",
					b.Name(), openStreams, name, f.median(), f.at(0.95), f.at(0.99))
			}
			b.ReportMetric(apart.at(0.95), "p95-ms")
			b.ReportMetric(together.at(0.95), "crowd-p95-ms")
			bar(b, "callback to event, 95th percentile", apart.at(0.95), eventBar, "ms")
			bar(b, "callback to the last of all screens, 95th percentile", together.at(0.95), eventBar, "ms")
		}
	})
}

// screens are open streams whose events arrive on one channel.
type screens struct {
	heard chan string // what the display said
	stop  context.CancelFunc
}

func (s *screens) close() { s.stop() }

// listen opens a stream for each payment and waits for its first event.
func (p *product) listen(b *testing.B, rows []payments.Payment) *screens {
	b.Helper()
	ctx, stop := context.WithCancel(b.Context())
	s := &screens{heard: make(chan string, 4*len(rows)), stop: stop}
	for _, row := range rows {
		req, err := http.NewRequestWithContext(ctx, http.MethodGet, p.base+"/api/v1/payments/"+row.ID+"/events", nil)
		must(b, err)
		req.Header.Set("Authorization", "Bearer "+p.token)
		res, err := streams.Do(req)
		must(b, err)
		if res.StatusCode != http.StatusOK {
			b.Fatalf("stream: status %d", res.StatusCode)
		}
		go func() {
			defer func() { _ = res.Body.Close() }()
			for lines := bufio.NewScanner(res.Body); lines.Scan(); {
				if _, word, found := strings.Cut(lines.Text(), "NO "); found {
					s.heard <- word[:6]
				}
			}
		}()
	}
	return s
}

// streams is a client without a bound on connections.
var streams = &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: 4}}

// callBack posts displays and times, for each, until as many screens as are
// wanted have shown it.
func (p *product) callBack(b *testing.B, rows []payments.Payment, s *screens, wanted int) figures {
	b.Helper()
	var times figures
	for i := range callbacks {
		row := rows[i*7919%len(rows)]
		word := fmt.Sprintf("%06d", i)
		req, err := http.NewRequestWithContext(b.Context(), http.MethodPost, p.base+"/linkly/notify/"+row.ID+"/display",
			strings.NewReader(`{"SessionId":"`+row.SessionID+`","ResponseType":"display","Response":{"NumberOfLines":2,"LineLength":20,
			"DisplayText":["PLEASE WAIT","NO `+word+`"],"CancelKeyFlag":true,"InputType":"0","GraphicCode":"0"}}`))
		must(b, err)
		req.Header.Set("Content-Type", "application/json")
		req.Header.Set("Authorization", proof)
		began := time.Now()
		answered := make(chan error, 1)
		go func() { answered <- accepted(req) }()
		for shown := 0; shown < wanted; {
			if <-s.heard == word {
				shown++
			}
		}
		times = append(times, milliseconds(time.Since(began)))
		must(b, <-answered)
	}
	return times
}

// accepted sends a callback and wants it to be taken.
func accepted(req *http.Request) error {
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		return err
	}
	defer func() { _ = res.Body.Close() }()
	if res.StatusCode != http.StatusOK {
		return fmt.Errorf("callback: status %d", res.StatusCode)
	}
	return nil
}

// dial opens a stream over a bare connection, without a goroutine or a buffer
// of its own, so that a thousand of them weigh next to nothing here.
func (p *product) dial(b testing.TB, id string) net.Conn {
	b.Helper()
	at, err := url.Parse(p.base)
	must(b, err)
	c, err := net.Dial("tcp", "127.0.0.1:"+at.Port())
	must(b, err)
	_, err = fmt.Fprintf(c, "GET /api/v1/payments/%s/events HTTP/1.1\r\nHost: %s\r\nAuthorization: Bearer %s\r\n\r\n", id, at.Host, p.token)
	must(b, err)
	var got strings.Builder
	for piece := make([]byte, 4096); !strings.Contains(got.String(), "event: payment"); {
		n, err := c.Read(piece)
		must(b, err)
		got.Write(piece[:n])
	}
	return c
}
