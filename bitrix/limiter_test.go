package bitrix_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"receivepayment/bitrix"
)

// slow answers one host only when it is let go, and all others at once.
type slow struct {
	host string
	free chan struct{}
}

func (s slow) RoundTrip(r *http.Request) (*http.Response, error) {
	if r.URL.Host == s.host {
		select {
		case <-s.free:
		case <-r.Context().Done():
			return nil, r.Context().Err()
		}
	}
	body := io.NopCloser(strings.NewReader(`{"result":{"ID":"1","ADMIN":true}}`))
	return &http.Response{StatusCode: http.StatusOK, Body: body, Header: http.Header{}, Request: r}, nil
}

func TestNoPortalWaitsForAnotherThatIsSlow(t *testing.T) {
	t.Parallel()
	const portals, calls = 200, 20
	free := make(chan struct{})
	client, err := bitrix.New(bitrix.Config{
		ClientID: "app.6a01", ClientSecret: secret, AuthServers: []string{server}, Now: now,
		Transport: slow{host: "shop-0.bitrix24.com", free: free},
	})
	succeeds(t, err)
	ask := func(i int) error {
		one := token()
		one.MemberID = fmt.Sprintf("member%d", i)
		root := fmt.Sprintf("https://shop-%d.bitrix24.com/rest/", i)
		_, err := client.Portal(one.MemberID, root, &memory{token: one}).Profile(t.Context())
		return err
	}

	// The slow portal's own bucket is full of calls that wait for their answers.
	var stuck sync.WaitGroup
	for range 40 {
		stuck.Go(func() {
			if err := ask(0); err != nil {
				t.Errorf("the slow portal: %v", err)
			}
		})
	}
	// All the others are served while it answers nothing: nobody lets it go before.
	var others sync.WaitGroup
	for i := 1; i < portals; i++ {
		others.Go(func() {
			for range calls {
				if err := ask(i); err != nil {
					t.Errorf("portal %d: %v", i, err)
				}
			}
		})
	}
	served := make(chan struct{})
	go func() { others.Wait(); close(served) }()
	select {
	case <-served:
	case <-time.After(time.Minute):
		t.Error("portals wait for the one that is slow")
	}
	close(free)
	stuck.Wait()
	others.Wait()
}

func TestAMethodThatRanTooLongIsNotCalledBeforeItsTime(t *testing.T) {
	t.Parallel()
	reset := now().Add(3 * time.Minute)
	s := newScript(t).on("crm.item.list",
		says(429, fmt.Sprintf(`{"error":"OPERATION_TIME_LIMIT","time":{"operating_reset_at":%d}}`, reset.Unix())), result(`{"items":[]}`)).
		on("profile", result(`{"ID":"14"}`)).on("batch", result(`{"result":[]}`))
	p := s.portal()

	_, err := p.InvoicesOfDeal(t.Context(), 512)
	class(t, err, bitrix.Limited)
	// Nobody calls it again, in a batch or alone, and whoever asks is told until when.
	short, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	for _, again := range []func() error{
		func() error { _, err := p.InvoicesOfDeal(short, 512); return err },
		func() error { _, _, err := p.DealWithInvoices(short, 512); return err },
	} {
		err := again()
		class(t, err, bitrix.Limited)
		var e *bitrix.Error
		if !errors.As(err, &e) || !e.Until.Equal(reset) {
			t.Errorf("it may be called again at %v", e.Until)
		}
	}
	equal(t, s.methods(), []string{"crm.item.list"})
	// Other methods go on, and who has the time waits.
	_, err = p.Profile(t.Context())
	succeeds(t, err)
	long, cancelLong := context.WithTimeout(t.Context(), time.Hour)
	defer cancelLong()
	_, err = p.InvoicesOfDeal(long, 512)
	succeeds(t, err)
	equal(t, s.pauses, []time.Duration{3 * time.Minute})
}

func TestAPortalThatStopsUsIsLeftAlone(t *testing.T) {
	t.Parallel()
	s := newScript(t).on("profile", refuses(503, "OVERLOAD_LIMIT"))
	p := s.portal()
	for range 3 {
		_, err := p.Profile(t.Context())
		class(t, err, bitrix.Limited)
	}
	_, err := p.Scope(t.Context())
	class(t, err, bitrix.Limited)
	equal(t, s.methods(), []string{"profile"})
}
