package web

import (
	"bytes"
	"embed"
	"errors"
	"fmt"
	"html/template"
	"io/fs"
	"net/http"

	"github.com/labstack/echo/v4"

	"receivepayment/pairing"
	"receivepayment/payments"
	"receivepayment/web/assets"
)

//go:embed templates
var templateFiles embed.FS

// pages are the parsed templates. One set: each page and fragment is a named
// template, and a name that is missing fails at start, not at the till.
type pages struct{ set *template.Template }

// names lists what the handlers render.
var names = []string{
	"receive-page", "settings-page", "install", "outside-page", "sorry-page",
	"receive", "live", "live-inner", "pick", "terminals", "terminal", "attention", "form-errors",
}

func parsePages() (*pages, error) {
	files, err := fs.Sub(templateFiles, "templates")
	if err != nil {
		return nil, err
	}
	set, err := template.New("").Funcs(functions()).ParseFS(files, "*.html")
	if err != nil {
		return nil, err
	}
	for _, name := range names {
		if set.Lookup(name) == nil {
			return nil, fmt.Errorf("no template defines %q", name)
		}
	}
	return &pages{set: set}, nil
}

// render fills a template into memory, so that a fault is an error and never
// half a page.
func (p *pages) render(name string, data any) ([]byte, error) {
	var buf bytes.Buffer
	if err := p.set.ExecuteTemplate(&buf, name, data); err != nil {
		return nil, fmt.Errorf("render %s: %w", name, err)
	}
	return buf.Bytes(), nil
}

func (p *pages) write(c echo.Context, status int, name string, data any) error {
	body, err := p.render(name, data)
	if err != nil {
		return err
	}
	return c.HTMLBlob(status, body)
}

// fragment answers a piece of a page.
func (s *Server) fragment(c echo.Context, status int, name string, data any) error {
	return s.pages.write(c, status, name, data)
}

// page answers a whole page that the verified portal may frame.
func (s *Server) page(c echo.Context, visit pairing.Visit, name string, data any) error {
	c.Response().Header().Set("Content-Security-Policy", policy(origin(visit.Portal.Endpoint)))
	return s.pages.write(c, http.StatusOK, name, data)
}

// sorry answers a refusal as a page with a sentence and a next step. Nothing
// was verified, so the frame of any Bitrix24 cloud portal may show it.
func (s *Server) sorry(c echo.Context, p problem) error {
	c.Response().Header().Set("Content-Security-Policy", policy(anyPortal(s.PublicURL)))
	return s.pages.write(c, p.Status, "sorry-page", sorryView{frame: bare("Receive Payment"), Problem: p})
}

// formError answers an error of a form: to programs and for faults of ours as
// every other error, to people as lines inside the form, which keeps what they
// typed. The form holds one element of the class form-errors for them.
func (s *Server) formError(c echo.Context, err error) error {
	p, known := s.explain(err)
	if wantsJSON(c) || !known {
		return err
	}
	h := c.Response().Header()
	h.Set("HX-Retarget", "find .form-errors")
	h.Set("HX-Reswap", "innerHTML")
	if p.Status == http.StatusConflict { // what the list shows is not what is: it is read again once the form is closed
		trigger(c, documentsChanged)
	}
	if p.Code == "request_reused" { // to a program this is about its id, to a person about the first click
		p.Detail = "This was sent before, with other content. Close this form: the list shows what became of it."
	}
	view := formErrorsView{Problem: p}
	var conflict *payments.Conflict
	if errors.As(err, &conflict) && p.Code == "document_open" {
		view.Open = &conflict.With
	}
	return s.pages.write(c, p.Status, "form-errors", view)
}

// cached serves the bundle: its addresses carry a hash of the content, so an
// answer may be kept for ever.
func cached(files fs.FS) http.Handler {
	serve := http.FileServerFS(files)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Cache-Control", "public, max-age=31536000, immutable")
		serve.ServeHTTP(w, r)
	})
}

// functions are what templates may call beside the methods of their data.
func functions() template.FuncMap {
	return template.FuncMap{
		"asset":     assets.URL,
		"built":     assets.Built,
		"clockText": clockText,
		"money":     moneyText,
		"slug":      slug,
		"stamp":     stamp,
	}
}
