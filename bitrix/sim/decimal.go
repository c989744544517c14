package sim

import (
	"errors"
	"math/big"
	"strconv"
	"strings"
)

// decimal is an amount, price or quantity in ten-thousandths, the precision the portal keeps for prices.
type decimal int64

const decimalUnit = 10000

var errNotDecimal = errors.New("not a number")

// parseDecimal reads a JSON number or its text; more than four decimals are rounded half away from zero.
// Exponents are refused: nobody writes an amount so, and a large one would eat memory.
func parseDecimal(text string) (decimal, error) {
	text = strings.TrimSpace(text)
	if text == "" || len(text) > 40 || strings.ContainsAny(text, "/eEpPxXiInN_") {
		return 0, errNotDecimal
	}
	r, ok := new(big.Rat).SetString(text)
	if !ok {
		return 0, errNotDecimal
	}
	r.Mul(r, big.NewRat(decimalUnit, 1))
	if new(big.Rat).Abs(r).Cmp(big.NewRat(1<<60, 1)) > 0 {
		return 0, errNotDecimal
	}
	return decimal(roundRat(r)), nil
}

// mustDecimal is for the seeded data, where a wrong text is a programming mistake.
func mustDecimal(text string) decimal {
	d, err := parseDecimal(text)
	if err != nil {
		panic("sim: seed amount " + text)
	}
	return d
}

// roundRat rounds to a whole number, half away from zero.
func roundRat(r *big.Rat) int64 {
	half := big.NewRat(1, 2)
	if r.Sign() < 0 {
		half.Neg(half)
	}
	sum := new(big.Rat).Add(r, half)
	return new(big.Int).Quo(sum.Num(), sum.Denom()).Int64()
}

// times multiplies, exact to the ten-thousandth.
func (d decimal) times(other decimal) decimal { return d.ratio(int64(other), decimalUnit) }

// ratio is d × num ÷ den.
func (d decimal) ratio(num, den int64) decimal {
	r := big.NewRat(num, den)
	return decimal(roundRat(r.Mul(r, new(big.Rat).SetInt64(int64(d)))))
}

// cents rounds to two decimals, as the portal stores amounts of documents.
func (d decimal) cents() decimal {
	return decimal(roundRat(big.NewRat(int64(d), 100))) * 100
}

// String is the shortest plain form: 287, 187.5, 0.0825.
func (d decimal) String() string {
	text := d.fixed(4)
	text = strings.TrimRight(text, "0")
	return strings.TrimSuffix(text, ".")
}

// fixed writes exactly n decimals (2 or 4), the form of the legacy methods: "1000.00".
func (d decimal) fixed(n int) string {
	sign, abs := "", int64(d)
	if abs < 0 {
		sign, abs = "-", -abs
	}
	frac := strconv.FormatInt(decimalUnit+abs%decimalUnit, 10)[1:]
	return sign + strconv.FormatInt(abs/decimalUnit, 10) + "." + frac[:n]
}

// MarshalJSON writes a JSON number: the universal methods send real numbers (reference bitrix24, 6.1).
func (d decimal) MarshalJSON() ([]byte, error) { return []byte(d.String()), nil }
