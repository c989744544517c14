package web

import (
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"

	"receivepayment/payments"
	"receivepayment/words"
)

// freshTill is the form as an administrator may fill it in.
func freshTill() tillForm {
	return tillForm{
		Surcharge: true, Tips: true, RefundExtras: "share", TipChoices: "5",
		RuleBIN: []string{" 41 ", "3714", "", "62"}, RulePercent: []string{"1,50", "", "", ""},
		RuleAmount: []string{"", "٠٫٧٥", "", "1,250"}, RuleCurrency: []string{"AUD", "aud", "AUD", "KWD"},
		LimitUser: []string{"*", "14", "15"}, LimitAmount: []string{"1.100,00", "", "0"}, LimitCurrency: []string{"AUD", "AUD", "JPY"},
	}
}

func TestTheTillsFormIsReadAsPeopleTypeIt(t *testing.T) {
	t.Parallel()
	f := freshTill()
	f.TipChoices, f.NewUsers, f.NewAmount = "5 %, 10 %، 15", []string{"7", "8"}, "50"
	in, err := f.policy(words.In("de"))
	if err != nil {
		t.Fatal(err)
	}
	var got payments.Policy
	if err := in.apply(&got); err != nil {
		t.Fatal(err)
	}
	want := payments.Policy{
		NoCashOut: true, NoMOTO: true, RefundExtras: payments.Share, TipChoices: []int{5, 10, 15},
		SurchargeRules: []payments.SurchargeRule{
			{BIN: "41", BasisPoints: 150}, {BIN: "3714", Amount: 75, Currency: "AUD"}, {BIN: "62", Amount: 1250, Currency: "KWD"},
		},
		RefundLimits: map[string]payments.Money{
			"*": aud(110000), "15": {Minor: 0, Currency: "JPY"}, "7": aud(5000), "8": aud(5000),
		},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("policy (-want +got):\n%s", diff)
	}
}

// Each refusal names the field that the page can show it beside.
func TestWhatIsWrongInTheTillsFormIsSaidBesideItsField(t *testing.T) {
	t.Parallel()
	for name, one := range map[string]struct {
		change func(f *tillForm)
		field  string
	}{
		"a tip that is no number":          {func(f *tillForm) { f.TipChoices = "5, much" }, "tipChoices"},
		"a fraction of a percent":          {func(f *tillForm) { f.TipChoices = "5.5" }, "tipChoices"},
		"a rate with three decimals":       {func(f *tillForm) { f.RulePercent[0] = "1.505" }, "surchargeRules"},
		"half a yen":                       {func(f *tillForm) { f.RuleAmount[1], f.RuleCurrency[1] = "10.5", "JPY" }, "surchargeRules"},
		"a third decimal of a dollar":      {func(f *tillForm) { f.RuleAmount[1] = "0.755" }, "surchargeRules"},
		"a currency that does not exist":   {func(f *tillForm) { f.RuleCurrency[1] = "XXZ" }, "surchargeRules"},
		"a limit in words":                 {func(f *tillForm) { f.LimitAmount[0] = "much" }, "refundLimits"},
		"a limit for nobody":               {func(f *tillForm) { f.NewAmount = "5" }, "newAmount"},
		"somebody without a limit":         {func(f *tillForm) { f.NewUsers = []string{"7"} }, "newAmount"},
		"somebody who is no number":        {func(f *tillForm) { f.NewUsers, f.NewAmount = []string{"x"}, "5" }, "refundLimits"},
		"rows that do not belong together": {func(f *tillForm) { f.RulePercent = nil }, "body"},
	} {
		f := freshTill()
		one.change(&f)
		in, err := f.policy(words.In("de"))
		if err == nil {
			err = in.apply(&payments.Policy{})
		}
		var invalid *payments.InvalidError
		if !errors.As(err, &invalid) || invalid.Field != one.field {
			t.Errorf("%s: %v, want a refusal of %s", name, err, one.field)
		}
	}
}
