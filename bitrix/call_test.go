package bitrix_test

import (
	"context"
	"errors"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"receivepayment/bitrix"
)

func TestCallSendsTheTokenInTheBodyOnly(t *testing.T) {
	t.Parallel()
	s := newScript(t).on("crm.item.list", ok(`{"result":{"items":[]},"total":"120","next":50,"time":[]}`))

	var out struct {
		Items []any `json:"items"`
	}
	page, err := s.portal().Call(t.Context(), "crm.item.list", map[string]any{"entityTypeId": 31}, &out)
	succeeds(t, err)

	next := 50
	equal(t, page, bitrix.Page{Next: &next, Total: 120})
	equal(t, s.calls[0].url, endpoint+"crm.item.list")
	equal(t, s.calls[0].verb, http.MethodPost)
	equal(t, s.calls[0].contentType, "application/json")
	equal(t, s.calls[0].body, `{"auth":"`+access+`","entityTypeId":31}`)
}

func TestCallWithoutParametersSendsOnlyTheToken(t *testing.T) {
	t.Parallel()
	s := newScript(t).on("profile", result("true"), result("true"))

	_, err := s.portal().Call(t.Context(), "profile", nil, nil)
	succeeds(t, err)
	_, err = s.portal().Call(t.Context(), "profile", struct{}{}, nil)
	succeeds(t, err)

	equal(t, s.calls[0].body, `{"auth":"`+access+`"}`)
	equal(t, s.calls[1].body, `{"auth":"`+access+`"}`)
}

func TestAnExpiredTokenIsRenewedOnceAndTheCallRepeated(t *testing.T) {
	t.Parallel()
	for _, code := range []string{"expired_token", "EXPIRED_TOKEN", "invalid_token"} {
		t.Run(code, func(t *testing.T) {
			t.Parallel()
			s := newScript(t).on("crm.item.add", refuses(401, code), result(`{"item":{"id":79}}`)).on("token", fresh())
			keeper := &memory{token: token()}

			inv, err := s.client.Portal(memberID, endpoint, keeper).AddInvoice(t.Context(), bitrix.InvoiceFields{Title: "Deposit"})
			succeeds(t, err)

			equal(t, inv.ID, int64(79))
			equal(t, s.methods(), []string{"crm.item.add", "token", "crm.item.add"})
			equal(t, s.calls[2].fields["auth"], any(access2))
			equal(t, s.fields(0), s.fields(2))
			equal(t, keeper.token.Refresh, refresh2)
		})
	}
}

func TestATokenThatAnotherCallerRenewedIsUsedWithoutARenewal(t *testing.T) {
	t.Parallel()
	s := newScript(t).on("profile", refuses(401, "expired_token"), result(`{"ID":"14"}`))
	keeper := &racing{memory: memory{token: token()}}

	_, err := s.client.Portal(memberID, endpoint, keeper).Profile(t.Context())
	succeeds(t, err)

	equal(t, s.methods(), []string{"profile", "profile"})
	equal(t, s.calls[1].fields["auth"], any(access2))
}

// racing behaves as if another process renewed between the call and the question.
type racing struct{ memory }

func (r *racing) Renewed(
	ctx context.Context, stale bitrix.Token, renew func(context.Context, bitrix.Token) (bitrix.Token, error),
) (bitrix.Token, error) {
	r.token.Access = access2
	return r.memory.Renewed(ctx, stale, renew)
}

func TestATokenThatStaysExpiredIsNotRenewedTwice(t *testing.T) {
	t.Parallel()
	s := newScript(t).on("profile", refuses(401, "expired_token"), refuses(401, "expired_token")).on("token", fresh())

	_, err := s.portal().Profile(t.Context())

	class(t, err, bitrix.Auth)
	equal(t, s.methods(), []string{"profile", "token", "profile"})
}

func TestTheRenewedTokensEndpointIsUsedFromThenOn(t *testing.T) {
	t.Parallel()
	moved := strings.ReplaceAll(fresh().body, "harbour-supplies", "harbour-group")
	s := newScript(t).on("profile", refuses(401, "expired_token"), result(`{"ID":"1"}`), result(`{"ID":"1"}`)).on("token", ok(moved))
	p := s.portal()

	for range 2 {
		_, err := p.Profile(t.Context())
		succeeds(t, err)
	}

	for i, want := range map[int]string{2: "harbour-group", 3: "harbour-group"} {
		if !strings.Contains(s.calls[i].url, want) {
			t.Errorf("request %d went to %s", i, s.calls[i].url)
		}
	}
}

