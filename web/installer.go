package web

import (
	"context"
	"net/http"
	"strings"

	"github.com/labstack/echo/v4"

	"receivepayment/pairing"
	"receivepayment/payments"
	"receivepayment/words"
)

// forInstaller is the audience of the wizard's token: the portal is not
// installed yet, so its pages' tokens are good for nothing.
const forInstaller = "installer"

// installer lets in the administrator who runs the wizard.
func (s *Server) installer(h handler) echo.HandlerFunc {
	return func(c echo.Context) error {
		token, _ := strings.CutPrefix(c.Request().Header.Get(echo.HeaderAuthorization), "Bearer ")
		claims, err := s.tokens.read(token, forInstaller)
		if err != nil {
			return err
		}
		c.Set(voiceKey, words.In(claims.Language))
		ctx, cancel := context.WithTimeout(c.Request().Context(), callWithin)
		defer cancel()
		c.SetRequest(c.Request().WithContext(ctx))
		user, err := s.Portals.User(ctx, claims.Portal, claims.Subject)
		if err != nil {
			return errUnauthenticated
		}
		if !user.Admin {
			return errForbidden
		}
		return h(c, caller{
			PortalID: claims.Portal, Person: payments.Person{ID: user.UserID, Name: user.Name}, Admin: true,
			Voice: words.In(claims.Language),
		})
	}
}

// runInstallStep takes one step of the installation, and answers where the
// wizard stands.
func (s *Server) runInstallStep(c echo.Context, who caller) error {
	name := c.Param("step")
	portal, err := s.Portals.RunStep(c.Request().Context(), who.PortalID, who.Person.ID, name)
	if err != nil {
		return err
	}
	if wantsJSON(c) {
		return c.JSON(http.StatusOK, stepOf(name, portal.Steps[name]))
	}
	return s.fragment(c, http.StatusOK, "install-steps", wizardAfter(portal, name))
}

// installStepView is one line of the wizard.
type installStepView struct {
	Name  string
	State string // done, skipped, failed, now or pending
	Text  string
}

// wizardView is the list of steps. Next is taken as soon as the list is shown;
// Retry waits for a person.
type wizardView struct {
	Steps       []installStepView
	Next, Retry string
}

// Finished reports whether the portal may be told that all is done.
func (v wizardView) Finished() bool { return v.Next == "" && v.Retry == "" }

// wizardAfter is the list after one step was taken; an empty name is before the
// first.
func wizardAfter(p pairing.Portal, taken string) wizardView {
	var v wizardView
	reached := taken == ""
	for _, name := range pairing.StepNames() {
		line := installStepView{Name: name, State: "pending"}
		switch {
		case !reached:
			line.State, line.Text = string(p.Steps[name].Outcome), p.Steps[name].Text
		case v.Next == "" && v.Retry == "":
			v.Next, line.State = name, "now"
		}
		if name == taken {
			reached = true
			if p.Steps[name].Outcome == pairing.StepFailed && !pairing.StepOptional(name) {
				v.Retry = name
			}
		}
		v.Steps = append(v.Steps, line)
	}
	return v
}

// Words says what the step is about.
func (v installStepView) Words() words.Key {
	switch v.Name {
	case "stages":
		return "Learn which stage of an invoice means “paid”"
	case "events":
		return "Hear of changes in the CRM"
	case "store":
		return "Prepare the orders of the store"
	case "placements":
		return "Put Receive Payment into deals, invoices and orders"
	}
	return words.Key(v.Name)
}

// Note says how the step went, for people.
func (v installStepView) Note() string {
	if v.State == string(pairing.StepSkipped) {
		return words.English("This portal does not offer it.")
	}
	return v.Text
}
