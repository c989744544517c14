package sim

import (
	"net/http"
	"slices"
	"time"
)

// terminalView is a terminal as the control interface and the page see it.
type terminalView struct {
	ID           string         `json:"id"`
	Version      uint64         `json:"version"` // for ?after=
	Config       TerminalConfig `json:"config"`
	Online       bool           `json:"online"`
	Paired       bool           `json:"paired"`
	PairCode     string         `json:"pairCode"`     // empty when none can be used
	PairCodeLeft int            `json:"pairCodeLeft"` // seconds
	Screen       Display        `json:"screen"`
	Typed        int            `json:"typed"`    // digits of the PIN so far
	Busy         bool           `json:"busy"`     // a request is running
	Kind         string         `json:"kind"`     // of the running or last request
	TxnType      string         `json:"txnType"`  // P, R, … of a running transaction
	Amount       int64          `json:"amount"`   // cents of a running transaction
	Currency     string         `json:"currency"` // of a running transaction
	Auto         bool           `json:"auto"`
	Script       Script         `json:"script"`
	Scenario     string         `json:"scenario"` // what waits for the next sale, empty = nothing
	Charges      []Charge       `json:"charges"`  // the last ten of this terminal, newest first
	Calm         bool           `json:"calm"`
	Violations   int            `json:"violations"`
}

// view takes a picture of the terminal.
func (t *Terminal) view() terminalView {
	s := t.sim
	calm := len(s.Faults()) == 0
	s.mu.Lock()
	defer s.mu.Unlock()
	v := terminalView{
		ID: t.id, Version: s.version, Config: t.cfg, Online: t.online, Paired: t.pairing != nil, PairCode: t.codeLocked(),
		Screen: t.screen.clone(), Typed: len(t.typed), Busy: t.running != nil, Auto: t.auto != nil, Script: t.script,
		Scenario: s.plans.waiting(t.id),
		Calm:     calm, Violations: len(s.Violations()), Charges: s.lastCharges(t.id, 10),
	}
	if v.PairCode != "" {
		v.PairCodeLeft = int(t.codeUntil.Sub(s.cfg.Now()) / time.Second)
	}
	// An answered prompt stands for the moment until the next display; nothing can be pressed any more.
	if t.prompt != nil && t.prompt.answered {
		v.Screen.Wants = ""
	}
	if t.running != nil {
		v.Kind, v.TxnType, v.Currency = t.running.kind, t.running.req.txnType, t.running.req.currency
		v.Amount = t.running.req.purchase + t.running.req.cash
	}
	return v
}

// lastCharges lists the newest charges of a terminal first.
func (s *Sim) lastCharges(terminal string, n int) []Charge {
	list := []Charge{}
	for _, c := range slices.Backward(s.Charges()) {
		if c.Terminal == terminal && len(list) < n {
			list = append(list, c)
		}
	}
	return list
}

// getTerminals shows all terminals, for the page's list and for programs that look for one.
func (s *Sim) getTerminals(*http.Request) (int, any) {
	list := []terminalView{}
	for _, t := range s.Terminals() {
		list = append(list, t.view())
	}
	return http.StatusOK, list
}

// faultView is one switch of the panel.
type faultView struct {
	Fault       Fault   `json:"fault"`
	Group       string  `json:"group"` // post, get, callback or other
	Text        string  `json:"text"`
	Probability float64 `json:"probability"`
	Next        int     `json:"next"` // one-shots still to come
}

type faultsView struct {
	Calm   bool        `json:"calm"`
	Faults []faultView `json:"faults"`
}

// faultsView is the whole panel: zero probabilities too, so that the page can draw every switch.
func (s *Sim) faultsView() faultsView {
	now := s.Faults()
	v := faultsView{Calm: len(now) == 0}
	for _, d := range describedFaults() {
		v.Faults = append(v.Faults, faultView{d.fault, d.group, d.text, now[d.fault], s.dice.waiting(d.fault)})
	}
	return v
}

// stateView is everything at a glance.
type stateView struct {
	faultsView
	Terminals  []terminalView `json:"terminals"`
	Cards      []Card         `json:"cards"`
	Charges    int            `json:"charges"`
	Violations int            `json:"violations"`
}

// getState is everything that a program needs to begin.
func (s *Sim) getState(r *http.Request) (int, any) {
	_, list := s.getTerminals(r)
	terminals, _ := list.([]terminalView)
	return http.StatusOK, stateView{s.faultsView(), terminals, Cards(), len(s.Charges()), len(s.Violations())}
}
