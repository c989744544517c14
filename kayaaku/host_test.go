package kayaaku

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"
)

func testHost(t *testing.T, url string) *Host {
	t.Helper()
	signer := testSigner(t)
	h, err := NewHost(HostConfig{
		BaseURL: url, Device: Device{Email: "till@example.com", Serial: "SN1", MID: "000000000000001"},
		Signer: signer, Dialect: HostDialect("1", kualaLumpur(t)),
	})
	if err != nil {
		t.Fatal(err)
	}
	return h
}

func TestHostAnswersAreBelievedOnlyWhenSigned(t *testing.T) {
	t.Parallel()
	signed := strings.TrimSuffix(vector(t, "answer-plain.txt"), "}") + `,"signedMessage":"` + vector(t, "answer.sig") + `"}`
	for name, c := range map[string]struct {
		status      int
		kind, body  string
		understands bool
	}{
		"signed":      {200, "application/json", signed, true},
		"unsigned":    {200, "application/json", vector(t, "answer-plain.txt"), false},
		"HTML":        {200, "text/html", "<html>", false},
		"empty":       {200, "application/json", "", false},
		"a failure":   {500, "application/json", signed, false},
		"a redirect":  {302, "application/json", signed, false},
		"cut in half": {200, "application/json", signed[:40], false},
	} {
		calls := 0
		server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			calls++
			_, _ = io.Copy(io.Discard, r.Body)
			w.Header().Set("Content-Type", c.kind)
			w.Header().Set("Location", "/elsewhere")
			w.WriteHeader(c.status)
			_, _ = io.WriteString(w, c.body)
		}))
		r, err := testHost(t, server.URL).Enquire(t.Context(), "7K2Q9M4X1C0ZT5AB", "0000000000000001")
		server.Close()
		if (err == nil) != c.understands || calls != 1 {
			t.Errorf("%s: %v after %d calls", name, err, calls)
		}
		if c.understands && r.RespCd != "00" {
			t.Errorf("%s: %+v", name, r)
		}
		if err != nil && (IsNotStarted(err) || strings.Contains(err.Error(), "127.0.0.1")) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestOnlyWhatNeverLeftIsNotStarted(t *testing.T) {
	t.Parallel()
	sale := Sale{TxnID: "A1", Method: Card, Amount: 100, At: time.Unix(0, 0)}

	closed, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address := "http://" + closed.Addr().String()
	_ = closed.Close()
	if _, err := testHost(t, address).Sell(t.Context(), sale, "1"); !IsNotStarted(err) {
		t.Errorf("nobody listens: %v", err)
	}

	hung := make(chan struct{})
	server := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		close(hung)
		<-r.Context().Done()
	}))
	defer server.Close()
	ctx, cancel := context.WithCancel(t.Context())
	go func() { <-hung; cancel() }()
	if _, err := testHost(t, server.URL).Sell(ctx, sale, "1"); err == nil || IsNotStarted(err) || !errors.Is(err, context.Canceled) {
		t.Errorf("given up while the host worked: %v", err)
	}
	if _, err := testHost(t, server.URL).Sell(t.Context(), Sale{TxnID: "bad id"}, "1"); !IsNotStarted(err) {
		t.Errorf("a field rule: %v", err)
	}
}

func TestPlainHTTPIsForLoopback(t *testing.T) {
	t.Parallel()
	for _, url := range []string{"http://pay.example.com/x", "ftp://127.0.0.1", "https://u:p@example.com", "https://example.com/?a=b", "nonsense"} {
		if _, err := NewHost(HostConfig{BaseURL: url, Signer: testSigner(t)}); err == nil {
			t.Errorf("took %s", url)
		}
	}
}
