package linkly_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"strings"
	"testing"

	"receivepayment/linkly"
)

func TestSecretsPrintAsRedactedEverywhere(t *testing.T) {
	t.Parallel()
	type holder struct {
		Secret linkly.Secret
		ByName map[string]linkly.Secret
	}
	h := holder{theSecret, map[string]linkly.Secret{"counter 1": theSecret}}
	var out bytes.Buffer
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%X", "%d", "%t"} {
		for _, v := range []any{theSecret, h, &h, []linkly.Secret{theSecret}, fmt.Errorf("x: %v", theSecret)} {
			fmt.Fprintf(&out, verb+"\n", v)
		}
	}
	fmt.Fprintln(&out, theSecret, theSecret.String(), theSecret.GoString())
	logger := slog.New(slog.NewJSONHandler(&out, nil))
	logger.Info("x", "secret", theSecret, "holder", h)
	slog.New(slog.NewTextHandler(&out, nil)).Info("x", "secret", theSecret, "holder", h)
	if err := json.NewEncoder(&out).Encode([]any{theSecret, h.ByName}); err != nil {
		t.Fatalf("encode: %v", err)
	}

	quiet(t, out.String())
	if !strings.Contains(out.String(), "[redacted]") {
		t.Errorf("nothing was printed: %s", out.String())
	}
	if theSecret.Reveal() != "opaque-secret-5150" {
		t.Errorf("reveal gives %d characters", len(theSecret.Reveal()))
	}
}

func TestHandlesDoNotPrintTheirSecret(t *testing.T) {
	t.Parallel()
	c := newCloud().withTokens().on(http.MethodGet, askURL, answer{202, ""})
	client := c.client(t)
	terminal := client.Terminal(theSecret, posID)
	if err := asks(t, terminal); err != nil {
		t.Fatalf("ask: %v", err)
	}
	for _, verb := range []string{"%v", "%+v", "%#v", "%s"} {
		quiet(t, fmt.Sprintf(verb, terminal))
		quiet(t, fmt.Sprintf(verb, *terminal))
	}
}

// quiet wants none of the words that must not be seen, plain or in hex.
func quiet(t *testing.T, printed string) {
	t.Helper()
	for _, word := range []string{
		theSecret.Reveal(), "token-0001", "token-0002", thePassword, "482913", "0123456789", "notify-me-quietly",
		"4111111111111142", "4111-1111-1111-1142", "supervisor-9", "async=",
	} {
		if strings.Contains(printed, word) || strings.Contains(strings.ToLower(printed), fmt.Sprintf("%x", word)) {
			t.Errorf("%q is visible in: %s", word, printed)
		}
	}
}

// gossip is a body that repeats everything it was told, as some services do.
const gossip = `{"message":"bad secret opaque-secret-5150 for token-0001 token-0002 s3cr3t-pass 482913 0123456789 ` +
	`Bearer notify-me-quietly supervisor-9 card 4111111111111142 or 4111-1111-1111-1142","code":"opaque-secret-5150"}`

func TestErrorsRepeatNothingSecret(t *testing.T) {
	t.Parallel()
	text, _, _ := strings.Cut(gossip[len(`{"message":"`):], `"`)
	for _, body := range []string{gossip, text, strings.Replace(gossip, "message", "Detail", 1), "<p>" + text, `{"secret":` + gossip + `}`, `{"token":` + gossip + `}`} {
		for _, status := range []int{200, 302, 400, 401, 404, 500} {
			for name, err := range everyError(t, answer{status, body}) {
				var out bytes.Buffer
				fmt.Fprintf(&out, "%s: %v\n%+v\n%#v\n%s\n", name, err, err, err, fmt.Errorf("charge: %w", err))
				slog.New(slog.NewJSONHandler(&out, nil)).Error("x", "err", err)
				quiet(t, out.String())
			}
		}
	}
}

