package web

import (
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/labstack/echo/v4"

	"receivepayment/payments"
	"receivepayment/words"
)

// tillForm is the till's policy as the page sends it. A box that is not ticked
// is not sent; the rows of rules and limits come as lists of equal length.
type tillForm struct {
	Surcharge        bool     `form:"surcharge"`
	RuleBIN          []string `form:"surchargeRules"`
	RulePercent      []string `form:"rulePercent"`
	RuleAmount       []string `form:"ruleAmount"`
	RuleCurrency     []string `form:"ruleCurrency"`
	Tips             bool     `form:"tips"`
	TipChoices       string   `form:"tipChoices"`
	CashOut          bool     `form:"cashOut"`
	MOTO             bool     `form:"moto"`
	RefundExtras     string   `form:"refundExtras"`
	UnmatchedRefunds bool     `form:"unmatchedRefunds"`
	LimitUser        []string `form:"limitUser"`
	LimitAmount      []string `form:"refundLimits"`
	LimitCurrency    []string `form:"limitCurrency"`
	NewUsers         []string `form:"newUsers"`
	NewAmount        string   `form:"newAmount"`
}

// policy is the same as a program would send it.
func (f tillForm) policy(w *words.Voice) (policyIn, error) {
	rules, err := f.rules(w)
	if err != nil {
		return policyIn{}, err
	}
	tips, err := f.tips()
	if err != nil {
		return policyIn{}, err
	}
	limits, err := f.limits(w)
	return policyIn{
		Surcharge: &f.Surcharge, SurchargeRules: &rules, Tips: &f.Tips, TipChoices: &tips, CashOut: &f.CashOut, MOTO: &f.MOTO,
		RefundExtras: &f.RefundExtras, UnmatchedRefunds: &f.UnmatchedRefunds, RefundLimits: &limits,
	}, err
}

// rules are the rows that somebody filled in.
func (f tillForm) rules(w *words.Voice) ([]surchargeRuleJSON, error) {
	rules := []surchargeRuleJSON{}
	if n := len(f.RuleBIN); n != len(f.RulePercent) || n != len(f.RuleAmount) || n != len(f.RuleCurrency) {
		return nil, payments.Invalid("body", "This form cannot be read.")
	}
	for i := range f.RuleBIN {
		currency := strings.ToUpper(strings.TrimSpace(f.RuleCurrency[i]))
		r := surchargeRuleJSON{
			BIN: strings.TrimSpace(f.RuleBIN[i]), Percent: typed(f.RulePercent[i]), Amount: typedIn(w, currency, f.RuleAmount[i]),
			Currency: currency,
		}
		if r.BIN+r.Percent+r.Amount != "" {
			rules = append(rules, r)
		}
	}
	return rules, nil
}

// tips reads percents as people list them: 5, 10 and 15.
func (f tillForm) tips() ([]int, error) {
	out := []int{}
	for _, word := range strings.FieldsFunc(typed(f.TipChoices), func(r rune) bool { return strings.ContainsRune(" ,;%،、", r) }) {
		n, err := strconv.Atoi(word)
		if err != nil {
			return nil, payments.Invalid("tipChoices", "List whole percents, like 5, 10, 15.")
		}
		out = append(out, n)
	}
	return out, nil
}

// limits are those that still have an amount, and the new one for whom it was
// chosen.
func (f tillForm) limits(w *words.Voice) (map[string]amountJSON, error) {
	out := map[string]amountJSON{}
	if n := len(f.LimitUser); n != len(f.LimitAmount) || n != len(f.LimitCurrency) || n == 0 {
		return nil, payments.Invalid("body", "This form cannot be read.")
	}
	currency := func(i int) string { return strings.ToUpper(strings.TrimSpace(f.LimitCurrency[i])) }
	for i, user := range f.LimitUser {
		if amount := typedIn(w, currency(i), f.LimitAmount[i]); amount != "" {
			out[user] = amountJSON{Amount: amount, Currency: currency(i)}
		}
	}
	switch amount := typedIn(w, currency(0), f.NewAmount); {
	case amount != "" && len(f.NewUsers) == 0:
		return nil, payments.Invalid("newAmount", "Choose for whom this limit is.")
	case amount == "" && len(f.NewUsers) > 0:
		return nil, payments.Invalid("newAmount", "Enter an amount, like 100.00.")
	default:
		for _, user := range f.NewUsers {
			out[user] = amountJSON{Amount: amount, Currency: currency(0)}
		}
	}
	return out, nil
}

