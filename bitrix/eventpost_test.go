package bitrix_test

import (
	"errors"
	"net/url"
	"testing"
	"time"

	"receivepayment/bitrix"
)

func TestAnInstallEventBringsEverything(t *testing.T) {
	t.Parallel()
	form, err := url.ParseQuery("event=ONAPPINSTALL&event_handler_id=7&data[VERSION]=3&data[ACTIVE]=Y&data[INSTALLED]=Y&data[LANGUAGE_ID]=en" +
		"&ts=1795221600&auth[domain]=harbour-supplies.bitrix24.com&auth[scope]=crm,placement&auth[access_token]=" + access +
		"&auth[refresh_token]=" + refresh + "&auth[expires_in]=3600&auth[server_endpoint]=https://oauth.bitrix.info/rest/" +
		"&auth[client_endpoint]=" + endpoint + "&auth[status]=F&auth[member_id]=" + memberID +
		"&auth[application_token]=" + applicationToken + "&auth[user_id]=1")
	succeeds(t, err)

	got, err := bitrix.ParseEvent(form)
	succeeds(t, err)

	equal(t, got, bitrix.Event{
		Name: "ONAPPINSTALL", HandlerID: "7", SentAt: time.Unix(1795221600, 0).UTC(),
		Data: map[string]string{"VERSION": "3", "ACTIVE": "Y", "INSTALLED": "Y", "LANGUAGE_ID": "en"},
		Auth: bitrix.EventAuth{
			Domain: "harbour-supplies.bitrix24.com", MemberID: memberID, Status: "F", UserID: "1",
			Scope: []string{"crm", "placement"}, ServerEndpoint: "https://oauth.bitrix.info/rest/", ClientEndpoint: endpoint,
			AccessToken: access, RefreshToken: refresh, ExpiresIn: time.Hour, ApplicationToken: applicationToken,
		},
	})
}

func TestAnItemEventNamesTheItemOnly(t *testing.T) {
	t.Parallel()
	got, err := bitrix.ParseEvent(url.Values{
		"event": {"onCrmDynamicItemUpdate"}, "data[FIELDS][ID]": {"77"}, "data[FIELDS][ENTITY_TYPE_ID]": {"31"},
		"auth[member_id]": {memberID}, "auth[application_token]": {applicationToken},
	})
	succeeds(t, err)

	kind, id := got.Item()
	equal(t, []any{got.Name, kind, id, got.Auth.AccessToken}, []any{"ONCRMDYNAMICITEMUPDATE", 31, int64(77), ""})
}

func TestAnUninstallEventSaysWhetherToDeleteTheData(t *testing.T) {
	t.Parallel()
	for value, want := range map[string]bool{"1": true, "Y": true, "0": false, "": false} {
		got, err := bitrix.ParseEvent(url.Values{
			"event": {"ONAPPUNINSTALL"}, "data[CLEAN]": {value}, "auth[member_id]": {memberID},
		})
		succeeds(t, err)
		equal(t, got.Clean(), want)
	}
}

func TestAnEventWithoutNameOrPortalIsRefused(t *testing.T) {
	t.Parallel()
	good := url.Values{"event": {"ONAPPTEST"}, "auth[member_id]": {memberID}}
	for _, c := range []struct{ field, value string }{
		{"event", ""},
		{"event", "on app"},
		{"event", "<script>"},
		{"auth[member_id]", ""},
		{"auth[member_id]", "a\r\nb"},
		{"auth[expires_in]", "soon"},
	} {
		form := url.Values{}
		for k, v := range good {
			form[k] = v
		}
		form.Set(c.field, c.value)

		_, err := bitrix.ParseEvent(form)

		var wrong *bitrix.FieldError
		if !errors.As(err, &wrong) || wrong.Field != c.field {
			t.Errorf("%s=%q: error = %v", c.field, c.value, err)
		}
	}
}

func TestMalformedKeysOfAnEventAreLeftOut(t *testing.T) {
	t.Parallel()
	got, err := bitrix.ParseEvent(url.Values{
		"event": {"ONAPPTEST"}, "auth[member_id]": {memberID}, "data[A]": {"1", "2"}, "data[B][C]": {"3"},
		"data[": {"x"}, "data[]": {"x"}, "data[D": {"x"}, "data[E]]": {"x"}, "data[F][[G]": {"x"}, "dataH]": {"x"}, "data": {"x"},
	})
	succeeds(t, err)

	equal(t, got.Data, map[string]string{"A": "1", "B.C": "3"})
}
