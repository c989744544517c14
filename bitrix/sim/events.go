package sim

import (
	"net/http"
	"slices"
	"strings"
)

// eventBinding is one handler for one event.
type eventBinding struct {
	event, handler string
	// authType is the user whose token comes along, 0 for whoever caused the event.
	authType int
}

// eventNames is what the method events offers (reference bitrix24, section 10).
func eventNames() []string {
	names := []string{"ONAPPINSTALL", "ONAPPUPDATE", "ONAPPUNINSTALL", "ONAPPPAYMENT", "ONAPPTEST"}
	for _, change := range []string{"ADD", "UPDATE", "DELETE"} {
		for _, kind := range []string{"DEAL", "COMPANY", "CONTACT", "DYNAMICITEM"} {
			names = append(names, "ONCRM"+kind+change)
		}
		names = append(names, "ONCRMDYNAMICITEM"+change+"_31")
	}
	return append(names, "ONPAYMENTENTITYSAVED", "ONPAYMENTDELETED", "ONSALEORDERSAVED", "ONORDERDELETED",
		"ONCRMTIMELINEITEMACTION", "ONUSERADD", "ONOFFLINEEVENT")
}

// runEvents is the method events.
func runEvents(*call) (any, *restError) { return eventNames(), nil }

// runEventBind is event.bind. The same handler twice is refused; installers treat that as success.
func runEventBind(c *call) (any, *restError) {
	event, handler := strings.ToUpper(c.args.get("event").str()), c.args.get("handler").str()
	if event == "" || handler == "" {
		return nil, breach(http.StatusBadRequest, "ERROR_ARGUMENT", "Arguments event and handler are required", "missing parameter")
	}
	if !slices.Contains(eventNames(), event) {
		return nil, breach(http.StatusBadRequest, "ERROR_EVENT_NOT_FOUND", "Event not found", "event")
	}
	if refusal := checkHandler(handler); refusal != nil {
		return nil, refusal
	}
	authType, _ := c.args.get("auth_type").number()
	offline := strings.EqualFold(c.args.get("event_type").str(), "offline")
	if !c.user.admin && (offline || authType != 0 && authType != c.user.id) {
		return nil, refuse(http.StatusForbidden, "ACCESS_DENIED", "Access denied!")
	}
	for _, b := range c.p.app.events {
		if b.event == event && b.handler == handler && b.authType == authType {
			return nil, refuse(http.StatusBadRequest, "ERROR_CORE", "Unable to set event handler: Handler already binded")
		}
	}
	c.p.app.events = append(c.p.app.events, &eventBinding{event: event, handler: handler, authType: authType})
	return true, nil
}

// runEventUnbind is event.unbind; handler and event must match exactly.
func runEventUnbind(c *call) (any, *restError) {
	event, handler := strings.ToUpper(c.args.get("event").str()), c.args.get("handler").str()
	before := len(c.p.app.events)
	c.p.app.events = slices.DeleteFunc(c.p.app.events, func(b *eventBinding) bool {
		return b.event == event && b.handler == handler
	})
	return map[string]any{"count": before - len(c.p.app.events)}, nil
}

// runEventGet is event.get.
func runEventGet(c *call) (any, *restError) {
	out := []any{}
	for _, b := range c.p.app.events {
		out = append(out, map[string]any{
			"event": b.event, "handler": b.handler, "auth_type": itoa(b.authType), "offline": 0,
		})
	}
	return out, nil
}

// runEventTest is event.test: ONAPPTEST goes to whoever has bound it.
func runEventTest(c *call) (any, *restError) {
	c.s.raise(c.p, "ONAPPTEST", map[string]string{"QUERY": "1"}, c.user.id)
	return true, nil
}
