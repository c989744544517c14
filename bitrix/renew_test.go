package bitrix_test

import (
	"errors"
	"net/url"
	"strings"
	"testing"
	"time"

	"receivepayment/bitrix"
)

func TestRenewTradesTheRefreshToken(t *testing.T) {
	t.Parallel()
	s := newScript(t).on("token", fresh())

	got, err := s.client.Renew(t.Context(), token())
	succeeds(t, err)

	equal(t, got, bitrix.Token{
		Access: access2, Refresh: refresh2, Endpoint: endpoint, Server: server + "/rest/",
		MemberID: memberID, UserID: "14", ExpiresAt: now().Add(time.Hour),
	})
	equal(t, s.calls[0].verb+" "+s.calls[0].url, "POST "+server+"/oauth/token/")
	equal(t, s.calls[0].contentType, "application/x-www-form-urlencoded")
	form, err := url.ParseQuery(s.calls[0].body)
	succeeds(t, err)
	equal(t, form, url.Values{
		"grant_type": {"refresh_token"}, "client_id": {"app.6a01"}, "client_secret": {secret}, "refresh_token": {refresh},
	})
}

func TestRenewKeepsWhatTheAnswerLeavesOut(t *testing.T) {
	t.Parallel()
	s := newScript(t).on("token", ok(`{"access_token":"a2","refresh_token":"r2","expires":1795225200}`))

	got, err := s.client.Renew(t.Context(), token())
	succeeds(t, err)

	equal(t, got, bitrix.Token{
		Access: "a2", Refresh: "r2", Endpoint: endpoint, Server: server + "/rest/",
		MemberID: memberID, UserID: "14", ExpiresAt: time.Unix(1795225200, 0).UTC(),
	})
}

func TestTheNewEndpointAndServerAreTakenOver(t *testing.T) {
	t.Parallel()
	s := newScriptWith(t, bitrix.Config{AuthServers: []string{server, "https://oauth.bitrix24.tech"}})
	s.on("token",
		ok(`{"access_token":"a2","refresh_token":"r2","client_endpoint":"https://new.example.nz/rest/","server_endpoint":"https://oauth.bitrix24.tech/rest/"}`),
		ok(`{"access_token":"a3","refresh_token":"r3","server_endpoint":"https://evil.example/rest/"}`))

	got, err := s.client.Renew(t.Context(), token())
	succeeds(t, err)
	equal(t, []string{got.Endpoint, got.Server}, []string{"https://new.example.nz/rest/", "https://oauth.bitrix24.tech/rest/"})

	got, err = s.client.Renew(t.Context(), got)
	succeeds(t, err)
	equal(t, s.calls[1].url, "https://oauth.bitrix24.tech/oauth/token/")
	equal(t, got.Server, "https://oauth.bitrix24.tech/rest/")
}

func TestARefusedRenewalSaysWhetherTheTokenIsDead(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		answer reply
		want   bitrix.Class
		dead   bool
	}{
		"invalid_grant":            {refuses(400, "invalid_grant"), bitrix.Auth, true},
		"without a description":    {says(400, `{"error":"INVALID_GRANT"}`), bitrix.Auth, true},
		"invalid_client":           {refuses(400, "invalid_client"), bitrix.Auth, true},
		"wrong_client on 200":      {says(200, `{"error":"wrong_client"}`), bitrix.Auth, true},
		"NO_AUTH_FOUND":            {refuses(401, "NO_AUTH_FOUND"), bitrix.Auth, true},
		"NOT_INSTALLED":            {refuses(401, "NOT_INSTALLED"), bitrix.Gone, true},
		"PAYMENT_REQUIRED":         {refuses(401, "PAYMENT_REQUIRED"), bitrix.Auth, true},
		"PORTAL_DELETED":           {refuses(410, "PORTAL_DELETED"), bitrix.Gone, true},
		"invalid_request":          {refuses(400, "invalid_request"), bitrix.Invalid, false},
		"insufficient_scope":       {refuses(403, "insufficient_scope"), bitrix.Denied, false},
		"invalid_scope":            {refuses(401, "invalid_scope"), bitrix.Denied, false},
		"server error":             {says(500, "<html>"), bitrix.Unclear, false},
		"connection lost":          {reply{err: errors.New("reset")}, bitrix.Unclear, false},
		"no tokens in it":          {ok(`{"access_token":"a"}`), bitrix.Unclear, false},
		"another portal's tokens":  {ok(strings.ReplaceAll(fresh().body, memberID, "other")), bitrix.Unclear, false},
		"an endpoint without TLS":  {ok(`{"access_token":"a","refresh_token":"r","client_endpoint":"http://shop.example/rest/"}`), bitrix.Unclear, false},
		"a list instead of tokens": {ok(`[]`), bitrix.Unclear, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newScript(t).on("token", c.answer)

			got, err := s.client.Renew(t.Context(), token())

			class(t, err, c.want)
			equal(t, errors.Is(err, bitrix.ErrTokenDead), c.dead)
			equal(t, got, bitrix.Token{})
		})
	}
}

func TestATokenWithoutRefreshIsDeadWithoutAsking(t *testing.T) {
	t.Parallel()
	s := newScript(t)
	tok := token()
	tok.Refresh = ""

	_, err := s.client.Renew(t.Context(), tok)

	equal(t, errors.Is(err, bitrix.ErrTokenDead), true)
	equal(t, len(s.calls), 0)
}

func TestAStrangeServerIsNeverAsked(t *testing.T) {
	t.Parallel()
	for _, strange := range []string{
		"https://evil.example/rest/", "https://oauth.bitrix.info.evil.example/rest/", "https://oauth.bitrix.info@evil.example/",
		"https://oauth.bitrix.info:8443/rest/", "//", "::", "oauth.bitrix.info",
	} {
		s := newScript(t)
		tok := token()
		tok.Server = strange

		_, err := s.client.Renew(t.Context(), tok)
		equal(t, errors.Is(err, bitrix.ErrUnknownServer), true)
		class(t, err, bitrix.Denied)
		_, err = s.client.Verify(t.Context(), strange, access)
		equal(t, errors.Is(err, bitrix.ErrUnknownServer), true)

		equal(t, len(s.calls), 0)
	}
}

func TestWithoutAServerADoubtOutweighsARefusal(t *testing.T) {
	t.Parallel()
	s := newScriptWith(t, bitrix.Config{AuthServers: []string{server, "https://oauth.bitrix24.tech"}})
	s.on("token", refuses(400, "invalid_grant"), says(502, "<html>"))
	tok := token()
	tok.Server = ""

	_, err := s.client.Renew(t.Context(), tok)

	class(t, err, bitrix.Unclear)
	equal(t, errors.Is(err, bitrix.ErrTokenDead), false)
	equal(t, len(s.calls), 2)
}
