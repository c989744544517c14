package payments

import (
	"context"
	"fmt"
	"regexp"
	"strconv"
	"strings"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"

	"receivepayment/audit"
)

// Policy is what a portal allows at its tills. The zero value is what holds
// until an administrator says otherwise: everything that the terminal's bank
// allows, no surcharge rules, and refunds that return tip and surcharge when
// all of a purchase goes back.
type Policy struct {
	PortalID       string          `gorm:"primaryKey"`
	NoSurcharge    bool            // the law forbids it
	SurchargeRules []SurchargeRule `gorm:"type:text;serializer:json"`
	NoTips         bool
	TipChoices     []int `gorm:"type:text;serializer:json"` // whole percents, 1 to 99, at most three
	NoCashOut      bool
	NoMOTO         bool
	RefundExtras   RefundExtras
	Unmatched      bool // refunds without a link to their sale, for who has that right
	// RefundLimits say by employee how much of one purchase a person may refund
	// without asking; Everybody holds for those who are not named.
	RefundLimits map[string]Money `gorm:"type:text;serializer:json"`
}

// TableName is the table of policies.
func (Policy) TableName() string { return "till_policies" }

// Everybody is the name of the limit that holds for who has none of their own.
const Everybody = "*"

// RefundExtras says what becomes of tip and surcharge when a part is refunded.
type RefundExtras string

// The ways. A cash-out never goes back: it was handed out in notes.
const (
	WithFull RefundExtras = "with_full" // they go back with the last of the amount, not before
	Share    RefundExtras = "share"     // each refund returns its share of them
	Never    RefundExtras = "never"     // they stay
)

// SurchargeRule is one entry of the rules that a terminal applies by the first
// digits of the card: a rate in basis points, or a fixed amount in minor units
// of its currency, which counts for payments in that alone.
type SurchargeRule struct {
	BIN         string `json:"bin"` // two to six digits
	BasisPoints int64  `json:"basisPoints,omitempty"`
	Amount      int64  `json:"amount,omitempty"`
	Currency    string `json:"currency,omitempty"`
}

// firstCurrency is that of amounts that were stored before rules had one.
const firstCurrency = "AUD"

// Money is the fixed amount.
func (r SurchargeRule) Money() Money {
	if r.Currency == "" {
		return Money{Minor: r.Amount, Currency: firstCurrency}
	}
	return Money{Minor: r.Amount, Currency: r.Currency}
}

// Percent is the rate as people write it, such as 1.50.
func (r SurchargeRule) Percent() string {
	return fmt.Sprintf("%d.%02d", r.BasisPoints/100, r.BasisPoints%100)
}

// ParsePercent reads a rate with at most two decimals into basis points.
func ParsePercent(text string) (int64, error) {
	whole, part, _ := strings.Cut(text, ".")
	if !percentText.MatchString(text) {
		return 0, fmt.Errorf("%w: write a rate like 1.50", ErrAmount)
	}
	return strconv.ParseInt(whole+(part + "00")[:2], 10, 64)
}

// rulesFor are the rules that count for payments in a currency.
func (p Policy) rulesFor(currency string) []SurchargeRule {
	var out []SurchargeRule
	for _, r := range p.SurchargeRules {
		if r.Amount == 0 || r.Money().Currency == currency {
			out = append(out, r)
		}
	}
	return out
}

const (
	maxRules       = 50
	maxBasisPoints = 9999 // reference linkly 12
	maxTipChoices  = 3    // likewise
)

var percentText = regexp.MustCompile(`^[0-9]{1,2}(\.[0-9]{1,2})?$`)

var binText = regexp.MustCompile(`^[0-9]{2,6}$`)

// Policy reads what a portal allows.
func (s *Service) Policy(ctx context.Context, portalID string) (Policy, error) {
	return policyOf(s.db.WithContext(ctx), portalID)
}

func policyOf(tx *gorm.DB, portalID string) (Policy, error) {
	var rows []Policy
	if err := tx.Where("portal_id = ?", portalID).Limit(1).Find(&rows).Error; err != nil {
		return Policy{}, fmt.Errorf("read the till's policy: %w", err)
	}
	if len(rows) == 0 {
		return Policy{PortalID: portalID, RefundExtras: WithFull}, nil
	}
	return rows[0], nil
}

