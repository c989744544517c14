package sim

import (
	"encoding/json"
	"io"
	"mime"
	"net"
	"net/http"
	"strconv"
	"time"
)

// controlRoutes are the addresses that doc.go lists; each is guarded.
func (s *Sim) controlRoutes(mux *http.ServeMux) {
	for pattern, serve := range map[string]http.HandlerFunc{
		"GET /control/faults":          s.controlFaults,
		"POST /control/faults":         s.controlInject,
		"DELETE /control/faults":       s.controlHeal,
		"GET /control/calls":           func(w http.ResponseWriter, _ *http.Request) { writeJSON(w, http.StatusOK, s.Calls()) },
		"GET /control/violations":      s.controlViolations,
		"GET /control/state":           s.controlState,
		"GET /control/entry":           s.controlEntry,
		"POST /control/install-finish": s.controlFinish,
		"POST /control/events":         s.controlEvent,
		"POST /control/uninstall":      s.controlUninstall,
	} {
		mux.HandleFunc(pattern, loopbackOnly(serve))
	}
	s.controlChanges(mux)
}

// loopbackOnly guards the controls against the network, and posts against foreign web pages: a page can send JSON
// only after a preflight, which is never granted here.
func loopbackOnly(next http.HandlerFunc) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		host, _, err := net.SplitHostPort(r.RemoteAddr)
		if err != nil || !net.ParseIP(host).IsLoopback() {
			http.Error(w, "loopback only", http.StatusForbidden)
			return
		}
		media, _, _ := mime.ParseMediaType(r.Header.Get("Content-Type"))
		if r.Method == http.MethodPost && media != "application/json" {
			http.Error(w, "send application/json", http.StatusUnsupportedMediaType)
			return
		}
		next(w, r)
	}
}

// readControl decodes strictly: a misspelt field in a test's fault would otherwise switch on something else.
func readControl(w http.ResponseWriter, r *http.Request, into any) bool {
	dec := json.NewDecoder(io.LimitReader(r.Body, 1<<20))
	dec.DisallowUnknownFields()
	if err := dec.Decode(into); err != nil {
		http.Error(w, "not understood: "+err.Error(), http.StatusBadRequest)
		return false
	}
	return true
}

// controlFault is a Fault with its delay in whole milliseconds.
type controlFault struct {
	Fault
	DelayMS int64 `json:"delayMs,omitempty"`
}

// controlFaults lists what is switched on, with the times that are left.
func (s *Sim) controlFaults(w http.ResponseWriter, _ *http.Request) {
	active := []controlFault{}
	s.faults.mu.Lock()
	for _, f := range s.faults.faults {
		active = append(active, controlFault{Fault: f, DelayMS: f.Delay.Milliseconds()})
	}
	s.faults.mu.Unlock()
	writeJSON(w, http.StatusOK, active)
}

// controlInject adds a fault; an unknown kind is refused rather than never fired.
func (s *Sim) controlInject(w http.ResponseWriter, r *http.Request) {
	var sent controlFault
	if !readControl(w, r, &sent) {
		return
	}
	f := sent.Fault
	f.Delay = time.Duration(sent.DelayMS) * time.Millisecond
	if !f.Kind.known() {
		http.Error(w, "unknown kind of fault", http.StatusBadRequest)
		return
	}
	s.Inject(f)
	w.WriteHeader(http.StatusNoContent)
}

// controlHeal makes the simulator calm.
func (s *Sim) controlHeal(w http.ResponseWriter, _ *http.Request) {
	s.Heal()
	w.WriteHeader(http.StatusNoContent)
}

// controlViolations answers [] and not null when there are none, so that scripts can compare.
func (s *Sim) controlViolations(w http.ResponseWriter, _ *http.Request) {
	writeJSON(w, http.StatusOK, append([]Violation{}, s.Violations()...))
}

// controlState is what journeys look at to see what the app has done.
func (s *Sim) controlState(w http.ResponseWriter, _ *http.Request) {
	writeJSON(w, http.StatusOK, map[string]any{
		"installed": s.Installed(), "invoices": s.Invoices(0), "placements": s.Placements(), "events": s.Events(),
	})
}

// controlEntry gives programs without a browser the form post of an app page.
func (s *Sim) controlEntry(w http.ResponseWriter, r *http.Request) {
	userID := numberOr(r.FormValue("user"))
	s.mu.Lock()
	known := s.portals[0].user(userID) != nil
	s.mu.Unlock()
	if !known {
		http.Error(w, "unknown user", http.StatusBadRequest)
		return
	}
	if r.FormValue("placement") == "INSTALL" {
		writeJSON(w, http.StatusOK, s.InstallForm(userID))
		return
	}
	writeJSON(w, http.StatusOK, s.EntryForm(userID, r.FormValue("placement"), numberOr(r.FormValue("id"))))
}

// controlFinish stands for installFinish, which in a browser only the frame can send.
func (s *Sim) controlFinish(w http.ResponseWriter, _ *http.Request) {
	s.FinishInstall()
	w.WriteHeader(http.StatusNoContent)
}

// controlEvent fires an event about nothing, for handlers that must cope with repeated and late ones.
func (s *Sim) controlEvent(w http.ResponseWriter, r *http.Request) {
	var sent struct {
		Event        string `json:"event"`
		EntityTypeID int    `json:"entityTypeId"`
		ID           int    `json:"id"`
	}
	if !readControl(w, r, &sent) {
		return
	}
	fields := map[string]string{"ID": strconv.Itoa(sent.ID)}
	if sent.EntityTypeID != 0 {
		fields["ENTITY_TYPE_ID"] = strconv.Itoa(sent.EntityTypeID)
	}
	writeJSON(w, http.StatusOK, map[string]int{"handlers": s.FireEvent(sent.Event, fields)})
}

// controlUninstall removes the app as an administrator would.
func (s *Sim) controlUninstall(w http.ResponseWriter, r *http.Request) {
	var sent struct {
		Clean bool `json:"clean"`
	}
	if !readControl(w, r, &sent) {
		return
	}
	s.Uninstall(sent.Clean)
	w.WriteHeader(http.StatusNoContent)
}

// known says whether the kind is one of the constants.
func (k FaultKind) known() bool {
	switch k {
	case FaultExpiredToken, FaultRefreshRefused, FaultQueryLimit, FaultOperationLimit, FaultErrorBefore,
		FaultErrorAfter, FaultLostAnswer, FaultHTML, FaultSlow, FaultDown, FaultAccessDenied, FaultRequiredField,
		FaultDomainMove, FaultEventDropped, FaultEventDoubled, FaultEventLate, FaultEventBare:
		return true
	}
	return false
}
