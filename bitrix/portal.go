package bitrix

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"regexp"
	"sync/atomic"
)

var methodPattern = regexp.MustCompile(`^[A-Za-z0-9]+([._][A-Za-z0-9]+)*$`)

// Portal speaks with one account on behalf of one token owner. It is safe for concurrent use.
type Portal struct {
	client   *Client
	memberID string
	tokens   Tokens
	endpoint atomic.Pointer[string]
}

// Portal returns the account with this member id. endpoint is its REST root, verified before (an
// [Identity] or a renewed [Token] has it); empty means the one that the token carries. After a
// renewal the endpoint that the authorisation server then named is used.
func (c *Client) Portal(memberID, endpoint string, tokens Tokens) *Portal {
	p := &Portal{client: c, memberID: memberID, tokens: tokens}
	p.endpoint.Store(&endpoint)

	return p
}

// Call runs one REST method: params is a struct or map that encodes to a JSON object, or nil; out
// receives the result and may be nil.
//
// An expired access token is renewed once and the call repeated; so is a call to an old address, once
// the authorisation server has named the new one; a full rate limit is waited for a few times, within
// ctx. All of these were refused before the method ran, so writes are repeated as well.
// Nothing else is ever repeated. A method that the portal has blocked for its running time is waited for
// where ctx leaves the time, and not called before. The error is an [*Error].
func (p *Portal) Call(ctx context.Context, method string, params, out any) (Page, error) {
	got, err := p.run(ctx, method, params)
	if err != nil {
		return Page{}, err
	}
	if err := decodeResult(method, got.status, got.env.Result, out); err != nil {
		return Page{}, err
	}

	return got.env.page(), nil
}

// reply is a call's answer. clean takes the token that was used out of a text.
type reply struct {
	env    envelope
	status int
	clean  func(string) string
}

// run runs one method; inside are those that a batch holds.
func (p *Portal) run(ctx context.Context, method string, params any, inside ...string) (reply, error) {
	if !methodPattern.MatchString(method) {
		return reply{}, &Error{Method: "call", Class: Invalid, Err: errors.New("not a method name")}
	}
	fields, err := encodeObject(params)
	if err != nil {
		return reply{}, &Error{Method: method, Class: Invalid, Err: err}
	}
	token, err := p.tokens.Token(ctx)
	if err != nil {
		return reply{}, noToken(method, "load the token", err)
	}

	if failure := p.waitOut(ctx, append([]string{method}, inside...)...); failure != nil {
		return reply{}, failure
	}
	from := *p.endpoint.Load()
	env, status, failure := p.patiently(ctx, method, fields, token)
	if failure != nil && failure.Class == Moved && p.rehoused(ctx, token, from) {
		env, status, failure = p.patiently(ctx, method, fields, token)
	}
	if failure != nil && renewable(failure) {
		token, err = p.tokens.Renewed(ctx, token, p.client.Renew)
		if err != nil {
			return reply{}, noToken(method, "renew the token", err)
		}
		p.follow(token)
		env, status, failure = p.patiently(ctx, method, fields, token)
	}
	if failure != nil {
		return reply{}, failure
	}

	return reply{env: env, status: status, clean: func(s string) string { return redact(s, token.secrets()) }}, nil
}

// noToken keeps the verdict about the token, but not its doubt: whatever happened at the
// authorisation server, the call itself was not run.
func noToken(method, doing string, err error) *Error {
	class := ClassOf(err)
	if class != Auth && class != Gone && class != Limited {
		class = Unavailable
	}

	return &Error{Method: method, Class: class, Err: fmt.Errorf("%s: %w", doing, err)}
}

// follow uses the endpoint of a renewed token, which is the portal's newest (reference bitrix24 2.2).
func (p *Portal) follow(t Token) {
	if _, err := restRoot(t.Endpoint); err == nil {
		p.endpoint.Store(&t.Endpoint)
	}
}

// attempt sends the call once.
func (p *Portal) attempt(ctx context.Context, method string, fields []byte, t Token) (envelope, int, *Error) {
	if t.MemberID != "" && t.MemberID != p.memberID {
		return envelope{}, 0, &Error{Method: method, Class: Auth, Err: errors.New("token belongs to another portal")}
	}
	root, err := restRoot(either(*p.endpoint.Load(), t.Endpoint))
	if err != nil {
		return envelope{}, 0, &Error{Method: method, Class: Invalid, Err: err}
	}
	if err := p.client.limit.Wait(ctx, p.memberID); err != nil {
		return envelope{}, 0, notLet(ctx, method, err)
	}

	env, a, failure := p.client.exchange(ctx, request{
		method: method, verb: http.MethodPost, url: root + method,
		contentType: "application/json", body: withAuth(fields, t.Access),
		secrets: t.secrets(),
	})

	return env, a.status, failure
}

// notLet explains why our own limiter did not let a call pass: the caller gave up, or would have
// before its turn.
func notLet(ctx context.Context, method string, err error) *Error {
	if ctx.Err() != nil {
		return &Error{Method: method, Class: Unavailable, Err: ctx.Err()}
	}

	return &Error{Method: method, Class: Limited, Err: err}
}

// encodeObject encodes params as a JSON object.
func encodeObject(params any) ([]byte, error) {
	if params == nil {
		return []byte("{}"), nil
	}
	b, err := json.Marshal(params)
	if err != nil {
		return nil, fmt.Errorf("encode the parameters: %w", err)
	}
	if string(b) == "null" {
		return []byte("{}"), nil
	}
	if b[0] != '{' {
		return nil, errors.New("parameters are not an object")
	}

	return b, nil
}

// withAuth puts the token into the body, because a query string ends in access logs
// (reference bitrix24 3.1).
func withAuth(object []byte, access string) []byte {
	quoted, err := json.Marshal(access)
	if err != nil {
		quoted = []byte(`""`)
	}
	out := append([]byte(`{"auth":`), quoted...)
	if len(object) > len("{}") {
		out = append(out, ',')
	}

	return append(out, object[1:]...)
}
