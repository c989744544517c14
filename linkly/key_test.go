package linkly_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"receivepayment/linkly"
)

const keyURL = sessionPath + "/sendkey"

func TestKeysGoOutAsDocumented(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		key        linkly.Key
		data, body string
	}{
		{linkly.KeyCancelOK, "", `{"Request":{"Key":"0","Data":""}}`},
		{linkly.KeyYes, "", `{"Request":{"Key":"1","Data":""}}`},
		{linkly.KeyNo, "", `{"Request":{"Key":"2","Data":""}}`},
		{linkly.KeyAuth, "12<&>34", `{"Request":{"Key":"3","Data":"12<&>34"}}`},
	} {
		c := newCloud().withTokens().on(http.MethodPost, keyURL, answer{200, ""})
		if err := c.terminal(t).SendKey(t.Context(), session, tt.key, tt.data); err != nil {
			t.Errorf("key %s: %v", tt.key, err)
		}
		want := []seen{{http.MethodPost, keyURL, tt.body, "Bearer token-0001"}}
		if diff := cmp.Diff(want, c.requests("/sendkey")); diff != "" {
			t.Errorf("key %s (-want +got):\n%s", tt.key, diff)
		}
	}
}

func TestWhatTheAnswerToAKeyMeans(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		answers []answer
		class   linkly.Class // ignored when fine
		fine    bool
		sent    int
	}{
		{answers: []answer{{202, ""}}, fine: true, sent: 1},
		{answers: []answer{{204, ""}}, fine: true, sent: 1},
		{answers: []answer{{401, ""}, {200, ""}}, fine: true, sent: 2},
		{answers: []answer{{401, ""}, {401, ""}}, class: linkly.Unclear, sent: 2},
		{answers: []answer{{400, ""}}, class: linkly.Refused, sent: 1},
		{answers: []answer{{404, ""}}, class: linkly.Unclear, sent: 1},
		{answers: []answer{{409, ""}}, class: linkly.Unclear, sent: 1},
		{answers: []answer{{302, ""}}, class: linkly.Unclear, sent: 1},
		{answers: []answer{{503, ""}}, class: linkly.Unclear, sent: 1},
	} {
		c := newCloud().withTokens().on(http.MethodPost, keyURL, tt.answers...)
		err := c.terminal(t).SendKey(t.Context(), session, linkly.KeyYes, "")
		if (err == nil) != tt.fine {
			t.Errorf("%+v gave %v", tt.answers, err)
		}
		if !tt.fine && linkly.ClassOf(err) != tt.class {
			t.Errorf("%+v gave %v, want %v", tt.answers, err, tt.class)
		}
		if n := len(c.requests("/sendkey")); n != tt.sent {
			t.Errorf("%+v: sent %d times, want %d", tt.answers, n, tt.sent)
		}
	}
}

func TestKeysThatDoNotExistAreNotSent(t *testing.T) {
	t.Parallel()
	c := newCloud().withTokens()
	for _, tt := range []struct {
		session, data string
		key           linkly.Key
	}{
		{"", "", linkly.KeyYes},
		{session, "", ""},
		{session, "", "4"},
		{session, "", "OK"},
		{session, strings.Repeat("1", 61), linkly.KeyAuth},
		{session, "1\n2", linkly.KeyAuth},
	} {
		if err := c.terminal(t).SendKey(t.Context(), tt.session, tt.key, tt.data); linkly.ClassOf(err) != linkly.Refused {
			t.Errorf("%+v: %v, want refused", tt, err)
		}
	}
	if got := c.requests(""); len(got) != 0 {
		t.Errorf("sent %+v", got)
	}
}