// saveTill takes the page's form.
func (s *Server) saveTill(c echo.Context, who caller) error {
	var f tillForm
	if err := decode(c, &f); err != nil {
		return err
	}
	in, err := f.policy(who.Voice)
	if err == nil {
		err = s.applyPolicy(c, who, in)
	}
	if err != nil {
		return s.formError(c, err)
	}
	trigger(c, toast("ok", who.T("What the tills may do is saved.")))
	return s.showTill(c, who)
}

// showTill is the page's part about the till's policy.
func (s *Server) showTill(c echo.Context, who caller) error {
	if !who.Admin {
		return errForbidden
	}
	ctx := c.Request().Context()
	policy, err := s.Payments.Policy(ctx, who.PortalID)
	if err != nil {
		return err
	}
	view := tillView{deskTabs: deskTabs{Who: who, Tab: "till"}, Policy: policy, Currency: ruleCurrency}
	if view.Names, err = s.Portals.Names(ctx, who.PortalID, view.people()); err != nil {
		return err
	}
	return s.fragment(c, http.StatusOK, "till-tab", view)
}

// tillView is the till's policy on the app's own page.
type tillView struct {
	deskTabs
	Policy   payments.Policy
	Names    map[string]string
	Currency string // proposed where none is set
}

// people are the employees with a limit of their own, in the order of numbers.
func (v tillView) people() []string {
	var out []string
	for user := range v.Policy.RefundLimits {
		if user != payments.Everybody {
			out = append(out, user)
		}
	}
	slices.SortFunc(out, func(a, b string) int {
		if len(a) != len(b) {
			return len(a) - len(b)
		}
		return strings.Compare(a, b)
	})
	return out
}

// ruleRow is one line of the surcharge rules.
type ruleRow struct {
	surchargeRuleJSON
	N int
}

// emptyRows are how many rules can be added at once.
const emptyRows = 2

// Rules are the rules with room for more.
func (v tillView) Rules() []ruleRow {
	var out []ruleRow
	for _, r := range v.Policy.SurchargeRules {
		row := ruleRow{ruleOf(r), len(out) + 1}
		if row.Currency == "" { // a rate, which may become an amount
			row.Currency = v.Currency
		}
		out = append(out, row)
	}
	for range emptyRows {
		out = append(out, ruleRow{surchargeRuleJSON{Currency: v.Currency}, len(out) + 1})
	}
	return out
}

// limitRow is one line of the refund limits.
type limitRow struct {
	User, Name string
	Amount     string
	Currency   string
}

// Limits begin with everybody's.
func (v tillView) Limits() []limitRow {
	out := []limitRow{{User: payments.Everybody, Name: v.Who.T("Everybody"), Currency: v.Currency}}
	if m, found := v.Policy.RefundLimits[payments.Everybody]; found {
		out[0].Amount, out[0].Currency = m.String(), m.Currency
	}
	for _, user := range v.people() {
		m, name := v.Policy.RefundLimits[user], v.Names[user]
		if name == "" {
			name = v.Who.T("Employee %s", user)
		}
		out = append(out, limitRow{User: user, Name: name, Amount: m.String(), Currency: m.Currency})
	}
	return out
}

// Tips are the percents as the field shows them.
func (v tillView) Tips() string {
	out := make([]string, len(v.Policy.TipChoices))
	for i, n := range v.Policy.TipChoices {
		out[i] = strconv.Itoa(n)
	}
	return strings.Join(out, ", ")
}

// extrasChoice is one way to treat tip and surcharge when a part goes back.
type extrasChoice struct {
	Value      payments.RefundExtras
	Name, Note words.Key
	On         bool
}

// Extras are the three ways.
func (v tillView) Extras() []extrasChoice {
	out := []extrasChoice{
		{Value: payments.WithFull, Name: "With the last of the amount", Note: "A part returns none of them; a full refund returns everything."},
		{Value: payments.Share, Name: "Their share each time", Note: "Half of the amount returns half of tip and surcharge."},
		{Value: payments.Never, Name: "Never", Note: "Tip and surcharge stay with the shop."},
	}
	for i := range out {
		out[i].On = out[i].Value == v.Policy.RefundExtras
	}
	return out
}
