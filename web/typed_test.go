package web

import (
	"testing"

	"receivepayment/words"
)

func TestAnAmountIsReadAsPeopleTypeIt(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"42.50": "42.50", " 42,50 ": "42.50", "42,5": "42.5", "٤٢٫٥٠": "42.50", "۴۲,۵۰": "42.50", "100": "100",
		"1,234":    "1,234", // a thousand or a little more than one: refused later, never guessed
		"1.234,50": "1.234,50", "1,234.50": "1,234.50", "1,2,3": "1,2,3", "": "",
	} {
		if got := typed(text); got != want {
			t.Errorf("%q is read as %q, want %q", text, got, want)
		}
	}
}

// In a form with its currency an amount is read in the viewer's language; what
// could be two amounts stays as it was typed, and is refused.
func TestAnAmountIsReadInTheViewersLanguage(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ lang, currency, text, want string }{
		{"en", "AUD", "1,234.50", "1234.50"},
		{"de", "AUD", "1.234,50", "1234.50"},
		{"fr", "AUD", "1\u202f234,50", "1234.50"},
		{"ar", "KWD", "١٫٨٧٥", "1.875"},
		{"de", "KWD", "1,875", "1.875"},
		{"en", "JPY", "1,870", "1870"},
		{"en", "AUD", "1,234", "1,234"},
		{"de", "AUD", "1.234", "1.234"},
		{"en", "", "42,50", "42.50"},
		{"en", "XXZ", "much", "much"},
	} {
		if got := typedIn(words.In(c.lang), c.currency, c.text); got != c.want {
			t.Errorf("%q %s in %s is read as %q, want %q", c.text, c.currency, c.lang, got, c.want)
		}
	}
}