// everyError makes every call against a cloud that always answers a, each endpoint
// repeating no more than it was told.
func everyError(t *testing.T, a answer) map[string]error {
	t.Helper()
	if a.status != http.StatusUnauthorized {
		a = tell(a, "token-0002") // there is no second token without a 401
	}
	out := map[string]error{}
	for _, tokens := range []bool{true, false} {
		for name, do := range everyCall(t) {
			c := newCloud()
			if tokens {
				c.withTokens()
			} else {
				c.on(http.MethodPost, authURL+grantPath, tell(a, "token-0001", "token-0002", thePassword, "482913", theNotify, "supervisor-9"))
			}
			told := tell(a, thePassword, "482913", "supervisor-9")
			c.on(http.MethodPost, pairURL, tell(a, theSecret.Reveal(), "token-0001", "token-0002", theNotify, "supervisor-9")).
				on(http.MethodPost, beginURL, told).on(http.MethodPost, logonURL, told).on(http.MethodPost, statusURL, told).
				on(http.MethodGet, askURL, tell(told, theNotify)).
				on(http.MethodPost, keyURL, tell(a, thePassword, "482913", theNotify))
			out[fmt.Sprint(name, " with tokens ", tokens)] = do(c.client(t))
		}
	}
	return out
}

// everyCall makes each call that the client offers once.
func everyCall(t *testing.T) map[string]func(*linkly.Client) error {
	t.Helper()
	return map[string]func(*linkly.Client) error{
		"pair": func(c *linkly.Client) error {
			_, err := c.Pair(t.Context(), "0123456789", thePassword, "482913")
			return err
		},
		"begin": func(c *linkly.Client) error {
			return c.Terminal(theSecret, posID).Begin(t.Context(), session, purchase(), notify())
		},
		"ask": func(c *linkly.Client) error { return asks(t, c.Terminal(theSecret, posID)) },
		"key": func(c *linkly.Client) error {
			return c.Terminal(theSecret, posID).SendKey(t.Context(), session, linkly.KeyAuth, "supervisor-9")
		},
		"logon": func(c *linkly.Client) error {
			_, err := c.Terminal(theSecret, posID).Logon(t.Context(), session, notify())
			return err
		},
		"status": func(c *linkly.Client) error {
			_, err := c.Terminal(theSecret, posID).Status(t.Context(), session, notify())
			return err
		},
	}
}

// tell is a with what only the others were told left out.
func tell(a answer, notTold ...string) answer {
	for _, word := range notTold {
		a.body = strings.ReplaceAll(a.body, word, "")
	}
	return a
}

func TestTransportErrorsLoseTheirAddressAndKeepTheirCause(t *testing.T) {
	t.Parallel()
	c := newCloud().withTokens()
	c.RegisterResponder(http.MethodPost, beginURL, func(*http.Request) (*http.Response, error) {
		told := tell(answer{0, gossip}, "token-0002", thePassword, "482913", "supervisor-9")
		return nil, fmt.Errorf("malformed response %q: %w", told.body, io.ErrUnexpectedEOF)
	})

	err := c.terminal(t).Begin(t.Context(), session, purchase(), notify())

	quiet(t, fmt.Sprintf("%v %+v", err, err))
	if !errors.Is(err, io.ErrUnexpectedEOF) {
		t.Errorf("%v lost its cause", err)
	}
	if strings.Contains(err.Error(), restURL) || len(err.Error()) > 400 {
		t.Errorf("says too much: %v", err)
	}
}

func TestAServerThatTalksNonsenseIsNotQuoted(t *testing.T) {
	t.Parallel()
	var lc net.ListenConfig
	listener, err := lc.Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatalf("listen: %v", err)
	}
	defer func() { _ = listener.Close() }()
	go func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			_, _ = io.WriteString(conn, "CARD 4111111111111142 opaque-secret-5150\r\n\r\n")
			_ = conn.Close()
		}
	}()
	cfg := config()
	cfg.AuthURL, cfg.RestURL = "http://"+listener.Addr().String(), "http://"+listener.Addr().String()

	_, err = mustNew(t, cfg).Terminal(theSecret, posID).Ask(t.Context(), session, want())

	if linkly.ClassOf(err) != linkly.NotStarted {
		t.Errorf("%v, want not started: there was no token", err)
	}
	quiet(t, fmt.Sprint(err))
}

func TestShortSecretsHideTheWholeSentence(t *testing.T) {
	t.Parallel()
	c := newCloud().withTokens().on(http.MethodPost, keyURL, answer{400, `{"message":"password 42 is wrong"}`})

	err := c.terminal(t).SendKey(t.Context(), session, linkly.KeyAuth, "42")

	if got, want := fmt.Sprint(err), "send key: refused, status 400 Bad Request: [redacted]"; got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}
