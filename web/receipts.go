package web

import (
	"net/http"

	"github.com/labstack/echo/v4"

	"receivepayment/payments"
)

// printJSON is a slip handed out for printing.
type printJSON struct {
	Type      string `json:"type"`
	Text      string `json:"text"`
	Duplicate bool   `json:"duplicate"`
}

// sheetView is a slip on its way to the printer.
type sheetView struct {
	payments.Receipt
	Duplicate bool
}

// printReceipt hands a slip out for printing: the first time as it came, then
// as a duplicate. The page prints what it gets.
func (s *Server) printReceipt(c echo.Context, who caller) error {
	p, err := s.Payments.Find(c.Request().Context(), who.PortalID, c.Param("id"))
	if err != nil {
		return err
	}
	r, duplicate, err := s.Payments.PrintReceipt(c.Request().Context(), p, c.Param("slip"))
	if err != nil {
		return err
	}
	if wantsJSON(c) {
		return c.JSON(http.StatusOK, printJSON{Type: r.Type, Text: r.Text, Duplicate: duplicate})
	}
	return s.fragment(c, http.StatusOK, "print-sheet", sheetView{Receipt: r, Duplicate: duplicate})
}