// SetPolicy replaces what a portal allows.
func (s *Service) SetPolicy(ctx context.Context, p Policy) error {
	if p.RefundExtras == "" {
		p.RefundExtras = WithFull
	}
	if err := p.check(); err != nil {
		return err
	}
	err := s.db.InTx(ctx, func(tx *gorm.DB) error {
		err := tx.Clauses(clause.OnConflict{Columns: []clause.Column{{Name: "portal_id"}}, UpdateAll: true}).Create(&p).Error
		if err != nil {
			return err
		}
		return audit.Write(tx, s.now(), p.PortalID, audit.SettingsChanged, "till", p.words())
	})
	if err != nil {
		return fmt.Errorf("store the till's policy: %w", err)
	}
	return nil
}

// words name for the audit what is allowed.
func (p Policy) words() string {
	allowed := func(off bool) string { return map[bool]string{true: "off", false: "on"}[off] }
	return fmt.Sprintf("surcharge %s, %d rules; tips %s; cash-out %s; moto %s; extras back %s; unmatched refunds %s; %d limits",
		allowed(p.NoSurcharge), len(p.SurchargeRules), allowed(p.NoTips), allowed(p.NoCashOut), allowed(p.NoMOTO),
		p.RefundExtras, allowed(!p.Unmatched), len(p.RefundLimits))
}

func (p Policy) check() error {
	switch p.RefundExtras {
	case WithFull, Share, Never:
	default:
		return Invalid("refundExtras", "Choose with_full, share or never.")
	}
	if len(p.TipChoices) > maxTipChoices {
		return Invalid("tipChoices", "Offer at most three tips.")
	}
	for _, percent := range p.TipChoices {
		if percent < 1 || percent > 99 {
			return Invalid("tipChoices", "A tip is 1 to 99 percent.")
		}
	}
	if len(p.SurchargeRules) > maxRules {
		return Invalid("surchargeRules", "At most 50 rules fit.")
	}
	for _, r := range p.SurchargeRules {
		if err := r.check(); err != nil {
			return err
		}
	}
	for _, m := range p.RefundLimits {
		if m.Minor < 0 {
			return Invalid("refundLimits", "A limit is an amount like 100.00.")
		}
	}
	return nil
}

func (r SurchargeRule) check() error {
	switch {
	case !binText.MatchString(r.BIN):
		return Invalid("surchargeRules", "A rule begins with two to six digits of the card.")
	case (r.BasisPoints == 0) == (r.Amount == 0):
		return Invalid("surchargeRules", "Cards that begin with %s: a rule is a rate or an amount, above zero.", r.BIN)
	case r.BasisPoints < 0 || r.BasisPoints > maxBasisPoints || r.Amount < 0 || r.Amount > maxMinor:
		return Invalid("surchargeRules", "A rate is 0.01 to 99.99 percent, an amount at most 9,999,999.99.")
	}
	return nil
}

// MayGoBack reports whether a purchase can be refunded as far as its link to the
// sale goes.
func (p Policy) MayGoBack(purchase Payment) bool { return purchase.RFN != "" || p.Unmatched }

// RefundLimit is how much of one purchase the person may refund without
// asking; nil means all of it.
func (p Policy) RefundLimit(userID string) *Money {
	for _, subject := range []string{userID, Everybody} {
		if limit, found := p.RefundLimits[subject]; found {
			return &limit
		}
	}
	return nil
}

// Returns is how much of surcharge and tip goes back with a refund of this
// amount of a purchase of which left can still be refunded.
func (p Policy) Returns(purchase Payment, left Left, amount int64) (surcharge, tip int64) {
	switch p.RefundExtras {
	case Never:
		return 0, 0
	case Share:
		return share(purchase.Surcharge, left.Surcharge, purchase.Collected(), left.Amount, amount),
			share(purchase.Tip, left.Tip, purchase.Collected(), left.Amount, amount)
	case WithFull:
	}
	if amount == left.Amount {
		return left.Surcharge, left.Tip
	}
	return 0, 0
}

// share rounds the sum of all shares down, not each of them, so that the last
// refund returns exactly what is left.
func share(whole, left, collected, leftAmount, amount int64) int64 {
	if collected <= 0 {
		return 0
	}
	gone := collected - leftAmount + amount
	return min(max(whole*gone/collected-(whole-left), 0), left)
}
