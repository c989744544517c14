package web

import (
	"encoding/json"
	"errors"
	"io"
	"mime"
	"net/http"
	"strings"

	"github.com/labstack/echo/v4"

	"receivepayment/payments"
)

// wantsJSON reports whether the caller is a program. Addresses below /api
// answer JSON unless somebody asks for HTML; Bitrix24's answer HTML unless
// somebody asks for JSON.
func wantsJSON(c echo.Context) bool {
	accept := c.Request().Header.Get(echo.HeaderAccept)
	if strings.Contains(accept, "application/json") {
		return true
	}
	return strings.HasPrefix(c.Request().URL.Path, "/api/") && !wantsFragment(c)
}

// wantsFragment reports whether the page asks for a piece of itself.
func wantsFragment(c echo.Context) bool {
	return strings.Contains(c.Request().Header.Get(echo.HeaderAccept), "text/html")
}

// wantsPage reports whether an error should be a whole page: a person's
// browser is showing the answer by itself.
func wantsPage(c echo.Context) bool {
	path := c.Request().URL.Path
	if strings.HasPrefix(path, "/api/") || strings.HasPrefix(path, "/linkly/") {
		return false
	}
	return !strings.Contains(c.Request().Header.Get(echo.HeaderAccept), "application/json") &&
		(strings.HasPrefix(path, "/bitrix/") || wantsFragment(c))
}

// decode reads a JSON object or a form into in, whose fields carry both tags.
func decode(c echo.Context, in any) error {
	kind, _, _ := mime.ParseMediaType(c.Request().Header.Get(echo.HeaderContentType))
	switch kind {
	case echo.MIMEApplicationJSON:
		return decodeJSON(c.Request().Body, in)
	case echo.MIMEApplicationForm, echo.MIMEMultipartForm:
		err := typeAmounts(c)
		if err == nil {
			err = (&echo.DefaultBinder{}).BindBody(c, in)
		}
		if err != nil {
			return tooLargeOr(err, payments.Invalid("body", "This form cannot be read."))
		}
		if field, found := unstorableValue(c.Request().Form); found {
			return unstorable(field)
		}
		return nil
	}
	return echo.NewHTTPError(http.StatusUnsupportedMediaType)
}

// decodeJSON reads one object, and refuses text that no database stores.
func decodeJSON(body io.Reader, in any) error {
	raw, err := io.ReadAll(body)
	if err != nil {
		return tooLargeOr(err, payments.Invalid("body", "Send one JSON object."))
	}
	var members map[string]json.RawMessage
	if json.Unmarshal(raw, &members) != nil || members == nil {
		return payments.Invalid("body", "Send one JSON object and nothing after it.")
	}
	if field, found := unstorableMember(members); found {
		return unstorable(field)
	}
	err = json.Unmarshal(raw, in)
	var wrong *json.UnmarshalTypeError
	switch {
	case errors.As(err, &wrong) && wrong.Field != "":
		return payments.Invalid(wrong.Field, "This has the wrong type: send %s.", jsonKind(wrong.Type.Kind().String()))
	case err != nil:
		return payments.Invalid("body", "Send one JSON object and nothing after it.")
	}
	return nil
}

// unstorable refuses a field, or the whole body when not even its name can be
// told.
func unstorable(field string) error {
	if field == "" {
		field = "body"
	}
	return payments.Invalid(field, "Send text in UTF-8, without the letter zero.")
}

func jsonKind(kind string) string {
	switch kind {
	case "string":
		return "text"
	case "bool":
		return "true or false"
	case "slice":
		return "a list"
	}
	return "an object"
}

// tooLargeOr lets the body limit's own refusal through.
func tooLargeOr(err, otherwise error) error {
	var http *echo.HTTPError
	if errors.As(err, &http) && http.Code == 413 {
		return http
	}
	return otherwise
}
