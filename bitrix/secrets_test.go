package bitrix_test

import (
	"bytes"
	"errors"
	"fmt"
	"log/slog"
	"net/url"
	"strings"
	"testing"

	"receivepayment/bitrix"
)

func TestSecretsAreNeitherPrintedNorLogged(t *testing.T) {
	t.Parallel()
	entry, err := bitrix.ParseEntry(entryForm(), entryQuery())
	succeeds(t, err)
	event, err := bitrix.ParseEvent(url.Values{
		"event": {"ONAPPINSTALL"}, "auth[member_id]": {memberID},
		"auth[access_token]": {access}, "auth[refresh_token]": {refresh}, "auth[application_token]": {secret},
	})
	succeeds(t, err)
	tok := token()
	cfg := bitrix.Config{ClientID: "app.6a01", ClientSecret: secret}

	for _, v := range []any{tok, &tok, entry, &entry, event, &event, event.Auth, cfg, &cfg} {
		var out bytes.Buffer
		for _, format := range []string{"%v", "%+v", "%#v", "%s", "%q"} {
			fmt.Fprintf(&out, format, v)
		}
		for _, h := range []slog.Handler{slog.NewTextHandler(&out, nil), slog.NewJSONHandler(&out, nil)} {
			slog.New(h).Info("seen", "value", v)
		}
		harmless(t, out.String())
		if strings.Contains(out.String(), applicationToken) {
			t.Errorf("%T shows the application token", v)
		}
	}
}

func TestAnAnswerThatEchoesATokenIsCleaned(t *testing.T) {
	t.Parallel()
	echo := says(400, `{"error":"`+access+`","error_description":"token `+access+` and `+url.QueryEscape(refresh)+`"}`)
	s := newScript(t).on("profile", echo).on("token", echo, says(400, `{"error":"x","error_description":"`+secret+`"}`)).
		on("app.info", refuses(400, access)).
		on("batch", result(`{"result":[],"result_error":{"a":{"error":"X","error_description":"`+access+`"}}}`))

	_, err := s.portal().Profile(t.Context())
	harmless(t, err.Error())
	_, err = s.client.Renew(t.Context(), token())
	harmless(t, err.Error())
	_, err = s.client.Renew(t.Context(), token())
	harmless(t, err.Error())
	_, err = s.client.Verify(t.Context(), "", access)
	harmless(t, err.Error())
	batch, err := s.portal().Batch(t.Context(), []bitrix.Command{{Key: "a", Method: "profile"}})
	succeeds(t, err)
	_, err = batch.Decode("a", nil)
	harmless(t, err.Error())
}

func TestATransportErrorHidesTheAddress(t *testing.T) {
	t.Parallel()
	s := newScript(t).on("app.info", reply{err: errors.New("malformed response: " + access)})

	_, err := s.client.Verify(t.Context(), "", access)

	class(t, err, bitrix.Unclear)
	if strings.Contains(err.Error(), "auth=") || strings.Contains(err.Error(), "://") {
		t.Errorf("address in %q", err)
	}
}