func TestWhatARenewalSaysAboutTheCall(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		answer reply
		want   bitrix.Class
		dead   bool
	}{
		"a dead refresh token ends it":                      {refuses(400, "invalid_grant"), bitrix.Auth, true},
		"an uninstalled application ends it":                {refuses(401, "NOT_INSTALLED"), bitrix.Gone, true},
		"a silent authorisation server leaves the call out": {reply{err: errors.New("broken pipe")}, bitrix.Unavailable, false},
		"a broken authorisation server does too":            {says(502, "<html>"), bitrix.Unavailable, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newScript(t).on("crm.item.update", refuses(401, "expired_token")).on("token", c.answer)

			_, err := s.portal().UpdateInvoice(t.Context(), 77, bitrix.InvoiceFields{StageID: "DT31_3:P"})

			class(t, err, c.want)
			equal(t, errors.Is(err, bitrix.ErrTokenDead), c.dead)
			equal(t, s.methods(), []string{"crm.item.update", "token"})
		})
	}
}

func TestAFullRateLimitIsWaitedForAFewTimes(t *testing.T) {
	t.Parallel()
	full := refuses(503, "QUERY_LIMIT_EXCEEDED")
	s := newScript(t).on("crm.item.update", full, full, full, result(`{"item":{"id":77}}`))

	_, err := s.portal().UpdateInvoice(t.Context(), 77, bitrix.InvoiceFields{StageID: "DT31_3:P"})
	succeeds(t, err)

	if len(s.pauses) != 3 || s.pauses[0] < 500*time.Millisecond || s.pauses[2] < 2*time.Second {
		t.Errorf("pauses = %v, want three that grow", s.pauses)
	}
}

func TestARateLimitThatStaysFullIsReported(t *testing.T) {
	t.Parallel()
	full := refuses(503, "query_limit_exceeded")
	s := newScript(t).on("profile", full, full, full, full)

	_, err := s.portal().Profile(t.Context())

	class(t, err, bitrix.Limited)
	equal(t, len(s.calls), 4)
}

func TestARateLimitIsNotWaitedForBeyondTheContext(t *testing.T) {
	t.Parallel()
	s := newScript(t).on("profile", refuses(503, "QUERY_LIMIT_EXCEEDED"))
	ctx, cancel := context.WithCancel(t.Context())
	bitrix.SetPause(s.client, func(ctx context.Context, _ time.Duration) error {
		cancel()
		return ctx.Err()
	})

	_, err := s.portal().Profile(ctx)

	class(t, err, bitrix.Limited)
	equal(t, len(s.calls), 1)
}

func TestWhatMayHaveBeenAppliedIsNeverRepeated(t *testing.T) {
	t.Parallel()
	for name, answer := range map[string]reply{
		"internal error":         refuses(500, "INTERNAL_SERVER_ERROR"),
		"unexpected answer":      refuses(500, "ERROR_UNEXPECTED_ANSWER"),
		"internal error on 200":  refuses(200, "INTERNAL_SERVER_ERROR"),
		"HTML on 200":            says(200, "<html><body>maintenance</body></html>"),
		"HTML on 502":            says(502, "<html>bad gateway</html>"),
		"HTML on 503":            says(503, "<html>busy</html>"),
		"500 with a result":      says(500, `{"result":true}`),
		"empty body":             says(200, ""),
		"half an answer":         says(200, `{"result":{"item":{"id":7`),
		"no result":              says(200, `{"time":{}}`),
		"another item":           result(`{"item":{"id":78}}`),
		"an item without id":     result(`{"item":{}}`),
		"a list instead":         result(`[]`),
		"connection lost":        {err: errors.New("connection reset by peer")},
		"time out":               {err: context.DeadlineExceeded},
		"4xx page of a proxy":    says(413, "<html>too large</html>"),
		"see elsewhere, 303":     {status: 303, header: http.Header{"Location": {"/done"}}},
		"request timed out, 408": refuses(408, "SOMETHING"),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newScript(t).on("crm.item.update", answer)

			_, err := s.portal().UpdateInvoice(t.Context(), 77, bitrix.InvoiceFields{StageID: "DT31_3:P"})

			class(t, err, bitrix.Unclear)
			equal(t, bitrix.ClassOf(err).NotApplied(), false)
			equal(t, s.methods(), []string{"crm.item.update"})
		})
	}
}

