package sim

import (
	"net/http"
	"slices"
	"strings"
)

// activity is a to-do or a configurable activity, the card in the timeline that its app can change later.
type activity struct {
	id          int
	kind        string
	owner       ownerKey
	responsible int
	completed   bool
	title       string
	description string
	deadline    string
	originator  string
	origin      string
	layout      activityLayout
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
	a.deadline, a.description = c.args.get("deadline").str(), c.args.get("description").str()
	if refusal := c.assign(a, c.args.get("responsibleId")); refusal != nil {
		return nil, refusal
	}
	c.keepActivity(a)
	return map[string]any{"id": a.id}, nil
}

// newActivity is one with the next id; keepActivity stores it.
func (c *call) newActivity(kind string, owner ownerKey, title string) *activity {
	return &activity{id: c.p.nextID("activity"), kind: kind, owner: owner, title: title, responsible: c.user.id}
}

// keepActivity stores an activity together with its entry in the timeline.
func (c *call) keepActivity(a *activity) {
	c.p.activities = append(c.p.activities, a)
	text, icon := a.description, ""
	if a.kind == kindActivity {
		text, icon = a.layout.text(), a.layout.icon
	}
	c.addEntry(&timelineEntry{kind: a.kind, owner: a.owner, title: a.title, text: text, icon: icon, activity: a.id})
}

// assign makes an employee responsible; one who does not exist is refused.
func (c *call) assign(a *activity, sent *value) *restError {
	if sent.missing() {
		return nil
	}
	id, ok := sent.number()
	if !ok || c.p.user(id) == nil {
		return breach(http.StatusBadRequest, "WRONG_FIELD_VALUE", "Wrong value of the field responsibleId", "responsible")
	}
	a.responsible = id
	return nil
}

// runConfigurableAdd keeps the layout as the portal's timeline shows it. Nothing here is idempotent.
func runConfigurableAdd(c *call) (any, *restError) {
	owner, refusal := c.timelineOwner(c.args.get("ownerTypeId"), c.args.get("ownerId"), canWrite)
	if refusal != nil {
		return nil, refusal
	}
	a := c.newActivity(kindActivity, owner, "")
	if refusal := c.fill(a); refusal != nil {
		return nil, refusal
	}
	c.keepActivity(a)
	return map[string]any{"activity": map[string]any{"id": a.id}}, nil
}

// fill reads fields and layout; both are required in both methods.
func (c *call) fill(a *activity) *restError {
	fields := c.args.get("fields")
	if !fields.isArray() {
		return errMissing("fields")
	}
	layout, refusal := readLayout(c.args.get("layout"))
	if refusal != nil {
		return refusal
	}
	if refusal := c.assign(a, fields.get("responsibleId")); refusal != nil {
		return refusal
	}
	a.layout, a.title = layout, layout.title
	if !fields.get("completed").missing() {
		a.completed = parsesAsYes(fields.get("completed"))
	}
	for name, field := range map[string]*string{"originatorId": &a.originator, "originId": &a.origin, "deadline": &a.deadline} {
		if !fields.get(name).missing() {
			*field = fields.get(name).str()
		}
	}
	return nil
}

// parsesAsYes takes Y, 1 and true.
func parsesAsYes(v *value) bool {
	flag, _ := parseFlag(v)
	return flag == "Y"
}

// activityEntry finds a configurable activity by the id that the caller sent, with its entry.
func (c *call) activityEntry(right func(Rights) bool) (*activity, *timelineEntry, *restError) {
	id, ok := c.args.get("id").number()
	if !ok {
		return nil, nil, errMissing("id")
	}
	at := slices.IndexFunc(c.p.activities, func(a *activity) bool { return a.id == id && a.kind == kindActivity })
	entry := slices.IndexFunc(c.p.timeline, func(e *timelineEntry) bool { return e.kind == kindActivity && e.activity == id })
	if at < 0 || entry < 0 {
		return nil, nil, errNotFound()
	}
	if !c.user.may(right) {
		return nil, nil, errDenied()
	}
	return c.p.activities[at], c.p.timeline[entry], nil
}

// runConfigurableUpdate changes the card in place. The real service lets only the app that made it do so; there is
// one app here.
func runConfigurableUpdate(c *call) (any, *restError) {
	a, entry, refusal := c.activityEntry(canWrite)
	if refusal != nil {
		return nil, refusal
	}
	changed := *a
	if refusal := c.fill(&changed); refusal != nil {
		return nil, refusal
	}
	*a = changed
	entry.title, entry.text = a.title, a.layout.text()
	c.s.touch()
	return map[string]any{"activity": map[string]any{"id": a.id}}, nil
}

// runConfigurableGet is crm.activity.configurable.get.
func runConfigurableGet(c *call) (any, *restError) {
	a, _, refusal := c.activityEntry(canRead)
	if refusal != nil {
		return nil, refusal
	}
	return map[string]any{"activity": map[string]any{
		"id": a.id, "ownerTypeId": a.owner.typeID, "ownerId": a.owner.id,
		"fields": map[string]any{"completed": a.completed, "originatorId": a.originator, "originId": a.origin, "responsibleId": a.responsible},
		"layout": map[string]any{"header": map[string]any{"title": a.title}},
	}}, nil
}

// runActivityList is crm.activity.list, a method of the old kind: names in capitals, everything is text. Apps look
// here after an ambiguous answer.
func runActivityList(c *call) (any, *restError) {
	filter := c.args.get("filter")
	for _, key := range keysOf(filter) {
		if _, name := splitOperator(key); (&activity{}).output()[name] == nil {
			return nil, breach(http.StatusBadRequest, "INVALID_ARG_VALUE", "Unknown filter "+name, "unknown filter")
		}
	}
	var found []*activity
	for _, a := range c.p.activities {
		if c.user.may(canRead) && a.selected(filter) {
			found = append(found, a)
		}
	}
	if strings.EqualFold(c.args.get("order", "ID").str(), "DESC") {
		slices.Reverse(found)
	}
	rows, total, next := page(found, c.args.get("start"), pageSize)
	out := make([]any, 0, len(rows))
	for _, a := range rows {
		out = append(out, a.output())
	}
	return list{result: out, total: total, next: next}, nil
}

// selected compares as texts.
func (a *activity) selected(filter *value) bool {
	row := a.output()
	for _, key := range keysOf(filter) {
		op, name := splitOperator(key)
		have, _ := row[name].(string)
		hit := slices.ContainsFunc(filter.get(key).items(), func(v *value) bool { return v.str() == have })
		if hit == strings.HasPrefix(op, "!") {
			return false
		}
	}
	return true
}

// output is a row of crm.activity.list.
func (a *activity) output() map[string]any {
	provider := "CONFIGURABLE_REST_APP"
	if a.kind == kindTodo {
		provider = "CRM_TODO"
	}
	return map[string]any{
		"ID": itoa(a.id), "OWNER_TYPE_ID": itoa(a.owner.typeID), "OWNER_ID": itoa(a.owner.id), "TYPE_ID": "6",
		"PROVIDER_ID": provider, "SUBJECT": a.title, "DESCRIPTION": a.description, "COMPLETED": yesNo(a.completed),
		"DEADLINE": a.deadline, "RESPONSIBLE_ID": itoa(a.responsible), "ORIGINATOR_ID": a.originator, "ORIGIN_ID": a.origin,
	}
}
