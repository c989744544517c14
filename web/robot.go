package web

import (
	"net/http"

	"github.com/labstack/echo/v4"
)

// bitrixRobot takes a run of our robot: it is checked, kept and answered; the
// cashier is asked afterwards.
func (s *Server) bitrixRobot(c echo.Context) error {
	form, _, err := posted(c)
	if err != nil {
		return err
	}
	call, err := s.Portals.Robot(c.Request().Context(), form)
	if err != nil {
		return err
	}
	if err := s.Requests.Take(c.Request().Context(), call.Auth.MemberID, call); err != nil {
		return err
	}
	return c.JSON(http.StatusOK, struct{}{})
}
