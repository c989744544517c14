package sim

import (
	"encoding/json"
	"fmt"
	"regexp"
	"strconv"
	"strings"
)

// surchargeRule is one entry of PAD SC2: cards that begin with the digits pay a rate in basis points, or with type "$" a
// fixed number of cents (reference linkly 12).
type surchargeRule struct {
	BIN   string `json:"b"`
	Type  string `json:"t"`
	Value int64  `json:"v"`
}

var ruleBIN = regexp.MustCompile(`^[0-9]{2,6}$`)

// valid holds a rule against the form that the official clients check.
func (r surchargeRule) valid() bool {
	switch {
	case !ruleBIN.MatchString(r.BIN) || r.Value < 1:
		return false
	case r.Type == "":
		return r.Value <= 9999
	}
	return r.Type == "$" && r.Value <= maxCents
}

// maxCents is the largest amount of a request (reference linkly 5.1).
const maxCents = 999_999_999

// surchargeRules reads SC2; false when it is not what the service takes. An empty list is allowed.
func surchargeRules(tag string) ([]surchargeRule, bool) {
	if tag == "" {
		return nil, true
	}
	dec := json.NewDecoder(strings.NewReader(tag))
	dec.DisallowUnknownFields()
	var rules []surchargeRule
	if err := dec.Decode(&rules); err != nil || rules == nil || dec.More() {
		return nil, false
	}
	for _, r := range rules {
		if !r.valid() {
			return nil, false
		}
	}
	return rules, true
}

// surchargeOf is what the rules add to an amount paid with the card: the rule that names most of its digits holds.
func surchargeOf(rules []surchargeRule, c Card, cents int64) int64 {
	best := surchargeRule{}
	for _, r := range rules {
		if strings.HasPrefix(c.bin, r.BIN) && len(r.BIN) > len(best.BIN) {
			best = r
		}
	}
	if best.Type == "$" {
		return best.Value
	}
	return (cents*best.Value + 5000) / 10_000
}

// extras checks what a POS asks for beside the amount: the forms of the tags, and that they stand where they belong.
func (c *checker) extras(r *request) {
	rules, ok := surchargeRules(r.pad["SC2"])
	if !ok {
		c.refuse("pad-sc2", "PAD SC2 is not a list of surcharge rules")
	}
	r.surcharge = rules
	if choices, sent := r.pad["TPO"]; sent && !tipRates.MatchString(choices) {
		c.note("pad-tpo", "PAD TPO %q is not a list such as [05,10,15]", choices)
	} else if sent {
		for percent := range strings.SplitSeq(strings.Trim(choices, "[]"), ",") {
			n, _ := strconv.ParseInt(percent, 10, 64) // two digits, as the pattern says
			r.tipChoices = append(r.tipChoices, n)
		}
	}
	if _, fixed := r.pad["TIP"]; fixed && r.tips {
		c.note("tip", "PAD TIP fixes the tip, and EnableTip asks for it")
	}
	if r.txnType != "P" && (r.tips || r.pad["TIP"] != "" || r.pad["TPO"] != "" || r.pad["SC2"] != "") {
		c.note("extras", "tip and surcharge go with a purchase only, not with TxnType %s", r.txnType)
	}
}

// notPresent reports a telephone or mail order, whose card the operator keys on the pad (reference linkly 12).
func (r request) notPresent() bool { return r.panSource != "" && strings.Contains("012", r.panSource) }

// wantsTip reports whether the POS asks for a tip in any way.
func (r request) wantsTip() bool { return r.tips || r.pad["TIP"] != "" }

// keyCard waits for the operator to key the card's number on the pad. The virtual pad has test cards instead of
// numbers: OK keys the chosen one.
func (k *talk) keyCard(sl *sale) bool {
	d := display("3", "KEY CARD NUMBER", k.title())
	d.Wants, d.Cancel = "keyed", true
	p := k.ask(d, k.s.cfg.Timing.CustomerTimeout)
	if sl.stopped(p) {
		return false
	}
	sl.card, _ = cardByID(p.Card)
	sl.entry, sl.account = keyKeyed, "2"
	return true
}

// askTip lets the customer choose one of the offered tips, or none.
func (k *talk) askTip(sl *sale) bool {
	choices := k.ses.req.tipChoices
	if !k.ses.req.tips || len(choices) == 0 || !sl.cfg.Tipping {
		return true
	}
	words := make([]string, len(choices))
	for i, percent := range choices {
		words[i] = fmt.Sprintf("%d:%d%%", i+1, percent)
	}
	d := display("2", "ADD A TIP?", strings.Join(words, " ")+" OK:NONE")
	d.Wants, d.Cancel = "tip", true
	p := k.ask(d, k.s.cfg.Timing.CustomerTimeout)
	if sl.stopped(p) {
		return false
	}
	if n, err := strconv.Atoi(p.Digit); err == nil && n >= 1 && n <= len(choices) {
		sl.chosen = k.ses.req.purchase * choices[n-1] / 100
	}
	return true
}

// tipOf is the tip that moves: fixed by the POS, chosen on the pad, or bent by the script.
func (k *talk) tipOf(sl *sale) int64 {
	if preset, err := strconv.ParseInt(k.ses.req.pad["TIP"], 10, 64); err == nil {
		return preset
	}
	if !k.ses.req.tips {
		return 0
	}
	if sl.chosen > 0 {
		return sl.chosen
	}
	return sl.script.Tip
}

// notAllowed reports whether the bank has not enabled what is asked of the terminal (reference linkly 5.5).
func (sl *sale) notAllowed(req request) bool {
	switch {
	case req.txnType == "R" && sl.cfg.NoRefunds:
		return true
	case req.notPresent() && !sl.cfg.MOTO:
		return true
	case req.wantsTip() && !sl.cfg.Tipping:
		return true
	}
	return req.cash > sl.cfg.CashoutLimit
}
