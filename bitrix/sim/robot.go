package sim

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
)

// robot is a step that the app offers for automation.
type robot struct {
	code, handler, name string
	waits               bool
	returns             []string
}

// Workflow is one run of a robot.
type Workflow struct {
	ID           string
	Robot        string
	EntityTypeID int
	EntityID     int
	Waits        bool
	// Answered says that the app has returned; Values and Log are what it returned. Refused counts further answers.
	Answered bool
	Values   map[string]string
	Log      string
	Refused  int
	token    string
	returns  []string
}

func robotFailure(text string) *restError {
	return breach(http.StatusBadRequest, "ERROR_ACTIVITY_VALIDATION_FAILURE", text, "robot")
}

// runRobotAdd is bizproc.robot.add (reference bitrix24, section 11). A code twice is refused, and that is no breach:
// installers meet it.
func runRobotAdd(c *call) (any, *restError) {
	r := &robot{
		code: c.args.get("CODE").str(), handler: c.args.get("HANDLER").str(), name: c.args.get("NAME").str(),
		waits: parsesAsYes(c.args.get("USE_SUBSCRIPTION")),
	}
	if r.name == "" {
		r.name = c.args.get("NAME", "en").str()
	}
	switch {
	case r.code == "":
		return nil, robotFailure("Empty activity code!")
	case codeIsWrong(r.code):
		return nil, robotFailure("Wrong activity code!")
	case r.name == "":
		return nil, robotFailure("Empty activity NAME!")
	}
	if refusal := checkHandler(r.handler); refusal != nil {
		return nil, refusal
	}
	if origin(r.handler) != origin(c.s.cfg.AppURL) {
		return nil, breach(http.StatusBadRequest, "ERROR_WRONG_HANDLER_URL", "Wrong handler URL", "robot handler")
	}
	r.returns = append(r.returns, keysOf(c.args.get("RETURN_PROPERTIES"))...)
	for _, key := range slices.Concat(keysOf(c.args.get("PROPERTIES")), r.returns) {
		if codeIsWrong(key) || strings.ContainsAny(key[:1], "0123456789_") {
			return nil, robotFailure("Wrong property key " + key + "!")
		}
	}
	if c.p.robot(r.code) != nil {
		return nil, refuse(http.StatusBadRequest, "ERROR_ACTIVITY_ALREADY_INSTALLED", "Activity or Automation rule already installed!")
	}
	c.p.robots = append(c.p.robots, r)
	c.s.touch()
	return true, nil
}

func (p *portal) robot(code string) *robot {
	for _, r := range p.robots {
		if r.code == code {
			return r
		}
	}
	return nil
}

// runRobotList is bizproc.robot.list: the codes.
func runRobotList(c *call) (any, *restError) {
	codes := []string{}
	for _, r := range c.p.robots {
		codes = append(codes, r.code)
	}
	return codes, nil
}

// runRobotDelete is bizproc.robot.delete.
func runRobotDelete(c *call) (any, *restError) {
	code := c.args.get("CODE").str()
	if c.p.robot(code) == nil {
		return nil, refuse(http.StatusBadRequest, "ERROR_ACTIVITY_NOT_FOUND", "Activity or Automation rule not found!")
	}
	c.p.robots = slices.DeleteFunc(c.p.robots, func(r *robot) bool { return r.code == code })
	c.s.touch()
	return true, nil
}

// runEventSend is bizproc.event.send: the workflow goes on with what the app returns, once.
func runEventSend(c *call) (any, *restError) {
	token := c.args.get("EVENT_TOKEN").str()
	at := slices.IndexFunc(c.p.workflows, func(w *Workflow) bool { return token != "" && w.token == token })
	if at < 0 {
		return nil, breach(http.StatusBadRequest, "", "Unknown event token", "event token")
	}
	w := c.p.workflows[at]
	if w.Answered || !w.Waits {
		w.Refused++
		return nil, refuse(http.StatusBadRequest, "", "The workflow does not wait for this event")
	}
	values := map[string]string{}
	for _, key := range keysOf(c.args.get("RETURN_VALUES")) {
		if !slices.Contains(w.returns, key) {
			return nil, breach(http.StatusBadRequest, "", "Unknown return property "+key, "return property")
		}
		values[key] = c.args.get("RETURN_VALUES", key).str()
	}
	w.Answered, w.Values, w.Log = true, values, c.args.get("LOG_MESSAGE").str()
	c.s.touch()
	return true, nil
}

// RunRobot runs the app's robot on an item as a workflow does, and returns the workflow's id. The app hears of it by
// a post, once, without retry. It panics when there is no such robot.
func (s *Sim) RunRobot(code string, entityTypeID, id int, properties map[string]string) string {
	s.mu.Lock()
	defer s.unlock()
	p := s.portals[0]
	r := p.robot(code)
	if r == nil {
		panic("sim: no robot " + code)
	}
	w := &Workflow{
		ID: randomHex(8) + ".12345678", Robot: code, EntityTypeID: entityTypeID, EntityID: id, Waits: r.waits,
		token: randomHex(16) + "|A51601_82584|" + randomHex(8), returns: r.returns,
	}
	p.workflows = append(p.workflows, w)
	s.outbox = append(s.outbox, delivery{event: "robot", handler: r.handler, form: s.robotForm(p, w, properties)})
	s.touch()
	return w.ID
}

// robotForm is the handler's post (reference bitrix24, section 11).
func (s *Sim) robotForm(p *portal, w *Workflow, properties map[string]string) url.Values {
	class, name := "CCrmDocumentDeal", "DEAL"
	if w.EntityTypeID == typeInvoice {
		class, name = `Bitrix\Crm\Integration\BizProc\Document\SmartInvoice`, "SMART_INVOICE"
	}
	form := url.Values{
		"workflow_id": {w.ID}, "code": {w.Robot}, "event_token": {w.token}, "use_subscription": {yesNo(w.Waits)},
		"timeout_duration": {"0"}, "ts": {itoa(int(s.now().Unix()))},
		"document_id[0]": {"crm"}, "document_id[1]": {class}, "document_id[2]": {name + "_" + itoa(w.EntityID)},
		"document_type[0]": {"crm"}, "document_type[1]": {class}, "document_type[2]": {name},
	}
	for key, text := range properties {
		form.Set("properties["+key+"]", text)
	}
	auth := map[string]string{
		"domain": p.domain, "member_id": p.memberID, "application_token": p.app.token,
		"client_endpoint": p.restURL(), "server_endpoint": s.serverEndpoint(), "scope": strings.Join(p.app.scopes, ","),
		"status": p.app.status,
	}
	s.addTokens(auth, p, 1, false)
	for key, text := range auth {
		form.Set("auth["+key+"]", text)
	}
	return form
}

// Robots lists the codes of the app's robots.
func (s *Sim) Robots() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	var codes []string
	for _, r := range s.portals[0].robots {
		codes = append(codes, r.code)
	}
	return codes
}

// Workflows lists the runs of robots, oldest first.
func (s *Sim) Workflows() []Workflow {
	s.mu.Lock()
	defer s.mu.Unlock()
	var all []Workflow
	for _, w := range s.portals[0].workflows {
		all = append(all, *w)
	}
	return all
}
