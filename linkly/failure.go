package linkly

import (
	"encoding/json"
	"errors"
	"net/url"
	"slices"
	"strings"
)

// failure turns the reply into an error of that class.
func (r reply) failure(q call, class Class) *Error {
	hidden := slices.Concat(r.tokens, q.secrets)
	e := &Error{Op: q.op, Class: class, Status: r.status, RetryAfter: r.retryAfter}
	if r.status != 0 {
		e.Code, e.Text = complaint(r.body, hidden)
	}
	err := r.err
	if err == nil {
		err = r.bodyErr
	}
	if err != nil {
		e.Err = clean(err, hidden)
	}
	return e
}

// because is failure with a cause that the caller can test for.
func (r reply) because(q call, class Class, err error) *Error {
	e := r.failure(q, class)
	e.Err = err
	return e
}

// clean strips the address that net/http puts before its errors, and the rest of
// anything that must not be printed.
func clean(err error, secrets []string) error {
	var u *url.Error
	if errors.As(err, &u) {
		err = u.Err
	}
	return &cause{text: plain(err.Error(), secrets), err: err}
}

// complaint finds a code and a sentence in an error body, which may be empty,
// text or JSON (reference linkly 2).
func complaint(body []byte, secrets []string) (code, sentence string) {
	var e struct {
		Code, Message, Error, Detail, Title text
	}
	if json.Unmarshal(body, &e) == nil {
		for _, t := range []text{e.Message, e.Error, e.Detail, e.Title} {
			if s := plain(t.value, secrets); s != "" {
				return plain(e.Code.value, secrets), s
			}
		}
		return plain(e.Code.value, secrets), ""
	}
	s := strings.TrimSpace(string(body))
	if s == "" || strings.ContainsAny(s[:1], "<{[") {
		return "", "" // a page or broken JSON is no sentence
	}
	return "", plain(s, secrets)
}
