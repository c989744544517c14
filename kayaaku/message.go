package kayaaku

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
)

// Field is one named value of a message. All values travel as text: several
// are zero padded, which a JSON number cannot be (reference kayaaku 1.3).
type Field struct{ Name, Value string }

// Message is a flat JSON object whose order is kept, because the host's
// signature is over the very bytes that are sent.
type Message []Field

// Get answers the value of a field, by the vendor's name in any case; empty
// when it is not there.
func (m Message) Get(name string) string {
	for _, f := range m {
		if strings.EqualFold(f.Name, name) {
			return f.Value
		}
	}
	return ""
}

// Has reports whether the field is there at all.
func (m Message) Has(name string) bool {
	return slices.ContainsFunc(m, func(f Field) bool { return strings.EqualFold(f.Name, name) })
}

// After answers a copy with the fields put behind the named one, or at the end.
func (m Message) After(name string, fields ...Field) Message {
	at := slices.IndexFunc(m, func(f Field) bool { return f.Name == name })
	if at < 0 {
		at = len(m) - 1
	}
	return slices.Insert(slices.Clone(m), at+1, fields...)
}

// Without answers a copy that lacks the named fields.
func (m Message) Without(names ...string) Message {
	return slices.DeleteFunc(slices.Clone(m), func(f Field) bool {
		return slices.ContainsFunc(names, func(n string) bool { return strings.EqualFold(n, f.Name) })
	})
}

// JSON is the compact form, in order.
func (m Message) JSON() []byte {
	var b bytes.Buffer
	b.WriteByte('{')
	for i, f := range m {
		if i > 0 {
			b.WriteByte(',')
		}
		b.Write(quoted(f.Name))
		b.WriteByte(':')
		b.Write(quoted(f.Value))
	}
	b.WriteByte('}')
	return b.Bytes()
}

// MarshalJSON makes a message the flat object that it is.
func (m Message) MarshalJSON() ([]byte, error) { return m.JSON(), nil }

// UnmarshalJSON reads what [ParseMessage] reads.
func (m *Message) UnmarshalJSON(raw []byte) error {
	read, err := ParseMessage(raw)
	*m = read
	return err
}

func quoted(s string) []byte {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false) // "&" stays as it is signed elsewhere
	_ = e.Encode(s)        // text always encodes
	return bytes.TrimRight(b.Bytes(), "\n")
}

// errNoMessage is what everything that is no flat object is.
var errNoMessage = errors.New("no flat JSON object")

// largest is more than any message of the field tables needs.
const largest = 16 << 10

// ParseMessage reads one flat object. Text, numbers, booleans and null are
// taken as text; nesting, a name given twice and anything after the object are
// refused, because two readings of one message are one too many near money.
func ParseMessage(raw []byte) (Message, error) {
	if len(raw) > largest {
		return nil, fmt.Errorf("%w: longer than %d bytes", errNoMessage, largest)
	}
	d := json.NewDecoder(bytes.NewReader(raw))
	d.UseNumber()
	if t, err := d.Token(); err != nil || t != json.Delim('{') {
		return nil, errNoMessage
	}
	m := Message{}
	for d.More() {
		f, err := parseField(d)
		if err != nil {
			return nil, err
		}
		if m.Has(f.Name) {
			return nil, fmt.Errorf("%w: a name is given twice", errNoMessage)
		}
		m = append(m, f)
	}
	if t, err := d.Token(); err != nil || t != json.Delim('}') {
		return nil, errNoMessage
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return nil, fmt.Errorf("%w: something follows it", errNoMessage)
	}
	return m, nil
}

func parseField(d *json.Decoder) (Field, error) {
	name, err := d.Token()
	if err != nil {
		return Field{}, errNoMessage
	}
	key, ok := name.(string)
	if !ok {
		return Field{}, errNoMessage
	}
	value, err := d.Token()
	if err != nil {
		return Field{}, errNoMessage
	}
	switch v := value.(type) {
	case string:
		return Field{key, v}, nil
	case json.Number:
		return Field{key, v.String()}, nil
	case bool:
		return Field{key, fmt.Sprint(v)}, nil
	case nil:
		return Field{Name: key}, nil
	}
	return Field{}, fmt.Errorf("%w: it is nested", errNoMessage)
}
