package sim

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
)

// object is a JSON object whose members are found in any letter case, as the service reads requests (reference linkly 4).
type object map[string]member

type member struct {
	name string // as it was written
	raw  json.RawMessage
}

var errNotObject = errors.New("not a JSON object")

// parseObject reads one level. The last of two members that differ only in case wins, as with most readers.
func parseObject(raw []byte) (object, error) {
	dec := json.NewDecoder(bytes.NewReader(raw))
	if tok, err := dec.Token(); err != nil || tok != json.Delim('{') {
		return nil, errNotObject
	}
	o := object{}
	for dec.More() {
		tok, err := dec.Token()
		if err != nil {
			return nil, fmt.Errorf("read a member name: %w", err)
		}
		name, _ := tok.(string)
		var value json.RawMessage
		if err := dec.Decode(&value); err != nil {
			return nil, fmt.Errorf("read member %s: %w", name, err)
		}
		o[strings.ToLower(name)] = member{name: name, raw: value}
	}
	if _, err := dec.Token(); err != nil {
		return nil, fmt.Errorf("read the end of an object: %w", err)
	}
	return o, nil
}

// has reports whether a member is there and not null.
func (o object) has(name string) bool {
	m, ok := o[strings.ToLower(name)]
	return ok && string(m.raw) != "null"
}

// text reads a string member; false when it is there and not a string. Absent and null read as "".
func (o object) text(name string) (string, bool) {
	if !o.has(name) {
		return "", true
	}
	var s string
	err := json.Unmarshal(o[strings.ToLower(name)].raw, &s)
	return s, err == nil
}

// number reads an integer member; false when it is there and not an integer. Absent and null read as 0.
func (o object) number(name string) (int64, bool) {
	if !o.has(name) {
		return 0, true
	}
	var n int64
	err := json.Unmarshal(o[strings.ToLower(name)].raw, &n)
	return n, err == nil
}

// flag reads a boolean member like number.
func (o object) flag(name string) (value, ok bool) {
	if !o.has(name) {
		return false, true
	}
	err := json.Unmarshal(o[strings.ToLower(name)].raw, &value)
	return value, err == nil
}

// object reads a nested object; nil when it is absent or null.
func (o object) object(name string) (object, error) {
	if !o.has(name) {
		return nil, nil //nolint:nilnil // absent is an ordinary answer here
	}
	return parseObject(o[strings.ToLower(name)].raw)
}

// request is a body that passed its checks.
type request struct {
	kind  string // type in the path
	async bool
	v2    bool // polled: no Notification, events wait on a list (reference linkly 5.12)
	session,
	merchant string

	// transaction
	txnType, txnRef, currency, panSource string
	purchase, cash                       int64
	tips                                 bool
	tipChoices                           []int64         // whole percents, PAD TPO
	surcharge                            []surchargeRule // PAD SC2
	pad                                  map[string]string

	// the others
	sub         string // StatusType, LogonType, SettlementType, QueryCardType, ReprintType, Key
	data        string // Data of sendkey
	originalRef string
	catID, caID string

	notifyURI, notifyHeader string
}
