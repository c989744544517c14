package web

import "testing"

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
