package sim

import (
	"errors"
	"io"
	"net/http"
	"slices"
	"strconv"
	"strings"
)

// maxBody is more than any request of a POS needs.
const maxBody = 1 << 20

// Handler serves everything: the auth host, the REST host, the control interface and the page. It cuts connections by
// panicking with http.ErrAbortHandler, so a middleware that recovers must let that through.
func (s *Sim) Handler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("POST /v1/pairing/cloudpos", s.exchange(s.pair))
	mux.HandleFunc("POST /v1/tokens/cloudpos", s.exchange(s.issue))
	mux.HandleFunc("POST /v1/sessions/{session}/{type}", s.exchange(s.post))
	mux.HandleFunc("GET /v1/sessions/{session}/transaction", s.exchange(s.status))
	mux.HandleFunc("POST /v2/sessions/{session}/{type}", s.exchange(s.post))
	mux.HandleFunc("GET /v2/sessions/{session}/result", s.exchange(s.result))
	mux.HandleFunc("GET /v2/transaction", s.exchange(s.history))
	for _, face := range []string{"/v1/", "/v2/"} {
		mux.HandleFunc(face, s.exchange(func(x *exchange) {
			x.violate(finding{"path", "no such path or method", true})
			x.answer(http.StatusNotFound, nil)
		}))
	}
	s.control(mux)
	s.page(mux)
	return mux
}

// exchange is one call of the POS on its way to an answer and into the log.
type exchange struct {
	s      *Sim
	w      http.ResponseWriter
	r      *http.Request
	body   []byte
	v2     bool
	status int
	fault  Fault
}

// exchange wraps a route of the service: read the body, serve, and write the call into the log however it ends.
func (s *Sim) exchange(serve func(*exchange)) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		x := &exchange{s: s, w: w, r: r, v2: strings.HasPrefix(r.URL.Path, "/v2/")}
		if s.ctx.Err() != nil {
			w.WriteHeader(http.StatusServiceUnavailable)
			return
		}
		// Deferred, because a cut connection leaves this function by a panic.
		at := s.cfg.Now()
		defer func() {
			s.book.request(Request{
				At: at, Method: r.Method, Path: r.URL.RequestURI(), Body: masked(x.body), Status: x.status, Fault: x.fault,
			})
		}()
		if !x.read() {
			return
		}
		serve(x)
	}
}

// read takes in the body and refuses what the service would not even parse.
func (x *exchange) read() bool {
	body, err := io.ReadAll(http.MaxBytesReader(x.w, x.r.Body, maxBody))
	var tooLarge *http.MaxBytesError
	switch {
	case errors.As(err, &tooLarge):
		x.violate(finding{"size", "the body is larger than 1 MiB", true})
		x.answer(http.StatusRequestEntityTooLarge, nil)
		return false
	case err != nil: // the caller went away in the middle
		return false
	}
	x.body = body

	if x.r.Method == http.MethodPost && !strings.HasPrefix(x.r.Header.Get("Content-Type"), "application/json") {
		x.violate(finding{"content-type", "Content-Type is not application/json", true})
		x.answer(http.StatusBadRequest, nil)
		return false
	}
	return true
}

// violate writes findings down with the call that they were found in.
func (x *exchange) violate(found ...finding) {
	for _, f := range found {
		x.s.book.violate(Violation{
			At: x.s.cfg.Now(), Rule: f.rule, Detail: f.detail, Refused: f.refused, Method: x.r.Method, Path: x.r.URL.Path,
		})
	}
}

// answer writes a status and a body. An empty body still claims to be JSON, as the real 202 does (reference linkly 6).
func (x *exchange) answer(status int, body []byte) {
	x.status = status
	x.w.Header().Set("Content-Type", "application/json; charset=utf-8")
	x.w.Header().Set("Content-Length", strconv.Itoa(len(body)))
	x.w.WriteHeader(status)
	_, _ = x.w.Write(body)
	_ = http.NewResponseController(x.w).Flush()
}

// cut drops the connection without an answer.
func (x *exchange) cut() { panic(http.ErrAbortHandler) }

// kinds are the request types of the path (reference linkly 1).
func kinds() []string {
	return []string{
		"transaction", "logon", "settlement", "status", "querycard", "configuremerchant", "reprintreceipt", "sendkey",
	}
}

// post answers POST /v1/sessions/{session}/{type}, and the same of v2.
func (s *Sim) post(x *exchange) {
	kind, id := x.r.PathValue("type"), x.r.PathValue("session")
	if !slices.Contains(kinds(), kind) {
		x.violate(finding{"path", "no such request type", true})
		x.answer(http.StatusNotFound, nil)
		return
	}
	// The token comes before everything else: a 401 says that nothing was looked at.
	tok := s.bearer(x)
	if tok == nil {
		x.answer(http.StatusUnauthorized, nil)
		return
	}
	async, ok := x.async(id)
	if !ok {
		x.answer(http.StatusBadRequest, nil)
		return
	}

	// Faults come before the field rules: a request that is lost on the way is not checked by anybody.
	head := request{kind: kind, session: id, async: async, v2: x.v2}
	if kind == "transaction" {
		s.plan(id, tok.pairing.terminal)
	}
	if kind == "transaction" && s.strike(x, tok, head) {
		return
	}
	req, c := read(head, x.body, tok)
	x.violate(c.found...)
	if c.refused() {
		x.answer(http.StatusBadRequest, nil)
		return
	}
	if kind == "sendkey" {
		s.sendkey(x, req, tok)
		return
	}
	s.begin(x, req, tok)
}

