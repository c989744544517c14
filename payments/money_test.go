package payments

import (
	"errors"
	"strings"
	"testing"
	"time"
)

func TestAmountsThatPeopleAndProgramsSend(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		text, code string
		minor      int64
		refusal    error
	}{
		{"187.00", "AUD", 18700, nil},
		{"187", "AUD", 18700, nil},
		{"187.5", "AUD", 18750, nil},
		{"0.01", "AUD", 1, nil},
		{"0", "AUD", 0, nil},
		{"19.99", "AUD", 1999, nil},
		{"007.50", "AUD", 750, nil},
		{"9999999.99", "AUD", 999_999_999, nil},
		{"10000000.00", "AUD", 0, ErrAmount},
		{"999999999999", "AUD", 0, ErrAmount},
		{"1870", "JPY", 1870, nil},
		{"1870.5", "JPY", 0, ErrAmount},
		{"1870.0", "JPY", 0, ErrAmount},
		{"1.875", "KWD", 1875, nil},
		{"1.8755", "KWD", 0, ErrAmount},
		{"187.505", "AUD", 0, ErrAmount},
		{"187.500", "AUD", 0, ErrAmount},
		{"-1", "AUD", 0, ErrAmount},
		{"+1", "AUD", 0, ErrAmount},
		{"1e3", "AUD", 0, ErrAmount},
		{"1,000.00", "AUD", 0, ErrAmount},
		{"1 000", "AUD", 0, ErrAmount},
		{" 1", "AUD", 0, ErrAmount},
		{"1.", "AUD", 0, ErrAmount},
		{".5", "AUD", 0, ErrAmount},
		{"", "AUD", 0, ErrAmount},
		{"NaN", "AUD", 0, ErrAmount},
		{"١٢", "AUD", 0, ErrAmount},
		{"12\n", "AUD", 0, ErrAmount},
		{"1", "aud", 0, ErrCurrency},
		{"1", "XYZ", 0, ErrCurrency},
		{"1", "", 0, ErrCurrency},
	} {
		got, err := ParseMoney(c.text, c.code)
		if got.Minor != c.minor || !errors.Is(err, c.refusal) || (err == nil) != (c.refusal == nil) {
			t.Errorf("%q %s: %d, %v; want %d, %v", c.text, c.code, got.Minor, err, c.minor, c.refusal)
		}
	}
}

func TestAmountsThatACRMStores(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		text, code string
		minor      int64
		refusal    error
	}{
		{"187.0000", "AUD", 18700, nil},
		{"187.49999999999997", "AUD", 18750, nil},
		{"187.50000000000003", "AUD", 18750, nil},
		{"19.99", "AUD", 1999, nil},
		{"0.1", "AUD", 10, nil},
		{"1.0E+3", "AUD", 100_000, nil},
		{"1e0000000000003", "AUD", 100_000, nil},
		{"5e-1", "AUD", 50, nil},
		{".5", "AUD", 50, nil},
		{"187.", "AUD", 18700, nil},
		{"-12.50", "AUD", -1250, nil},
		{"1870.0000", "JPY", 1870, nil},
		{"1870.4", "JPY", 0, ErrAmount},
		{"1.8750", "KWD", 1875, nil},
		{"187.505", "AUD", 0, ErrAmount},
		{"0.001", "AUD", 0, ErrAmount},
		{"1/2", "AUD", 0, ErrAmount},
		{"0x10", "AUD", 0, ErrAmount},
		{"0b11", "AUD", 0, ErrAmount},
		{"0o17", "AUD", 0, ErrAmount},
		{"1_000", "AUD", 0, ErrAmount},
		{"1p3", "AUD", 0, ErrAmount},
		{"1,5", "AUD", 0, ErrAmount},
		{"Inf", "AUD", 0, ErrAmount},
		{"", "AUD", 0, ErrAmount},
		{"1e99", "AUD", 0, ErrAmount},
		{"1e999999999", "AUD", 0, ErrAmount},
		{"92233720368547758.08", "AUD", 0, ErrAmount},
		{strings.Repeat("9", 41), "AUD", 0, ErrAmount},
		{"1", "ZZZ", 0, ErrCurrency},
	} {
		got, err := ParseCRM(c.text, c.code)
		if got.Minor != c.minor || !errors.Is(err, c.refusal) || (err == nil) != (c.refusal == nil) {
			t.Errorf("%q %s: %d, %v; want %d, %v", c.text, c.code, got.Minor, err, c.minor, c.refusal)
		}
	}
}

func TestAmountsAreShown(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		money            Money
		text, people, de string
	}{
		{Money{18700, "AUD"}, "187.00", "$187.00", "187,00 AU$"},
		{Money{1, "AUD"}, "0.01", "$0.01", "0,01 AU$"},
		{Money{-1250, "AUD"}, "-12.50", "-$12.50", "-12,50 AU$"},
		{Money{123456789, "AUD"}, "1234567.89", "$1,234,567.89", "1.234.567,89 AU$"},
		{Money{1870, "JPY"}, "1870", "¥1,870", "1.870 ¥"},
		{Money{1875, "KWD"}, "1.875", "KWD 1.875", "1,875 KWD"},
	} {
		plain := func(s string) string { return strings.ReplaceAll(s, "\u00a0", " ") }
		if got := c.money.String(); got != c.text {
			t.Errorf("%+v: %q, want %q", c.money, got, c.text)
		}
		if got := plain(c.money.Format("en-AU")); got != c.people {
			t.Errorf("%+v in English: %q, want %q", c.money, got, c.people)
		}
		if got := plain(c.money.Format("de")); got != c.de {
			t.Errorf("%+v in German: %q, want %q", c.money, got, c.de)
		}
	}
}

func TestASymbolKeepsItsLettersAndSignTogetherFromRightToLeft(t *testing.T) {
	t.Parallel()
	if got, want := (Money{18700, "AUD"}).Format("ar"), "\u200f187.00\u00a0AU$\u200e"; got != want {
		t.Errorf("%+q, want %+q", got, want)
	}
}

func FuzzMoney(f *testing.F) {
	for _, text := range []string{"187.00", "1e99", "-0.5", "187.49999999999997", "0x1p-2", "1e-999999999", "\x00", "9e18"} {
		for _, code := range []string{"AUD", "JPY", "KWD", "", "zzz"} {
			f.Add(text, code)
		}
	}
	f.Fuzz(func(t *testing.T, text, code string) {
		began := time.Now()
		m, err := ParseMoney(text, code)
		if err == nil && (m.Minor < 0 || m.Minor > maxMinor) {
			t.Errorf("%q became %d", text, m.Minor)
		}
		if err == nil {
			wantSame(t, m)
		}
		if m, err = ParseCRM(text, code); err == nil {
			wantSame(t, m)
		}
		if took := time.Since(began); took > time.Second {
			t.Errorf("%q took %s", text, took)
		}
	})
}

// wantSame: what is written out reads back as the same amount.
func wantSame(t *testing.T, m Money) {
	t.Helper()
	back, err := ParseCRM(m.String(), m.Currency)
	if err != nil || back != m {
		t.Errorf("%+v is written %q and read %+v, %v", m, m.String(), back, err)
	}
}
