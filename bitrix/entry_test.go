package bitrix_test

import (
	"errors"
	"net/url"
	"strings"
	"testing"
	"time"

	"receivepayment/bitrix"
)

const applicationToken = "7f2a9d0c4e5b4b1f9b6a3c8d2e1f0a95"

func entryForm() url.Values {
	return url.Values{
		"AUTH_ID": {access}, "AUTH_EXPIRES": {"3600"}, "REFRESH_ID": {refresh},
		"SERVER_ENDPOINT": {"https://oauth.bitrix.info/rest/"}, "APPLICATION_TOKEN": {applicationToken},
		"APPLICATION_SCOPE": {"crm,placement,sale,im"}, "member_id": {memberID}, "status": {"F"},
		"PLACEMENT": {"CRM_DEAL_DETAIL_TAB"}, "PLACEMENT_OPTIONS": {`{"ID":"512","URI":"\/crm\/deal\/details\/512\/"}`},
	}
}

func entryQuery() url.Values {
	return url.Values{
		"DOMAIN": {"Harbour-Supplies.bitrix24.com"}, "PROTOCOL": {"1"}, "LANG": {"en"},
		"APP_SID": {"0123456789abcdef0123456789abcdef"},
	}
}

func TestAnEntryIsReadFromBodyAndAddress(t *testing.T) {
	t.Parallel()
	got, err := bitrix.ParseEntry(entryForm(), entryQuery())
	succeeds(t, err)

	equal(t, got, bitrix.Entry{
		Domain: "harbour-supplies.bitrix24.com", Protocol: "https", Lang: "en", AppSID: "0123456789abcdef0123456789abcdef",
		AccessToken: access, RefreshToken: refresh, ExpiresIn: time.Hour,
		ServerEndpoint: "https://oauth.bitrix.info/rest/", ApplicationToken: applicationToken,
		Scope: []string{"crm", "placement", "sale", "im"}, MemberID: memberID, Status: "F", Placement: "CRM_DEAL_DETAIL_TAB",
		PlacementOptions: map[string]string{"ID": "512", "URI": "/crm/deal/details/512/"},
	})
	equal(t, got.Origin(), "https://harbour-supplies.bitrix24.com")
}

func TestAnOldPortalSendsLess(t *testing.T) {
	t.Parallel()
	form := url.Values{"AUTH_ID": {access}, "member_id": {memberID}}
	query := url.Values{"DOMAIN": {"127.0.0.1:8899"}, "PROTOCOL": {"0"}}

	got, err := bitrix.ParseEntry(form, query)
	succeeds(t, err)

	equal(t, got, bitrix.Entry{
		Domain: "127.0.0.1:8899", Protocol: "http", Lang: "en", AccessToken: access, MemberID: memberID,
		Placement: "DEFAULT", PlacementOptions: map[string]string{},
	})
}

func TestAVisitorWithoutAPortalHasNoEntry(t *testing.T) {
	t.Parallel()
	for _, query := range []url.Values{nil, entryQuery()} {
		_, err := bitrix.ParseEntry(nil, query)
		equal(t, errors.Is(err, bitrix.ErrNoEntry), true)
	}
}

func TestAWrongFieldIsNamed(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ field, value, want string }{
		"no token":                  {"AUTH_ID", "", "AUTH_ID"},
		"token with a line break":   {"AUTH_ID", "a\nb", "AUTH_ID"},
		"endless token":             {"AUTH_ID", strings.Repeat("a", 2000), "AUTH_ID"},
		"no member":                 {"member_id", "", "member_id"},
		"member with a blank":       {"member_id", "a b", "member_id"},
		"no domain":                 {"DOMAIN", "", "DOMAIN"},
		"domain with a path":        {"DOMAIN", "shop.example/rest", "DOMAIN"},
		"domain with a user":        {"DOMAIN", "a@shop.example", "DOMAIN"},
		"domain with a scheme":      {"DOMAIN", "https://shop.example", "DOMAIN"},
		"domain with a blank":       {"DOMAIN", "shop.example evil.example", "DOMAIN"},
		"domain with a policy":      {"DOMAIN", "shop.example;script-src", "DOMAIN"},
		"domain without end":        {"DOMAIN", strings.Repeat("a.", 200) + "b", "DOMAIN"},
		"protocol":                  {"PROTOCOL", "2", "PROTOCOL"},
		"lifetime":                  {"AUTH_EXPIRES", "soon", "AUTH_EXPIRES"},
		"negative lifetime":         {"AUTH_EXPIRES", "-1", "AUTH_EXPIRES"},
		"lifetime beyond all years": {"AUTH_EXPIRES", "9223372036854775807", "AUTH_EXPIRES"},
		"placement":                 {"PLACEMENT", "a b", "PLACEMENT"},
		"options that are text":     {"PLACEMENT_OPTIONS", `"x"`, "PLACEMENT_OPTIONS"},
		"options cut off":           {"PLACEMENT_OPTIONS", `{"ID":"5`, "PLACEMENT_OPTIONS"},
		"endless options":           {"PLACEMENT_OPTIONS", `{"ID":"` + strings.Repeat("1", 20<<10) + `"}`, "PLACEMENT_OPTIONS"},
		"id with letters":           {"PLACEMENT_OPTIONS", `{"ID":"512 or 1=1"}`, "PLACEMENT_OPTIONS.ID"},
		"id zero":                   {"PLACEMENT_OPTIONS", `{"ID":"0"}`, "PLACEMENT_OPTIONS.ID"},
		"negative id":               {"PLACEMENT_OPTIONS", `{"ID":"-5"}`, "PLACEMENT_OPTIONS.ID"},
		"id beyond all numbers":     {"PLACEMENT_OPTIONS", `{"ENTITY_ID":"99999999999999999999"}`, "PLACEMENT_OPTIONS.ENTITY_ID"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			form, query := entryForm(), entryQuery()
			if _, inQuery := query[c.field]; inQuery {
				query.Set(c.field, c.value)
			} else {
				form.Set(c.field, c.value)
			}

			_, err := bitrix.ParseEntry(form, query)

			var wrong *bitrix.FieldError
			if !errors.As(err, &wrong) {
				t.Fatalf("error = %v", err)
			}
			equal(t, wrong.Field, c.want)
			if len(c.value) > 2 && strings.Contains(err.Error(), c.value) {
				t.Errorf("the value is repeated in %q", err)
			}
		})
	}
}

