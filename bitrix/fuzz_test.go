package bitrix_test

import (
	"encoding/json"
	"net/url"
	"strings"
	"testing"

	"receivepayment/bitrix"
)

func FuzzAnswer(f *testing.F) {
	for _, body := range []string{
		`{"result":{},"total":1,"next":50,"time":{}}`, `{"error":0,"error_description":"<b>x</b>"}`, `{"error":{"code":"A","message":1}}`,
		`{"error":"","error_description":[]}`, `[]`, `<html>`, `{"error":null}`, "\xef\xbb\xbf{}", `{"error":[`, `{"time":[],"error":"OPERATION_TIME_LIMIT"}`,
	} {
		f.Add(200, []byte(body))
		f.Add(429, []byte(body))
	}
	f.Fuzz(func(t *testing.T, status int, body []byte) {
		e := bitrix.DecodeAnswer(status, body)
		var shape struct {
			Error json.RawMessage `json:"error"`
		}
		if e == nil {
			if status >= 400 {
				t.Errorf("status %d is taken for a success", status)
			}
			if json.Unmarshal(body[max(0, strings.IndexByte(string(body), '{')):], &shape) == nil && len(shape.Error) > 0 && string(shape.Error) != "null" {
				t.Errorf("error %s is taken for a success", shape.Error)
			}
			return
		}
		if e.Class < bitrix.Denied || e.Class > bitrix.Unclear {
			t.Errorf("class %d", e.Class)
		}
		if len([]rune(e.Description)) > 501 {
			t.Errorf("description of %d characters", len([]rune(e.Description)))
		}
	})
}

func FuzzParseEntry(f *testing.F) {
	f.Add(entryForm().Encode(), entryQuery().Encode())
	f.Add("AUTH_ID=a&member_id=b&PLACEMENT_OPTIONS=[]", "DOMAIN=shop.example:8080&PROTOCOL=0")
	f.Add(`AUTH_ID=a&member_id=b&PLACEMENT=CRM_DEAL_DETAIL_TAB&PLACEMENT_OPTIONS={"ID":[1]}`, "DOMAIN=a")
	f.Fuzz(func(t *testing.T, body, address string) {
		form, err := url.ParseQuery(body)
		if err != nil {
			return
		}
		query, err := url.ParseQuery(address)
		if err != nil {
			return
		}
		e, err := bitrix.ParseEntry(form, query)
		if err != nil {
			return
		}
		if e.AccessToken == "" || e.MemberID == "" || e.Domain == "" || e.PlacementOptions == nil {
			t.Errorf("accepted without token, portal, domain or options: %v", e)
		}
		origin, err := url.Parse(e.Origin())
		if err != nil || origin.Host != e.Domain || origin.User != nil || origin.Path != "" {
			t.Errorf("domain %q is more than a host: %v", e.Domain, err)
		}
		entity, id := e.Entity()
		if (entity == "") != (id == 0) || id < 0 {
			t.Errorf("opens on %q %d", entity, id)
		}
	})
}

func FuzzParseEvent(f *testing.F) {
	f.Add("event=ONAPPTEST&data[FIELDS][ID]=77&auth[member_id]=m&ts=1795221600&auth[expires_in]=3600")
	f.Add("event=onAppUninstall&data[CLEAN]=1&data[[]=x&data[a]b]=y&auth[member_id]=m")
	f.Fuzz(func(t *testing.T, body string) {
		form, err := url.ParseQuery(body)
		if err != nil {
			return
		}
		e, err := bitrix.ParseEvent(form)
		if err != nil {
			return
		}
		if e.Name == "" || e.Name != strings.ToUpper(e.Name) || e.Auth.MemberID == "" || e.Data == nil {
			t.Errorf("accepted without name, portal or data: %v", e)
		}
		for path := range e.Data {
			if path == "" || strings.ContainsAny(path, "[]") {
				t.Errorf("path %q", path)
			}
		}
		if kind, id := e.Item(); kind < 0 || id < 0 {
			t.Errorf("item %d %d", kind, id)
		}
	})
}

func FuzzAmount(f *testing.F) {
	for _, text := range []string{"187.5", "1e2", "-0.00", "+3", ".5", "5.", "1e-30", "9e31", "NaN", "1,5"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		a, err := bitrix.ParseAmount(text)
		if err != nil {
			return
		}
		again, err := bitrix.ParseAmount(string(a))
		if err != nil || again != a {
			t.Errorf("%q became %q and then %q (%v)", text, a, again, err)
		}
		if strings.Trim(string(a), "-0123456789.") != "" {
			t.Errorf("%q became %q, which is no plain decimal", text, a)
		}
		if b, err := json.Marshal(a); err != nil || !json.Valid(b) {
			t.Errorf("%q is sent as %s (%v)", a, b, err)
		}
	})
}
