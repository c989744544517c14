package sim

import (
	"net/http"
	"slices"
	"strings"
)

// trigger is an automation trigger of the app; an administrator ties it to stages.
type trigger struct {
	code, name string
	ties       []*status
}

// FiredTrigger is one call of crm.automation.trigger.execute.
type FiredTrigger struct {
	Code         string
	EntityTypeID int
	ID           int
	Moved        bool // the item was moved to the stage that the trigger is tied to
}

// codePattern says which letters codes of triggers and robots may have.
func codeIsWrong(code string) bool {
	return strings.Trim(code, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-_") != ""
}

// triggerCode reads and checks CODE.
func (c *call) triggerCode() (string, *restError) {
	code := c.args.get("CODE").str()
	switch {
	case code == "" || code == "0":
		return "", breach(http.StatusBadRequest, "", "Empty trigger code!", "trigger code")
	case codeIsWrong(code):
		return "", breach(http.StatusBadRequest, "", "Wrong trigger code!", "trigger code")
	}
	return code, nil
}

// runTriggerAdd is crm.automation.trigger.add; a code that is known already gets the name.
func runTriggerAdd(c *call) (any, *restError) {
	code, refusal := c.triggerCode()
	if refusal != nil {
		return nil, refusal
	}
	name := c.args.get("NAME").str()
	if name == "" {
		return nil, breach(http.StatusBadRequest, "", "Empty trigger name!", "trigger name")
	}
	if t := c.p.trigger(code); t != nil {
		t.name = name
		return true, nil
	}
	c.p.triggers = append(c.p.triggers, &trigger{code: code, name: name})
	return true, nil
}

func (p *portal) trigger(code string) *trigger {
	for _, t := range p.triggers {
		if t.code == code {
			return t
		}
	}
	return nil
}

// runTriggerList is crm.automation.trigger.list.
func runTriggerList(c *call) (any, *restError) {
	out := []any{}
	for _, t := range c.p.triggers {
		out = append(out, map[string]any{"CODE": t.code, "NAME": t.name})
	}
	return out, nil
}

// runTriggerDelete is crm.automation.trigger.delete.
func runTriggerDelete(c *call) (any, *restError) {
	code, refusal := c.triggerCode()
	if refusal != nil {
		return nil, refusal
	}
	if c.p.trigger(code) == nil {
		return nil, errNotFound()
	}
	c.p.triggers = slices.DeleteFunc(c.p.triggers, func(t *trigger) bool { return t.code == code })
	return true, nil
}

// runTriggerExecute answers true whether or not something moved, as the real one does: an item goes to the stage
// that the trigger is tied to if that lies ahead of it.
func runTriggerExecute(c *call) (any, *restError) {
	code, refusal := c.triggerCode()
	if refusal != nil {
		return nil, refusal
	}
	t := c.p.trigger(code)
	if t == nil {
		return nil, breach(http.StatusBadRequest, "", "Trigger with code "+code+" is not registered.", "trigger not registered")
	}
	typeID, _ := c.args.get("OWNER_TYPE_ID").number()
	id, _ := c.args.get("OWNER_ID").number()
	if typeID != typeDeal && typeID != typeInvoice && c.p.smartType(typeID) == nil {
		return nil, breach(http.StatusBadRequest, "", "Incorrect parameter OWNER_TYPE_ID.", "trigger owner")
	}
	if id <= 0 {
		return nil, breach(http.StatusBadRequest, "", "Incorrect parameter OWNER_ID.", "trigger owner")
	}
	moved := false
	if it := c.p.item(typeID, id); it != nil {
		moved = c.pull(t, it)
	}
	c.p.fired = append(c.p.fired, FiredTrigger{Code: code, EntityTypeID: typeID, ID: id, Moved: moved})
	return true, nil
}

// pull moves the item ahead. Automation asks for no rights.
func (c *call) pull(t *trigger, it *item) bool {
	at := c.p.stage(it.typeID, it.text("stageId"))
	for _, to := range t.ties {
		if to.typeID != it.typeID || to.category != it.number("categoryId") || at == nil || to.sort <= at.sort {
			continue
		}
		c.s.moveTo(c.p, it, to.code)
		return true
	}
	return false
}

// moveTo changes a stage without asking for rights, as automation and administrators do. The lock must be held.
func (s *Sim) moveTo(p *portal, it *item, stage string) {
	it.vals["previousStageId"], it.vals["stageId"] = it.text("stageId"), stage
	it.vals["movedBy"], it.vals["movedTime"], it.vals["updatedTime"] = 1, s.now(), s.now()
	p.settle(it, nil)
	s.announce(p, it, "UPDATE", 1)
}

// TieTrigger ties the app's trigger to a stage, as an administrator does in the automation settings. It panics when
// there is no such trigger or stage.
func (s *Sim) TieTrigger(code string, entityTypeID int, stage string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	t, to := s.portals[0].trigger(code), s.portals[0].stage(entityTypeID, stage)
	if t == nil || to == nil {
		panic("sim: no trigger " + code + " or no stage " + stage)
	}
	t.ties = append(t.ties, to)
}

// Triggers lists what the app has registered, as "code name".
func (s *Sim) Triggers() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	var found []string
	for _, t := range s.portals[0].triggers {
		found = append(found, t.code+" "+t.name)
	}
	return found
}

// Fired lists the triggers that the app has fired, oldest first.
func (s *Sim) Fired() []FiredTrigger {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.portals[0].fired)
}
