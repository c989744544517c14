package web

import (
	"testing"

	"receivepayment/access"
	"receivepayment/payments"
)

// TestTheRefundFormOffersWhatThePersonMay: to refund, to ask, or both, and says why.
func TestTheRefundFormOffersWhatThePersonMay(t *testing.T) {
	t.Parallel()
	s := newScreens(t)
	unlinked := payments.Policy{Unmatched: true}
	privileged := refunder()
	privileged.Rights = append(privileged.Rights, access.RefundUnmatched)
	back := gaveBack("SI:79", 2000)
	back.Payments[1].StartedBy = "14"
	for name, c := range map[string]struct {
		who           caller
		data          func(caller) any
		refund, ask   int
		alone, linkNo string
	}{
		"all of it":                     {refunder(), ruledBy(payments.Policy{}, paid("SI:79")), 1, 0, "", ""},
		"a limit above what is left":    {refunder(), ruledBy(limited(6000), paid("SI:79")), 1, 0, "", ""},
		"a limit below":                 {refunder(), ruledBy(limited(3000), paid("SI:79")), 1, 1, "You may refund $30.00 of it alone; ask for more.", ""},
		"a limit of which a part is up": {refunder(), ruledBy(limited(3000), back), 1, 1, "You may refund $10.00 of it alone; ask for more.", ""},
		"a limit that is used up":       {refunder(), ruledBy(limited(2000), back), 0, 1, "You may refund nothing more of it alone; ask for it.", ""},
		"administrators have none":      {adminOf(), ruledBy(limited(0), paid("SI:79")), 1, 0, "", ""},
		"no right to refund":            {cashierOf(), ruledBy(limited(0), paid("SI:79")), 0, 1, "", ""},
		"no link, with the right":       {privileged, ruledBy(unlinked, linkless("SI:79")), 1, 0, "", "true"},
		"no link, without it":           {refunder(), ruledBy(unlinked, linkless("SI:79")), 0, 1, "", "true"},
	} {
		doc := s.draw("receive-page", c.data(c.who))
		if n := doc.Find("[data-test=refund-submit]").Length(); n != c.refund {
			t.Errorf("%s: %d buttons to refund", name, n)
		}
		if n := doc.Find("[data-test=refund-ask]").Length(); n != c.ask {
			t.Errorf("%s: %d buttons to ask", name, n)
		}
		if got := said(doc, "refund-alone"); got != c.alone {
			t.Errorf("%s: the limit is said as %q", name, got)
		}
		if got := doc.Find("input[name=unmatched]").AttrOr("value", ""); got != c.linkNo {
			t.Errorf("%s: unmatched is %q", name, got)
		}
	}
}
