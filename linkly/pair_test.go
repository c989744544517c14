package linkly_test

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"receivepayment/linkly"
)

const pairURL = authURL + "/v1/pairing/cloudpos"

func TestPairSendsThreeMembersAndReturnsTheSecret(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("x", 5000)
	for _, body := range []string{
		`{"secret":"` + long + `"}`,
		`{"Secret":"` + long + `","more":[1]}`,
	} {
		c := newCloud().on(http.MethodPost, pairURL, answer{200, body})
		secret, err := c.client(t).Pair(t.Context(), "0123456789", thePassword, "482913")
		if err != nil || secret.Reveal() != long {
			t.Errorf("got %d characters, %v", len(secret.Reveal()), err)
		}
		want := []seen{{http.MethodPost, pairURL, `{"username":"0123456789","password":"s3cr3t-pass","pairCode":"482913"}`, ""}}
		if diff := cmp.Diff(want, c.requests("")); diff != "" {
			t.Errorf("requests (-want +got):\n%s", diff)
		}
	}
}

func TestPairingErrorsAndWhatTheyMean(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name    string
		answer  answer
		refused bool
		class   linkly.Class
	}{
		{"bad code", answer{401, ""}, true, linkly.Refused},
		{"bad code with a sentence", answer{401, "pair code expired"}, true, linkly.Refused},
		{"bad login", answer{400, `{"message":"no"}`}, true, linkly.Refused},
		{"no secret", answer{200, `{}`}, true, linkly.Refused},
		{"null secret", answer{200, `{"secret":null}`}, true, linkly.Refused},
		{"blank secret", answer{200, `{"secret":" "}`}, true, linkly.Refused},
		{"a page", answer{200, `<html>`}, true, linkly.Refused},
		{"empty", answer{200, ``}, true, linkly.Refused},
		{"created", answer{201, `{"secret":"x"}`}, false, linkly.Unclear},
		{"redirected", answer{302, ``}, false, linkly.Unclear},
		{"not found", answer{404, ``}, false, linkly.Unclear},
		{"slow", answer{408, ``}, false, linkly.Unclear},
		{"down", answer{503, ``}, false, linkly.Unclear},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			c := newCloud().on(http.MethodPost, pairURL, tt.answer)

			secret, err := c.client(t).Pair(t.Context(), "0123456789", thePassword, "482913")

			if secret != "" || errors.Is(err, linkly.ErrPairingRefused) != tt.refused {
				t.Errorf("secret of %d characters, %v", len(secret.Reveal()), err)
			}
			checkClass(t, err, tt.class, tt.answer.status)
			if n := len(c.requests("")); n != 1 {
				t.Errorf("called %d times, want once", n)
			}
		})
	}
}

func TestPairingWithoutTheThreeWordsCallsNobody(t *testing.T) {
	t.Parallel()
	c := newCloud()
	for _, in := range [][3]string{{"", "p", "1"}, {"u", "", "1"}, {"u", "p", " "}} {
		if _, err := c.client(t).Pair(t.Context(), in[0], in[1], in[2]); linkly.ClassOf(err) != linkly.Refused {
			t.Errorf("pair %q: %v", in, err)
		}
	}
	if got := c.requests(""); len(got) != 0 {
		t.Errorf("sent %+v", got)
	}
}

func TestPairingCutOffIsNotRepeated(t *testing.T) {
	t.Parallel()
	calls := make(chan struct{}, 10)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		calls <- struct{}{}
		hangUp(t, w, r)
	}))
	defer server.Close()
	cfg := config()
	cfg.AuthURL, cfg.RestURL = server.URL, server.URL

	_, err := mustNew(t, cfg).Pair(t.Context(), "0123456789", thePassword, "482913")

	checkClass(t, err, linkly.Unclear, 0)
	if n := len(calls); n != 1 {
		t.Errorf("called %d times, want once", n)
	}
	server.Close()
	_, err = mustNew(t, cfg).Pair(t.Context(), "0123456789", thePassword, "482913")
	checkClass(t, err, linkly.NotStarted, 0)
}