func TestPlacementOptionsComeInManyForms(t *testing.T) {
	t.Parallel()
	for options, want := range map[string]map[string]string{
		``:                         {},
		`[]`:                       {},
		`{}`:                       {},
		`null`:                     {},
		`{"ID":512}`:               {"ID": "512"},
		`{"ID":"512","x":{"a":1}}`: {"ID": "512", "x": `{"a":1}`},
		`{"invoice":"77"}`:         {"invoice": "77"},
	} {
		form := entryForm()
		form.Set("PLACEMENT_OPTIONS", options)
		got, err := bitrix.ParseEntry(form, entryQuery())
		succeeds(t, err)
		if len(got.PlacementOptions) == 0 && len(want) == 0 && got.PlacementOptions != nil {
			continue
		}
		equal(t, got.PlacementOptions, want)
	}
}

func TestThePlacementSaysWhatItOpensOn(t *testing.T) {
	t.Parallel()
	type target struct {
		Entity string
		ID     int64
	}
	for _, c := range []struct {
		placement, options string
		want               target
	}{
		{"CRM_DEAL_DETAIL_TAB", `{"ID":"512"}`, target{"deal", 512}},
		{"CRM_DEAL_DETAIL_TOOLBAR", `{"ID":"512"}`, target{"deal", 512}},
		{"CRM_DEAL_LIST_MENU", `{"ID":"512"}`, target{"deal", 512}},
		{"CRM_DEAL_DOCUMENTGENERATOR_BUTTON", `{"ENTITY_ID":"512"}`, target{"deal", 512}},
		{"CRM_DEAL_LIST_TOOLBAR", `[]`, target{}},
		{"CRM_SMART_INVOICE_DETAIL_TAB", `{"ID":"77"}`, target{"invoice", 77}},
		{"CRM_SMART_INVOICE_DETAIL_TOOLBAR", `{"ENTITY_ID":"77"}`, target{"invoice", 77}},
		{"CRM_DYNAMIC_31_DETAIL_TAB", `{"ID":"77"}`, target{"invoice", 77}},
		{"CRM_DYNAMIC_1040_DETAIL_TAB", `{"ID":"77"}`, target{}},
		{"CRM_ORDER_DETAIL_TAB", `{"ID":"900"}`, target{"order", 900}},
		{"CRM_ORDER_DETAIL_ACTIVITY", `{"ID":"900"}`, target{"order", 900}},
		{"CRM_INVOICE_DETAIL_TAB", `{"ID":"5"}`, target{}},
		{"LEFT_MENU", `{"ID":"x"}`, target{}},
		{"DEFAULT", ``, target{}},
		{"", ``, target{}},
	} {
		form := entryForm()
		form.Set("PLACEMENT", c.placement)
		form.Set("PLACEMENT_OPTIONS", c.options)
		e, err := bitrix.ParseEntry(form, entryQuery())
		succeeds(t, err)
		entity, id := e.Entity()
		equal(t, target{entity, id}, c.want)
	}
	broken := bitrix.Entry{Placement: "CRM_DEAL_DETAIL_TAB", PlacementOptions: map[string]string{"ID": "x"}}
	entity, id := broken.Entity()
	equal(t, target{entity, id}, target{})
}

func TestAVerifiedEntryMakesAToken(t *testing.T) {
	t.Parallel()
	e, err := bitrix.ParseEntry(entryForm(), entryQuery())
	succeeds(t, err)
	id := bitrix.Identity{UserID: "14", MemberID: memberID, Endpoint: endpoint, Server: server + "/rest/"}

	equal(t, e.Token(id, now()), token())

	id.ExpiresAt = now().Add(10 * time.Minute)
	equal(t, e.Token(id, now()).ExpiresAt, id.ExpiresAt)
}
