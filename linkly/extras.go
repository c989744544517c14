package linkly

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
)

// maxRules bounds SC2; no source states a limit.
const (
	maxRules       = 50
	maxBasisPoints = 9999 // reference linkly 12
	maxTipChoices  = 3    // likewise
)

// SurchargeRule is one entry of PAD SC2: cards whose number begins with BIN
// pay BasisPoints of the amount, or Cents (reference linkly 12).
type SurchargeRule struct {
	BIN         string // two to six digits
	BasisPoints int64  // 1 to 9999, or zero
	Cents       int64  // 1 to 999999999, or zero
}

type rateRule struct {
	BIN string `json:"b"`
	V   int64  `json:"v"`
}

type fixedRule struct {
	BIN  string `json:"b"`
	Type string `json:"t"`
	V    int64  `json:"v"`
}

var bin = regexp.MustCompile(`^[0-9]{2,6}$`)

// surchargeTag is SC2: a JSON array serialised into a string; empty when there
// are no rules.
func surchargeTag(rules []SurchargeRule) (string, error) {
	if len(rules) == 0 {
		return "", nil
	}
	if len(rules) > maxRules {
		return "", fmt.Errorf("SC2 takes at most %d rules", maxRules)
	}
	out := make([]any, len(rules))
	for i, r := range rules {
		switch {
		case !bin.MatchString(r.BIN):
			return "", fmt.Errorf("a surcharge rule begins with 2 to 6 digits")
		case r.Cents == 0 && r.BasisPoints >= 1 && r.BasisPoints <= maxBasisPoints:
			out[i] = rateRule{r.BIN, r.BasisPoints}
		case r.BasisPoints == 0 && r.Cents >= 1 && r.Cents <= maxAmount:
			out[i] = fixedRule{r.BIN, "$", r.Cents}
		default:
			return "", fmt.Errorf("a surcharge rule is 1 to %d basis points or 1 to %d cents", maxBasisPoints, maxAmount)
		}
	}
	return string(encode(out)), nil
}

// tipTags are TPO, the choices of whole percents that the terminal offers, and
// TIP, a tip that is fixed already (reference linkly 12).
func tipTags(tx Transaction) (choices, fixed string, err error) {
	p := tx.PAD
	switch {
	case len(p.TipChoices) > 0 && !tx.EnableTip:
		return "", "", fmt.Errorf("TPO goes with EnableTip")
	case len(p.TipChoices) > maxTipChoices:
		return "", "", fmt.Errorf("TPO takes at most %d choices", maxTipChoices)
	case p.TIP < 0 || p.TIP > maxAmount:
		return "", "", fmt.Errorf("TIP must be 0 to %d cents", maxAmount)
	case p.TIP > 0 && tx.EnableTip:
		return "", "", fmt.Errorf("a tip is fixed or asked for, not both")
	case p.TIP > 0:
		return "", strconv.FormatInt(p.TIP, 10), nil
	case len(p.TipChoices) == 0:
		return "", "", nil
	}
	parts := make([]string, len(p.TipChoices))
	for i, percent := range p.TipChoices {
		if percent < 1 || percent > 99 {
			return "", "", fmt.Errorf("a tip is 1 to 99 percent")
		}
		parts[i] = fmt.Sprintf("%02d", percent)
	}
	return "[" + strings.Join(parts, ",") + "]", "", nil
}

// onlyPurchases refuses what goes with a purchase alone.
func (tx Transaction) onlyPurchases() error {
	p := tx.PAD
	if tx.Type == Purchase {
		return nil
	}
	if tx.EnableTip || p.TIP != 0 || len(p.TipChoices) > 0 || len(p.Surcharge) > 0 || strings.TrimSpace(tx.PanSource) != "" {
		return fmt.Errorf("tip, surcharge and card not present go with a purchase only")
	}
	return nil
}
