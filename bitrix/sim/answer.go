package sim

import (
	"encoding/json"
	"net/http"
	"strconv"
	"time"
)

// restError is a refusal with the code and status of reference bitrix24, appendix B. Code may be text, a number or
// empty, as with the real service.
type restError struct {
	status   int
	code     any
	text     string
	argument string
	// bare answers carry nothing but the code.
	bare bool
	// rule, when set, makes the refusal a violation: the caller should have known better.
	rule string
}

// refuse builds a refusal that may befall a correct client: no rights, not found, expired.
func refuse(status int, code any, text string) *restError {
	return &restError{status: status, code: code, text: text}
}

// breach is a refusal that a correct client never meets.
func breach(status int, code any, text, rule string) *restError {
	return &restError{status: status, code: code, text: text, rule: rule}
}

// body is the JSON of reference bitrix24, 3.2. The argument is named by few methods only.
func (e *restError) body() map[string]any {
	body := map[string]any{"error": e.code}
	if e.bare {
		return body
	}
	body["error_description"] = e.text
	if e.argument != "" {
		body["argument"] = e.argument
	}
	return body
}

// list is a result with paging.
type list struct {
	result any
	total  int
	next   int
}

// portalZone is the portal's own offset; it differs from the servers' on purpose.
func portalZone() *time.Location { return time.FixedZone("NZDT", 13*60*60) }

// portalTime is a moment as REST writes it: ISO 8601 with the portal's offset, no fractions.
func portalTime(t time.Time) string { return t.In(portalZone()).Format(time.RFC3339) }

// itoa is short for the many ids that travel as text.
func itoa(n int) string { return strconv.Itoa(n) }

// envelope wraps a result with the time block of reference bitrix24, 3.2.
func envelope(now time.Time, result any) map[string]any {
	body := map[string]any{"result": result, "time": timing(now)}
	if page, ok := result.(list); ok {
		body["result"] = page.result
		body["total"] = page.total
		if page.next > 0 {
			body["next"] = page.next
		}
	}
	return body
}

// timing is the time block. The real figures vary; clients must not read anything into them but the reset.
func timing(now time.Time) map[string]any {
	start := float64(now.UnixMilli()) / 1000
	return map[string]any{
		"start": start, "finish": start + 0.03, "duration": 0.03, "processing": 0.01, "operating": 0.01,
		"date_start": portalTime(now), "date_finish": portalTime(now),
		"operating_reset_at": now.Add(10 * time.Minute).Unix(),
	}
}

// writeJSON answers with UTF-8 JSON, which is what the portal sends whatever was accepted.
func writeJSON(w http.ResponseWriter, status int, body any) {
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	w.WriteHeader(status)
	// The caller may have hung up; there is nobody left to tell.
	_ = json.NewEncoder(w).Encode(body)
}

// writeError answers with a refusal; some carry status 200, so clients have to look at the body.
func writeError(w http.ResponseWriter, e *restError) { writeJSON(w, e.status, e.body()) }
