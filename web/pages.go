package web

import (
	"bytes"
	"embed"
	"errors"
	"fmt"
	"html/template"
	"io/fs"
	"net/http"
	"sync"

	"github.com/labstack/echo/v4"

	"receivepayment/pairing"
	"receivepayment/payments"
	"receivepayment/words"
)

//go:embed templates
var templateFiles embed.FS

// pages are the parsed templates, one set for each language. Each page and
// fragment is a named template, and a name that is missing fails at start, not
// at the till.
type pages struct {
	english *template.Template // never executed: executed sets cannot be cloned
	mu      sync.Mutex
	sets    map[string]*template.Template
}

// names lists what the handlers render.
var names = []string{
	"receive-page", "settings-page", "install", "outside-page", "sorry-page",
	"install-steps", "portal-card", "receive", "live", "live-inner", "pick", "terminals-tab", "terminals", "terminal-cards", "terminal", "function",
	"people-tab", "people-rows", "person-form", "groups-tab", "rights-tab", "rights-list", "rights-rows", "rights-form", "wizard", "attention", "form-errors", "support",
	"crm-stages", "crm-telling", "queue", "print-sheet", "letter", "till-tab",
}

func parsePages() (*pages, error) {
	files, err := fs.Sub(templateFiles, "templates")
	if err != nil {
		return nil, err
	}
	set, err := template.New("").Funcs(functions(words.In("en"))).ParseFS(files, "*.html")
	if err != nil {
		return nil, err
	}
	for _, name := range names {
		if set.Lookup(name) == nil {
			return nil, fmt.Errorf("no template defines %q", name)
		}
	}
	return &pages{english: set, sets: map[string]*template.Template{}}, nil
}

// in is the set of a language, made when somebody first reads it.
func (p *pages) in(w *words.Voice) (*template.Template, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if set := p.sets[w.Code()]; set != nil {
		return set, nil
	}
	set, err := p.english.Clone()
	if err != nil {
		return nil, fmt.Errorf("templates in %s: %w", w.Code(), err)
	}
	p.sets[w.Code()] = set.Funcs(functions(w))
	return set, nil
}

// render fills a template into memory, so that a fault is an error and never
// half a page.
func (p *pages) render(w *words.Voice, name string, data any) ([]byte, error) {
	set, err := p.in(w)
	if err != nil {
		return nil, err
	}
	var buf bytes.Buffer
	if err := set.ExecuteTemplate(&buf, name, data); err != nil {
		return nil, fmt.Errorf("render %s: %w", name, err)
	}
	return buf.Bytes(), nil
}

// write answers in the language of whoever asks.
func (p *pages) write(c echo.Context, status int, name string, data any) error {
	body, err := p.render(voiceOf(c), name, data)
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
	p, known := s.explain(voiceOf(c), err)
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
		p.Detail = voiceOf(c).T("This was sent before, with other content. Close this form: the list shows what became of it.")
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
