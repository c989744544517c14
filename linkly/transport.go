package linkly

import (
	"bytes"
	"context"
	"crypto/tls"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptrace"
	"net/url"
	"strconv"
	"strings"
	"sync/atomic"
	"time"

	"github.com/go-resty/resty/v2"
)

// maxBody is the most that is read of any answer.
const maxBody = 1 << 20

// transports returns the transport for questions and the one for requests that
// start something on a terminal. The second makes a new connection each time:
// a kept connection may be dying just as the sale is written to it, and then
// nobody knows whether the sale arrived.
func transports(given http.RoundTripper) (shared, fresh http.RoundTripper) {
	if given == nil {
		given = newTransport()
	}
	shared, fresh = given, given
	if t, ok := given.(*http.Transport); ok {
		alone := t.Clone()
		alone.DisableKeepAlives = true
		fresh = alone
	}
	return unrepeatable{shared}, unrepeatable{fresh}
}

// newTransport keeps idle connections short, so that a moved DNS name is noticed
// (reference linkly 1), and speaks HTTP/1.1, where "got a connection" is the
// last moment at which nothing has been written.
func newTransport() *http.Transport {
	dialer := &net.Dialer{Timeout: 10 * time.Second}
	return &http.Transport{
		Proxy:                 http.ProxyFromEnvironment,
		DialContext:           dialer.DialContext,
		TLSClientConfig:       &tls.Config{MinVersion: tls.VersionTLS12},
		TLSHandshakeTimeout:   10 * time.Second,
		IdleConnTimeout:       30 * time.Second,
		MaxIdleConnsPerHost:   16,
		ExpectContinueTimeout: time.Second,
	}
}

// unrepeatable takes away what lets net/http send a body a second time on its own.
type unrepeatable struct{ next http.RoundTripper }

func (u unrepeatable) RoundTrip(r *http.Request) (*http.Response, error) {
	if r.GetBody != nil {
		r = r.WithContext(r.Context()) // a copy: a transport must not change its request
		r.GetBody = nil
	}
	return u.next.RoundTrip(r)
}

func (u unrepeatable) CloseIdleConnections() {
	if c, ok := u.next.(interface{ CloseIdleConnections() }); ok {
		c.CloseIdleConnections()
	}
}

// newResty has no cookies, no log, no redirects and no retries.
func newResty(rt http.RoundTripper) *resty.Client {
	stay := func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	return resty.NewWithClient(&http.Client{Transport: rt, CheckRedirect: stay}).
		SetLogger(silence{}).
		SetDisableWarn(true).
		SetHeader("User-Agent", "linkly-cloud-client").
		SetHeader("Accept", "application/json")
}

type silence struct{}

func (silence) Errorf(string, ...any) {}
func (silence) Warnf(string, ...any)  {}
func (silence) Debugf(string, ...any) {}

// call is one request to be made.
type call struct {
	op, method, url string
	token           string
	body            []byte
	fresh           bool
	secrets         []string // never to be seen in an error
}

// reply is what came of a call: an answer, or err.
type reply struct {
	status     int
	body       []byte
	bodyErr    error // the status is known, the body is not
	retryAfter time.Duration
	repeated   bool // it answers the second sending, after a 401

	err    error // no answer at all
	unsent bool  // with err: certain that no byte left
}

// do makes the call once.
func (c *Client) do(ctx context.Context, q call) reply {
	if err := ctx.Err(); err != nil {
		return reply{err: err, unsent: true}
	}
	var w wire
	r := c.pick(q).R().SetContext(w.watch(ctx)).SetDoNotParseResponse(true)
	if q.token != "" {
		r.SetHeader("Authorization", "Bearer "+q.token)
	}
	if q.body != nil {
		r.SetHeader("Content-Type", "application/json").SetBody(q.body)
	}
	res, err := r.Execute(q.method, q.url)
	if err != nil {
		return reply{err: err, unsent: w.unsent()}
	}
	defer func() { _ = res.RawBody().Close() }()

	rep := reply{status: res.StatusCode(), retryAfter: c.wait(res.Header().Get("Retry-After"))}
	rep.body, rep.bodyErr = io.ReadAll(io.LimitReader(res.RawBody(), maxBody+1))
	if len(rep.body) > maxBody {
		rep.body, rep.bodyErr = nil, errors.New("answer is larger than 1 MiB")
	}
	return rep
}

func (c *Client) pick(q call) *resty.Client {
	if q.fresh {
		return c.fresh
	}
	return c.shared
}

// wait reads Retry-After, in seconds or as a date.
func (c *Client) wait(header string) time.Duration {
	if n, err := strconv.Atoi(header); err == nil {
		return time.Duration(min(max(n, 0), 3600)) * time.Second
	}
	if at, err := http.ParseTime(header); err == nil {
		return min(max(at.Sub(c.cfg.Now()), 0), time.Hour)
	}
	return 0
}

// wire notices how far a request got on its way out.
type wire struct{ sought, got atomic.Bool }

func (w *wire) watch(ctx context.Context) context.Context {
	return httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{
		GetConn:      func(string) { w.sought.Store(true) },
		GotConn:      func(httptrace.GotConnInfo) { w.got.Store(true) },
		WroteHeaders: func() { w.got.Store(true) },
	})
}

// unsent is true only when the transport was seen looking for a connection (name,
// dial, TLS) and never had one. A transport that does not report proves nothing.
func (w *wire) unsent() bool { return w.sought.Load() && !w.got.Load() }

// class is what a missing answer proves.
func (r reply) class() Class {
	if r.err != nil && r.unsent {
		return NotStarted
	}
	return Unclear
}

// failure turns the reply into an error of that class.
func (r reply) failure(q call, class Class) *Error {
	e := &Error{Op: q.op, Class: class, Status: r.status, RetryAfter: r.retryAfter}
	if r.status != 0 {
		e.Code, e.Text = complaint(r.body, q.hidden())
	}
	err := r.err
	if err == nil {
		err = r.bodyErr
	}
	if err != nil {
		e.Err = clean(err, q.hidden())
	}
	return e
}

// because is failure with a cause that the caller can test for.
func (r reply) because(q call, class Class, err error) *Error {
	e := r.failure(q, class)
	e.Err = err
	return e
}

func (q call) hidden() []string { return append([]string{q.token}, q.secrets...) }

// clean strips the address that net/http puts before its errors, and the rest of
// anything that must not be printed.
func clean(err error, secrets []string) error {
	var u *url.Error
	if errors.As(err, &u) {
		err = u.Err
	}
	return &cause{text: plain(err.Error(), secrets), err: err}
}

// complaint finds a code and a sentence in an error body, which may be empty,
// text or JSON (reference linkly 2).
func complaint(body []byte, secrets []string) (code, sentence string) {
	var e struct {
		Code, Message, Error, Detail, Title text
	}
	if json.Unmarshal(body, &e) == nil {
		for _, t := range []text{e.Message, e.Error, e.Detail, e.Title} {
			if s := plain(t.value, secrets); s != "" {
				return plain(e.Code.value, secrets), s
			}
		}
		return plain(e.Code.value, secrets), ""
	}
	s := strings.TrimSpace(string(body))
	if s == "" || strings.ContainsAny(s[:1], "<{[") {
		return "", "" // a page or broken JSON is no sentence
	}
	return "", plain(s, secrets)
}

// encode writes one of our own request types, without escaping '&' in addresses.
func encode(v any) []byte {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(v); err != nil {
		panic(fmt.Sprintf("linkly: encode %T: %v", v, err)) // only our own types come here
	}
	return bytes.TrimSpace(b.Bytes())
}
