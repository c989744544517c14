package soak_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"testing"

	bitrixsim "receivepayment/bitrix/sim"
	linklysim "receivepayment/linkly/sim"
	"receivepayment/payments"
)

func newDeal(n int) bitrixsim.NewDeal {
	return bitrixsim.NewDeal{Title: fmt.Sprintf("Order %d", n), Currency: "AUD"}
}

// knows asks the provider, with the terminal's own secret, whether it still
// has an answer for the session: a result that it has forgotten is 404.
func (r *running) knows(t testing.TB, pad, session string) bool {
	t.Helper()
	r.mu.Lock()
	token := r.token[pad]
	r.mu.Unlock()
	if token == "" {
		token = r.ownToken(t, pad)
	}
	res := r.ask(t, http.MethodGet, "/v1/sessions/"+session+"/transaction", "Bearer "+token, nil)
	if res.status == http.StatusUnauthorized { // it ran out
		res = r.ask(t, http.MethodGet, "/v1/sessions/"+session+"/transaction", "Bearer "+r.ownToken(t, pad), nil)
	}
	switch res.status {
	case http.StatusOK, http.StatusAccepted:
		return true
	case http.StatusNotFound:
		return false
	}
	t.Fatalf("the provider answers the test with %s", res)
	return false
}

// arrived reports whether the provider ever had a result of the payment.
func (r *running) arrived(p payments.Payment) bool {
	once, cancel := context.WithCancel(context.Background())
	cancel() // do not wait for it
	return r.linkly.Finished(once, p.SessionID) == nil
}

func (r *running) ownToken(t testing.TB, pad string) string {
	t.Helper()
	r.mu.Lock()
	secret := r.secrets[pad]
	r.mu.Unlock()
	res := r.ask(t, http.MethodPost, "/v1/tokens/cloudpos", "", object{
		"secret": secret, "posName": "Soak", "posVersion": "1", "posId": "7d3f1e52-2f0b-4b0e-9d53-6f1f3c5d9a10",
		"posVendorId": "2c9a7c1e-5f7e-4a2d-8b0a-0d6b1d1f4e77",
	})
	var got struct {
		Token string `json:"token"`
	}
	if res.status != http.StatusOK || !res.into(&got) {
		t.Fatalf("the provider gives the test no token: %s", res)
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.token[pad] = got.Token
	return got.Token
}

func (r *running) ask(t testing.TB, method, path, authorization string, body any) answer {
	t.Helper()
	var raw []byte
	if body != nil {
		raw, _ = json.Marshal(body)
	}
	req, err := http.NewRequestWithContext(t.Context(), method, r.pad+path, bytes.NewReader(raw))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set(ours, "1")
	req.Header.Set("Content-Type", "application/json")
	if authorization != "" {
		req.Header.Set("Authorization", authorization)
	}
	return (&person{http: http.DefaultClient}).send(req)
}

// charges are the decisions of the bank by session.
func (r *running) charges() map[string][]linklysim.Charge {
	out := map[string][]linklysim.Charge{}
	for _, c := range r.linkly.Charges() {
		out[c.Session] = append(out[c.Session], c)
	}
	return out
}
