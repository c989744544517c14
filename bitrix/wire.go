package bitrix

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"net"
	"net/http"
	"net/url"
	"strings"
)

// request is one exchange. secrets are the texts that must not appear in any error made of it.
type request struct {
	method      string // the name in errors
	verb        string
	url         string
	query       url.Values
	contentType string
	body        []byte
	secrets     []string
}

// answer is what came back, whatever its status.
type answer struct {
	status int
	body   []byte
}

// exchange sends one request once and decodes the envelope. The error is nil only when the portal
// answered without one.
func (c *Client) exchange(ctx context.Context, r request) (envelope, answer, *Error) {
	a, failure := c.send(ctx, r)
	if failure != nil {
		return envelope{}, a, failure
	}

	env, failure := decodeEnvelope(r.method, a)
	if failure != nil {
		failure.Code = redact(failure.Code, r.secrets)
		failure.Description = redact(failure.Description, r.secrets)
	}

	return env, a, failure
}

func (c *Client) send(ctx context.Context, r request) (answer, *Error) {
	if err := ctx.Err(); err != nil {
		return answer{}, &Error{Method: r.method, Class: Unavailable, Err: err}
	}

	req := c.http.R().SetContext(ctx)
	if r.query != nil {
		req.SetQueryParamsFromValues(r.query)
	}
	if r.body != nil {
		req.SetHeader("Content-Type", r.contentType).SetBody(r.body)
	}
	resp, err := req.Execute(r.verb, r.url)

	status := 0
	if resp != nil && resp.RawResponse != nil {
		status = resp.StatusCode()
	}
	if status >= http.StatusMultipleChoices && status < http.StatusBadRequest {
		return answer{}, redirected(r.method, status, resp.Header())
	}
	if err != nil {
		class := Unclear
		if neverSent(err) {
			class = Unavailable
		}
		return answer{}, &Error{Method: r.method, Status: status, Class: class, Err: harmless(err, r.secrets)}
	}

	return answer{status: status, body: resp.Body()}, nil
}

// redirected tells the redirects that leave the request undone, with which an old address points to
// the new one (reference bitrix24 2.5), from those that may follow a finished one.
func redirected(method string, status int, h http.Header) *Error {
	switch status {
	case http.StatusMovedPermanently, http.StatusFound, http.StatusTemporaryRedirect, http.StatusPermanentRedirect:
		return &Error{Method: method, Status: status, Class: Moved, Host: newHost(h)}
	}

	return &Error{Method: method, Status: status, Class: Unclear, Err: errNotJSON}
}

// newHost is the host that a redirect points to, without the path and query, which could carry the
// token (reference bitrix24 2.5).
func newHost(h http.Header) string {
	u, err := url.Parse(h.Get("Location"))
	if err != nil || !domainPattern.MatchString(u.Host) {
		return ""
	}

	return u.Host
}

// neverSent reports whether the error proves that no byte of the request left: the name did not
// resolve, the connection was not made, or the server could not prove who it is.
func neverSent(err error) bool {
	var op *net.OpError
	if errors.As(err, &op) && (op.Op == "dial" || op.Op == "proxyconnect") {
		return true
	}
	var dns *net.DNSError
	var cert *tls.CertificateVerificationError
	var record tls.RecordHeaderError
	var authority x509.UnknownAuthorityError
	var name x509.HostnameError

	return errors.As(err, &dns) || errors.As(err, &cert) || errors.As(err, &record) ||
		errors.As(err, &authority) || errors.As(err, &name)
}

// harmless takes the URL out of a transport error, and the secrets out of what remains.
func harmless(err error, secrets []string) error {
	var u *url.Error
	if errors.As(err, &u) {
		err = u.Err
	}
	if text := err.Error(); redact(text, secrets) != text {
		return errors.New(redact(text, secrets))
	}

	return err
}

// redact removes the secrets from a text, also in the form they take inside a URL.
func redact(text string, secrets []string) string {
	for _, s := range secrets {
		if s == "" {
			continue
		}
		text = strings.ReplaceAll(text, s, "[redacted]")
		text = strings.ReplaceAll(text, url.QueryEscape(s), "[redacted]")
	}

	return text
}
