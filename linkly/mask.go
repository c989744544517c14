package linkly

import (
	"regexp"
	"strings"
	"unicode"
)

// What may be a card number in free text: any run of eight or more digits
// (reference linkly 8), and the groups in which numbers stand on cards.
var (
	longRun = regexp.MustCompile(`[0-9]{8,}`)
	cardRun = regexp.MustCompile(`[0-9]{13,}`)
	grouped = regexp.MustCompile(
		`[0-9]{4}[ -][0-9]{4}[ -][0-9]{4}[ -][0-9]{1,7}|[0-9]{4}[ -][0-9]{6}[ -][0-9]{4,5}`)
)

// mask blanks all but the last four digits of whatever may be a card number.
// Every digit becomes one star, so columns of a receipt stay where they were.
func mask(s string) string {
	// Long runs go first: a group must not bite off the head of one.
	s = longRun.ReplaceAllStringFunc(s, keepLast4)
	return grouped.ReplaceAllStringFunc(s, keepLast4)
}

// maskCards blanks what is as long as a card number and nothing else. It is for
// slips, which must be shown as they came (reference linkly 13): the terminal's
// and merchant's numbers and the RRN, at most twelve digits in a row, stay.
func maskCards(s string) string {
	s = cardRun.ReplaceAllStringFunc(s, keepLast4)
	return grouped.ReplaceAllStringFunc(s, keepLast4)
}

func keepLast4(s string) string {
	out, kept := []byte(s), 0
	for i := len(out) - 1; i >= 0; i-- {
		if out[i] < '0' || out[i] > '9' {
			continue
		}
		kept++
		if kept > 4 {
			out[i] = '*'
		}
	}
	return string(out)
}

// last4 cuts a card number, masked or not, to its last four digits; "" when it
// does not end in four digits.
func last4(pan string) string {
	pan = strings.TrimSpace(pan)
	if len(pan) < 4 {
		return ""
	}
	tail := pan[len(pan)-4:]
	if strings.Trim(tail, "0123456789") != "" {
		return ""
	}
	return tail
}

// plain makes foreign text fit for one line of an error: known secrets and card
// numbers out, control characters out, at most 200 characters.
func plain(s string, secrets []string) string {
	for _, secret := range secrets {
		switch {
		case secret == "" || !strings.Contains(s, secret):
		case len(secret) < 4:
			return redacted // cutting out so few letters would only point at them
		default:
			s = strings.ReplaceAll(s, secret, redacted)
		}
	}
	s = mask(strings.Join(strings.FieldsFunc(s, isBreak), " "))
	if r := []rune(s); len(r) > 200 {
		s = string(r[:200]) + "…"
	}
	return s
}

func isBreak(r rune) bool { return unicode.IsControl(r) || unicode.IsSpace(r) }

// cause keeps an error for errors.Is while printing only its cleaned text.
type cause struct {
	text string
	err  error
}

func (c *cause) Error() string { return c.text }
func (c *cause) Unwrap() error { return c.err }
