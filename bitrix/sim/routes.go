package sim

import "net/http"

// routes are the addresses beside REST and the authorisation server.
func (s *Sim) routes() http.Handler {
	mux := http.NewServeMux()
	s.controlRoutes(mux)
	s.uiRoutes(mux)
	return mux
}
