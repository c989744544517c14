package web

import (
	"net/http"
	"regexp"
	"slices"

	"github.com/labstack/echo/v4"

	"receivepayment/payments"
)

// policyJSON is what a portal allows at its tills, beside what the terminals'
// bank allows.
type policyJSON struct {
	Surcharge        bool                  `json:"surcharge"` // false where the law forbids it
	SurchargeRules   []surchargeRuleJSON   `json:"surchargeRules"`
	Tips             bool                  `json:"tips"`
	TipChoices       []int                 `json:"tipChoices"`
	CashOut          bool                  `json:"cashOut"`
	MOTO             bool                  `json:"moto"`
	RefundExtras     string                `json:"refundExtras"`
	UnmatchedRefunds bool                  `json:"unmatchedRefunds"`
	RefundLimits     map[string]amountJSON `json:"refundLimits"`
}

// surchargeRuleJSON is a percentage or an amount, both as decimal text.
type surchargeRuleJSON struct {
	BIN     string `json:"bin"`
	Percent string `json:"percent,omitempty"`
	Amount  string `json:"amount,omitempty"`
	// Currency is the amount's; a rate has none.
	Currency string `json:"currency,omitempty"`
}

// ruleCurrency is that of amounts whose sender names none.
const ruleCurrency = "AUD"

func ruleOf(r payments.SurchargeRule) surchargeRuleJSON {
	if r.Amount > 0 {
		return surchargeRuleJSON{BIN: r.BIN, Amount: r.Money().String(), Currency: r.Money().Currency}
	}
	return surchargeRuleJSON{BIN: r.BIN, Percent: r.Percent()}
}

func policyOf(p payments.Policy) policyJSON {
	out := policyJSON{
		Surcharge: !p.NoSurcharge, SurchargeRules: make([]surchargeRuleJSON, len(p.SurchargeRules)), Tips: !p.NoTips,
		TipChoices: append([]int{}, p.TipChoices...), CashOut: !p.NoCashOut, MOTO: !p.NoMOTO,
		RefundExtras: string(p.RefundExtras), UnmatchedRefunds: p.Unmatched, RefundLimits: map[string]amountJSON{},
	}
	for i, r := range p.SurchargeRules {
		out.SurchargeRules[i] = ruleOf(r)
	}
	for subject, limit := range p.RefundLimits {
		out.RefundLimits[subject] = amountOf(limit)
	}
	return out
}

func (s *Server) showPolicy(c echo.Context, who caller) error {
	if !wantsJSON(c) {
		return s.showTill(c, who)
	}
	policy, err := s.Payments.Policy(c.Request().Context(), who.PortalID)
	if err != nil {
		return err
	}
	return c.JSON(http.StatusOK, policyOf(policy))
}

// policyIn is policyJSON with what nobody mentioned left as it is.
type policyIn struct {
	Surcharge        *bool                  `json:"surcharge"`
	SurchargeRules   *[]surchargeRuleJSON   `json:"surchargeRules"`
	Tips             *bool                  `json:"tips"`
	TipChoices       *[]int                 `json:"tipChoices"`
	CashOut          *bool                  `json:"cashOut"`
	MOTO             *bool                  `json:"moto"`
	RefundExtras     *string                `json:"refundExtras"`
	UnmatchedRefunds *bool                  `json:"unmatchedRefunds"`
	RefundLimits     *map[string]amountJSON `json:"refundLimits"`
}

func (s *Server) changePolicy(c echo.Context, who caller) error {
	if !wantsJSON(c) {
		return s.saveTill(c, who)
	}
	var in policyIn
	if err := decode(c, &in); err != nil {
		return err
	}
	if err := s.applyPolicy(c, who, in); err != nil {
		return err
	}
	return s.showPolicy(c, who)
}

func (s *Server) applyPolicy(c echo.Context, who caller, in policyIn) error {
	policy, err := s.Payments.Policy(c.Request().Context(), who.PortalID)
	if err != nil {
		return err
	}
	if err := in.apply(&policy); err != nil {
		return err
	}
	return s.Payments.SetPolicy(c.Request().Context(), policy)
}

func (in policyIn) apply(p *payments.Policy) error {
	for _, flag := range []struct {
		on  *bool
		off *bool
	}{{in.Surcharge, &p.NoSurcharge}, {in.Tips, &p.NoTips}, {in.CashOut, &p.NoCashOut}, {in.MOTO, &p.NoMOTO}} {
		if flag.on != nil {
			*flag.off = !*flag.on
		}
	}
	if in.UnmatchedRefunds != nil {
		p.Unmatched = *in.UnmatchedRefunds
	}
	if in.RefundExtras != nil {
		p.RefundExtras = payments.RefundExtras(*in.RefundExtras)
	}
	if in.TipChoices != nil {
		p.TipChoices = slices.Clone(*in.TipChoices)
	}
	if err := in.rules(p); err != nil {
		return err
	}
	return in.limits(p)
}

func (in policyIn) rules(p *payments.Policy) error {
	if in.SurchargeRules == nil {
		return nil
	}
	p.SurchargeRules = nil
	for _, r := range *in.SurchargeRules {
		rule, err := r.rule()
		if err != nil {
			return err
		}
		p.SurchargeRules = append(p.SurchargeRules, rule)
	}
	return nil
}

// rule reads one entry; the amount has the decimals of its own currency.
func (r surchargeRuleJSON) rule() (payments.SurchargeRule, error) {
	out := payments.SurchargeRule{BIN: r.BIN}
	if r.Percent != "" {
		points, err := payments.ParsePercent(r.Percent)
		if err != nil {
			return out, payments.Invalid("surchargeRules", "Cards that begin with %s: write a percentage like 1.50.", r.BIN)
		}
		out.BasisPoints = points
	}
	if r.Amount == "" {
		return out, nil
	}
	out.Currency = r.Currency
	if out.Currency == "" {
		out.Currency = ruleCurrency
	}
	m, err := payments.ParseMoney(r.Amount, out.Currency)
	if err != nil {
		return out, payments.Invalid("surchargeRules",
			"Cards that begin with %s: write an amount like 0.50 with its currency, and no more decimals than that has.", r.BIN)
	}
	out.Amount = m.Minor
	return out, nil
}

var employeeText = regexp.MustCompile(`^[1-9][0-9]{0,18}$`)

func (in policyIn) limits(p *payments.Policy) error {
	if in.RefundLimits == nil {
		return nil
	}
	p.RefundLimits = map[string]payments.Money{}
	for subject, limit := range *in.RefundLimits {
		if subject != payments.Everybody && !employeeText.MatchString(subject) {
			return payments.Invalid("refundLimits", "Name an employee by number, or everybody with *.")
		}
		m, err := payments.ParseMoney(limit.Amount, limit.Currency)
		if err != nil {
			return payments.Invalid("refundLimits", "Send an amount like 100.00 with its currency.")
		}
		p.RefundLimits[subject] = m
	}
	return nil
}
