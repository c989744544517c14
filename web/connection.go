package web

import (
	"net/http"
	"time"

	"github.com/labstack/echo/v4"

	"receivepayment/pairing"
	"receivepayment/payments"
	"receivepayment/words"
)

type stepJSON struct {
	Name    string    `json:"name"`
	Outcome string    `json:"outcome"`
	Text    string    `json:"text"`
	At      time.Time `json:"at"`
}

type connectionJSON struct {
	Steps          []stepJSON `json:"steps"`
	RetentionDays  int64      `json:"retentionDays"`
	PaymentExpired bool       `json:"paymentExpired"`
	Silenced       bool       `json:"silenced"`
}

func stepOf(name string, st pairing.StepState) stepJSON {
	return stepJSON{Name: name, Outcome: string(st.Outcome), Text: st.Text, At: st.At}
}

// showConnection says how we stand at the portal.
func (s *Server) showConnection(c echo.Context, who caller) error {
	portal, err := s.Portals.Portal(c.Request().Context(), who.PortalID)
	if err != nil {
		return err
	}
	return s.answerConnection(c, who, portal)
}

func (s *Server) answerConnection(c echo.Context, who caller, p pairing.Portal) error {
	silenced, err := s.Portals.Silenced(c.Request().Context(), p)
	if err != nil {
		return err
	}
	if wantsFragment(c) {
		return s.fragment(c, http.StatusOK, "portal-card", connectionView{Who: who, Portal: p, Silenced: silenced})
	}
	out := connectionJSON{
		Steps: []stepJSON{}, RetentionDays: p.RetentionDays, PaymentExpired: p.PaymentExpired, Silenced: silenced,
	}
	for _, name := range pairing.StepNames() {
		if st, taken := p.Steps[name]; taken {
			out.Steps = append(out.Steps, stepOf(name, st))
		}
	}
	return c.JSON(http.StatusOK, out)
}

// repair takes every step of the installation again.
func (s *Server) repair(c echo.Context, who caller) error {
	portal, err := s.Portals.Repair(c.Request().Context(), who.PortalID, who.Person.ID)
	if err != nil {
		return err
	}
	if wantsFragment(c) {
		trigger(c, repaired(who.Voice, portal))
	}
	return s.answerConnection(c, who, portal)
}

func repaired(w *words.Voice, p pairing.Portal) event {
	for _, name := range pairing.StepNames() {
		if p.Steps[name].Outcome == pairing.StepFailed {
			return toast("warn", w.T("Not everything could be repaired; the list says what is missing."))
		}
	}
	return toast("ok", w.T("Everything is in its place."))
}

type connectionIn struct {
	RetentionDays int64 `json:"retentionDays" form:"retentionDays"`
}

// maxRetention is ten years, longer than any law wants records to be kept.
const maxRetention = 3650

func (s *Server) putConnection(c echo.Context, who caller) error {
	var in connectionIn
	if err := decode(c, &in); err != nil {
		return err
	}
	if in.RetentionDays < 0 || in.RetentionDays > maxRetention {
		return s.formError(c, payments.Invalid("retentionDays", "Choose between 0 and 3650 days."))
	}
	if err := s.Portals.SetRetention(c.Request().Context(), who.PortalID, in.RetentionDays); err != nil {
		return err
	}
	if wantsFragment(c) {
		saved(c, who)
	}
	return s.showConnection(c, who)
}

// connectionView is the card of the settings that says how we stand at the
// portal.
type connectionView struct {
	Who      caller
	Portal   pairing.Portal
	Silenced bool
}

// Steps are those that were taken, with their outcome.
func (v connectionView) Steps() []installStepView {
	var out []installStepView
	for _, name := range pairing.StepNames() {
		if st, taken := v.Portal.Steps[name]; taken {
			out = append(out, installStepView{Name: name, State: string(st.Outcome), Text: st.Text})
		}
	}
	return out
}

// Broken reports whether a step failed.
func (v connectionView) Broken() bool {
	for _, st := range v.Portal.Steps {
		if st.Outcome == pairing.StepFailed {
			return true
		}
	}
	return false
}
