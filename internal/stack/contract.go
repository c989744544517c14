package stack

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"mime"
	"net/http"
	"strings"
	"sync"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/getkin/kin-openapi/openapi3filter"
	"github.com/getkin/kin-openapi/routers"
	"github.com/getkin/kin-openapi/routers/legacy"

	"receivepayment/web"
)

// contract is web/openapi.yaml, ready to be compared with what is sent.
type contract struct {
	doc    *openapi3.T
	router routers.Router
}

// theContract is read once for all tests of the process.
var theContract = sync.OnceValues(func() (contract, error) {
	doc, err := openapi3.NewLoader().LoadFromData(web.Description())
	if err != nil {
		return contract{}, err
	}
	router, err := legacy.NewRouter(doc)
	return contract{doc: doc, router: router}, err
})

// witness holds every exchange against the description, and fails the test
// where one differs: a status that is not described, a member too many or too
// few, a request that was accepted although the description refuses it.
type witness struct {
	t    reporter
	next http.RoundTripper
	tape io.Writer
	told *sync.Map // the same difference is told once, however often somebody polls
}

// reporter is what of testing.TB a witness uses.
type reporter interface {
	Errorf(format string, args ...any)
}

func newWitness(t reporter, next http.RoundTripper, tape io.Writer) witness {
	return witness{t: t, next: next, tape: tape, told: &sync.Map{}}
}

// RoundTrip sends the request and compares.
func (w witness) RoundTrip(req *http.Request) (*http.Response, error) {
	sent, err := drain(&req.Body)
	if err != nil {
		return nil, err
	}
	res, err := w.next.RoundTrip(req)
	if err != nil || streams(res) {
		return res, err // a stream has no end yet: who reads it compares each event
	}
	got, err := drain(&res.Body)
	if err != nil {
		return nil, err
	}
	_, _ = w.tape.Write(got)
	if !strings.Contains(req.Header.Get("Accept"), "application/json") {
		return res, nil // pages have tests of their own
	}
	seen := req.Clone(req.Context())
	seen.Body = io.NopCloser(bytes.NewReader(sent))
	if err := compare(seen, res); err != nil {
		w.tell(req.Method+" "+req.URL.Path, res.StatusCode, err)
	}
	return res, nil
}

func (w witness) tell(asked string, status int, difference error) {
	if _, known := w.told.LoadOrStore(difference.Error(), true); !known {
		w.t.Errorf("%s answered %d, and the description differs: %v", asked, status, difference)
	}
}

// drain reads a body and puts it back.
func drain(body *io.ReadCloser) ([]byte, error) {
	if *body == nil {
		return nil, nil
	}
	raw, err := io.ReadAll(*body)
	_ = (*body).Close()
	*body = io.NopCloser(bytes.NewReader(raw))
	return raw, err
}

func compare(req *http.Request, res *http.Response) error {
	c, err := theContract()
	if err != nil {
		return err
	}
	route, parameters, err := c.router.FindRoute(req)
	if err != nil {
		return c.compareStray(res)
	}
	in := &openapi3filter.RequestValidationInput{
		Request: req, PathParams: parameters, Route: route,
		Options: &openapi3filter.Options{
			AuthenticationFunc: openapi3filter.NoopAuthenticationFunc, MultiError: true, SkipSettingDefaults: true,
		},
	}
	if res.StatusCode < 300 {
		if err := openapi3filter.ValidateRequest(req.Context(), in); err != nil {
			return err
		}
	}
	return compareAnswer(req.Context(), in, res)
}

// readPages lets the few answers that are pages be compared too.
var readPages = sync.OnceFunc(func() { openapi3filter.RegisterBodyDecoder("text/html", openapi3filter.PlainBodyDecoder) })

func compareAnswer(ctx context.Context, in *openapi3filter.RequestValidationInput, res *http.Response) error {
	readPages()
	out := &openapi3filter.ResponseValidationInput{
		RequestValidationInput: in, Status: res.StatusCode, Header: res.Header,
		Options: &openapi3filter.Options{IncludeResponseStatus: true, MultiError: true},
	}
	raw, err := drain(&res.Body)
	if err != nil {
		return err
	}
	out.SetBodyBytes(raw)
	return openapi3filter.ValidateResponse(ctx, out)
}

func streams(res *http.Response) bool {
	kind, _, _ := mime.ParseMediaType(res.Header.Get("Content-Type"))
	return kind == "text/event-stream"
}

// compareStray: an address or a method that is not described must be refused,
// in the form of every refusal.
func (c contract) compareStray(res *http.Response) error {
	if res.StatusCode != http.StatusNotFound && res.StatusCode != http.StatusMethodNotAllowed {
		return errors.New("no such address is described")
	}
	raw, err := drain(&res.Body)
	if err != nil {
		return err
	}
	return c.fits("Problem", raw)
}

// fits compares one JSON value with a named schema.
func (c contract) fits(schema string, raw []byte) error {
	var value any
	if err := json.Unmarshal(raw, &value); err != nil {
		return err
	}
	ref, known := c.doc.Components.Schemas[schema]
	if !known {
		return errors.New("no schema " + schema)
	}
	return ref.Value.VisitJSON(value, openapi3.MultiErrors())
}
