package sim

import (
	"embed"
	"encoding/json"
	"io/fs"
	"net/http"

	"rsc.io/qr"
)

//go:embed page
var pageFiles embed.FS

// page adds the device's screen for people under /device/, and /control for
// those who script it.
func (s *Sim) page(mux *http.ServeMux) {
	files, err := fs.Sub(pageFiles, "page")
	if err != nil { // the folder is embedded, so this is a programming mistake
		panic("kayaaku/sim: " + err.Error())
	}
	mux.HandleFunc("GET /{$}", func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, "/device/", http.StatusSeeOther)
	})
	mux.HandleFunc("GET /device/{$}", func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Security-Policy", "default-src 'self'; base-uri 'none'; form-action 'self'")
		w.Header().Set("Cache-Control", "no-cache")
		http.ServeFileFS(w, r, files, "device.html")
	})
	mux.Handle("GET /device/assets/", http.StripPrefix("/device/assets/", http.FileServerFS(files)))
	mux.HandleFunc("GET /device/state", s.state)
	mux.HandleFunc("GET /device/qr.png", s.code)
	mux.HandleFunc("GET /device/setup.txt", func(w http.ResponseWriter, _ *http.Request) {
		s.mu.Lock()
		defer s.mu.Unlock()
		w.Header().Set("Content-Type", "text/plain; charset=utf-8")
		_, _ = w.Write([]byte(s.setup))
	})
	mux.HandleFunc("POST /control/act/{what}", s.control)
	mux.HandleFunc("POST /control/scenario/{name}", func(w http.ResponseWriter, r *http.Request) {
		name := Scenario(r.PathValue("name"))
		if !name.Known() {
			http.Error(w, "There is no such scenario.", http.StatusNotFound)
			return
		}
		s.Device.Script(name)
		w.WriteHeader(http.StatusNoContent)
	})
	mux.HandleFunc("POST /control/bridge", s.pairBridge)
}

type choice struct {
	Name Scenario `json:"name"`
	Says string   `json:"says"`
}

func (s *Sim) state(w http.ResponseWriter, _ *http.Request) {
	s.mu.Lock()
	pairs := s.pair != nil
	s.mu.Unlock()
	var choices []choice
	for _, c := range Scenarios() {
		choices = append(choices, choice{c.Name, c.Says})
	}
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "no-store")
	_ = json.NewEncoder(w).Encode(map[string]any{
		"screen": s.Device.Screen(), "bridge": pairs, "scenarios": choices, "auto": s.config.Auto,
	})
}

// code draws what the device's screen shows.
func (s *Sim) code(w http.ResponseWriter, r *http.Request) {
	content := s.Device.Screen().QR
	drawn, err := qr.Encode(content, qr.M)
	if err != nil || content == "" {
		http.NotFound(w, r)
		return
	}
	w.Header().Set("Content-Type", "image/png")
	w.Header().Set("Cache-Control", "no-store")
	_, _ = w.Write(drawn.PNG())
}

func (s *Sim) control(w http.ResponseWriter, r *http.Request) {
	switch what := r.PathValue("what"); what {
	case "pull":
		s.Pull()
	case "plug":
		if s.cable == nil {
			http.Error(w, "There is no cable.", http.StatusConflict)
			return
		}
		if err := s.Plug(); err != nil {
			http.Error(w, err.Error(), http.StatusInternalServerError)
			return
		}
	default:
		if !s.Device.Act(what) {
			http.Error(w, "Nobody waits for that.", http.StatusConflict)
			return
		}
	}
	w.WriteHeader(http.StatusNoContent)
}

// Describe sets the text that the page offers to those who enter the settings
// of the pretend host.
func (s *Sim) Describe(setup string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.setup = setup
}

// OnPair lets the page pair the till's bridge with a one-time code, where one
// is at hand.
func (s *Sim) OnPair(pair func(code string) error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.pair = pair
}

func (s *Sim) pairBridge(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	pair := s.pair
	s.mu.Unlock()
	if pair == nil {
		http.Error(w, "There is no bridge here.", http.StatusConflict)
		return
	}
	r.Body = http.MaxBytesReader(w, r.Body, 4<<10)
	if err := pair(r.PostFormValue("code")); err != nil {
		http.Error(w, err.Error(), http.StatusUnprocessableEntity)
		return
	}
	w.WriteHeader(http.StatusNoContent)
}
