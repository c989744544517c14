package bitrix

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/url"
	"sort"
	"strconv"
	"strings"
)

// encodeQuery writes params in bracket notation, filter[parentId2]=512&select[]=id, as commands of a
// batch need it (reference bitrix24 3.4). Keys are sorted, so equal parameters give equal text.
func encodeQuery(params any) (string, error) {
	object, err := encodeObject(params)
	if err != nil {
		return "", err
	}
	// Through JSON, so that a batch sends the same names and numbers as a single call would.
	dec := json.NewDecoder(bytes.NewReader(object))
	dec.UseNumber()
	var tree any
	if err := dec.Decode(&tree); err != nil {
		return "", fmt.Errorf("encode the parameters: %w", err)
	}

	return strings.Join(flatten(nil, "", tree), "&"), nil
}

// flatten appends one name=value per leaf. PHP's reader has no booleans and no null: true is 1, false
// 0, null empty.
func flatten(out []string, name string, value any) []string {
	switch v := value.(type) {
	case map[string]any:
		for _, key := range sortedKeys(v) {
			out = flatten(out, childName(name, url.QueryEscape(key)), v[key])
		}
		return out
	case []any:
		for i, element := range v {
			out = flatten(out, childName(name, indexFor(i, element)), element)
		}
		return out
	case json.Number:
		return append(out, name+"="+url.QueryEscape(v.String()))
	case string:
		return append(out, name+"="+escapeValue(v))
	case bool:
		if v {
			return append(out, name+"=1")
		}
		return append(out, name+"=0")
	}

	return append(out, name+"=")
}

// indexFor lets the portal count single values by itself and numbers composite ones, whose parts must
// stay together.
func indexFor(i int, element any) string {
	switch element.(type) {
	case map[string]any, []any:
		return strconv.Itoa(i)
	}

	return ""
}

func childName(parent, key string) string {
	if parent == "" {
		return key
	}

	return parent + "[" + key + "]"
}

// escapeValue leaves references to earlier answers readable, as the portal's documentation writes them.
func escapeValue(v string) string {
	if strings.HasPrefix(v, "$result[") && !strings.ContainsAny(v, "&#+% ") {
		return v
	}

	return url.QueryEscape(v)
}

func sortedKeys(m map[string]any) []string {
	keys := make([]string, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	sort.Strings(keys)

	return keys
}
