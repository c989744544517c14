package web

import (
	"bytes"
	"fmt"
	"io/fs"
	"maps"
	"net/http"
	"net/http/httptest"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/PuerkitoBio/goquery"

	"receivepayment/web/assets"
	"receivepayment/words"
)

// tell renders a story in a language.
func tell(t testing.TB, p *pages, name, lang string) []byte {
	t.Helper()
	one, found := stories()[name]
	if !found {
		t.Fatalf("no story is called %q", name)
	}
	who := one.viewer()
	who.Voice = words.In(lang)
	if one.piece == "" {
		return rendered(t, p, who, one.page, one.data(who))
	}
	around := bench().frame(who, "token-1", "Terminals")
	return slices.Concat(rendered(t, p, who, "head", around), []byte(`<main class="page" id="main"><h1>`+who.T("Terminals")+`</h1>`),
		rendered(t, p, who, one.piece, one.data(who)), []byte("</main>"), rendered(t, p, who, "foot", around))
}

func rendered(t testing.TB, p *pages, who caller, name string, data any) []byte {
	t.Helper()
	raw, err := p.render(who.Voice, name, data)
	if err != nil {
		t.Fatal(err)
	}
	return raw
}

// TestEveryHandleIsInAStory keeps the storybook complete: what a person can use
// or read on a screen, by its data-test, is in one of the stories at least.
func TestEveryHandleIsInAStory(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("the storybook may lag behind a screen for the length of a change, not longer")
	}
	s := newScreens(t)
	seen := map[string]bool{}
	for name := range stories() {
		doc, err := goquery.NewDocumentFromReader(bytes.NewReader(tell(t, s.pages, name, "en")))
		if err != nil {
			t.Fatal(err)
		}
		strict(t, doc)
		named(t, doc)
		for _, handle := range tests(doc, "[data-test]") {
			seen[handle] = true
		}
	}
	for _, handle := range handlesOfTemplates(t) {
		shape := regexp.MustCompile("^" + regexp.MustCompile(`\{\{.*?\}\}`).ReplaceAllString(regexp.QuoteMeta(handle), ".+") + "$")
		if strings.Contains(handle, "{{") {
			shape = regexp.MustCompile("^" + regexp.QuoteMeta(handle[:strings.Index(handle, "{{")]))
		}
		if !slices.ContainsFunc(slices.Collect(maps.Keys(seen)), shape.MatchString) {
			t.Errorf("no story shows data-test=%q; add one to story_test.go", handle)
		}
	}
}

func handlesOfTemplates(t *testing.T) []string {
	t.Helper()
	handle := regexp.MustCompile(`data-test="((?:[^"{]|\{\{[^}]*\}\})+)"`)
	found := map[string]bool{}
	err := fs.WalkDir(templateFiles, "templates", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || !strings.HasSuffix(path, ".html") {
			return err
		}
		raw, err := fs.ReadFile(templateFiles, path)
		for _, m := range handle.FindAllStringSubmatch(string(raw), -1) {
			found[m[1]] = true
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return slices.Sorted(maps.Keys(found))
}

// TestEveryPageIsToldInEveryLanguage: each story draws in each language, with
// the language and direction on the page.
func TestEveryPageIsToldInEveryLanguage(t *testing.T) {
	t.Parallel()
	s := newScreens(t)
	for _, lang := range words.Languages() {
		for name := range stories() {
			raw := tell(t, s.pages, name, lang)
			want := fmt.Sprintf(`<html lang="%s" dir="%s"`, lang, words.In(lang).Dir())
			if !bytes.Contains(raw, []byte(want)) || bytes.Contains(raw, []byte("%!")) {
				t.Errorf("%s in %s lacks %s, or a sentence has a hole that nobody fills", name, lang, want)
			}
		}
	}
}

// storybook serves the stories at /story/<language>/<name>, as the product
// would, to a browser.
func storybook(t testing.TB) *httptest.Server {
	t.Helper()
	p, err := parsePages()
	if err != nil {
		t.Fatal(err)
	}
	mux := http.NewServeMux()
	mux.Handle("GET "+assets.Prefix, http.StripPrefix(assets.Prefix, http.FileServerFS(assets.FS)))
	mux.HandleFunc("GET /story/{lang}/{name}", func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Security-Policy", policy(""))
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		_, _ = w.Write(tell(t, p, r.PathValue("name"), r.PathValue("lang")))
	})
	mux.HandleFunc("POST /api/v1/stream-tickets", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Date", noon().Format(http.TimeFormat)) // the screens' clock stands at the stories' hour
		_, _ = w.Write([]byte(`{"ticket":"t"}`))
	})
	mux.HandleFunc("GET /api/v1/payments/{id}/events", func(w http.ResponseWriter, _ *http.Request) {
		// Nothing will change: a stream left open would hold one of the six
		// connections that a browser has for a server, page after page.
		w.Header().Set("Content-Type", "text/event-stream")
		_, _ = w.Write([]byte("event: end\ndata: {}\n\n"))
	})
	mux.HandleFunc("/api/", func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusNoContent) })
	s := httptest.NewServer(mux)
	t.Cleanup(func() { s.CloseClientConnections(); s.Close() })
	return s
}
