package sim

import (
	"encoding/json"
	"errors"
	"io"
	"net"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"time"
)

// control adds the interface for programs and for the page. Only loopback callers are let in.
func (s *Sim) control(mux *http.ServeMux) {
	handle := func(pattern string, serve func(*http.Request) (int, any)) {
		mux.HandleFunc(pattern, s.guard(func(w http.ResponseWriter, r *http.Request) {
			status, body := serve(r)
			writeJSON(w, status, body)
		}))
	}
	handle("GET /control/state", s.getState)
	handle("GET /control/terminals", s.getTerminals)
	handle("POST /control/terminals", s.postTerminal)
	handle("GET /control/terminals/{id}", s.onTerminal(s.getTerminal))
	handle("POST /control/terminals/{id}/pair-code", s.onTerminal(postPairCode))
	handle("POST /control/terminals/{id}/secret", s.onTerminal(postSecret))
	handle("POST /control/terminals/{id}/press", s.onTerminal(postPress))
	handle("POST /control/terminals/{id}/online", s.onTerminal(postOnline))
	handle("POST /control/terminals/{id}/auto", s.onTerminal(postAuto))
	handle("POST /control/terminals/{id}/script", s.onTerminal(postScript))
	handle("GET /control/faults", func(*http.Request) (int, any) { return http.StatusOK, s.faultsView() })
	handle("PUT /control/faults", s.putFaults)
	handle("POST /control/faults/next", s.postNextFault)
	s.scenarioControl(handle)
	handle("GET /control/charges", func(r *http.Request) (int, any) { return http.StatusOK, recent(r, s.Charges()) })
	handle("GET /control/violations", func(r *http.Request) (int, any) { return http.StatusOK, recent(r, s.Violations()) })
	handle("GET /control/requests", func(r *http.Request) (int, any) { return http.StatusOK, recent(r, s.Requests()) })
	handle("GET /control/callbacks", func(r *http.Request) (int, any) { return http.StatusOK, recent(r, s.Callbacks()) })
}

// guard lets only programs of this machine in, and no web page of somebody else.
func (s *Sim) guard(next http.HandlerFunc) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		host, _, err := net.SplitHostPort(r.RemoteAddr)
		if err != nil || !isLoopback(host) {
			writeJSON(w, http.StatusForbidden, problem("only callers on this machine"))
			return
		}
		// A browser names the page that a request comes from. Without this any site that a developer visits could
		// press keys.
		origin, err := url.Parse(r.Header.Get("Origin"))
		if r.Header.Get("Origin") != "" && (err != nil || origin.Host != r.Host) {
			writeJSON(w, http.StatusForbidden, problem("not from another site"))
			return
		}
		next(w, r)
	}
}

type problemView struct {
	Error string `json:"error"`
}

// problem is the body of every refusal.
func problem(text string) problemView { return problemView{text} }

// writeJSON answers a control request. Nothing here may be cached: the page lives on fresh views.
func writeJSON(w http.ResponseWriter, status int, body any) {
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(body) // the reader has gone: nothing to do
}

// readJSON reads a control request strictly, so that a misspelt member is told and not ignored.
func readJSON(r *http.Request, into any) error {
	dec := json.NewDecoder(io.LimitReader(r.Body, maxBody))
	dec.DisallowUnknownFields()
	if err := dec.Decode(into); err != nil && !errors.Is(err, io.EOF) {
		return err
	}
	return nil
}

// onTerminal finds the terminal of the path first.
func (s *Sim) onTerminal(serve func(*http.Request, *Terminal) (int, any)) func(*http.Request) (int, any) {
	return func(r *http.Request) (int, any) {
		t := s.Terminal(r.PathValue("id"))
		if t == nil {
			return http.StatusNotFound, problem("no such terminal")
		}
		return serve(r, t)
	}
}

// recent is the whole list, or its last ?last=n members.
func recent[T any](r *http.Request, list []T) []T {
	if n, err := strconv.Atoi(r.URL.Query().Get("last")); err == nil && n >= 0 && n < len(list) {
		return list[len(list)-n:]
	}
	return append([]T{}, list...)
}

// postTerminal plugs in one more terminal, for tests that bring their own.
func (s *Sim) postTerminal(r *http.Request) (int, any) {
	var c TerminalConfig
	if err := readJSON(r, &c); err != nil {
		return http.StatusBadRequest, problem(err.Error())
	}
	return http.StatusCreated, s.AddTerminal(c).view()
}

// getTerminal answers at once, or with ?after=version as soon as anything changed after that version (5 s at most).
func (s *Sim) getTerminal(r *http.Request, t *Terminal) (int, any) {
	if after, err := strconv.ParseUint(r.URL.Query().Get("after"), 10, 64); err == nil {
		s.awaitChange(r, after)
	}
	return http.StatusOK, t.view()
}

