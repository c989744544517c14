package sim

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
)

// maxNesting bounds how deep a caller may nest arrays; PHP's own limit for forms is 64.
const maxNesting = 64

// valueKind tells what a parameter was before PHP made a text of it.
type valueKind int

const (
	nullValue valueKind = iota
	textValue
	numberValue
	boolValue
	arrayValue
)

// value is a request parameter as PHP sees it: a scalar, or one ordered array that serves as list and as map.
// Order matters, because the commands of a batch run in the order in which they were written.
// The nil value stands for a missing parameter and answers every question with "nothing".
type value struct {
	kind valueKind
	text string
	keys []string
	vals map[string]*value
}

func newArray() *value { return &value{kind: arrayValue, vals: map[string]*value{}} }

func newText(text string) *value { return &value{kind: textValue, text: text} }

// get follows the keys and returns nil where the path ends.
func (v *value) get(path ...string) *value {
	for _, key := range path {
		if v == nil || v.kind != arrayValue {
			return nil
		}
		v = v.vals[key]
	}
	return v
}

// put sets a key; a key set again keeps its place.
func (v *value) put(key string, child *value) {
	if _, known := v.vals[key]; !known {
		v.keys = append(v.keys, key)
	}
	v.vals[key] = child
}

// add appends, name[]=text.
func (v *value) add(child *value) { v.put(strconv.Itoa(v.nextIndex()), child) }

// nextIndex is the index that PHP gives to name[]: one above the highest number used.
func (v *value) nextIndex() int {
	next := 0
	for _, key := range v.keys {
		if n, err := strconv.Atoi(key); err == nil && n >= next {
			next = n + 1
		}
	}
	return next
}

// str is the scalar as text; arrays and missing values are empty.
func (v *value) str() string {
	if v == nil || v.kind == arrayValue {
		return ""
	}
	return v.text
}

// number reads a whole number written as number or text.
func (v *value) number() (int, bool) {
	n, err := strconv.Atoi(strings.TrimSpace(v.str()))
	return n, err == nil
}

// missing says that nothing useful was sent: no parameter, null or empty text.
func (v *value) missing() bool {
	if v == nil || v.kind == nullValue {
		return true
	}
	return v.kind != arrayValue && v.text == ""
}

func (v *value) isArray() bool { return v != nil && v.kind == arrayValue }

// items are the children in order; a scalar counts as a list of one, as PHP's array cast has it.
func (v *value) items() []*value {
	if v == nil || v.kind == nullValue {
		return nil
	}
	if v.kind != arrayValue {
		return []*value{v}
	}
	list := make([]*value, 0, len(v.keys))
	for _, key := range v.keys {
		list = append(list, v.vals[key])
	}
	return list
}

// flatten lists the scalars under bracketed names, "fields[stageId]", for the record of calls.
func (v *value) flatten(into map[string]string, prefix string) {
	if v == nil {
		return
	}
	if v.kind != arrayValue {
		into[prefix] = v.text
		return
	}
	for _, key := range v.keys {
		name := key
		if prefix != "" {
			name = prefix + "[" + key + "]"
		}
		v.vals[key].flatten(into, name)
	}
}

// decodeJSON reads one JSON document and keeps the order of its keys.
func decodeJSON(body []byte) (*value, error) {
	dec := json.NewDecoder(bytes.NewReader(body))
	dec.UseNumber()
	v, err := decodeNext(dec, 0)
	if err != nil {
		return nil, err
	}
	if _, err := dec.Token(); !errors.Is(err, io.EOF) {
		return nil, errors.New("text after the json document")
	}
	return v, nil
}

// decodeNext reads one value of the stream.
func decodeNext(dec *json.Decoder, depth int) (*value, error) {
	if depth > maxNesting {
		return nil, errors.New("json nested too deep")
	}
	token, err := dec.Token()
	if err != nil {
		return nil, fmt.Errorf("read json: %w", err)
	}
	delim, open := token.(json.Delim)
	if !open {
		return scalar(token), nil
	}

	array := newArray()
	for dec.More() {
		key := ""
		if delim == '{' {
			name, err := dec.Token()
			if err != nil {
				return nil, fmt.Errorf("read json key: %w", err)
			}
			key, _ = name.(string)
		}
		child, err := decodeNext(dec, depth+1)
		if err != nil {
			return nil, err
		}
		if delim == '[' {
			array.add(child)
			continue
		}
		array.put(key, child)
	}
	_, err = dec.Token()
	return array, err
}

// scalar keeps numbers as their text, so that no amount passes through a float.
func scalar(token json.Token) *value {
	switch t := token.(type) {
	case string:
		return newText(t)
	case json.Number:
		return &value{kind: numberValue, text: t.String()}
	case bool:
		// PHP casts true to "1" and false to "".
		if t {
			return &value{kind: boolValue, text: "1"}
		}
		return &value{kind: boolValue}
	}
	return &value{kind: nullValue}
}
