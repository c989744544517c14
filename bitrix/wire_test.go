package bitrix_test

import (
	"context"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"receivepayment/bitrix"
)

// serve starts a real server and returns a portal on it.
func serve(t *testing.T, h http.HandlerFunc) *bitrix.Portal {
	t.Helper()
	srv := httptest.NewServer(h)
	t.Cleanup(srv.Close)

	return portalAt(t, srv.URL+"/rest/")
}

func portalAt(t *testing.T, at string) *bitrix.Portal {
	t.Helper()
	c, err := bitrix.New(bitrix.Config{
		ClientID: "app.6a01", ClientSecret: secret, AuthServers: []string{server}, Now: now,
	})
	succeeds(t, err)

	return c.Portal(memberID, at, &memory{token: token()})
}

func TestARedirectIsReportedAndNotFollowed(t *testing.T) {
	t.Parallel()
	for _, status := range []int{301, 302, 307, 308} {
		var hits atomic.Int32
		p := serve(t, func(w http.ResponseWriter, r *http.Request) {
			hits.Add(1)
			w.Header().Set("Location", "https://harbour-group.bitrix24.com"+r.URL.Path+"?auth="+access)
			w.WriteHeader(status)
		})

		_, err := p.UpdateInvoice(t.Context(), 77, bitrix.InvoiceFields{StageID: "DT31_3:P"})

		class(t, err, bitrix.Moved)
		if !strings.Contains(err.Error(), "harbour-group.bitrix24.com") {
			t.Errorf("%d: the new host is missing in %q", status, err)
		}
		equal(t, hits.Load(), int32(1))
	}
}

func TestASilentPortalIsUnclearAfterTheDeadline(t *testing.T) {
	t.Parallel()
	release := make(chan struct{})
	p := serve(t, func(http.ResponseWriter, *http.Request) { <-release })
	t.Cleanup(func() { close(release) })
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()

	_, err := p.UpdateInvoice(ctx, 77, bitrix.InvoiceFields{StageID: "DT31_3:P"})

	class(t, err, bitrix.Unclear)
}

func TestALostConnectionIsAskedOnce(t *testing.T) {
	t.Parallel()
	var hits atomic.Int32
	p := serve(t, func(http.ResponseWriter, *http.Request) {
		hits.Add(1)
		panic(http.ErrAbortHandler)
	})

	_, err := p.UpdateInvoice(t.Context(), 77, bitrix.InvoiceFields{StageID: "DT31_3:P"})

	class(t, err, bitrix.Unclear)
	equal(t, hits.Load(), int32(1))
}

func TestAClosedPortIsUnavailable(t *testing.T) {
	t.Parallel()
	srv := httptest.NewServer(http.NotFoundHandler())
	at := srv.URL
	srv.Close()

	_, err := portalAt(t, at+"/rest/").Profile(t.Context())

	class(t, err, bitrix.Unavailable)
}

func TestAnUnprovenCertificateIsUnavailable(t *testing.T) {
	t.Parallel()
	srv := httptest.NewUnstartedServer(http.NotFoundHandler())
	srv.Config.ErrorLog = log.New(io.Discard, "", 0)
	srv.StartTLS()
	t.Cleanup(srv.Close)

	_, err := portalAt(t, srv.URL+"/rest/").Profile(t.Context())

	class(t, err, bitrix.Unavailable)
}

func TestAnEndlessAnswerIsCutOff(t *testing.T) {
	t.Parallel()
	p := serve(t, func(w http.ResponseWriter, _ *http.Request) {
		_, _ = w.Write([]byte(`{"result":"` + strings.Repeat("a", 5<<20) + `"}`))
	})

	_, err := p.Call(t.Context(), "profile", nil, nil)

	class(t, err, bitrix.Unclear)
}

func TestCookiesOfAPortalAreNotKept(t *testing.T) {
	t.Parallel()
	var seen atomic.Int32
	p := serve(t, func(w http.ResponseWriter, r *http.Request) {
		seen.Add(int32(len(r.Cookies())))
		http.SetCookie(w, &http.Cookie{Name: "PHPSESSID", Value: "1", Path: "/"})
		_, _ = w.Write([]byte(`{"result":{"ID":"1"}}`))
	})

	for range 2 {
		_, err := p.Profile(t.Context())
		succeeds(t, err)
	}

	equal(t, seen.Load(), int32(0))
}
