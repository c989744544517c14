package payments

import (
	"errors"
	"strings"
	"testing"
)

// Every amount that we show reads back as the same amount, in every language
// and currency, with and without its currency.
func TestMoneyTextReadsBackInEveryLanguage(t *testing.T) {
	t.Parallel()
	shown := map[string]map[string]string{ // 1234567 minor units, without spaces
		"en": {"AUD": "A$12,345.67", "NZD": "NZ$12,345.67", "MYR": "MYR12,345.67", "JPY": "¥1,234,567", "KWD": "KWD1,234.567"},
		"de": {"AUD": "12.345,67AU$", "NZD": "12.345,67NZ$", "MYR": "12.345,67MYR", "JPY": "1.234.567¥", "KWD": "1.234,567KWD"},
		"fr": {"AUD": "12345,67$AU", "NZD": "12345,67$NZ", "MYR": "12345,67MYR", "JPY": "1234567¥", "KWD": "1234,567KWD"},
		"ar": {"AUD": "12,345.67AU$", "NZD": "12,345.67NZ$", "MYR": "12,345.67MYR", "JPY": "1,234,567JP¥", "KWD": "1,234.567د.ك."},
	}
	for language, byCurrency := range shown {
		for code, want := range byCurrency {
			if got := latin(Money{1234567, code}.Format(language)); got != want {
				t.Errorf("%s in %s is %q, want %q", code, language, got, want)
			}
			for _, minor := range []int64{0, 1, 5, 10, 99, 100, 1000, 1050, 12345, 100_000, 1234567, 123_456_789, maxMinor} {
				m := Money{minor, code}
				for name, text := range map[string]string{
					"shown": m.Format(language), "plain": m.String(), "without its currency": separated(latin(bare(m.Format(language), code, language))),
					"with Arabic digits": arabic(m.String()),
				} {
					if got, err := ReadMoney(text, code, language); err != nil || got != m {
						t.Errorf("%s, %s in %s: %q is read as %+v, %v; want %+v", code, name, language, text, got, err, m)
					}
				}
			}
		}
	}
}

func arabic(text string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r >= '0' && r <= '9':
			return '٠' + r - '0'
		case r == '.':
			return '٫'
		}
		return r
	}, text)
}

func TestWhatPeopleTypeIsReadOrRefusedAndNeverGuessed(t *testing.T) {
	t.Parallel()
	const no = -1
	for _, c := range []struct {
		text, code, language string
		minor                int64
	}{
		{"42,50", "AUD", "en", 4250},
		{"42,5", "AUD", "en", 4250},
		{" 42.50 ", "AUD", "de", 4250},
		{"1,234.50", "AUD", "en", 123450},
		{"1.234,50", "AUD", "de", 123450},
		{"1234,5", "AUD", "de", 123450},
		{"1 234,50", "AUD", "fr", 123450},
		{"1,234.50", "AUD", "de", no},
		{"1.234,50", "AUD", "en", no},
		{"1,234", "AUD", "en", no},
		{"1.234", "AUD", "de", no},
		{"1,2345", "AUD", "en", no},
		{"12,34,567.00", "AUD", "en", no},
		{"1,870", "JPY", "en", 1870},
		{"1.870", "JPY", "de", 1870},
		{"1.870", "JPY", "en", no},
		{"18,70", "JPY", "en", no},
		{"1,875", "KWD", "de", 1875},
		{"1.875", "KWD", "de", 1875},
		{"1,875", "KWD", "en", no},
		{"1,875.000", "KWD", "en", 1875000},
		{"١٫٨٧٥", "KWD", "ar", 1875},
		{"-5", "AUD", "en", no},
		{"5-", "AUD", "en", no},
		{"5 €", "AUD", "en", no},
		{"five", "AUD", "en", no},
		{"", "AUD", "en", no},
		{",", "AUD", "en", no},
	} {
		got, err := ReadMoney(c.text, c.code, c.language)
		switch {
		case c.minor == no && !errors.Is(err, ErrAmount):
			t.Errorf("%q %s in %s is read as %+v, %v", c.text, c.code, c.language, got, err)
		case c.minor != no && (err != nil || got.Minor != c.minor):
			t.Errorf("%q %s in %s: %+v, %v; want %d", c.text, c.code, c.language, got, err, c.minor)
		}
	}
	if _, err := ReadMoney("1", "XYZ", "en"); !errors.Is(err, ErrCurrency) {
		t.Errorf("a currency that is none: %v", err)
	}
}
