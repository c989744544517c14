package words_test

import (
	"testing"

	"receivepayment/words"
)

func TestListsRunInTheDirectionOfTheLanguage(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		language string
		items    []string
		want     string
	}{
		{"en", []string{"Maria Kern", "", "invoice 81"}, "Maria Kern, invoice 81"},
		{"zh", []string{"Maria Kern", "81"}, "Maria Kern、81"},
		{"ar", []string{"Maria Kern"}, "Maria Kern"},
		{"ar", []string{"Maria Kern", "81"}, "\u200f\u2068Maria Kern\u2069، \u206881\u2069"},
	} {
		if got := words.In(c.language).List(c.items...); got != c.want {
			t.Errorf("%s: %+q, want %+q", c.language, got, c.want)
		}
	}
}
