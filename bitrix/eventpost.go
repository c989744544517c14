package bitrix

import (
	"fmt"
	"log/slog"
	"net/url"
	"regexp"
	"strings"
	"time"
)

// Event is a post that announces something (reference bitrix24 1.5 and 10). Anybody can send one:
// compare Auth.ApplicationToken with the stored one of Auth.MemberID, in constant time, before doing
// any work. It carries ids only, so read the thing itself; it may come late, twice, or not at all.
type Event struct {
	// Name is the event in upper case, such as ONAPPUNINSTALL.
	Name string
	// HandlerID is the portal's number of our subscription, or empty.
	HandlerID string
	// SentAt is when the portal says that it sent the post, zero when it does not say.
	SentAt time.Time
	// Data are the event's own fields by dotted path, such as "VERSION" or "FIELDS.ID". Never nil.
	Data map[string]string
	// Auth says for which portal this is, and holds tokens where the event comes with them.
	Auth EventAuth
}

// EventAuth is the auth part of an event. Only MemberID is always there: events caused by robots have
// no tokens, and ONAPPPAYMENT has not even an application token.
type EventAuth struct {
	Domain, MemberID, Status, UserID string
	Scope                            []string
	ServerEndpoint, ClientEndpoint   string
	AccessToken, RefreshToken        string
	ExpiresIn                        time.Duration
	ApplicationToken                 string
}

var eventPattern = regexp.MustCompile(`^[A-Z][A-Z0-9_]{1,127}$`)

// ParseEvent reads an event from a form with bracket keys. The error is a [*FieldError].
func ParseEvent(form url.Values) (Event, error) {
	r := reader{form: form}
	e := Event{
		Name:      strings.ToUpper(r.word("event", true)),
		HandlerID: r.word("event_handler_id", false),
		Data:      nested(form, "data"),
		Auth: EventAuth{
			Domain:           r.word("auth[domain]", false),
			MemberID:         r.word("auth[member_id]", true),
			Status:           r.word("auth[status]", false),
			UserID:           r.word("auth[user_id]", false),
			Scope:            splitScope(r.get("auth[scope]")),
			ServerEndpoint:   r.word("auth[server_endpoint]", false),
			ClientEndpoint:   r.word("auth[client_endpoint]", false),
			AccessToken:      r.word("auth[access_token]", false),
			RefreshToken:     r.word("auth[refresh_token]", false),
			ExpiresIn:        r.seconds("auth[expires_in]"),
			ApplicationToken: r.word("auth[application_token]", false),
		},
	}
	if n, ok := positive(r.get("ts")); ok {
		e.SentAt = time.Unix(n, 0).UTC()
	}
	if e.Name != "" && !eventPattern.MatchString(e.Name) {
		r.fail("event", "malformed")
	}
	if r.err != nil {
		return Event{}, r.err
	}

	return e, nil
}

// Item returns the CRM item that the event is about: its kind and id, 0 where the event does not say.
// Only events of dynamic items, smart invoices among them, name the kind.
func (e Event) Item() (entityTypeID int, id int64) {
	kind, _ := positive(e.Data["FIELDS.ENTITY_TYPE_ID"])
	id, _ = positive(e.Data["FIELDS.ID"])
	if kind > 1<<31-1 {
		return 0, id
	}

	return int(kind), id
}

// Clean reports whether the administrator who uninstalled the application asked to delete its data.
func (e Event) Clean() bool { return e.Data["CLEAN"] == "1" || strings.EqualFold(e.Data["CLEAN"], "Y") }

// String says what the event is and for whom, without its tokens.
func (e Event) String() string {
	return fmt.Sprintf("bitrix.Event{%s, member %s}", e.Name, e.Auth.MemberID)
}

// GoString is String, so that %#v cannot print the tokens either.
func (e Event) GoString() string { return e.String() }

// LogValue says what the event is and for whom, without its tokens.
func (e Event) LogValue() slog.Value { return slog.StringValue(e.String()) }

// String says for which portal it is, without the tokens.
func (a EventAuth) String() string { return fmt.Sprintf("bitrix.EventAuth{member %s}", a.MemberID) }

// GoString is String, so that %#v cannot print the tokens either.
func (a EventAuth) GoString() string { return a.String() }

// LogValue says for which portal it is, without the tokens.
func (a EventAuth) LogValue() slog.Value { return slog.StringValue(a.String()) }

// nested gathers the fields root[a][b]=v as "a.b": v. Keys that are not well formed are left out, and
// of repeated ones the first counts.
func nested(form url.Values, root string) map[string]string {
	out := map[string]string{}
	for key, values := range form {
		rest, ok := strings.CutPrefix(key, root+"[")
		if !ok || len(values) == 0 {
			continue
		}
		rest, ok = strings.CutSuffix(rest, "]")
		if !ok {
			continue
		}
		path := strings.ReplaceAll(rest, "][", ".")
		if path == "" || strings.ContainsAny(path, "[]") {
			continue
		}
		out[path] = values[0]
	}

	return out
}
