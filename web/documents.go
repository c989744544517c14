package web

import (
	"context"
	"net/http"

	"github.com/labstack/echo/v4"

	"receivepayment/invoices"
	"receivepayment/pairing"
	"receivepayment/payments"
)

// listDocuments answers a deal's, an invoice's or an order's documents with the terminals
// that the viewer may use.
func (s *Server) listDocuments(c echo.Context, who caller) error {
	entity, id := c.QueryParam("entity"), c.QueryParam("id")
	limit := pickLimit
	if wantsJSON(c) {
		limit = listLimit
	}
	view, cards, err := s.receive(c.Request().Context(), who, entity, id, limit)
	if err != nil {
		return err
	}
	if wantsJSON(c) {
		return c.JSON(http.StatusOK, viewOf(view, cards))
	}
	drawn := s.receiveView(who, view, cards)
	portal, err := s.Portals.Portal(c.Request().Context(), who.PortalID)
	if err != nil {
		return err
	}
	drawn.Funnels = portal.Funnels
	return s.fragment(c, http.StatusOK, "receive", drawn)
}

// receive reads what the Receive Payment screen shows.
func (s *Server) receive(ctx context.Context, who caller, entity, id string, limit int) (invoices.View, []pairing.Card, error) {
	view, err := s.Invoices.View(ctx, who.PortalID, who.Person.ID, entity, id)
	if err != nil {
		return view, nil, err
	}
	if view.Policy, err = s.Payments.Policy(ctx, who.PortalID); err != nil {
		return view, nil, err
	}
	cards, err := s.choices(ctx, who, limit)
	return view, cards, err
}

// receiveOpened is the same for the page that somebody has just opened, of which
// a part was read on the way.
func (s *Server) receiveOpened(ctx context.Context, who caller, visit pairing.Visit) (invoices.View, []pairing.Card, error) {
	if visit.Opened == nil {
		return s.receive(ctx, who, visit.Entity, visit.EntityID, pickLimit)
	}
	view, err := s.Invoices.Opened(ctx, who.PortalID, who.Person.ID, visit.Opened)
	if err != nil {
		return view, nil, err
	}
	if view.Policy, err = s.Payments.Policy(ctx, who.PortalID); err != nil {
		return view, nil, err
	}
	cards, err := s.choices(ctx, who, pickLimit)
	return view, cards, err
}

// choices are the terminals that a form offers first.
func (s *Server) choices(ctx context.Context, who caller, limit int) ([]pairing.Card, error) {
	cards, _, err := s.Terminals.Choices(ctx, pairing.TerminalQuery{
		PortalID: who.PortalID, UserID: who.Person.ID, All: who.Admin, Limit: limit,
	})
	return cards, err
}

// holds reports whether the payment belongs to what the viewer was shown.
func holds(view invoices.View, payment string) bool {
	for _, d := range view.Documents {
		for _, p := range d.Payments {
			if payment != "" && p.ID == payment {
				return true
			}
		}
	}
	return false
}

// openDetail reads the payment that the page shows live when it opens, if
// there is one.
func (s *Server) openDetail(ctx context.Context, who caller, view invoices.View, linked string) (*payments.Detail, error) {
	id := openPayment(view, who.Person.ID)
	if id == "" && holds(view, linked) {
		id = linked
	}
	if id == "" {
		return nil, nil
	}
	d, err := s.Payments.Detail(ctx, who.PortalID, id)
	if err != nil {
		return nil, err
	}
	return &d, nil
}

type newInvoiceIn struct {
	RequestID string `json:"requestId" form:"requestId"`
	Deal      string `json:"deal" form:"deal"`
	Order     string `json:"order" form:"order"`
	Title     string `json:"title" form:"title"`
	Amount    string `json:"amount" form:"amount"`
	Currency  string `json:"currency" form:"currency"`
	Funnel    string `json:"funnel" form:"funnel"`
}

func (s *Server) addInvoice(c echo.Context, who caller) error {
	var in newInvoiceIn
	if err := decode(c, &in); err != nil {
		return err
	}
	doc, err := s.Invoices.Add(c.Request().Context(), invoices.NewInvoice{
		PortalID: who.PortalID, UserID: who.Person.ID, RequestID: in.RequestID,
		Deal: in.Deal, Order: in.Order, Title: in.Title, Amount: in.Amount, Currency: in.Currency, Funnel: in.Funnel,
	})
	if err != nil {
		return s.formError(c, err)
	}
	if wantsJSON(c) {
		return c.JSON(http.StatusCreated, documentOf(doc))
	}
	done := who.T("Invoice %s is added.", doc.Number)
	if in.Order != "" {
		done = who.T("Payment %s of the order is added.", doc.Number)
	}
	trigger(c, closeDialog, documentsChanged, reloadCard, toast("ok", done))
	return c.NoContent(http.StatusNoContent)
}
