package sim

import (
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Kinds of timeline entries.
const (
	kindLogMessage = "logmessage"
	kindComment    = "comment"
	kindActivity   = "activity"
	kindTodo       = "todo"
)

// timelinePage is smaller than other lists' (reference bitrix24, section 8).
const timelinePage = 10

// timelineEntry is one line of the history of a deal or an invoice.
type timelineEntry struct {
	id       int
	kind     string
	owner    ownerKey
	authorID int
	title    string
	text     string
	icon     string
	created  time.Time
	activity int
}

// history lists the entries of an item, oldest first.
func (p *portal) history(owner ownerKey) []*timelineEntry {
	var found []*timelineEntry
	for _, e := range p.timeline {
		if e.owner == owner {
			found = append(found, e)
		}
	}
	return found
}

// addEntry signs an entry with author and time. Nothing stops a caller from adding the same twice.
func (c *call) addEntry(e *timelineEntry) *timelineEntry {
	e.id = c.p.nextID("timeline")
	e.authorID, e.created = c.user.id, c.now
	c.p.timeline = append(c.p.timeline, e)
	c.s.touch()
	return e
}

// timelineOwner finds the item that an entry is for.
func (c *call) timelineOwner(kind, id *value, right func(Rights) bool) (ownerKey, *restError) {
	if kind.missing() {
		return ownerKey{}, errMissing("entityTypeId")
	}
	if id.missing() {
		return ownerKey{}, errMissing("entityId")
	}
	typeID, _ := kind.number()
	n, _ := id.number()
	if !c.user.may(right) {
		return ownerKey{}, errDenied()
	}
	if c.p.item(typeID, n) == nil && (typeID != typeOrder || c.p.order(n) == nil) {
		return ownerKey{}, errNotFound()
	}
	return ownerKey{typeID, n}, nil
}

// runLogAdd is crm.timeline.logmessage.add; all five fields are required.
func runLogAdd(c *call) (any, *restError) {
	fields := c.args.get("fields")
	for _, name := range []string{"entityTypeId", "entityId", "title", "text", "iconCode"} {
		if fields.get(name).missing() {
			return nil, errMissing(name)
		}
	}
	owner, refusal := c.timelineOwner(fields.get("entityTypeId"), fields.get("entityId"), canWrite)
	if refusal != nil {
		return nil, refusal
	}
	e := c.addEntry(&timelineEntry{
		kind: kindLogMessage, owner: owner,
		title: fields.get("title").str(), text: fields.get("text").str(), icon: fields.get("iconCode").str(),
	})
	return map[string]any{"logMessage": e.output()}, nil
}

// output is an entry as the logmessage methods send it.
func (e *timelineEntry) output() map[string]any {
	return map[string]any{
		"id": e.id, "created": portalTime(e.created), "authorId": e.authorID,
		"title": e.title, "text": e.text, "iconCode": e.icon,
	}
}

// runLogList is crm.timeline.logmessage.list: only entries made with logmessage.add, newest first unless asked
// otherwise. Apps look here after an ambiguous answer.
func runLogList(c *call) (any, *restError) {
	owner, refusal := c.timelineOwner(c.args.get("entityTypeId"), c.args.get("entityId"), canRead)
	if refusal != nil {
		return nil, refusal
	}
	found := slices.DeleteFunc(c.p.history(owner), func(e *timelineEntry) bool { return e.kind != kindLogMessage })
	if !ascending(c.args.get("order")) {
		slices.Reverse(found)
	}
	rows, total, next := page(found, c.args.get("start"), timelinePage)
	out := make([]any, 0, len(rows))
	for _, e := range rows {
		out = append(out, e.output())
	}
	return list{result: out, total: total, next: next}, nil
}

// ascending reads order{id or created}; newest first is the default.
func ascending(order *value) bool {
	return strings.EqualFold(order.get("id").str(), "asc") || strings.EqualFold(order.get("created").str(), "asc")
}

// runLogDelete is crm.timeline.logmessage.delete.
func runLogDelete(c *call) (any, *restError) {
	id, _ := c.args.get("id").number()
	at := slices.IndexFunc(c.p.timeline, func(e *timelineEntry) bool { return e.id == id && e.kind == kindLogMessage })
	if at < 0 {
		return nil, errNotFound()
	}
	if !c.user.may(canWrite) {
		return nil, errDenied()
	}
	c.p.timeline = slices.Delete(c.p.timeline, at, at+1)
	c.s.touch()
	return nil, nil
}

// runCommentAdd takes fields in lower case only; for invoices the type is written dynamic_31.
func runCommentAdd(c *call) (any, *restError) {
	fields := c.args.get("fields")
	if fields.get("COMMENT").missing() {
		return nil, breach(http.StatusBadRequest, "", "The field COMMENT is required", "missing parameter")
	}
	typeID, known := commentType(fields.get("ENTITY_TYPE").str())
	if !known {
		return nil, breach(http.StatusBadRequest, "", "Unknown ENTITY_TYPE", "entity type")
	}
	owner, refusal := c.timelineOwner(newText(itoa(typeID)), fields.get("ENTITY_ID"), canWrite)
	if refusal != nil {
		return nil, refusal
	}
	text := fields.get("COMMENT").str()
	for _, file := range fields.get("FILES").items() {
		text += "\n[" + file.get("0").str() + "]"
	}
	return c.addEntry(&timelineEntry{kind: kindComment, owner: owner, title: "Comment", text: text}).id, nil
}

// commentType reads ENTITY_TYPE; the names of smart invoices are those of reference bitrix24, section 8.
func commentType(name string) (int, bool) {
	switch strings.ToLower(name) {
	case "deal":
		return typeDeal, true
	case "contact":
		return typeContact, true
	case "company":
		return typeCompany, true
	case "order":
		return typeOrder, true
	case "si", "smart_invoice", "dynamic_31":
		return typeInvoice, true
	}
	return 0, false
}

// runIconList is crm.timeline.icon.list with a few of the system's icons.
func runIconList(*call) (any, *restError) {
	icons := []any{}
	for _, code := range []string{"info", "call", "arrow-down", "arrow-up", "check", "attention", "bank-card", "document"} {
		icons = append(icons, map[string]any{"code": code, "isSystem": true, "fileUri": ""})
	}
	return map[string]any{"icons": icons}, nil
}

// numberOr reads a number, 0 when there is none.
func numberOr(text string) int {
	n, err := strconv.Atoi(text)
	if err != nil {
		return 0
	}
	return n
}
