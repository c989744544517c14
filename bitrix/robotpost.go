package bitrix

import (
	"fmt"
	"log/slog"
	"net/url"
	"strings"
	"unicode"
)

// RobotCall is the post of a workflow that runs one of our robots (reference bitrix24 11). Anybody can
// send one: compare Auth.ApplicationToken with the stored one, in constant time, before doing any work.
type RobotCall struct {
	// Code is the robot's; WorkflowID the running workflow.
	Code, WorkflowID string
	// EntityTypeID and EntityID are the item that the workflow runs on, 0 for one that we do not know.
	EntityTypeID int
	EntityID     int64
	// EventToken answers this call, once. It is a secret of the portal.
	EventToken string
	// Properties are the robot's parameters as the customer filled them in. Never nil.
	Properties map[string]string
	// Waits says whether the workflow stands still until it is answered.
	Waits bool
	Auth  EventAuth
}

// ParseRobotCall reads a robot's post. The error is a [*FieldError].
func ParseRobotCall(form url.Values) (RobotCall, error) {
	r := reader{form: form}
	c := RobotCall{
		Code:       r.word("code", true),
		WorkflowID: r.get("workflow_id"),
		EventToken: r.get("event_token"),
		Properties: nested(form, "properties"),
		Waits:      strings.EqualFold(r.get("use_subscription"), "Y"),
		Auth: EventAuth{
			Domain: r.word("auth[domain]", false), MemberID: r.word("auth[member_id]", true),
			UserID:           r.word("auth[user_id]", false),
			ApplicationToken: r.word("auth[application_token]", true),
		},
	}
	c.EntityTypeID, c.EntityID = documentOf(r.get("document_id[2]"))
	for _, text := range []struct{ field, value string }{
		{"event_token", c.EventToken}, {"workflow_id", c.WorkflowID}, {"document_id[2]", r.get("document_id[2]")},
	} {
		if len(text.value) > 1000 || strings.ContainsFunc(text.value, unicode.IsControl) {
			r.fail(text.field, "malformed")
		}
	}
	if c.Waits && c.EventToken == "" {
		r.fail("event_token", "missing")
	}
	if r.err != nil {
		return RobotCall{}, r.err
	}

	return c, nil
}

// documentOf reads a document's name, such as DEAL_512 or SMART_INVOICE_77. Smart invoices may also
// come under the name of dynamic items.
func documentOf(name string) (entityTypeID int, id int64) {
	for prefix, kind := range map[string]int{
		"DEAL_": TypeDeal, "SMART_INVOICE_": TypeInvoice, "DYNAMIC_31_": TypeInvoice, "ORDER_": TypeOrder,
	} {
		if number, ok := strings.CutPrefix(name, prefix); ok {
			if n, ok := positive(number); ok {
				return kind, n
			}
		}
	}

	return 0, 0
}

// String says what the call is and for whom, without its tokens.
func (c RobotCall) String() string {
	return fmt.Sprintf("bitrix.RobotCall{%s, member %s, item %d/%d}", c.Code, c.Auth.MemberID, c.EntityTypeID, c.EntityID)
}

// GoString is String, so that %#v cannot print the tokens either.
func (c RobotCall) GoString() string { return c.String() }

// LogValue says what the call is, without its tokens.
func (c RobotCall) LogValue() slog.Value { return slog.StringValue(c.String()) }