// async reads the path's id and the query; omitted async means false (reference linkly 1). v2 has no such switch.
func (x *exchange) async(id string) (async, ok bool) {
	if !uuidForm.MatchString(normal(id)) {
		x.violate(finding{"session-id", "the session id is not a UUID", true})
		return false, false
	}
	if !version4(id) {
		x.violate(finding{"session-version", "the session id is not a UUID v4", false})
	}
	if x.v2 {
		return true, true
	}
	switch v := x.r.URL.Query().Get("async"); strings.ToLower(v) {
	case "true":
		return true, true
	case "false", "":
		return false, true
	}
	x.violate(finding{"async", "async is neither true nor false", true})
	return false, false
}

// begin accepts a request and answers it, or answers something else although it was accepted.
func (s *Sim) begin(x *exchange, req request, tok *token) {
	// From here the sale runs, whatever the answer says.
	ses := s.take(x, req, tok)
	if ses == nil {
		x.answer(http.StatusConflict, nil)
		return
	}
	if req.kind == "transaction" && s.strikeAccepted(x, ses, tok) {
		return
	}

	if !req.async {
		s.wait(x, ses)
		return
	}
	if req.v2 {
		x.answer(http.StatusOK, ticket(req.session))
		ses.open()
		return
	}
	if req.kind == "transaction" && s.hit(req.session, CallbackEarly) {
		x.fault = CallbackEarly
		ses.open()
		ses.awaitFirst(s.ctx)
	}
	x.answer(http.StatusAccepted, nil)
	ses.open()
}

// take accepts a request whose session is new. Nil is a session that was used before, which is noted unless it was no
// mistake to send it again.
func (s *Sim) take(x *exchange, req request, tok *token) *session {
	ses := s.accept(req, tok)
	switch {
	case ses != nil:
		s.reused(x, req)
	case !s.wasDenied(req.session):
		x.violate(finding{"session-reused", "the session id was used before", true})
	}
	return ses
}

// wasDenied reports whether a session was answered 401 although it runs. To repeat it is no mistake then.
func (s *Sim) wasDenied(session string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	ses := s.sessions[normal(session)]
	return ses != nil && ses.denied
}

// reused notes a TxnRef that an earlier transaction had: accreditation 1.6 wants them unique.
func (s *Sim) reused(x *exchange, req request) {
	if req.kind != "transaction" {
		return
	}
	s.mu.Lock()
	before, used := s.refs[req.txnRef]
	s.refs[req.txnRef] = req.session
	s.mu.Unlock()
	if used {
		x.violate(finding{"txnref-reused", "TxnRef " + req.txnRef + " was used before by session " + before, false})
	}
}

// status answers GET /v1/sessions/{session}/transaction (reference linkly 5.4).
func (s *Sim) status(x *exchange) {
	tok, id, ok := s.question(x)
	if !ok || s.strikeStatus(x, id) {
		return
	}

	// The body is made under the lock and written outside it: a slow reader must not stop the terminals.
	status, body := s.look(id, tok)
	x.answer(status, body)
}

// question reads who asks, and about which session. It has answered when ok is false.
func (s *Sim) question(x *exchange) (tok *token, id string, ok bool) {
	tok = s.bearer(x)
	if tok == nil {
		x.answer(http.StatusUnauthorized, nil)
		return nil, "", false
	}
	id = x.r.PathValue("session")
	if !uuidForm.MatchString(normal(id)) {
		x.violate(finding{"session-id", "the session id is not a UUID", true})
		x.answer(http.StatusBadRequest, nil)
		return nil, "", false
	}
	return tok, id, true
}

// knownLocked finds a session that its own terminal may still hear about; nil otherwise.
func (s *Sim) knownLocked(id string, tok *token) *session {
	ses := s.sessions[normal(id)]
	if ses == nil || ses.terminal != tok.pairing.terminal || ses.pairing.forget || ses.forgotten {
		return nil
	}
	return ses
}

// look finds what the service knows of a transaction, whichever face it came in by.
func (s *Sim) look(id string, tok *token) (int, []byte) {
	s.mu.Lock()
	defer s.mu.Unlock()
	ses := s.knownLocked(id, tok)
	switch {
	case ses == nil, ses.kind != "transaction":
		return http.StatusNotFound, nil
	case ses.result == nil:
		return http.StatusAccepted, nil
	}
	return http.StatusOK, s.overHTTP(ses.result)
}

// sendkey presses a key for the operator. A key that the latest display does not enable is refused, which is no
// violation: the press may have crossed with a new display (reference linkly 5.11).
func (s *Sim) sendkey(x *exchange, req request, tok *token) {
	if s.hit(req.session, Sendkey500) {
		x.fault = Sendkey500
		x.answer(http.StatusInternalServerError, nil)
		return
	}
	if s.hit(req.session, SendkeyLost) {
		x.fault = SendkeyLost
		x.answer(http.StatusOK, nil)
		return
	}
	s.mu.Lock()
	status := s.keyLocked(req, tok)
	s.mu.Unlock()
	// Every accepted POST of v2 is answered alike.
	if x.v2 && status == http.StatusOK {
		x.answer(status, ticket(req.session))
		return
	}
	x.answer(status, nil)
}

// keyLocked presses the key and returns the status of the answer. Only a running request of the same terminal can
// take it.
func (s *Sim) keyLocked(req request, tok *token) int {
	ses := s.sessions[normal(req.session)]
	if ses == nil || ses.terminal != tok.pairing.terminal {
		return http.StatusNotFound
	}
	t := ses.terminal
	if t.running != ses || t.prompt == nil {
		return http.StatusBadRequest
	}
	// The first answer wins, whether it comes from the POS or from the customer.
	p, ok := t.prompt.display.posKey(req.sub, req.data)
	if !ok || !t.prompt.answerLocked(p) {
		return http.StatusBadRequest
	}
	s.touchLocked()
	return http.StatusOK
}
