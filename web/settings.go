package web

import (
	"encoding/json"
	"net/http"

	"github.com/labstack/echo/v4"

	"receivepayment/payments"
)

type settingsJSON struct {
	// ResolveLimit is up to where one person decides alone; null means always.
	ResolveLimit *amountJSON `json:"resolveLimit"`
	// CRM is what the CRM is told beyond the plain.
	CRM crmSettingsJSON `json:"crm"`
}

func (s *Server) showSettings(c echo.Context, who caller) error {
	portal, err := s.Portals.Portal(c.Request().Context(), who.PortalID)
	if err != nil {
		return err
	}
	telling, err := s.crmTelling(c.Request().Context(), who)
	if err != nil {
		return err
	}
	out := settingsJSON{CRM: crmSettingsOf(telling.Settings, telling.Mirror)}
	if portal.ResolveLimit != nil {
		limit := amountOf(payments.Money{Minor: *portal.ResolveLimit, Currency: portal.ResolveCurrency})
		out.ResolveLimit = &limit
	}
	return c.JSON(http.StatusOK, out)
}

// settingsIn tells a limit that is null from one that was left out: what nobody
// mentioned must not be taken away.
type settingsIn struct {
	ResolveLimit json.RawMessage `json:"resolveLimit"`
	CRM          json.RawMessage `json:"crm"`
}

func (s *Server) putSettings(c echo.Context, who caller) error {
	var in settingsIn
	if err := decode(c, &in); err != nil {
		return err
	}
	wish, err := wishOf(in.CRM)
	if err != nil {
		return err
	}
	if in.ResolveLimit != nil || wish == nil {
		limit, err := limitOf(in.ResolveLimit)
		if err != nil {
			return err
		}
		if err := s.Portals.SetResolveLimit(c.Request().Context(), who.PortalID, limit); err != nil {
			return err
		}
	}
	if wish != nil {
		if err := s.wish(c.Request().Context(), who, *wish); err != nil {
			return err
		}
	}
	return s.showSettings(c, who)
}

// limitOf reads an amount, or null for none.
func limitOf(raw json.RawMessage) (*payments.Money, error) {
	wrong := payments.Invalid("resolveLimit", "Send an amount like 100.00 with its currency, or null.")
	var in *amountJSON
	if raw == nil || json.Unmarshal(raw, &in) != nil {
		return nil, wrong
	}
	if in == nil {
		return nil, nil //nolint:nilnil // no limit is a setting too
	}
	m, err := payments.ParseMoney(in.Amount, in.Currency)
	if err != nil {
		return nil, wrong
	}
	return &m, nil
}
