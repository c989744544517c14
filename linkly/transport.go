package linkly

import (
	"crypto/tls"
	"net"
	"net/http"
	"time"

	"github.com/go-resty/resty/v2"
)

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
