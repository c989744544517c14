package sim

import "slices"

// activity is a to-do or a configurable activity, the card in the timeline that its app can change later.
type activity struct {
	id        int
	kind      string
	owner     ownerKey
	completed bool
	title     string
	deadline  string
}

// runTodoAdd is crm.activity.todo.add (reference bitrix24, section 8): the deadline is required, the title is not.
// The entry shows up in the timeline of its owner.
func runTodoAdd(c *call) (any, *restError) {
	if c.args.get("deadline").missing() {
		return nil, errMissing("deadline")
	}
	owner, refusal := c.timelineOwner(c.args.get("ownerTypeId"), c.args.get("ownerId"), canWrite)
	if refusal != nil {
		return nil, refusal
	}
	title := c.args.get("title").str()
	if title == "" {
		title = "To-do"
	}
	a := c.newActivity(kindTodo, owner, title)
	a.deadline = c.args.get("deadline").str()
	c.addEntry(&timelineEntry{kind: kindTodo, owner: owner, title: title, text: c.args.get("description").str(), activity: a.id})
	return map[string]any{"id": a.id}, nil
}

// newActivity stores one with the next id; the caller adds the timeline entry.
func (c *call) newActivity(kind string, owner ownerKey, title string) *activity {
	a := &activity{id: c.p.nextID("activity"), kind: kind, owner: owner, title: title}
	c.p.activities = append(c.p.activities, a)
	return a
}

// runConfigurableAdd keeps of the layout what the portal's timeline shows: the title and the texts of its blocks.
func runConfigurableAdd(c *call) (any, *restError) {
	layout := c.args.get("layout")
	if !layout.isArray() {
		return nil, errMissing("layout")
	}
	owner, refusal := c.timelineOwner(c.args.get("ownerTypeId"), c.args.get("ownerId"), canWrite)
	if refusal != nil {
		return nil, refusal
	}
	a := c.newActivity(kindActivity, owner, layout.get("header", "title").str())
	c.addEntry(&timelineEntry{
		kind: kindActivity, owner: owner, title: a.title, text: layoutText(layout),
		icon: layout.get("icon", "code").str(), activity: a.id,
	})
	return map[string]any{"activity": map[string]any{"id": a.id}}, nil
}

// runConfigurableUpdate changes the card in place. The real service lets only the app that made it do so; there is
// one app here.
func runConfigurableUpdate(c *call) (any, *restError) {
	id, ok := c.args.get("id").number()
	if !ok {
		return nil, errMissing("id")
	}
	at := slices.IndexFunc(c.p.timeline, func(e *timelineEntry) bool { return e.kind == kindActivity && e.activity == id })
	if at < 0 {
		return nil, errNotFound()
	}
	if !c.user.may(canWrite) {
		return nil, errDenied()
	}
	if layout := c.args.get("layout"); layout.isArray() {
		c.p.timeline[at].title = layout.get("header", "title").str()
		c.p.timeline[at].text = layoutText(layout)
	}
	for _, a := range c.p.activities {
		if a.id == id {
			a.completed = c.args.get("fields", "completed").str() == "Y"
		}
	}
	c.s.touch()
	return map[string]any{"activity": map[string]any{"id": id}}, nil
}

// layoutText joins the texts of the body blocks.
func layoutText(layout *value) string {
	text := ""
	for _, block := range layout.get("body", "blocks").items() {
		line := block.get("properties", "value").str()
		if line == "" {
			line = block.get("properties", "text").str()
		}
		if line == "" {
			continue
		}
		if text != "" {
			text += "\n"
		}
		text += line
	}
	return text
}
