package sim

import "net/http"

func (s *Sim) control(*http.ServeMux) {}
func (s *Sim) page(*http.ServeMux)    {}
