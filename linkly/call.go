package linkly

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptrace"
	"strconv"
	"sync/atomic"
	"time"

	"github.com/go-resty/resty/v2"
)

// maxBody is the most that is read of any answer.
const maxBody = 1 << 20

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
	repeated   bool     // it answers the second sending, after a 401
	tokens     []string // those it was made with, never to be seen in an error

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
