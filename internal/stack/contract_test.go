package stack

import (
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
)

// answering is a server that always says the same.
type answering struct {
	status     int
	kind, body string
}

func (a answering) RoundTrip(req *http.Request) (*http.Response, error) {
	return &http.Response{
		StatusCode: a.status, Header: http.Header{"Content-Type": {a.kind}},
		Body: io.NopCloser(strings.NewReader(a.body)), Request: req,
	}, nil
}

type complaints []string

func (c *complaints) Errorf(format string, args ...any) {
	*c = append(*c, fmt.Sprintf(format, args...))
}

// The witness guards every test of this package, so it must itself be seen to
// catch what it is there for.
func TestWitnessTellsWhatIsNotDescribed(t *testing.T) {
	t.Parallel()
	const refusal = `{"type":"about:blank","title":"Conflict","status":409,"code":"wrong_state","detail":"No.","field":null}`
	const key = `{"key":"cancel"}`
	const grant = `{"subject":"5","rights":["take"]}`
	for _, one := range []struct {
		name, method, path, sent string
		answer                   answering
		complains                bool
	}{
		{"a described answer passes", "POST", "/api/v1/stream-tickets", "", answering{200, "application/json", `{"ticket":"x"}`}, false},
		{"a described refusal passes", "POST", "/api/v1/payments/p/keys", key, answering{409, "application/problem+json", refusal}, false},
		{"an unknown member", "POST", "/api/v1/stream-tickets", "", answering{200, "application/json", `{"ticket":"x","more":1}`}, true},
		{"a missing member", "POST", "/api/v1/stream-tickets", "", answering{200, "application/json", `{}`}, true},
		{"a wrong type", "POST", "/api/v1/stream-tickets", "", answering{200, "application/json", `{"ticket":7}`}, true},
		{"a null where none is described", "POST", "/api/v1/stream-tickets", "", answering{200, "application/json", `{"ticket":null}`}, true},
		{"an undescribed status", "POST", "/api/v1/stream-tickets", "", answering{418, "application/json", `{"ticket":"x"}`}, true},
		{"a fault of ours", "POST", "/api/v1/stream-tickets", "", answering{500, "application/problem+json", refusal}, true},
		{"an undescribed content type", "POST", "/api/v1/stream-tickets", "", answering{200, "text/plain", `{"ticket":"x"}`}, true},
		{"an unknown code", "POST", "/api/v1/payments/p/keys", key, answering{409, "application/problem+json", strings.Replace(refusal, "wrong_state", "oops", 1)}, true},
		{"an accepted request that is described", "PUT", "/api/v1/rights/5", `{"rights":["take"]}`, answering{200, "application/json", grant}, false},
		{"an accepted request that is not described", "PUT", "/api/v1/rights/5", `{"rights":["fly"]}`, answering{200, "application/json", grant}, true},
		{"a refused request may be anything", "POST", "/api/v1/payments/p/keys", `{`, answering{409, "application/problem+json", refusal}, false},
		{"an unknown address that answers", "GET", "/api/v1/nonsense", "", answering{200, "application/json", `{}`}, true},
		{"an unknown address that refuses", "GET", "/api/v1/nonsense", "", answering{404, "application/problem+json", refusal}, false},
	} {
		t.Run(one.name, func(t *testing.T) {
			t.Parallel()
			var heard complaints
			req, err := http.NewRequestWithContext(t.Context(), one.method, "http://localhost:1"+one.path, strings.NewReader(one.sent))
			if err != nil {
				t.Fatal(err)
			}
			req.Header.Set("Accept", "application/json")
			req.Header.Set("Content-Type", "application/json")
			res, err := newWitness(&heard, one.answer, io.Discard).RoundTrip(req)
			if err != nil {
				t.Fatal(err)
			}
			raw, _ := io.ReadAll(res.Body)
			_ = res.Body.Close()
			if string(raw) != one.answer.body {
				t.Errorf("the body arrives as %q", raw)
			}
			if (len(heard) > 0) != one.complains {
				t.Errorf("the witness says %q", heard)
			}
		})
	}
}
