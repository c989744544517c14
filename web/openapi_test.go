package web

import (
	"log/slog"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/google/go-cmp/cmp"

	"receivepayment/internal/testkit"
	"receivepayment/secrets"
)

func described(t *testing.T) *openapi3.T {
	t.Helper()
	doc, err := openapi3.NewLoader().LoadFromData(Description())
	if err != nil {
		t.Fatal(err)
	}
	return doc
}

// bare is a server with every route and nothing behind them.
func bareServer(t *testing.T) *Server {
	t.Helper()
	keys, err := secrets.LoadOrCreate(t.TempDir() + "/keys")
	if err != nil {
		t.Fatal(err)
	}
	s, err := New(Config{
		Keys: keys, Now: testkit.NewClock().Now, Log: slog.New(slog.DiscardHandler),
		Metrics: http.NotFoundHandler(), PublicURL: "http://localhost:8600",
	})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// Validation includes the examples: each must fit its own schema.
func TestDescriptionIsValidWithItsExamples(t *testing.T) {
	t.Parallel()
	if err := described(t).Validate(t.Context()); err != nil {
		t.Error(err)
	}
}

func TestEveryRouteIsDescribedAndNothingElse(t *testing.T) {
	t.Parallel()
	var routes []string
	for _, r := range bareServer(t).echo.Routes() {
		routes = append(routes, r.Method+" "+templated(r.Path))
	}
	var paths []string
	for path, item := range described(t).Paths.Map() {
		for method := range item.Operations() {
			paths = append(paths, method+" "+path)
		}
	}
	slices.Sort(routes)
	slices.Sort(paths)
	if diff := cmp.Diff(routes, paths); diff != "" {
		t.Errorf("routes (-) and description (+) differ:\n%s", diff)
	}
}

// templated writes echo's parameters as the description does.
func templated(path string) string {
	parts := strings.Split(path, "/")
	for i, p := range parts {
		if name, isParameter := strings.CutPrefix(p, ":"); isParameter {
			parts[i] = "{" + name + "}"
		}
		if p == "*" {
			parts[i] = "{path}"
		}
	}
	return strings.Join(parts, "/")
}

func TestEveryRefusalHasADescribedCode(t *testing.T) {
	t.Parallel()
	codes := described(t).Components.Schemas["Problem"].Value.Properties["code"].Value.Enum
	for _, r := range refusals {
		if !slices.Contains(codes, any(r.code)) {
			t.Errorf("%v answers %q, which is not described", r.err, r.code)
		}
	}
}

// A status belongs to its code: programs may look at either.
func TestEveryCodeHasOneStatus(t *testing.T) {
	t.Parallel()
	want := map[string]int{
		"invalid": 422, "pairing_refused": 422, "over_outstanding": 409, "wrong_state": 409, "method_not_allowed": 405,
		"too_large": 413, "unsupported_media": 415, "too_many": 429, "unauthenticated": 401, "forbidden": 403,
		"not_found": 404, "request_reused": 409, "terminal_busy": 409, "document_open": 409, "already_paid": 409,
		"over_refund": 409, "amount_changed": 409, "key_not_enabled": 409, "not_paired": 409, "not_final": 409,
		"upstream_refused": 502, "upstream_unavailable": 503,
	}
	for _, r := range refusals {
		if want[r.code] != r.status {
			t.Errorf("%v: %s answers %d, want %d", r.err, r.code, r.status, want[r.code])
		}
	}
	for _, status := range []int{400, 401, 404, 405, 413, 415, 422, 429} {
		p := httpProblem(nil, status)
		if want[p.Code] != p.Status {
			t.Errorf("HTTP %d becomes %s with status %d", status, p.Code, p.Status)
		}
	}
}
