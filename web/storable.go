package web

import (
	"encoding/json"
	"maps"
	"net/url"
	"slices"
	"strings"
	"unicode/utf8"
)

// Text that no database stores is refused at the edge: bytes that are no
// letters, and the letter zero, which PostgreSQL does not keep in text.

// storable reports whether both databases take the text.
func storable(s string) bool { return utf8.ValidString(s) && !strings.ContainsRune(s, 0) }

// unstorableValue names the first field of a form or a query that no database
// takes; "" and true mean that a name itself is at fault, or that all is well
// when the second answer is false.
func unstorableValue(values url.Values) (field string, found bool) {
	for _, name := range slices.Sorted(maps.Keys(values)) {
		if !storable(name) {
			return "", true
		}
		if slices.ContainsFunc(values[name], func(text string) bool { return !storable(text) }) {
			return name, true
		}
	}
	return "", false
}

// unstorableMember does the same for the members of a JSON object.
func unstorableMember(members map[string]json.RawMessage) (field string, found bool) {
	for _, name := range slices.Sorted(maps.Keys(members)) {
		if !storable(name) {
			return "", true
		}
		if !storableJSON(members[name]) {
			return name, true
		}
	}
	return "", false
}

// storableJSON looks at the bytes for what is no letter, which decoding would
// paper over, and at the decoded text for a zero that was written as an escape.
func storableJSON(raw json.RawMessage) bool {
	var value any
	return utf8.Valid(raw) && json.Unmarshal(raw, &value) == nil && storableTree(value)
}

func storableTree(value any) bool {
	switch v := value.(type) {
	case string:
		return storable(v)
	case []any:
		return !slices.ContainsFunc(v, func(one any) bool { return !storableTree(one) })
	case map[string]any:
		for name, one := range v {
			if !storable(name) || !storableTree(one) {
				return false
			}
		}
	}
	return true
}
