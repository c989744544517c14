package web

import (
	"context"
	"net/http"
	"slices"

	"github.com/labstack/echo/v4"

	"receivepayment/access"
	"receivepayment/payments"
	"receivepayment/words"
)

// askManager tells everybody who may decide that somebody stands before a
// payment whose outcome is not known. Asking again tells them nothing new.
func (s *Server) askManager(c echo.Context, who caller) error {
	p, err := s.mine(c, who)
	if err != nil {
		return err
	}
	if p.Practice() || (p.State != payments.Unknown && p.State != payments.Review) {
		return payments.ErrWrongState
	}
	if err := s.tellManagers(c.Request().Context(), who, p); err != nil {
		return err
	}
	if !wantsJSON(c) {
		trigger(c, toast("info", who.T("Asked. Whoever may decide finds this payment under Needs attention.")))
	}
	return s.answerPayment(c, who, http.StatusAccepted, p.ID)
}

// tellManagers notifies the others who may decide; alone, a person need not be
// told what is on their own screen.
func (s *Server) tellManagers(ctx context.Context, who caller, p payments.Payment) error {
	managers, err := s.Rights.With(ctx, who.PortalID, access.Resolve)
	if err != nil {
		return err
	}
	managers = slices.DeleteFunc(managers, func(id string) bool { return id == who.Person.ID })
	portal, err := s.Portals.Portal(ctx, who.PortalID)
	if err != nil {
		return err
	}
	w := words.In(portal.Language)
	amount := payments.Money{Minor: p.Amount, Currency: p.Currency}
	return s.Notices.Tell(ctx, who.PortalID, managers, "manager-"+p.ID, w.Join(
		w.T("%s asks for help: the result of %s for %s on %s is not known.",
			who.Person.Name, moneyText(w, amount), documentWords(w, p.Document), p.TerminalName),
		w.T("Compare with the terminal's receipt or the bank, then decide in the app under Needs attention."),
		w.T("Nobody should charge again before."),
	))
}
