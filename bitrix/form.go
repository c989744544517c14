package bitrix

import (
	"encoding/json"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"time"
)

// Bounds on what a stranger may post. Tokens have about 70 characters today; the documentation asks
// for room (reference bitrix24 1.4).
const (
	maxWord    = 1024
	maxOptions = 16 << 10
	maxExpiry  = 366 * 24 * time.Hour
)

var (
	wordPattern   = regexp.MustCompile(`^[\x21-\x7e]+$`)
	domainPattern = regexp.MustCompile(`^(?i)([a-z0-9_]([a-z0-9_-]*[a-z0-9_])?\.?)+(:[0-9]{1,5})?$`)
	langPattern   = regexp.MustCompile(`^[A-Za-z]{2,8}([_-][A-Za-z]{2,8})?$`)
)

// reader takes fields out of a post and remembers the first that is wrong.
type reader struct {
	form, query url.Values
	err         error
}

func (r *reader) fail(field, problem string) {
	if r.err == nil {
		r.err = &FieldError{Field: field, Problem: problem}
	}
}

// get prefers the body, where the tokens are; the address has the rest.
func (r *reader) get(field string) string {
	return either(r.form.Get(field), r.query.Get(field))
}

// word is one run of printable characters: an id, a token, a code.
func (r *reader) word(field string, required bool) string {
	value := r.get(field)
	switch {
	case value == "" && required:
		r.fail(field, "missing")
	case value == "":
	case len(value) > maxWord:
		r.fail(field, "too long")
	case !wordPattern.MatchString(value):
		r.fail(field, "malformed")
	default:
		return value
	}

	return ""
}

// domain is a bare host, possibly with a port; anything more could smuggle a path or a user.
func (r *reader) domain(field string) string {
	value := r.get(field)
	if value == "" {
		r.fail(field, "missing")
		return ""
	}
	if len(value) > 261 || !domainPattern.MatchString(value) {
		r.fail(field, "not a host name")
		return ""
	}

	return strings.ToLower(value)
}

func (r *reader) protocol(field string) string {
	switch r.get(field) {
	case "1", "":
		return "https"
	case "0":
		return "http"
	}
	r.fail(field, "neither 0 nor 1")

	return ""
}

// lang falls back to English: a wrong language is no reason to keep somebody out.
func (r *reader) lang(field string) string {
	value := r.get(field)
	if !langPattern.MatchString(value) {
		return "en"
	}

	return strings.ToLower(value)
}

func (r *reader) seconds(field string) time.Duration {
	value := r.get(field)
	if value == "" {
		return 0
	}
	n, err := strconv.ParseInt(value, 10, 64)
	if err != nil || n < 0 || n > int64(maxExpiry/time.Second) {
		r.fail(field, "not a number of seconds")
		return 0
	}

	return time.Duration(n) * time.Second
}

// options is a JSON object in one field. Its values are texts; a number is taken as its text and
// anything composite as its JSON. An empty PHP array stands for an empty object.
func (r *reader) options(field string) map[string]string {
	options := map[string]string{}
	value := strings.TrimSpace(r.get(field))
	if value == "" {
		return options
	}
	if len(value) > maxOptions {
		r.fail(field, "too long")
		return options
	}
	var raw Map[json.RawMessage]
	if err := json.Unmarshal([]byte(value), &raw); err != nil {
		r.fail(field, "not a JSON object")
		return options
	}
	for name, element := range raw {
		text, err := scalar(element)
		if err != nil {
			text = string(element)
		}
		options[name] = text
	}

	return options
}
