package bitrix

import (
	"bytes"
	"encoding/json"
	"errors"
	"html"
	"net/http"
	"regexp"
	"strings"
	"time"
)

// Page is the paging part of an answer. Only list methods fill it.
type Page struct {
	// Next is the start of the following page, nil on the last one.
	Next *int
	// Total is how many rows there are on all pages, 0 when the method does not count.
	Total int
}

// envelope is the frame around every answer (reference bitrix24 3.2).
type envelope struct {
	Result      json.RawMessage `json:"result"`
	Next        *FlexInt        `json:"next"`
	Total       FlexInt         `json:"total"`
	Code        json.RawMessage `json:"error"`
	Description FlexString      `json:"error_description"`
	Time        json.RawMessage `json:"time"`
}

// The portal describes some errors with pages of markup; people need one sentence.
const maxDescription = 500

var (
	tagPattern   = regexp.MustCompile(`(?s)<[^>]*>`)
	errNotJSON   = errors.New("answer is not readable")
	errNoContent = errors.New("answer has no result")
)

// decodeEnvelope reads an answer. An error is one whatever the status beside it, and a status of 400
// or more is one whatever the body. What cannot be read is unclear, except a 429, which is a refusal
// in any dress.
func decodeEnvelope(method string, a answer) (envelope, *Error) {
	var env envelope
	body := bytes.TrimPrefix(a.body, []byte("\xef\xbb\xbf"))
	if err := json.Unmarshal(body, &env); err != nil {
		class := Unclear
		if a.status == http.StatusTooManyRequests {
			class = Limited
		}
		return env, &Error{Method: method, Status: a.status, Class: class, Err: errNotJSON}
	}

	code, description, failed := errorOf(env.Code, string(env.Description))
	if failed || a.status >= http.StatusBadRequest {
		description = plainText(description)
		e := &Error{Method: method, Status: a.status, Code: code, Description: description}
		e.Class = classify(a.status, code, description)
		if e.Class == Limited {
			e.Until = env.resetAt()
		}
		return env, e
	}

	return env, nil
}

// errorOf reads the error key: a string, a number, an empty string, or the object of REST 3.0. Only
// an absent or null key means that there is none (reference bitrix24 3.2).
func errorOf(raw json.RawMessage, description string) (code, text string, failed bool) {
	if len(raw) == 0 || string(raw) == "null" {
		return "", description, false
	}

	var v3 struct {
		Code    FlexString `json:"code"`
		Message FlexString `json:"message"`
	}
	if raw[0] == '{' && json.Unmarshal(raw, &v3) == nil {
		return string(v3.Code), string(v3.Message), true
	}
	code, err := scalar(raw)
	if err != nil {
		code = ""
	}

	return code, description, true
}

// resetAt is when a method that ran too long may be called again (reference bitrix24 3.5).
func (e envelope) resetAt() time.Time {
	var t struct {
		OperatingResetAt FlexInt `json:"operating_reset_at"`
	}
	if json.Unmarshal(e.Time, &t) != nil || t.OperatingResetAt <= 0 {
		return time.Time{}
	}

	return time.Unix(int64(t.OperatingResetAt), 0).UTC()
}

func (e envelope) page() Page {
	p := Page{Total: int(e.Total)}
	if e.Next != nil {
		next := int(*e.Next)
		p.Next = &next
	}

	return p
}

// decodeResult reads a result into out, which may be nil. A result that does not fit is unclear: the
// portal did answer, but not what we can understand.
func decodeResult(method string, status int, raw json.RawMessage, out any) error {
	if len(raw) == 0 {
		return &Error{Method: method, Status: status, Class: Unclear, Err: errNoContent}
	}
	if out == nil {
		return nil
	}
	if err := json.Unmarshal(raw, out); err != nil {
		return &Error{Method: method, Status: status, Class: Unclear, Err: err}
	}

	return nil
}

// plainText strips markup and surplus blanks, and shortens.
func plainText(s string) string {
	s = html.UnescapeString(tagPattern.ReplaceAllString(s, " "))
	s = strings.Join(strings.Fields(strings.ToValidUTF8(s, "")), " ")
	if runes := []rune(s); len(runes) > maxDescription {
		s = string(runes[:maxDescription]) + "…"
	}

	return s
}
