package web

import (
	"errors"
	"io"
	"net/http"

	"github.com/labstack/echo/v4"
)

// notifyLimit bounds a callback: the largest real one carries two receipts.
const notifyLimit = 256 << 10

// notify takes Linkly's callbacks. Who it is comes first; the body of a caller
// without our proof is not read.
func (s *Server) notify(c echo.Context) error {
	ctx := c.Request().Context()
	admitted, err := s.Callbacks.Admit(ctx, c.Param("id"), c.Request().Header.Get(echo.HeaderAuthorization))
	if err != nil {
		return err
	}
	body, err := io.ReadAll(http.MaxBytesReader(c.Response(), c.Request().Body, notifyLimit))
	if err != nil {
		var large *http.MaxBytesError
		if errors.As(err, &large) {
			return echo.NewHTTPError(http.StatusRequestEntityTooLarge)
		}
		return tooLargeOr(err, echo.NewHTTPError(http.StatusBadRequest))
	}
	if err := admitted.Take(ctx, c.Param("type"), body); err != nil {
		return err
	}
	return c.NoContent(http.StatusOK)
}

// readyz says whether this process can serve.
func (s *Server) readyz(c echo.Context) error {
	if err := s.Ready(c.Request().Context()); err != nil {
		s.Log.WarnContext(c.Request().Context(), "not ready", "error", err)
		return c.String(http.StatusServiceUnavailable, "not ready\n")
	}
	return c.String(http.StatusOK, "ready\n")
}
