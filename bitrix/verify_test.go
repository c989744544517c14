package bitrix_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"receivepayment/bitrix"
)

const tokenInfo = `{"client_id":"app.6a01","scope":"crm,placement,sale,im","expires":"2026-11-21T11:00:00+13:00","user_id":14,
	"install":{"installed":true,"version":"3","status":"F","scope":"crm","domain":"harbour-supplies.bitrix24.com",
	"uri":"https://harbour-supplies.bitrix24.com","client_endpoint":"` + endpoint + `","member_id":"` + memberID + `","member_type":"portal"}}`

func TestVerifyTellsWhoseTokenItIs(t *testing.T) {
	t.Parallel()
	s := newScript(t).on("app.info", result(tokenInfo))

	got, err := s.client.Verify(t.Context(), "https://OAUTH.bitrix.info:443/rest/", access)
	succeeds(t, err)

	equal(t, got, bitrix.Identity{
		ClientID: "app.6a01", UserID: "14", MemberID: memberID, Domain: "harbour-supplies.bitrix24.com",
		Endpoint: endpoint, Server: server + "/rest/", Scope: []string{"crm", "placement", "sale", "im"},
		Status: "F", Installed: true, ExpiresAt: time.Date(2026, 11, 20, 22, 0, 0, 0, time.UTC),
	})
	equal(t, s.calls[0].verb+" "+s.calls[0].url, "GET "+server+"/rest/app.info/?auth="+access)
}

func TestVerifyIsLiberalAboutTypes(t *testing.T) {
	t.Parallel()
	s := newScript(t).on("app.info", result(`{"client_id":"app.6a01","scope":["crm","im"],"expires":1795225200,"user_id":"14",
		"install":{"installed":"N","status":"F","domain":"d","client_endpoint":"`+endpoint+`","member_id":"`+memberID+`","member_type":7}}`))

	got, err := s.client.Verify(t.Context(), "", access)
	succeeds(t, err)

	equal(t, got.Scope, []string{"crm", "im"})
	equal(t, got.Installed, false)
	equal(t, got.ExpiresAt, time.Unix(1795225200, 0).UTC())
}

func TestWhatDoesNotProveATokenIsRefused(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		answer reply
		want   bitrix.Class
	}{
		"unknown token":             {refuses(400, "invalid_client"), bitrix.Auth},
		"no such token":             {refuses(401, "NO_AUTH_FOUND"), bitrix.Auth},
		"expired token":             {refuses(401, "expired_token"), bitrix.Auth},
		"not installed":             {refuses(401, "NOT_INSTALLED"), bitrix.Gone},
		"error on 200":              {refuses(200, "wrong_client"), bitrix.Auth},
		"another application":       {result(strings.ReplaceAll(tokenInfo, "app.6a01", "app.ffff")), bitrix.Denied},
		"no application named":      {result(`{}`), bitrix.Denied},
		"empty list":                {result(`[]`), bitrix.Unclear},
		"no portal named":           {result(strings.ReplaceAll(tokenInfo, memberID, "")), bitrix.Unclear},
		"no user named":             {result(strings.ReplaceAll(tokenInfo, `"user_id":14`, `"user_id":0`)), bitrix.Unclear},
		"an endpoint without TLS":   {result(strings.ReplaceAll(tokenInfo, endpoint, "http://shop.example/rest/")), bitrix.Unclear},
		"an endpoint with a secret": {result(strings.ReplaceAll(tokenInfo, endpoint, "https://a:b@shop.example/rest/")), bitrix.Unclear},
		"HTML":                      {says(200, "<html>"), bitrix.Unclear},
		"broken server":             {says(502, ""), bitrix.Unclear},
		"a redirect":                {reply{status: 302, header: map[string][]string{"Location": {"https://evil.example/?auth=x"}}}, bitrix.Moved},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newScript(t).on("app.info", c.answer)

			got, err := s.client.Verify(t.Context(), server+"/rest/", access)

			class(t, err, c.want)
			equal(t, got, bitrix.Identity{})
		})
	}
}

func TestATokenOfAnotherApplicationIsNamedSo(t *testing.T) {
	t.Parallel()
	s := newScript(t).on("app.info", result(strings.ReplaceAll(tokenInfo, "app.6a01", "app.ffff")))

	_, err := s.client.Verify(t.Context(), "", access)

	equal(t, errors.Is(err, bitrix.ErrForeignApp), true)
}

func TestWithoutAServerAllAllowedOnesAreAskedInTurn(t *testing.T) {
	t.Parallel()
	s := newScriptWith(t, bitrix.Config{AuthServers: []string{server, "https://oauth.bitrix24.tech/"}})
	s.on("app.info", refuses(400, "invalid_client"), result(tokenInfo))

	got, err := s.client.Verify(t.Context(), "", access)
	succeeds(t, err)

	equal(t, got.Server, "https://oauth.bitrix24.tech/rest/")
	equal(t, len(s.calls), 2)
}

func TestVerifyNeedsAToken(t *testing.T) {
	t.Parallel()
	s := newScript(t)

	_, err := s.client.Verify(t.Context(), "", "")

	class(t, err, bitrix.Auth)
	equal(t, len(s.calls), 0)
}

func TestAConfigurationThatCannotWorkIsRefused(t *testing.T) {
	t.Parallel()
	good := bitrix.Config{ClientID: "a", ClientSecret: secret, AuthServers: []string{server}, Now: now}
	_, err := bitrix.New(good)
	succeeds(t, err)

	for name, spoil := range map[string]func(*bitrix.Config){
		"no client id":           func(c *bitrix.Config) { c.ClientID = "" },
		"no client secret":       func(c *bitrix.Config) { c.ClientSecret = "" },
		"no clock":               func(c *bitrix.Config) { c.Now = nil },
		"no authorisation":       func(c *bitrix.Config) { c.AuthServers = nil },
		"authorisation, http":    func(c *bitrix.Config) { c.AuthServers = []string{"http://oauth.bitrix.info"} },
		"authorisation, no host": func(c *bitrix.Config) { c.AuthServers = []string{"oauth.bitrix.info"} },
	} {
		bad := good
		spoil(&bad)
		_, err := bitrix.New(bad)
		if err == nil {
			t.Errorf("%s: accepted", name)
			continue
		}
		harmless(t, err.Error())
	}

	for _, loopback := range []string{"http://127.0.0.1:8602", "http://localhost:8602/auth", "http://[::1]:8602"} {
		good.AuthServers = []string{loopback}
		_, err := bitrix.New(good)
		succeeds(t, err)
	}
}
