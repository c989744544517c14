package bitrix

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"regexp"
	"strconv"
	"strings"
)

// Amount is an exact decimal number as text, such as "187.5" or "1000.00"; empty when the portal sent
// none. It reads a JSON number or string without ever passing through a float, so an artefact like
// 187.49999999999997 arrives as it was written and whoever owns the currency decides about it.
// Trailing zeros are kept; an exponent is written out. It is sent as a JSON number.
type Amount string

// An exponent beyond this is no money, and writing it out would be a way to fill our memory.
const maxExponent = 30

var (
	decimalPattern = regexp.MustCompile(`^([+-]?)([0-9]*)(?:\.([0-9]*))?(?:[eE]([+-]?[0-9]{1,4}))?$`)
	errNotDecimal  = errors.New("not a decimal number")
)

// ParseAmount reads decimal text. Grouping, currency signs and blanks inside are refused.
func ParseAmount(text string) (Amount, error) {
	text = strings.TrimSpace(text)
	m := decimalPattern.FindStringSubmatch(text)
	if m == nil || m[2]+m[3] == "" || len(text) > 100 {
		return "", errNotDecimal
	}

	sign, whole, fraction, exp := m[1], m[2], m[3], 0
	if m[4] != "" {
		n, err := strconv.Atoi(m[4])
		if err != nil || n > maxExponent || n < -maxExponent {
			return "", errNotDecimal
		}
		exp = n
	}
	whole, fraction = shift(whole, fraction, exp)

	out := strings.TrimLeft(whole, "0")
	if out == "" {
		out = "0"
	}
	if fraction != "" {
		out += "." + fraction
	}
	if sign == "-" && strings.Trim(out, "0.") != "" {
		out = "-" + out
	}

	return Amount(out), nil
}

// shift moves the decimal point by exp places.
func shift(whole, fraction string, exp int) (string, string) {
	for ; exp > 0; exp-- {
		next := "0"
		if fraction != "" {
			next, fraction = fraction[:1], fraction[1:]
		}
		whole += next
	}
	for ; exp < 0; exp++ {
		last := "0"
		if whole != "" {
			last, whole = whole[len(whole)-1:], whole[:len(whole)-1]
		}
		fraction = last + fraction
	}

	return whole, fraction
}

// UnmarshalJSON accepts a number, a string, null and an empty string (reference bitrix24 C).
func (a *Amount) UnmarshalJSON(b []byte) error {
	text, err := scalar(b)
	if err != nil {
		return fmt.Errorf("amount: %w", err)
	}
	if strings.TrimSpace(text) == "" {
		*a = ""
		return nil
	}
	parsed, err := ParseAmount(text)
	if err != nil {
		return fmt.Errorf("amount: %w", err)
	}
	*a = parsed

	return nil
}

// MarshalJSON writes a JSON number, or null when there is no amount.
func (a Amount) MarshalJSON() ([]byte, error) {
	if a == "" {
		return []byte("null"), nil
	}
	parsed, err := ParseAmount(string(a))
	if err != nil {
		return nil, fmt.Errorf("amount: %w", err)
	}

	return []byte(parsed), nil
}

// scalar returns the text of a JSON string, number or boolean. null, false and the empty containers
// that PHP sends for "nothing" give "".
func scalar(b []byte) (string, error) {
	b = bytes.TrimSpace(b)
	switch string(b) {
	case "", "null", "false", "[]", "{}":
		return "", nil
	case "true":
		return "true", nil
	}

	if b[0] == '"' {
		var s string
		if err := json.Unmarshal(b, &s); err != nil {
			return "", errors.New("broken string")
		}
		return s, nil
	}
	if b[0] == '[' || b[0] == '{' {
		return "", errors.New("not a single value")
	}

	return string(b), nil
}
