package web

import (
	"net/http"

	"github.com/labstack/echo/v4"

	"receivepayment/payments"
)

type settingsJSON struct {
	// ResolveLimit is up to where one person decides alone; null means always.
	ResolveLimit *amountJSON `json:"resolveLimit"`
}

func (s *Server) showSettings(c echo.Context, who caller) error {
	portal, err := s.Portals.Portal(c.Request().Context(), who.PortalID)
	if err != nil {
		return err
	}
	var out settingsJSON
	if portal.ResolveLimit != nil {
		limit := amountOf(payments.Money{Minor: *portal.ResolveLimit, Currency: portal.ResolveCurrency})
		out.ResolveLimit = &limit
	}
	return c.JSON(http.StatusOK, out)
}

func (s *Server) putSettings(c echo.Context, who caller) error {
	var in settingsJSON
	if err := decode(c, &in); err != nil {
		return err
	}
	var limit *payments.Money
	if in.ResolveLimit != nil {
		m, err := payments.ParseMoney(in.ResolveLimit.Amount, in.ResolveLimit.Currency)
		if err != nil {
			return payments.Invalid("resolveLimit", "Send an amount like 100.00 with its currency, or null.")
		}
		limit = &m
	}
	if err := s.Portals.SetResolveLimit(c.Request().Context(), who.PortalID, limit); err != nil {
		return err
	}
	return s.showSettings(c, who)
}
