package web

import (
	"net/http"

	"github.com/labstack/echo/v4"
)

// bitrixEvent takes what Bitrix24 announces: it is checked, remembered and
// answered; the work is done afterwards. An event is never sent again, so one
// that could not be kept is answered with an error and found by the next look.
func (s *Server) bitrixEvent(c echo.Context) error {
	form, _, err := posted(c)
	if err != nil {
		return err
	}
	ctx := c.Request().Context()
	news, err := s.Portals.Event(ctx, form)
	if err != nil {
		return err
	}
	if news != nil && news.Kind != 0 {
		if err := s.Mirror.Note(ctx, news.PortalID, news.Kind, news.ID); err != nil {
			return err
		}
	} else if news != nil {
		if err := s.Changes.Note(ctx, news.PortalID, news.Entity, news.ID); err != nil {
			return err
		}
	}
	return c.JSON(http.StatusOK, struct{}{})
}
