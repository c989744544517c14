package sim

import (
	"cmp"
	"net/http"
	"slices"
	"strings"
	"time"
)

// condition says whether an item is wanted.
type condition func(*item) bool

// operators are tried longest first, so that "!@" is not read as "!".
var operators = [...]string{"!=%", "!%=", "!@", "!=", "!%", ">=", "<=", "=%", "%=", "!", "=", ">", "<", "@", "%"}

// splitOperator cuts the operator off a filter's key.
func splitOperator(key string) (op, name string) {
	for _, op := range operators {
		if rest, ok := strings.CutPrefix(key, op); ok {
			return op, rest
		}
	}
	return "=", key
}

// compile turns a filter into a condition (reference bitrix24, 6.4). Unknown fields are refused.
func (p *portal) compile(fields []field, filter *value) (condition, *restError) {
	either := strings.EqualFold(filter.get("logic").str(), "OR")
	var parts []condition
	if filter.isArray() {
		for _, key := range filter.keys {
			if strings.EqualFold(key, "logic") {
				continue
			}
			part, refusal := p.compileOne(fields, key, filter.vals[key])
			if refusal != nil {
				return nil, refusal
			}
			parts = append(parts, part)
		}
	}
	return func(it *item) bool {
		for _, part := range parts {
			if part(it) == either {
				return either
			}
		}
		return !either || len(parts) == 0
	}, nil
}

// compileOne reads one key. A list of values means "one of them", whatever the operator.
func (p *portal) compileOne(fields []field, key string, v *value) (condition, *restError) {
	if v.isArray() && isIndex(key) {
		return p.compile(fields, v)
	}
	op, name := splitOperator(key)
	f, known := fieldNamed(fields, name)
	if !known {
		return nil, breach(http.StatusBadRequest, "INVALID_ARG_VALUE",
			"Invalid filter: field '"+name+"' is not allowed in filter", "unknown filter")
	}
	if p.unfilterable[f.name] {
		return nil, refuse(http.StatusBadRequest, "INVALID_ARG_VALUE",
			"Invalid filter: field '"+name+"' is not allowed in filter")
	}

	var wanted []any
	for _, child := range v.items() {
		parsed, ok := f.kind.parse(child)
		if strings.Contains(op, "%") {
			parsed, ok = strings.ToLower(child.str()), true
		}
		if !ok {
			return nil, breach(http.StatusBadRequest, "INVALID_ARG_VALUE",
				"Invalid filter: wrong value of '"+name+"'", "wrong filter value")
		}
		wanted = append(wanted, parsed)
	}
	if len(wanted) == 0 {
		wanted = []any{f.kind.zero()}
	}
	return matcher(op, f.name, wanted), nil
}

// isIndex tells a nested group's key from a field's.
func isIndex(key string) bool { return key != "" && strings.Trim(key, "0123456789") == "" }

// matcher holds when one of the wanted values matches, or none for the negated operators.
func matcher(op, name string, wanted []any) condition {
	negated := strings.HasPrefix(op, "!")
	op = strings.TrimPrefix(op, "!")
	return func(it *item) bool {
		hit := slices.ContainsFunc(wanted, func(w any) bool { return matches(op, it.vals[name], w) })
		return hit != negated
	}
}

// matches compares one value. A field with several values matches when one of them does.
func matches(op string, have, want any) bool {
	switch op {
	case "%":
		return strings.Contains(asText(have), asText(want))
	case "=%", "%=":
		return like(asText(have), asText(want))
	case ">":
		return compare(have, want) > 0
	case ">=":
		return compare(have, want) >= 0
	case "<":
		return compare(have, want) < 0
	case "<=":
		return compare(have, want) <= 0
	}
	if list, ok := have.([]int); ok {
		wanted, _ := want.([]int)
		return slices.ContainsFunc(wanted, func(n int) bool { return slices.Contains(list, n) })
	}
	return compare(have, want) == 0
}

// asText is a value for the text operators, which ignore case.
func asText(v any) string {
	text, _ := legacy(v).(string)
	return strings.ToLower(text)
}

// like matches with the caller's own % as wildcard.
func like(text, pattern string) bool {
	head, rest, wild := strings.Cut(pattern, "%")
	if !wild {
		return text == pattern
	}
	text, ok := strings.CutPrefix(text, head)
	if !ok {
		return false
	}
	for i := range len(text) + 1 {
		if like(text[i:], rest) {
			return true
		}
	}
	return false
}

// compare orders two values of the same field; an empty one comes first.
func compare(a, b any) int {
	switch x := a.(type) {
	case int:
		y, _ := b.(int)
		return cmp.Compare(x, y)
	case decimal:
		y, _ := b.(decimal)
		return cmp.Compare(x, y)
	case time.Time:
		y, _ := b.(time.Time)
		return x.Compare(y)
	case string:
		y, _ := b.(string)
		return cmp.Compare(strings.ToLower(x), strings.ToLower(y))
	}
	if b == nil {
		return 0
	}
	return -1
}
