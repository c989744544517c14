package sim

import "net/http"

// controlChanges let testers do by HTTP what a colleague or an administrator would do in the portal.
func (s *Sim) controlChanges(mux *http.ServeMux) {
	for pattern, serve := range map[string]http.HandlerFunc{
		"POST /control/deals":   s.controlDeal,
		"POST /control/stage":   s.controlStage,
		"POST /control/require": s.controlRequire,
		"POST /control/rights":  s.controlRights,
		"POST /control/update": func(w http.ResponseWriter, _ *http.Request) {
			s.UpdateApp()
			w.WriteHeader(http.StatusNoContent)
		},
	} {
		mux.HandleFunc(pattern, loopbackOnly(serve))
	}
}

// controlDeal adds a deal and answers its id.
func (s *Sim) controlDeal(w http.ResponseWriter, r *http.Request) {
	var sent NewDeal
	if !readControl(w, r, &sent) {
		return
	}
	for _, line := range sent.Lines {
		if !line.valid() {
			http.Error(w, "price and taxRate are decimal texts", http.StatusBadRequest)
			return
		}
	}
	writeJSON(w, http.StatusOK, map[string]int{"id": s.AddDeal(sent)})
}

// valid says whether AddDeal will take the line's numbers.
func (l Line) valid() bool {
	if _, err := parseDecimal(l.Price); err != nil {
		return false
	}
	_, err := parseDecimal(l.TaxRate)
	return l.TaxRate == "" || err == nil
}

// controlStage moves a card without asking for rights or required fields, as an administrator's automation does.
func (s *Sim) controlStage(w http.ResponseWriter, r *http.Request) {
	var sent struct {
		EntityTypeID int    `json:"entityTypeId"`
		ID           int    `json:"id"`
		Stage        string `json:"stage"`
	}
	if !readControl(w, r, &sent) {
		return
	}
	s.SetStage(sent.EntityTypeID, sent.ID, sent.Stage)
	w.WriteHeader(http.StatusNoContent)
}

// controlRequire makes a field mandatory for a stage, the customer's setting that makes marking as paid fail.
func (s *Sim) controlRequire(w http.ResponseWriter, r *http.Request) {
	var sent struct {
		Stage string `json:"stage"`
		Field string `json:"field"`
	}
	if !readControl(w, r, &sent) {
		return
	}
	if sent.Field == "" {
		s.Unrequire(sent.Stage)
	} else {
		s.Require(sent.Stage, sent.Field)
	}
	w.WriteHeader(http.StatusNoContent)
}

// controlRights replaces a user's rights; what is left out is taken away.
func (s *Sim) controlRights(w http.ResponseWriter, r *http.Request) {
	var sent struct {
		User      int  `json:"user"`
		Read      bool `json:"read"`
		Write     bool `json:"write"`
		MoveStage bool `json:"moveStage"`
		App       bool `json:"app"`
	}
	if !readControl(w, r, &sent) {
		return
	}
	s.SetRights(sent.User, Rights{Read: sent.Read, Write: sent.Write, MoveStage: sent.MoveStage, App: sent.App})
	w.WriteHeader(http.StatusNoContent)
}
