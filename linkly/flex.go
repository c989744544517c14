package linkly

import (
	"bytes"
	"encoding/json"
	"strconv"
	"strings"
)

// The types here read one JSON member in whatever shape some stack has sent it.
// None of them ever fails: what cannot be read counts as missing. They notice
// when a member comes twice (two letter cases) with different values, because
// then no value may be believed.

// text reads a string, or a number or boolean as it was printed.
type text struct {
	value string
	clash bool
}

func (t *text) UnmarshalJSON(b []byte) error {
	s := ""
	switch {
	case len(b) == 0 || b[0] == '{' || b[0] == '[' || b[0] == 'n':
		return nil
	case b[0] == '"':
		_ = json.Unmarshal(b, &s)
	default:
		s = string(b)
	}
	if t.value != "" && strings.TrimSpace(s) != strings.TrimSpace(t.value) {
		t.clash = true
	}
	t.value = s
	return nil
}

// trimmed is the value without the padding to fixed width.
func (t text) trimmed() string { return strings.TrimSpace(t.value) }

// number reads a non-negative whole number, also from padded or zero-padded text.
type number struct {
	value      int64
	set, clash bool
}

func (n *number) UnmarshalJSON(b []byte) error {
	var t text
	_ = t.UnmarshalJSON(b)
	v, ok := whole(t.trimmed())
	if !ok {
		return nil
	}
	if n.set && n.value != v {
		n.clash = true
	}
	n.value, n.set = v, true
	return nil
}

// whole accepts digits, and a fraction only when it is nothing but zeros.
func whole(s string) (int64, bool) {
	if head, tail, found := strings.Cut(s, "."); found && strings.Trim(tail, "0") == "" {
		s = head
	}
	if s == "" || strings.Trim(s, "0123456789") != "" {
		return 0, false
	}
	v, err := strconv.ParseInt(s, 10, 64)
	return v, err == nil
}

// ptr is nil for missing, unreadable and contradictory numbers.
func (n number) ptr() *int64 {
	if !n.set || n.clash {
		return nil
	}
	v := n.value
	return &v
}

// verdict reads Success: an explicit yes or no, or nothing.
type verdict struct {
	yes, no, other bool
}

func (v *verdict) UnmarshalJSON(b []byte) error {
	var t text
	_ = t.UnmarshalJSON(b)
	switch strings.ToLower(t.trimmed()) {
	case "true", "1":
		v.yes = true
	case "false", "0":
		v.no = true
	default:
		v.other = true
	}
	return nil
}

// said reports the verdict, and whether there was exactly one.
func (v verdict) said() (success, ok bool) {
	return v.yes, v.yes != v.no && !v.other
}

// flag reads a switch of a display: true, "true" or any number but zero. Some stacks
// send "3" for the authorise key (reference linkly 7).
type flag bool

func (f *flag) UnmarshalJSON(b []byte) error {
	var t text
	_ = t.UnmarshalJSON(b)
	n, isNumber := whole(t.trimmed())
	*f = flag(strings.EqualFold(t.trimmed(), "true") || (isNumber && n != 0))
	return nil
}

// lines reads an array of text, or one text with line ends in it.
type lines []string

func (l *lines) UnmarshalJSON(b []byte) error {
	var many list[text]
	_ = many.UnmarshalJSON(b)
	*l = nil
	for _, t := range many {
		*l = append(*l, t.value)
	}
	if len(b) > 0 && b[0] == '"' {
		var one text
		_ = one.UnmarshalJSON(b)
		*l = strings.Split(strings.ReplaceAll(one.value, "\r\n", "\n"), "\n")
	}
	return nil
}

// object reads a nested object and takes anything else ({}, null, []) as empty.
type object[T any] struct{ in T }

func (o *object[T]) UnmarshalJSON(b []byte) error {
	if len(b) > 0 && b[0] == '{' {
		_ = json.Unmarshal(b, &o.in)
	}
	return nil
}

// list reads an array, leaving out what does not fit, and takes anything else as empty.
type list[T any] []T

func (l *list[T]) UnmarshalJSON(b []byte) error {
	var raw []json.RawMessage
	_ = json.Unmarshal(b, &raw)
	*l = nil
	for _, r := range raw {
		var v T
		if json.Unmarshal(r, &v) == nil {
			*l = append(*l, v)
		}
	}
	return nil
}

// envelope is the outside of every answer and callback (reference linkly 5.3).
type envelope struct {
	SessionID    text            `json:"sessionId"`
	ResponseType text            `json:"responseType"`
	Response     json.RawMessage `json:"response"`
}

// open reads the outside; false when body is not a JSON object.
func open(body []byte) (envelope, bool) {
	var e envelope
	body = unmarked(body)
	if len(body) == 0 || body[0] != '{' || json.Unmarshal(body, &e) != nil {
		return envelope{}, false
	}
	return e, true
}

// inside reads the Response member; false when it is missing or no object.
func inside[T any](body []byte) (*T, bool) {
	var e struct {
		Response *T `json:"response"`
	}
	if json.Unmarshal(unmarked(body), &e) != nil || e.Response == nil {
		return nil, false
	}
	return e.Response, true
}

// unmarked drops the byte order mark that .NET likes to write, and blanks.
func unmarked(body []byte) []byte {
	return bytes.TrimSpace(bytes.TrimPrefix(body, []byte("\xef\xbb\xbf")))
}
