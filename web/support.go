package web

import (
	"net/http"

	"github.com/labstack/echo/v4"

	"receivepayment/audit"
	"receivepayment/payments"
)

type supportJSON struct {
	Payment string `json:"payment"`
	Text    string `json:"text"`
}

// supportView is a payment's report on its panel.
type supportView struct{ Text string }

// showSupport answers what somebody who helps from afar needs to know of a
// payment, and notes who took it out of the house.
func (s *Server) showSupport(c echo.Context, who caller) error {
	ctx := c.Request().Context()
	d, err := s.Payments.Detail(ctx, who.PortalID, c.Param("id"))
	if err != nil {
		return err
	}
	if err := s.Audit.Note(ctx, s.Now(), who.PortalID, audit.PaymentExported, d.ID, "for support"); err != nil {
		return err
	}
	text := payments.Report(d)
	if wantsJSON(c) {
		return c.JSON(http.StatusOK, supportJSON{Payment: d.ID, Text: text})
	}
	return s.fragment(c, http.StatusOK, "support", supportView{Text: text})
}
