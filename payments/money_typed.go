package payments

import (
	"fmt"
	"strings"

	"github.com/bojanz/currency"

	"receivepayment/words"
)

// ReadMoney reads an amount as people type it in a language, in any of its
// ways: 1234.5, 1,234.50 or $1,234.50 in English, 1.234,50 in German, with
// Arabic digits. Plain decimals come first, because our own fields begin with
// them. What could be two amounts is refused and never guessed: a thousand, or
// a little more than one.
func ReadMoney(text, code, language string) (Money, error) {
	if _, known := currency.GetDigits(code); !known {
		return Money{}, fmt.Errorf("%w %q", ErrCurrency, code)
	}
	text = latin(bare(text, code, language))
	if m, err := ParseMoney(text, code); err == nil {
		return m, nil
	}
	if m, err := readLocal(text, code, language); err == nil {
		return m, nil
	}
	whole, part, _ := strings.Cut(text, ",") // a comma for the point, in whatever language
	if len(part) == 1 || len(part) == 2 {
		return ParseMoney(whole+"."+part, code)
	}
	return Money{}, fmt.Errorf("%w: write it like 42.50", ErrAmount)
}

// readLocal reads what [Money.Format] writes, with or without the currency and
// the groups. Anything else that looks alike is refused: its groups may be
// another language's decimals.
func readLocal(text, code, language string) (Money, error) {
	amount, err := currency.NewFormatter(currency.NewLocale(language)).Parse(text, code)
	if err != nil {
		return Money{}, fmt.Errorf("%w: %w", ErrAmount, err)
	}
	m, err := ParseMoney(amount.Number(), code)
	if err != nil {
		return Money{}, err
	}
	written, ungrouped := separated(latin(bare(m.Format(language), code, language))), ""
	if _, decimals, found := strings.Cut(m.String(), "."); found {
		last := len(written) - len(decimals) - 1
		ungrouped = strings.NewReplacer(",", "", ".", "").Replace(written[:last]) + written[last:]
	}
	for _, same := range []string{written, ungrouped} {
		short := strings.TrimRight(strings.TrimRight(same, "0"), ".,")
		if got := separated(text); got == same || got != "" && got == short && !lone(got) {
			return m, nil
		}
	}
	return Money{}, ErrAmount
}

// bare is the amount without the currency; some symbols hold a point.
func bare(text, code, language string) string {
	symbol, _ := currency.GetSymbol(code, currency.NewLocale(language))
	return strings.NewReplacer(symbol, "", code, "").Replace(text)
}

// lone reports whether the only separator stands before exactly three digits.
func lone(text string) bool {
	at := strings.IndexAny(text, ".,")
	return at >= 0 && len(text)-at == 4 && at == strings.LastIndexAny(text, ".,")
}

// separated keeps the digits and what separates them.
func separated(text string) string {
	return strings.Trim(strings.Map(func(r rune) rune {
		if r >= '0' && r <= '9' || r == '.' || r == ',' {
			return r
		}
		return -1
	}, text), ".,")
}

// latin is [words.Latin] without any space.
func latin(text string) string {
	return strings.NewReplacer(" ", "", "\t", "").Replace(words.Latin(text))
}
