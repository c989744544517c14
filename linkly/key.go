package linkly

import (
	"context"
	"net/http"
	"unicode/utf8"
)

// Key is a key of the terminal that the POS may press (reference linkly 5.11).
type Key string

// The keys. The terminal shows either CANCEL or OK, and both are "0".
const (
	KeyCancelOK Key = "0"
	KeyYes      Key = "1"
	KeyNo       Key = "2"
	KeyAuth     Key = "3"
)

const maxKeyData = 60

type keyOut struct {
	Key  Key
	Data string
}

// SendKey presses key on the terminal during session; data answers an input prompt.
// Nil means passed on, not done: only the result ends a payment. A refusal
// usually means that the terminal has moved on meanwhile. data may be a
// supervisor's password: it appears in no error.
func (t *Terminal) SendKey(ctx context.Context, session string, key Key, data string) error {
	const op = "send key"
	switch {
	case !uuidV4.MatchString(session):
		return refuse(op, "session must be a hyphenated lower-case uuid v4")
	case key != KeyCancelOK && key != KeyYes && key != KeyNo && key != KeyAuth:
		return refuse(op, "unknown key")
	case utf8.RuneCountInString(data) > maxKeyData || data != withoutControl(data):
		return refuse(op, "data must be at most %d printable characters", maxKeyData)
	}
	q := t.call(op, http.MethodPost, session, "/sendkey")
	q.body = encode(envelopeOut[keyOut]{Request: keyOut{Key: key, Data: data}})
	q.secrets = append(q.secrets, data)
	rep, err := t.bounded(ctx, q)
	switch {
	case err != nil:
		return err
	case rep.status >= 200 && rep.status <= 299:
		return nil
	case rep.status == http.StatusBadRequest:
		return rep.failure(q, Refused)
	}
	return rep.failure(q, rep.class())
}
