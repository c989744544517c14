package soak_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"
)

// The people of the pretend portal.
const (
	admin   = 1
	cashier = 14
)

// person speaks the JSON face with one employee's token, and never fails a
// test by itself: a program at the till has to live with every answer.
type person struct {
	r    *running
	id   int
	http *http.Client

	mu    sync.Mutex
	token string
}

func (r *running) person(id int) *person {
	return &person{r: r, id: id, http: &http.Client{
		Timeout: 30 * time.Second, Transport: &http.Transport{MaxIdleConnsPerHost: 256, IdleConnTimeout: 5 * time.Second},
	}}
}

// answer is what came back: the status, zero when nothing did.
type answer struct {
	status int
	body   []byte
	err    error
}

// unclear reports that the request may or may not have been carried out, so
// that the same request has to be sent again.
func (a answer) unclear() bool { return a.err != nil || a.status >= http.StatusInternalServerError }

func (a answer) into(v any) bool { return a.err == nil && json.Unmarshal(a.body, v) == nil }

// code is the problem's code of a refusal.
func (a answer) code() string {
	var p struct {
		Code string `json:"code"`
	}
	_ = a.into(&p)
	return p.Code
}

func (a answer) String() string {
	if a.err != nil {
		return a.err.Error()
	}
	return fmt.Sprintf("%d %.300s", a.status, a.body)
}

// do sends one request; a nil body sends none. An expired token is renewed by
// opening the app once more, as a page would.
func (p *person) do(ctx context.Context, method, path string, body any) answer {
	a := p.once(ctx, method, path, body)
	if a.status == http.StatusUnauthorized && p.enter(ctx).status == http.StatusOK {
		return p.once(ctx, method, path, body)
	}
	return a
}

func (p *person) once(ctx context.Context, method, path string, body any) answer {
	var reader io.Reader
	if body != nil {
		raw, err := json.Marshal(body)
		if err != nil {
			return answer{err: err}
		}
		reader = bytes.NewReader(raw)
	}
	req, err := http.NewRequestWithContext(ctx, method, p.r.app+path, reader)
	if err != nil {
		return answer{err: err}
	}
	if body != nil {
		req.Header.Set("Content-Type", "application/json")
	}
	p.mu.Lock()
	req.Header.Set("Authorization", "Bearer "+p.token)
	p.mu.Unlock()
	return p.send(req)
}

func (p *person) send(req *http.Request) answer {
	req.Header.Set("Accept", "application/json")
	res, err := p.http.Do(req)
	if err != nil {
		return answer{err: err}
	}
	defer func() { _ = res.Body.Close() }()
	raw, err := io.ReadAll(res.Body)
	return answer{status: res.StatusCode, body: raw, err: err}
}

// enter opens the app's own page as this person.
func (p *person) enter(ctx context.Context) answer {
	e := p.r.bitrix.EntryForm(p.id, "DEFAULT", 0)
	return p.post(ctx, e.URL, e.Body.Encode())
}

// install installs the app; the person must be an administrator.
func (p *person) install(t testing.TB) {
	t.Helper()
	// On a machine that is very busy the portal's confirmation may come too late;
	// an administrator then opens the app again.
	var a answer
	installed := within(patience/2, func() bool {
		e := p.r.bitrix.InstallForm(p.id)
		a = p.post(t.Context(), e.URL, e.Body.Encode())
		return a.status == http.StatusOK
	})
	if !installed {
		t.Fatalf("install: %s", a)
	}
	p.r.bitrix.FinishInstall()
}

func (p *person) post(ctx context.Context, address, form string) answer {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, address, strings.NewReader(form))
	if err != nil {
		return answer{err: err}
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	a := p.send(req)
	var got struct {
		Token string `json:"token"`
	}
	if a.status == http.StatusOK && a.into(&got) {
		p.mu.Lock()
		p.token = got.Token
		p.mu.Unlock()
	}
	return a
}

// paymentIn is a payment as the JSON face shows it, as far as a till reads it.
type paymentIn struct {
	ID        string `json:"id"`
	State     string `json:"state"`
	Final     bool   `json:"final"`
	Released  bool   `json:"released"`
	SessionID string `json:"sessionId"`
	TxnRef    string `json:"txnRef"`
	Display   struct {
		Keys []string `json:"keys"`
	} `json:"display"`
	Alerts []struct {
		Code string `json:"code"`
	} `json:"alerts"`
	WriteBacks []struct {
		Target string `json:"target"`
		State  string `json:"state"`
	} `json:"writeBacks"`
}

// read asks for a payment.
func (p *person) read(ctx context.Context, id string) (paymentIn, answer) {
	a := p.do(ctx, http.MethodGet, "/api/v1/payments/"+id, nil)
	var got paymentIn
	if a.status == http.StatusOK {
		a.into(&got)
	}
	return got, a
}