func TestAConnectionThatWasNeverMadeIsUnavailable(t *testing.T) {
	t.Parallel()
	for name, err := range map[string]error{
		"refused":       &net.OpError{Op: "dial", Err: errors.New("connection refused")},
		"unknown name":  &net.DNSError{Err: "no such host", Name: "harbour"},
		"through proxy": &net.OpError{Op: "proxyconnect", Err: errors.New("forbidden")},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newScript(t).on("crm.item.update", reply{err: err})

			_, err := s.portal().UpdateInvoice(t.Context(), 77, bitrix.InvoiceFields{StageID: "DT31_3:P"})

			class(t, err, bitrix.Unavailable)
		})
	}
}

func TestNothingIsSentWhenTheCallCannotBeRight(t *testing.T) {
	t.Parallel()
	s := newScript(t)
	foreign := token()
	foreign.MemberID = "another"
	good := &memory{token: token()}
	ended, cancel := context.WithCancel(t.Context())
	cancel()

	for name, c := range map[string]struct {
		ctx    context.Context
		portal *bitrix.Portal
		method string
		params any
		want   bitrix.Class
	}{
		"token of another portal": {t.Context(), s.client.Portal(memberID, endpoint, &memory{token: foreign}), "profile", nil, bitrix.Auth},
		"no token to be had":      {t.Context(), s.client.Portal(memberID, endpoint, &memory{err: errors.New("database closed")}), "profile", nil, bitrix.Unavailable},
		"dead token":              {t.Context(), s.client.Portal(memberID, endpoint, &memory{err: &bitrix.Error{Class: bitrix.Auth, Err: bitrix.ErrTokenDead}}), "profile", nil, bitrix.Auth},
		"plain http":              {t.Context(), s.client.Portal(memberID, "http://harbour-supplies.bitrix24.com/rest/", good), "profile", nil, bitrix.Invalid},
		"user info":               {t.Context(), s.client.Portal(memberID, "https://a:b@harbour-supplies.bitrix24.com/rest/", good), "profile", nil, bitrix.Invalid},
		"query in the endpoint":   {t.Context(), s.client.Portal(memberID, endpoint+"?a=b", good), "profile", nil, bitrix.Invalid},
		"other scheme":            {t.Context(), s.client.Portal(memberID, "file:///etc/passwd", good), "profile", nil, bitrix.Invalid},
		"method with a path":      {t.Context(), s.portal(), "../oauth", nil, bitrix.Invalid},
		"parameters as a list":    {t.Context(), s.portal(), "profile", []int{1}, bitrix.Invalid},
		"amount that is none":     {t.Context(), s.portal(), "profile", map[string]any{"a": bitrix.Amount("12 NZD")}, bitrix.Invalid},
		"ended context":           {ended, s.portal(), "profile", nil, bitrix.Unavailable},
	} {
		_, err := c.portal.Call(c.ctx, c.method, c.params, nil)
		if got := bitrix.ClassOf(err); got != c.want {
			t.Errorf("%s: class = %v, want %v (%v)", name, got, c.want, err)
		}
		if !bitrix.ClassOf(err).NotApplied() {
			t.Errorf("%s: claims that something was sent", name)
		}
	}
	equal(t, len(s.calls), 0)
}

func TestUsersOfOnePortalShareItsRateLimit(t *testing.T) {
	t.Parallel()
	s := newScriptWith(t, bitrix.Config{AuthServers: []string{server}, Rate: 0.001, Burst: 2})
	s.on("profile", result(`{"ID":"1"}`), result(`{"ID":"1"}`), result(`{"ID":"1"}`))
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()

	for range 2 {
		_, err := s.portal().Profile(ctx)
		succeeds(t, err)
	}
	_, err := s.portal().Profile(ctx)
	class(t, err, bitrix.Limited)

	other := token()
	other.MemberID = "other"
	_, err = s.client.Portal("other", endpoint, &memory{token: other}).Profile(ctx)
	succeeds(t, err)
}
