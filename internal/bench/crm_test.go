package bench

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"sync"
)

// pattern is the invoice whose answer is taken from the simulator once and
// given for every other id.
const pattern = 77

// crm is a Bitrix24 that answers at once: the simulator inside the process for
// entering and setting up, and for the one call that Send Payment makes a
// prepared answer. What remains of the CRM in a measurement is our own client:
// encoding, limiter, decoding.
type crm struct {
	sim http.Handler

	mu   sync.Mutex
	item []byte // the simulator's answer for the pattern
}

// RoundTrip answers without a connection.
func (c *crm) RoundTrip(req *http.Request) (*http.Response, error) {
	w := httptest.NewRecorder()
	c.ServeHTTP(w, req)
	return w.Result(), nil
}

// ServeHTTP answers over a connection, for comparison.
func (c *crm) ServeHTTP(w http.ResponseWriter, req *http.Request) {
	if !strings.HasSuffix(req.URL.Path, "/crm.item.get") {
		c.sim.ServeHTTP(w, req)
		return
	}
	raw, _ := io.ReadAll(req.Body)
	var asked struct {
		ID json.Number `json:"id"`
	}
	_ = json.Unmarshal(raw, &asked)
	w.Header().Set("Content-Type", "application/json")
	_, _ = w.Write(c.answer(req, raw, asked.ID.String()))
}

func (c *crm) answer(req *http.Request, body []byte, id string) []byte {
	c.mu.Lock()
	defer c.mu.Unlock()
	own := strconv.Itoa(pattern)
	if c.item == nil {
		again := req.Clone(req.Context())
		again.Body = io.NopCloser(bytes.NewReader(bytes.Replace(body, []byte(`"id":`+id), []byte(`"id":`+own), 1)))
		w := httptest.NewRecorder()
		c.sim.ServeHTTP(w, again)
		c.item = w.Body.Bytes()
	}
	return bytes.Replace(c.item, []byte(`"id":`+own), []byte(`"id":`+id), 1)
}