// awaitChange holds a watcher until something changed. The limit keeps a forgotten page from holding a server's
// shutdown.
func (s *Sim) awaitChange(r *http.Request, after uint64) {
	limit := time.NewTimer(5 * time.Second)
	defer limit.Stop()
	for {
		s.mu.Lock()
		version, changed := s.version, s.changed
		s.mu.Unlock()
		if version > after {
			return
		}
		select {
		case <-changed:
		case <-limit.C:
			return
		case <-r.Context().Done():
			return
		case <-s.ctx.Done():
			return
		}
	}
}

// postPairCode is FUNC 8880 on the terminal.
func postPairCode(_ *http.Request, t *Terminal) (int, any) {
	t.NewPairCode()
	return http.StatusOK, t.view()
}

// postSecret is the one place where a secret leaves the simulator other than by pairing.
func postSecret(_ *http.Request, t *Terminal) (int, any) {
	return http.StatusOK, struct {
		Secret string `json:"secret"`
	}{t.PairExisting()}
}

// postPress is a finger on a key. 409 means that the key is not lit, which a robot has to notice.
func postPress(r *http.Request, t *Terminal) (int, any) {
	var p Press
	if err := readJSON(r, &p); err != nil {
		return http.StatusBadRequest, problem(err.Error())
	}
	if err := t.Press(p); err != nil {
		return http.StatusConflict, problem(err.Error())
	}
	return http.StatusOK, t.view()
}

// postOnline pulls or plugs the terminal's cable.
func postOnline(r *http.Request, t *Terminal) (int, any) {
	var body struct {
		Online bool `json:"online"`
	}
	if err := readJSON(r, &body); err != nil {
		return http.StatusBadRequest, problem(err.Error())
	}
	t.Online(body.Online)
	return http.StatusOK, t.view()
}

// postAuto sends in a virtual customer, or sends it away. The delay is in milliseconds here, because JSON knows no
// durations.
func postAuto(r *http.Request, t *Terminal) (int, any) {
	var body struct {
		On        bool  `json:"on"`
		DelayMS   int64 `json:"delayMs"`
		Card      string
		Method    Key
		Account   Key
		Signature Key
		Cancel    bool
		Tip       int
	}
	if err := readJSON(r, &body); err != nil {
		return http.StatusBadRequest, problem(err.Error())
	}
	if !body.On {
		t.AutoOff()
		return http.StatusOK, t.view()
	}
	t.Auto(AutoConfig{
		Card: body.Card, Method: body.Method, Account: body.Account, Delay: time.Duration(body.DelayMS) * time.Millisecond,
		Signature: body.Signature, Cancel: body.Cancel, Tip: body.Tip,
	})
	return http.StatusOK, t.view()
}

// postScript bends the bank's answers.
func postScript(r *http.Request, t *Terminal) (int, any) {
	var sc Script
	if err := readJSON(r, &sc); err != nil {
		return http.StatusBadRequest, problem(err.Error())
	}
	t.Script(sc)
	return http.StatusOK, t.view()
}

// putFaults sets the weather. Misspelt names are refused: a test that believes in a fault that never happens
// proves nothing.
func (s *Sim) putFaults(r *http.Request) (int, any) {
	var body struct {
		Preset string `json:"preset"` // "calm" or "default"; empty takes faults
		Faults Faults `json:"faults"`
	}
	if err := readJSON(r, &body); err != nil {
		return http.StatusBadRequest, problem(err.Error())
	}
	for f, p := range body.Faults {
		if !slices.Contains(AllFaults(), f) || p < 0 || p > 1 {
			return http.StatusBadRequest, problem("no such fault, or no probability: " + string(f))
		}
	}
	switch body.Preset {
	case "calm":
		s.SetFaults(nil)
	case "default":
		s.SetFaults(DefaultFaults())
	case "":
		s.SetFaults(body.Faults)
	default:
		return http.StatusBadRequest, problem("preset is calm or default")
	}
	return http.StatusOK, s.faultsView()
}

// postNextFault orders a fault for the next occasion, which is how a test picks the exact moment.
func (s *Sim) postNextFault(r *http.Request) (int, any) {
	var body struct {
		Fault Fault `json:"fault"`
		Times int   `json:"times"`
	}
	if err := readJSON(r, &body); err != nil {
		return http.StatusBadRequest, problem(err.Error())
	}
	if !slices.Contains(AllFaults(), body.Fault) || body.Times < 0 {
		return http.StatusBadRequest, problem("no such fault, or a negative number of times")
	}
	s.Next(body.Fault, max(1, body.Times))
	return http.StatusOK, s.faultsView()
}
