package payments

import (
	"errors"
	"fmt"
	"math/big"
	"regexp"
	"strings"

	"github.com/bojanz/currency"
)

// Money is an amount in minor units of an ISO 4217 currency.
type Money struct {
	Minor    int64
	Currency string
}

// maxMinor is the largest amount that fits Linkly's field (reference 5.1).
const maxMinor = 999_999_999

var (
	// ErrCurrency means that the code is no ISO 4217 currency.
	ErrCurrency = errors.New("unknown currency")
	// ErrAmount means that the text is no amount of the currency.
	ErrAmount = errors.New("not an amount")

	plainDecimal = regexp.MustCompile(`^\d{1,12}(\.\d{1,6})?$`)
	crmDecimal   = regexp.MustCompile(`^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?0*\d{1,2})?$`)
)

// ParseMoney reads an amount as people and programs send it: digits and at
// most one point, no sign, no more decimals than the currency has, at most
// 999,999,999 minor units.
func ParseMoney(text, code string) (Money, error) {
	digits, known := currency.GetDigits(code)
	if !known {
		return Money{}, fmt.Errorf("%w %q", ErrCurrency, code)
	}
	if !plainDecimal.MatchString(text) {
		return Money{}, fmt.Errorf("%w: write it like 42.50", ErrAmount)
	}
	if _, decimals, _ := strings.Cut(text, "."); len(decimals) > int(digits) {
		return Money{}, fmt.Errorf("%w: %s has %d decimals", ErrAmount, code, digits)
	}
	amount, err := currency.NewAmount(text, code)
	if err != nil {
		return Money{}, fmt.Errorf("%w: %w", ErrAmount, err)
	}
	minor, err := amount.Int64()
	if err != nil || minor > maxMinor {
		return Money{}, fmt.Errorf("%w: too large", ErrAmount)
	}
	return Money{Minor: minor, Currency: code}, nil
}

// ParseCRM reads an amount as a CRM stores it. Binary fractions
// (187.49999999999997) are taken for what was meant; a true third decimal is
// refused, because rounding it would charge another amount than was shown.
func ParseCRM(text, code string) (Money, error) {
	digits, known := currency.GetDigits(code)
	if !known {
		return Money{}, fmt.Errorf("%w %q", ErrCurrency, code)
	}
	// The bound keeps a huge exponent from costing a huge number.
	if len(text) > 40 || !crmDecimal.MatchString(text) {
		return Money{}, ErrAmount
	}
	value, ok := new(big.Rat).SetString(text)
	if !ok {
		return Money{}, ErrAmount
	}
	return fromRat(value, digits, code)
}

func fromRat(value *big.Rat, digits uint8, code string) (Money, error) {
	scale := new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(digits)), nil)
	exact := new(big.Rat).Mul(value, new(big.Rat).SetInt(scale))
	rounded, ok := new(big.Int).SetString(exact.FloatString(0), 10)
	if !ok || !rounded.IsInt64() {
		return Money{}, ErrAmount
	}
	off := new(big.Rat).Sub(exact, new(big.Rat).SetInt(rounded))
	if off.Abs(off).Cmp(big.NewRat(1, 10_000)) > 0 {
		return Money{}, fmt.Errorf("%w: %s has %d decimals", ErrAmount, code, digits)
	}
	return Money{Minor: rounded.Int64(), Currency: code}, nil
}

// String is the decimal text without the currency, as the JSON face writes it.
func (m Money) String() string {
	amount, err := currency.NewAmountFromInt64(m.Minor, m.Currency)
	if err != nil {
		return "0"
	}
	return amount.Number()
}

// Marks without a shape of their own (Unicode UAX 9).
const (
	leftToRightMark = "\u200e"
	rightToLeftMark = "\u200f"
)

// Format is the amount for people who read the given language, with the
// currency shown.
func (m Money) Format(language string) string {
	amount, err := currency.NewAmountFromInt64(m.Minor, m.Currency)
	if err != nil {
		return m.String()
	}
	text := currency.NewFormatter(currency.NewLocale(language)).Format(amount)
	if strings.HasPrefix(text, rightToLeftMark) { // else the dollar of AU$ would leave its letters: it has no direction of its own
		text += leftToRightMark
	}
	return text
}
