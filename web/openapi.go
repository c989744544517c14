package web

import (
	"bytes"
	_ "embed"
	"net/http"

	"github.com/labstack/echo/v4"
)

//go:embed openapi.yaml
var openapiFile []byte

// Description is openapi.yaml: every route, and what each takes and answers.
// Tests hold what is really sent against it.
func Description() []byte { return bytes.Clone(openapiFile) }

// openapi answers the description of the JSON face.
func (s *Server) openapi(c echo.Context) error {
	return c.Blob(http.StatusOK, "application/yaml", openapiFile)
}
