package sim_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"

	"receivepayment/linkly/sim"
)

// receipts are the texts of a result by type, in order.
func receipts(e envelope) []string {
	var list []string
	for _, r := range e.Response.Receipts {
		list = append(list, r.Type+"\n"+strings.Join(r.ReceiptText, "\n"))
	}
	return list
}

func TestTheReceiptsOfAPurchase(t *testing.T) {
	t.Parallel()
	p := start(t)
	p.term.Auto(sim.AutoConfig{Card: "eftpos", Method: sim.KeyInsert, Account: sim.KeySavings})
	session := uuid.NewString()
	p.post(session, "transaction", p.sale("P", 4250-50, "B24K7Q2M9X4T1A01", ""))
	got := receipts(p.settle(session))
	paper := func(title string) string {
		return strings.Join([]string{
			"       ACME CAFE",
			"       SIMULATOR",
			"     NO MONEY MOVES",
			"------------------------",
			"     " + title,
			"TERMINAL        12340001",
			"DATE/TIME  14Sep26 11:02",
			"CARD              EFTPOS",
			"        6XXXXXXXXXXX9012",
			"ENTRY             INSERT",
			"ACCOUNT          SAVINGS",
			"",
			"PURCHASE           42.00",
			"TOTAL AUD          42.00",
			"STAN              000001",
			"REF     B24K7Q2M9X4T1A01",
			"",
			"      APPROVED 00",
		}, "\n")
	}
	want := []string{"C\n" + paper("CUSTOMER COPY"), "M\n" + paper("MERCHANT COPY")}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("receipts (-want +got):\n%s", diff)
	}
}

func TestASignatureSaleHasASlipBeforeTheResult(t *testing.T) {
	t.Parallel()
	p := start(t)
	p.term.Auto(sim.AutoConfig{Signature: sim.KeyYes})
	session := p.charge(4208)
	got := receipts(p.result(session, "transaction"))
	if len(got) != 3 {
		t.Fatalf("%d receipts, want slip, customer's and merchant's copy", len(got))
	}
	if !strings.HasSuffix(got[0], "\n       SIGN BELOW\n\n\nX_______________________\n") || strings.Contains(got[0], "APPROVED") {
		t.Errorf("slip:\n%s", got[0])
	}
	if !strings.HasSuffix(got[2], "\n   APPROVED W/ SIG 08\n   SIGNATURE VERIFIED") || strings.Contains(got[1], "VERIFIED") {
		t.Errorf("copies:\n%s\n%s", got[1], got[2])
	}

	var pre []bool
	for _, c := range p.await("all", func([]callback) bool { return true }) {
		if c.Env.ResponseType == "receipt" {
			pre = append(pre, c.Env.Response.IsPrePrint)
		}
	}
	if diff := cmp.Diff([]bool{true, false, false}, pre); diff != "" {
		t.Errorf("IsPrePrint (-want +got):\n%s", diff)
	}
}

func TestADeclineHasReceiptsTooAndSaysWhy(t *testing.T) {
	t.Parallel()
	p := start(t)
	p.term.Auto(sim.AutoConfig{})
	got := receipts(p.settle(p.charge(1051)))
	if len(got) != 2 || !strings.HasSuffix(got[0], " INSUFFICIENT FUNDS 51") || !strings.Contains(got[0], "10.51") {
		t.Errorf("receipts:\n%s", strings.Join(got, "\n\n"))
	}
}

func TestACancelledSaleHasNoReceipts(t *testing.T) {
	t.Parallel()
	p := start(t)
	p.term.Auto(sim.AutoConfig{Cancel: true})
	if got := receipts(p.settle(p.charge(1000))); len(got) != 0 {
		t.Errorf("receipts:\n%s", strings.Join(got, "\n\n"))
	}
}

func TestPartsOfTheTotalStandOnTheReceipt(t *testing.T) {
	t.Parallel()
	p := start(t)
	term := p.sim.AddTerminal(sim.TerminalConfig{CashoutLimit: 10_000, Tipping: true})
	term.Auto(sim.AutoConfig{})
	term.Script(sim.Script{Surcharge: 25, Tip: 200})
	q := p2(p, term)
	session := uuid.NewString()
	body := strings.Replace(q.sale("P", 1000, newRef(), "", `"EnableTip":true`), `"AmtCash":0`, `"AmtCash":2000`, 1)
	q.post(session, "transaction", body)
	e := q.settle(session)
	text := receipts(e)[0]
	for _, want := range []string{
		"PURCHASE           10.00", "CASH OUT           20.00", "SURCHARGE           0.25", "TIP                 2.00", "TOTAL AUD          32.25",
	} {
		if !strings.Contains(text, want) {
			t.Errorf("lacks %q:\n%s", want, text)
		}
	}
	if e.Response.AmtCash != 2000 || e.Response.AmtTip != 200 || e.Response.PurchaseAnalysisData["AMT"] != "000003225" {
		t.Errorf("result %+v", e.Response)
	}
	if c := p.sim.Charges(); len(c) != 1 || c[0].Amount != 3225 || c[0].Cash != 2000 || c[0].Goods != 1000 {
		t.Errorf("charges %+v", c)
	}
}

func TestARefundsReceiptSaysRefund(t *testing.T) {
	t.Parallel()
	p := start(t)
	p.term.Auto(sim.AutoConfig{})
	rfn := p.settle(p.charge(5000)).Response.PurchaseAnalysisData["RFN"]
	if text := receipts(p.refund(2000, rfn))[0]; !strings.Contains(text, "REFUND             20.00") || strings.Contains(text, "PURCHASE") {
		t.Errorf("receipt:\n%s", text)
	}
}

func TestALongMerchantNameDoesNotBreakThePaper(t *testing.T) {
	t.Parallel()
	p := start(t)
	term := p.sim.AddTerminal(sim.TerminalConfig{Merchant: "The Very Long Named Merchant of Somewhere"})
	term.Auto(sim.AutoConfig{})
	for _, r := range p2(p, term).settleOne(1000).Response.Receipts {
		for _, line := range r.ReceiptText {
			if len(line) > 24 {
				t.Errorf("%q has %d columns", line, len(line))
			}
		}
	}
}

// settleOne sells once and returns the result.
func (p *pos) settleOne(cents int64) envelope {
	p.t.Helper()
	return p.settle(p.charge(cents))
}
