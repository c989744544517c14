package sim_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/google/uuid"

	"receivepayment/linkly/sim"
)

// tagged is a purchase with more PAD tags and members.
func (p *pos) tagged(cents int64, tags, members string) string {
	body := strings.Replace(p.sale("P", cents, newRef(), ""), `"PCM"`, tags+`"PCM"`, 1)
	return strings.Replace(body, `"CutReceipt"`, members+`"CutReceipt"`, 1)
}

func (p *pos) run(body string) envelope {
	p.t.Helper()
	session := uuid.NewString()
	if status := p.post(session, "transaction", body); status != http.StatusAccepted {
		p.t.Fatalf("sale: %d", status)
	}
	return p.settle(session)
}

func TestSurchargeRulesGoByTheFirstDigitsOfTheCard(t *testing.T) {
	t.Parallel()
	p := start(t)
	rules := `"SC2":"[{\"b\":\"41\",\"v\":150},{\"b\":\"4111\",\"v\":200},{\"b\":\"3714\",\"t\":\"$\",\"v\":75},{\"b\":\"5555\",\"v\":33}]",`
	for card, want := range map[string]string{"visa": "000000200", "amex": "000000075", "mastercard": "000000033", "eftpos": "000000000"} {
		p.term.Auto(sim.AutoConfig{Card: card})
		r := p.run(p.tagged(10000, rules, "")).Response
		if !r.Success || *r.AmtPurchase != 10000 || r.PurchaseAnalysisData["SUR"] != want {
			t.Errorf("%s: surcharge %s of %+v, want %s", card, r.PurchaseAnalysisData["SUR"], r, want)
		}
	}
	for _, wrong := range []string{`[{\"b\":\"4\",\"v\":1}]`, `[{\"b\":\"41\",\"v\":0}]`, `[{\"b\":\"41\",\"t\":\"%\",\"v\":1}]`, `{}`, `none`} {
		if status := p.post(uuid.NewString(), "transaction", p.tagged(10000, `"SC2":"`+wrong+`",`, "")); status != http.StatusBadRequest {
			t.Errorf("SC2 %s: %d, want 400", wrong, status)
		}
	}
}

func TestTheCustomerChoosesOneOfTheOfferedTips(t *testing.T) {
	t.Parallel()
	p := start(t)
	sale := func() sim.Charge {
		p.run(p.tagged(10000, `"TPO":"[05,10,15]",`, `"EnableTip":true,`))
		charges := p.sim.Charges()
		return charges[len(charges)-1]
	}
	for choice, want := range map[int]int64{0: 0, 1: 500, 3: 1500} {
		p.term.Auto(sim.AutoConfig{Tip: choice})
		if c := sale(); !c.Approved || c.Tip != want || c.Amount != 10000+want {
			t.Errorf("choice %d: %+v, want a tip of %d", choice, c, want)
		}
	}
	p.clean()
}

func TestACardNotPresentIsKeyedOnThePad(t *testing.T) {
	t.Parallel()
	p := start(t)
	q := p2(p, p.sim.AddTerminal(sim.TerminalConfig{MOTO: true}))
	for _, c := range []struct {
		till *pos
		code string
	}{{p, "58"}, {q, "00"}} {
		c.till.term.Auto(sim.AutoConfig{Card: "mastercard"})
		r := c.till.run(c.till.tagged(10000, "", `"PanSource":"2",`)).Response
		if r.ResponseCode != c.code || r.TxnFlags.CardEntry != "K" || r.CardName != "03" {
			t.Errorf("%s: %+v, want %s", c.till.term.ID(), r, c.code)
		}
	}
	p.clean()
}

func TestTipsAreForTerminalsWhoseBankAllowsThem(t *testing.T) {
	t.Parallel()
	p := start(t)
	q := p2(p, p.sim.AddTerminal(sim.TerminalConfig{}))
	q.term.Auto(sim.AutoConfig{})
	if r := q.run(q.tagged(10000, `"TIP":"100",`, "")).Response; r.ResponseCode != "58" {
		t.Errorf("a tip: %+v", r)
	}
}

func TestSomeBanksTakeRefundsWithoutTheSale(t *testing.T) {
	t.Parallel()
	p := start(t)
	q := p2(p, p.sim.AddTerminal(sim.TerminalConfig{UnmatchedRefunds: true}))
	q.term.Auto(sim.AutoConfig{})
	if r := q.refund(1000, "").Response; !r.Success {
		t.Errorf("without RFN: %+v", r)
	}
	if r := q.refund(1000, "nowhere").Response; r.ResponseCode != "12" {
		t.Errorf("with an RFN that nobody knows: %+v", r)
	}
	p.clean()
}
