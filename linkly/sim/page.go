package sim

import (
	"embed"
	"io/fs"
	"net/http"
)

//go:embed page
var pageFiles embed.FS

// page adds the virtual PIN pad for people: /pad/ lists the terminals, /pad/{id} is one of them.
func (s *Sim) page(mux *http.ServeMux) {
	assets, err := fs.Sub(pageFiles, "page")
	if err != nil { // the folder is embedded, so this is a programming mistake
		panic("linkly/sim: " + err.Error())
	}
	mux.HandleFunc("GET /{$}", func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, "/pad/", http.StatusSeeOther)
	})
	mux.HandleFunc("GET /pad/{$}", s.guard(pageHeaders(func(w http.ResponseWriter, r *http.Request) {
		http.ServeFileFS(w, r, assets, "list.html")
	})))
	mux.HandleFunc("GET /pad/{id}", s.guard(pageHeaders(func(w http.ResponseWriter, r *http.Request) {
		if s.Terminal(r.PathValue("id")) == nil {
			http.Error(w, "There is no such terminal. See /pad/ for those that exist.", http.StatusNotFound)
			return
		}
		http.ServeFileFS(w, r, assets, "pad.html")
	})))
	mux.Handle("GET /pad/assets/", s.guard(pageHeaders(http.StripPrefix("/pad/assets/", http.FileServerFS(assets)).ServeHTTP)))
}

// pageHeaders keeps the page to its own files and out of stale caches.
func pageHeaders(next http.HandlerFunc) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Security-Policy", "default-src 'self'; img-src 'self' data:; base-uri 'none'; form-action 'self'")
		w.Header().Set("X-Content-Type-Options", "nosniff")
		w.Header().Set("Cache-Control", "no-cache")
		next(w, r)
	}
}
