package web

import (
	"net/http"
	"slices"

	"github.com/google/uuid"
	"github.com/labstack/echo/v4"

	"receivepayment/access"
	"receivepayment/invoices"
	"receivepayment/pairing"
	"receivepayment/payments"
)

// The steps of pairing a terminal, as the page shows them. What has happened is
// in the database: a page that was closed begins again from the terminal's card.
const (
	stepReady   = "ready"
	stepEnter   = "enter"
	stepPairing = "pairing" // while the one call runs
	stepProve   = "prove"
	stepAssign  = "assign"
	stepTry     = "try"
	stepDone    = "done"
)

// startWizard shows the steps before there is a terminal, or before one gets a
// new pairing.
func (s *Server) startWizard(c echo.Context, who caller) error {
	if c.QueryParam("provider") == pairing.KayaakuProvider {
		return s.fragment(c, http.StatusOK, "kayaaku-form", newDevice())
	}
	view := pairView{Who: who, Step: stepReady, Now: s.Now()}
	if c.QueryParam("step") == stepEnter {
		view.Step = stepEnter
	}
	if id := c.QueryParam("terminal"); id != "" {
		card, err := s.Terminals.Get(c.Request().Context(), who.PortalID, who.Person.ID, id)
		if err != nil {
			return err
		}
		view.Card = &card
	}
	view.Model = c.QueryParam("model")
	return s.fragment(c, http.StatusOK, "wizard", view)
}

// wizardStep shows a step that follows the pairing.
func (s *Server) wizardStep(c echo.Context, who caller, status int, step string, card pairing.Card) error {
	if !slices.Contains([]string{stepProve, stepAssign, stepTry, stepDone}, step) {
		return payments.Invalid("wizard", "There is no such step.")
	}
	if !who.may(access.Pair) {
		return errForbidden
	}
	ctx := c.Request().Context()
	view := pairView{Who: who, Step: step, Card: &card, Now: s.Now()}
	var err error
	if view.around, err = s.aroundCards(ctx, who, []pairing.Card{card}); err != nil {
		return err
	}
	if view.Without, err = s.Portals.Unserved(ctx, who.PortalID); err != nil {
		return err
	}
	if step == stepTry {
		view.RequestID = uuid.NewString()
	}
	return s.fragment(c, status, "wizard", view)
}

type testSaleIn struct {
	RequestID string `json:"requestId" form:"requestId"`
}

// startTestSale takes one unit of the terminal's currency, for no document: it
// tries the whole way to the bank and back, and is refunded the ordinary way.
func (s *Server) startTestSale(c echo.Context, who caller) error {
	var in testSaleIn
	if err := decode(c, &in); err != nil {
		return err
	}
	if err := invoices.CheckRequestID(in.RequestID); err != nil {
		return s.formError(c, err)
	}
	p, err := s.testSale(c, who, in)
	if err != nil {
		return s.formError(c, err)
	}
	return s.accepted(c, who, p)
}

func (s *Server) testSale(c echo.Context, who caller, in testSaleIn) (payments.Payment, error) {
	ctx := c.Request().Context()
	// Any terminal of the portal: who pairs must be able to try.
	terminal, err := s.Terminals.Usable(ctx, who.PortalID, who.Person.ID, c.Param("id"), true)
	if err != nil {
		return payments.Payment{}, err
	}
	amount, err := payments.ParseMoney("1", terminal.Currency)
	if err != nil {
		return payments.Payment{}, err
	}
	o := payments.Order{
		PortalID: who.PortalID, RequestID: in.RequestID, Amount: amount, By: who.Person, Terminal: terminal.ForPayment(),
		Document: payments.TestDocument(terminal.ID, slug(in.RequestID), amount),
	}
	p, repeated, err := s.Payments.Repeated(ctx, who.PortalID, in.RequestID, o.Hash())
	if err != nil || repeated {
		return p, err
	}
	p, err = s.Payments.Start(ctx, o)
	return p, s.offerAnother(ctx, who, err)
}
