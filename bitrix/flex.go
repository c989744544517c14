package bitrix

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"sort"
	"strconv"
	"strings"
	"time"
)

// FlexInt is a whole number that the portal sends as number or string, and as null, false or an empty
// string when there is none; those give 0 (reference bitrix24 C).
type FlexInt int64

// UnmarshalJSON accepts every form above, and a fraction only if it is zero.
func (n *FlexInt) UnmarshalJSON(b []byte) error {
	text, err := scalar(b)
	if err != nil {
		return fmt.Errorf("whole number: %w", err)
	}
	text = strings.TrimSpace(text)
	if text == "" {
		*n = 0
		return nil
	}
	if whole, fraction, ok := strings.Cut(text, "."); ok && strings.Trim(fraction, "0") == "" {
		text = whole
	}
	v, err := strconv.ParseInt(text, 10, 64)
	if err != nil {
		return errors.New("whole number: not one")
	}
	*n = FlexInt(v)

	return nil
}

// maybeInt is a FlexInt that remembers whether the portal sent the field at all.
type maybeInt struct {
	value FlexInt
	sent  bool
}

func (n *maybeInt) UnmarshalJSON(b []byte) error {
	n.sent = true

	return n.value.UnmarshalJSON(b)
}

// FlexString is text that may arrive as string, number or boolean; null, false and empty containers
// give "".
type FlexString string

// UnmarshalJSON accepts every form above.
func (s *FlexString) UnmarshalJSON(b []byte) error {
	text, err := scalar(b)
	if err != nil {
		return fmt.Errorf("text: %w", err)
	}
	*s = FlexString(text)

	return nil
}

// FlexBool is true or false, "Y" or "N", 1 or 0; nothing counts as false.
type FlexBool bool

// UnmarshalJSON accepts every form above, in any letter case.
func (v *FlexBool) UnmarshalJSON(b []byte) error {
	text, err := scalar(b)
	if err != nil {
		return fmt.Errorf("yes or no: %w", err)
	}
	switch strings.ToUpper(strings.TrimSpace(text)) {
	case "Y", "1", "TRUE":
		*v = true
	case "N", "0", "FALSE", "":
		*v = false
	default:
		return errors.New("yes or no: neither")
	}

	return nil
}

// flexTime is a moment in UTC. What the portal writes where there is none, and what cannot be read,
// is the zero time: no decision hangs on these fields.
type flexTime time.Time

func (t *flexTime) UnmarshalJSON(b []byte) error {
	text, err := scalar(b)
	if err != nil {
		return fmt.Errorf("time: %w", err)
	}
	*t = flexTime(parseTime(text))

	return nil
}

// parseTime reads the portal's date formats (reference bitrix24 C), or gives the zero time.
func parseTime(text string) time.Time {
	for _, layout := range []string{time.RFC3339, "2006-01-02T15:04:05-0700", time.DateTime, time.DateOnly} {
		if t, err := time.Parse(layout, strings.TrimSpace(text)); err == nil {
			return t.UTC()
		}
	}

	return time.Time{}
}

// List is a JSON array, or the object that PHP makes of an array whose keys have gaps, or nothing.
type List[T any] []T

// UnmarshalJSON accepts every form above; an object's values come in the order of its numeric keys.
func (l *List[T]) UnmarshalJSON(b []byte) error {
	*l = nil
	if nothing(b) {
		return nil
	}
	if bytes.TrimSpace(b)[0] != '{' {
		return json.Unmarshal(b, (*[]T)(l))
	}

	var m map[string]T
	if err := json.Unmarshal(b, &m); err != nil {
		return err
	}
	keys := make([]string, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	sort.Slice(keys, func(i, j int) bool { return numericLess(keys[i], keys[j]) })
	for _, k := range keys {
		*l = append(*l, m[k])
	}

	return nil
}

// Map is a JSON object, or the array that PHP makes of an empty or gapless one, or nothing.
type Map[T any] map[string]T

// UnmarshalJSON accepts every form above; an array's keys are its indices.
func (m *Map[T]) UnmarshalJSON(b []byte) error {
	*m = nil
	if nothing(b) {
		return nil
	}
	if bytes.TrimSpace(b)[0] != '[' {
		return json.Unmarshal(b, (*map[string]T)(m))
	}

	var values []T
	if err := json.Unmarshal(b, &values); err != nil {
		return err
	}
	*m = make(Map[T], len(values))
	for i, v := range values {
		(*m)[strconv.Itoa(i)] = v
	}

	return nil
}

// nothing reports whether PHP meant "empty" by this value.
func nothing(b []byte) bool {
	switch string(bytes.TrimSpace(b)) {
	case "", "null", "false", `""`:
		return true
	}

	return false
}

func numericLess(a, b string) bool {
	x, errX := strconv.Atoi(a)
	y, errY := strconv.Atoi(b)
	if errX != nil || errY != nil {
		return a < b
	}

	return x < y
}
