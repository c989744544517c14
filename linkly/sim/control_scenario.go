package sim

import "net/http"

// scenarioControl adds the scenarios to the control interface.
func (s *Sim) scenarioControl(handle func(string, func(*http.Request) (int, any))) {
	handle("GET /control/scenarios", func(*http.Request) (int, any) { return http.StatusOK, Scenarios() })
	handle("POST /control/scenario", s.postScenario)
}

// postScenario picks what happens to the next sale of a terminal; without a name nothing special does. The name is
// checked first: a test that believes in a scenario that never happens proves nothing.
func (s *Sim) postScenario(r *http.Request) (int, any) {
	var body struct {
		Name     string `json:"name"`
		Terminal string `json:"terminal"`
	}
	if err := readJSON(r, &body); err != nil {
		return http.StatusBadRequest, problem(err.Error())
	}
	sc, known := ScenarioNamed(body.Name)
	if !known && body.Name != "" {
		return http.StatusBadRequest, problem("no such scenario: " + body.Name)
	}
	t := s.Terminal(body.Terminal)
	if t == nil {
		return http.StatusNotFound, problem("no such terminal")
	}
	if !known {
		t.NextSale(Plan{})
		return http.StatusOK, t.view()
	}
	sc.Setup(t)
	return http.StatusOK, t.view()
}
