package web

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"mime"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"unicode/utf8"

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
		if err := (&echo.DefaultBinder{}).BindBody(c, in); err != nil {
			return tooLargeOr(err, payments.Invalid("body", "This form cannot be read."))
		}
		if !allStorable(c.Request().Form) {
			return payments.Invalid("body", "Send a form in UTF-8.")
		}
		return nil
	}
	return echo.NewHTTPError(http.StatusUnsupportedMediaType)
}

// decodeJSON reads one object. Text that no database stores is refused here, at
// the edge: bytes that are no letters, and the letter zero.
func decodeJSON(body io.Reader, in any) error {
	raw, err := io.ReadAll(body)
	if err != nil {
		return tooLargeOr(err, payments.Invalid("body", "Send one JSON object."))
	}
	if !bytes.HasPrefix(bytes.TrimSpace(raw), []byte("{")) || !storable(string(raw)) || bytes.Contains(raw, []byte(`\u0000`)) {
		return payments.Invalid("body", "Send one JSON object, in UTF-8.")
	}
	err = json.Unmarshal(raw, in)
	var wrong *json.UnmarshalTypeError
	switch {
	case errors.As(err, &wrong) && wrong.Field != "":
		return payments.Invalid(wrong.Field, "This has the wrong type: send "+jsonKind(wrong.Type.Kind().String())+".")
	case err != nil:
		return payments.Invalid("body", "Send one JSON object and nothing after it.")
	}
	return nil
}

// storable reports whether both databases take the text.
func storable(s string) bool { return utf8.ValidString(s) && !strings.ContainsRune(s, 0) }

// allStorable reports it of every name and value of a form or a query.
func allStorable(values url.Values) bool {
	for name, texts := range values {
		if !storable(name) || slices.ContainsFunc(texts, func(t string) bool { return !storable(t) }) {
			return false
		}
	}
	return true
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
