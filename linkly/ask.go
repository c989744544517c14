package linkly

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
)

// Expect is what an answer must speak of to be believed.
type Expect struct {
	TxnRef string
	Type   TxnType
}

// AnswerKind says what Linkly knows of a session.
type AnswerKind int

// The four answers to Ask (reference linkly 5.4).
const (
	// Pending means that the terminal is still at it (202).
	Pending AnswerKind = iota + 1
	// Decided means finished: Result says how (200).
	Decided
	// NotFound means that Linkly has no such session now (404). It is proof only
	// together with the time and the history of the asking.
	NotFound
	// BadQuestion speaks of our question, not of the sale (400).
	BadQuestion
)

// String names the kind for logs.
func (k AnswerKind) String() string {
	switch k {
	case Pending:
		return "pending"
	case Decided:
		return "decided"
	case NotFound:
		return "not found"
	case BadQuestion:
		return "bad question"
	}
	return fmt.Sprintf("AnswerKind(%d)", int(k))
}

// Answer is Linkly's word on a session.
type Answer struct {
	Kind       AnswerKind
	Result     *Result // of a Decided answer, else nil
	HTTPStatus int
}

// Ask asks what became of a transaction. It changes nothing and may be repeated at will.
// Only a body that says "transaction", gives an explicit Success and contradicts
// neither session nor want is Decided; every other 200 is an Unclear error, and
// so is a 404 that is a web page, because Linkly's error bodies are empty, text
// or JSON. Reference linkly 5.4, 9.3.
func (t *Terminal) Ask(ctx context.Context, session string, want Expect) (Answer, error) {
	const op = "ask for transaction"
	if !uuidV4.MatchString(session) {
		return Answer{}, refuse(op, "session must be a hyphenated lower-case uuid v4")
	}
	if want.TxnRef == "" || want.Type == "" {
		return Answer{}, refuse(op, "expected reference and type are required")
	}
	q := t.call(op, http.MethodGet, session, "/transaction")
	rep, err := t.bounded(ctx, q)
	if err != nil {
		return Answer{}, err
	}
	switch {
	case rep.status == http.StatusAccepted:
		return Answer{Kind: Pending, HTTPStatus: rep.status}, nil
	case rep.status == http.StatusNotFound && !rep.page():
		return Answer{Kind: NotFound, HTTPStatus: rep.status}, nil
	case rep.status == http.StatusBadRequest:
		return Answer{Kind: BadQuestion, HTTPStatus: rep.status}, nil
	case rep.status != http.StatusOK || rep.bodyErr != nil:
		return Answer{}, rep.failure(q, rep.class())
	}
	result, err := decided(rep.body, session, want)
	if err != nil {
		return Answer{}, &Error{Op: op, Class: Unclear, Status: rep.status, Err: err}
	}
	return Answer{Kind: Decided, Result: result, HTTPStatus: rep.status}, nil
}

// bounded is send within CallTimeout, for calls of which nothing needs to be known
// after a failed token.
func (t *Terminal) bounded(ctx context.Context, q call) (reply, error) {
	ctx, cancel := context.WithTimeout(ctx, t.client.cfg.CallTimeout)
	defer cancel()
	return t.send(ctx, q)
}

// page reports a body that some machine on the way made for a browser.
func (r reply) page() bool {
	return strings.HasPrefix(string(unmarked(r.body)), "<")
}

// decided reads the answer's body, or says why it is no answer. Its errors quote
// nothing of the body.
func decided(body []byte, session string, want Expect) (*Result, error) {
	e, ok := open(body)
	if !ok {
		return nil, errors.New("answer is not a json object")
	}
	if e.ResponseType.clash || !strings.EqualFold(e.ResponseType.trimmed(), "transaction") {
		return nil, errors.New("answer is not about a transaction")
	}
	raw, ok := inside[transactionIn](body)
	if !ok {
		return nil, errors.New("answer has no response")
	}
	success, ok := raw.Success.said()
	if !ok {
		return nil, errors.New("answer does not say whether it succeeded")
	}
	if !agrees(e.SessionID, func(s string) bool { return SameSession(s, session) }) {
		return nil, errors.New("answer is about another session")
	}
	if !agrees(raw.TxnRef, func(s string) bool { return s == want.TxnRef }) {
		return nil, errors.New("answer is about another reference")
	}
	if !agrees(raw.TxnType, func(s string) bool { return s == string(want.Type) }) {
		return nil, errors.New("answer is about another transaction type")
	}
	return raw.result(e.SessionID, success), nil
}

// agrees is true when the member is missing, or there once and as expected.
func agrees(t text, same func(string) bool) bool {
	return !t.clash && (t.trimmed() == "" || same(t.trimmed()))
}

// SameSession compares two session ids in any of the forms in which Linkly echoes
// them: either case, with or without hyphens (reference linkly 4).
func SameSession(a, b string) bool {
	a = canonical(a)
	return a != "" && a == canonical(b)
}

// canonical writes a session id hyphenated and in lower case; "" when it is none.
func canonical(s string) string {
	s = strings.ToLower(strings.ReplaceAll(strings.TrimSpace(s), "-", ""))
	if !saleID.MatchString(s) {
		return ""
	}
	return s[:8] + "-" + s[8:12] + "-" + s[12:16] + "-" + s[16:20] + "-" + s[20:]
}
