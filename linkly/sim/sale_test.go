package sim_test

import (
	"errors"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/google/uuid"

	"receivepayment/linkly/sim"
)

func TestAnInsertedCardIsAskedForAccountAndPINAndThePOSSeesEveryDisplay(t *testing.T) {
	t.Parallel()
	p := start(t)
	session := p.charge(4200)

	p.see("PRESENT CARD")
	if status, _ := p.ask(session); status != http.StatusAccepted {
		t.Errorf("while the customer is asked: %d, want 202", status)
	}
	p.press(sim.Press{Key: sim.KeyInsert, Card: "mastercard"})
	p.see("SELECT ACCOUNT")
	p.press(sim.Press{Key: sim.KeySavings})
	p.see("ENTER PIN")
	for _, d := range "1234" {
		p.press(sim.Press{Key: sim.KeyDigit, Digit: string(d)})
	}
	p.press(sim.Press{Key: sim.KeyEnter})

	got := p.result(session, "transaction")
	if !got.Response.Success || got.Response.ResponseCode != "00" || *got.Response.AmtPurchase != 4200 {
		t.Errorf("result: %+v", got.Response)
	}
	want := []string{
		"display PRESENT CARD", "display SELECT ACCOUNT", "display ENTER PIN", "display PROCESSING",
		"receipt C", "receipt M", "display APPROVED", "transaction 00",
	}
	if diff := cmp.Diff(want, story(p.await("all", func([]callback) bool { return true }))); diff != "" {
		t.Errorf("callbacks (-want +got):\n%s", diff)
	}
	p.clean()
}

// story tells callbacks in a word or two each.
func story(calls []callback) []string {
	var lines []string
	for _, c := range calls {
		word := map[string]string{"receipt": c.Env.Response.Type, "transaction": c.Env.Response.ResponseCode}[c.Env.ResponseType]
		if c.Env.ResponseType == "display" {
			word = strings.TrimSpace(c.Env.Response.DisplayText[0])
		}
		lines = append(lines, c.Env.ResponseType+" "+word)
	}
	return lines
}

func TestTheCentsOfTheAmountDecide(t *testing.T) {
	t.Parallel()
	cases := []struct {
		cents   int64
		success bool
		code    string
		text    string
	}{
		{1000, true, "00", "APPROVED"},
		{1008, true, "08", "APPROVED W/ SIG"},
		{1050, false, "50", "SYSTEM ERROR"},
		{1051, false, "51", "INSUFFICIENT FUNDS"},
		{1055, false, "55", "INCORRECT PIN"},
		{1005, false, "05", "DO NOT HONOUR"},
		{1077, false, "77", "DECLINED (77)"},
	}
	for _, c := range cases {
		t.Run(c.code, func(t *testing.T) {
			t.Parallel()
			p := start(t, func(cfg *sim.Config) { cfg.Timing.Acknowledge = 1 })
			p.term.Auto(sim.AutoConfig{Signature: sim.KeyYes})
			session := p.charge(c.cents)
			for where, got := range map[string]envelope{"callback": p.result(session, "transaction"), "status": p.settle(session)} {
				r := got.Response
				if r.Success != c.success || r.ResponseCode != c.code || strings.TrimSpace(r.ResponseText) != c.text {
					t.Errorf("%s: %v %s %q", where, r.Success, r.ResponseCode, r.ResponseText)
				}
				if len(r.ResponseText) != 20 || len(r.Pan) != 20 || len(r.TxnRef) != 16 {
					t.Errorf("%s: not padded: %q %q %q", where, r.ResponseText, r.Pan, r.TxnRef)
				}
			}
			want := []sim.Charge{{Session: session, Terminal: "t1", Type: "P", Approved: c.success, Code: c.code, Card: "visa"}}
			if c.success {
				want[0].Amount, want[0].Goods = c.cents, c.cents
			}
			ignore := cmpopts.IgnoreFields(sim.Charge{}, "TxnRef", "RFN", "At")
			if diff := cmp.Diff(want, p.sim.Charges(), ignore); diff != "" {
				t.Errorf("charges (-want +got):\n%s", diff)
			}
			p.clean()
		})
	}
}

func TestAnApprovalCarriesWhatARefundAndADisputeNeed(t *testing.T) {
	t.Parallel()
	p := start(t)
	p.term.Auto(sim.AutoConfig{Card: "mastercard"})
	r := p.settle(p.charge(4200)).Response
	pad := r.PurchaseAnalysisData
	if pad["RFN"] == "" || pad["REF"] == "" || pad["AMT"] != "000004200" || pad["SUR"] != "000000000" || pad["UID"] != "9f3e6a50c7d14d0c8a4f2f6a7a0b1c2d" {
		t.Errorf("PAD %v", pad)
	}
	if len(r.RRN) != 12 || r.AuthCode == 0 || r.CardName != "03" || strings.TrimSpace(r.CardType) != "MASTERCARD" || r.AccountType != "2" {
		t.Errorf("result %+v", r)
	}
	if r.TxnFlags.CardEntry != "C" || r.TxnFlags.PayPass != "1" || strings.TrimSpace(r.Track2) != "" || !strings.Contains(r.Pan, "XXXX4444") {
		t.Errorf("card %+v", r)
	}
	if len(r.Receipts) != 2 || r.Receipts[0].Type != "C" || r.Receipts[1].Type != "M" {
		t.Errorf("receipts %+v", r.Receipts)
	}
	if text := strings.Join(r.Receipts[0].ReceiptText, "\n"); !strings.Contains(text, "ACME CAFE") || !strings.Contains(text, "42.00") {
		t.Errorf("customer's copy:\n%s", text)
	}
}

func TestTheOperatorAnswersTheSignatureQuestion(t *testing.T) {
	t.Parallel()
	for key, code := range map[string]string{"1": "08", "2": "TL"} {
		t.Run("key "+key, func(t *testing.T) {
			t.Parallel()
			p := start(t)
			session := p.charge(4208)
			p.see("PRESENT CARD")
			p.press(sim.Press{Key: sim.KeyTap})
			d := p.see("SIGNATURE OK?")
			if !d.Yes || !d.No || d.Cancel || d.OK {
				t.Errorf("keys of the question: %+v", d)
			}
			if got := p.sim.Charges(); len(got) != 0 {
				t.Errorf("money moved before the answer: %+v", got)
			}
			if status := p.key(session, "0", ""); status != http.StatusBadRequest {
				t.Errorf("CANCEL although only YES and NO are enabled: %d, want 400", status)
			}
			if status := p.key(session, key, ""); status != http.StatusOK {
				t.Errorf("answer: %d, want 200", status)
			}
			r := p.settle(session).Response
			if r.ResponseCode != code || r.Success != (code == "08") {
				t.Errorf("result %s %v", r.ResponseCode, r.Success)
			}
			if r.Receipts[0].Type != "M" || !strings.Contains(strings.Join(r.Receipts[0].ReceiptText, "\n"), "SIGN BELOW") {
				t.Errorf("first receipt %+v", r.Receipts[0])
			}
			p.clean()
		})
	}
}

func TestASaleEndsWithoutTheBank(t *testing.T) {
	t.Parallel()
	cases := []struct {
		name, code string
		change     func(*sim.Config)
		do         func(p *pos, session string)
	}{
		{"when the POS cancels", "TM", nil, func(p *pos, session string) { p.key(session, "0", "") }},
		{"when the customer cancels", "TM", nil, func(p *pos, _ string) { p.press(sim.Press{Key: sim.KeyCancel}) }},
		{"when the virtual customer cancels", "TM", nil, func(p *pos, _ string) { p.term.Auto(sim.AutoConfig{Cancel: true}) }},
		{"when the terminal is unplugged", "PF", nil, func(p *pos, _ string) { p.term.Online(false) }},
		{"when nobody comes", "TO", func(c *sim.Config) { c.Timing.CustomerTimeout = 50 * time.Millisecond }, func(*pos, string) {}},
		{"when the customer leaves before choosing an account", "TM", nil, func(p *pos, _ string) {
			p.press(sim.Press{Key: sim.KeySwipe})
			p.see("SELECT ACCOUNT")
			p.press(sim.Press{Key: sim.KeyCancel})
		}},
		{"when the customer leaves before entering the PIN", "TM", nil, func(p *pos, session string) {
			p.press(sim.Press{Key: sim.KeyInsert})
			p.see("SELECT ACCOUNT")
			p.press(sim.Press{Key: sim.KeyCheque})
			p.see("ENTER PIN")
			p.key(session, "0", "")
		}},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			p := start(t, func(cfg *sim.Config) {
				if c.change != nil {
					c.change(cfg)
				}
			})
			session := p.charge(4200)
			if c.code != "TO" {
				p.see("PRESENT CARD")
			}
			c.do(p, session)
			r := p.result(session, "transaction").Response
			if r.Success || r.ResponseCode != c.code || *r.AmtPurchase != 0 {
				t.Errorf("result %v %s %d", r.Success, r.ResponseCode, *r.AmtPurchase)
			}
			if got := p.sim.Charges(); len(got) != 0 {
				t.Errorf("charges %+v", got)
			}
			p.clean()
		})
	}
}

func TestAnOfflineTerminalAcceptsAndThenFails(t *testing.T) {
	t.Parallel()
	p := start(t)
	p.term.Online(false)
	if r := p.settle(p.charge(1000)).Response; r.ResponseCode != "PF" || r.Success {
		t.Errorf("result %s", r.ResponseCode)
	}
	p.term.Online(true)
	p.term.Auto(sim.AutoConfig{})
	if r := p.settle(p.charge(1000)).Response; !r.Success {
		t.Errorf("plugged in again: %s", r.ResponseCode)
	}
}

func TestASecondSaleOnTheSameTerminalIsBusyAndTheFirstGoesOn(t *testing.T) {
	t.Parallel()
	p := start(t)
	first := p.charge(1000)
	p.see("PRESENT CARD")
	second := p.charge(2000)
	if r := p.result(second, "transaction").Response; r.ResponseCode != "BY" || r.Success {
		t.Errorf("second: %s", r.ResponseCode)
	}
	p.press(sim.Press{Key: sim.KeyTap})
	if r := p.settle(first).Response; !r.Success {
		t.Errorf("first: %s", r.ResponseCode)
	}
	if got := p.sim.Charges(); len(got) != 1 || got[0].Session != first {
		t.Errorf("charges %+v", got)
	}
}

func TestAKeyThatTheDisplayDoesNotEnableIsRefusedWithoutAViolation(t *testing.T) {
	t.Parallel()
	p := start(t)
	session := p.charge(4200)
	p.see("PRESENT CARD")
	for _, key := range []string{"1", "2", "3"} {
		if status := p.key(session, key, ""); status != http.StatusBadRequest {
			t.Errorf("key %s: %d, want 400", key, status)
		}
	}
	for _, key := range []sim.Key{sim.KeyCheque, sim.KeyEnter, sim.KeyDigit, sim.KeyYes, "dance"} {
		if err := p.term.Press(sim.Press{Key: key}); !errors.Is(err, sim.ErrKeyNotEnabled) {
			t.Errorf("%s at the terminal: %v", key, err)
		}
	}
	if err := p.term.Press(sim.Press{Key: sim.KeyTap, Card: "library"}); !errors.Is(err, sim.ErrKeyNotEnabled) {
		t.Errorf("an unknown card: %v", err)
	}
	p.press(sim.Press{Key: sim.KeyTap})
	p.settle(session)
	if status := p.key(session, "0", ""); status != http.StatusBadRequest {
		t.Errorf("CANCEL after the end: %d, want 400", status)
	}
	if status := p.key("11111111-2222-4333-8444-555555555555", "0", ""); status != http.StatusNotFound {
		t.Errorf("key for an unknown session: %d, want 404", status)
	}
	p.clean()
}

func TestThePINNeedsFourDigitsAndClearTakesThemBack(t *testing.T) {
	t.Parallel()
	p := start(t)
	session := p.charge(20_000) // above the tap limit
	p.see("PRESENT CARD")
	p.press(sim.Press{Key: sim.KeyTap})
	p.see("ENTER PIN")
	one := sim.Press{Key: sim.KeyDigit, Digit: "1"}
	p.press(one, one, one, one, sim.Press{Key: sim.KeyClear}, one, one, one)
	if err := p.term.Press(sim.Press{Key: sim.KeyEnter}); !errors.Is(err, sim.ErrKeyNotEnabled) {
		t.Errorf("OK after three digits: %v", err)
	}
	p.press(one, sim.Press{Key: sim.KeyEnter})
	if r := p.settle(session).Response; !r.Success {
		t.Errorf("result %s", r.ResponseCode)
	}
}

func TestASystemErrorWaitsForTheOKKey(t *testing.T) {
	t.Parallel()
	p := start(t, func(c *sim.Config) { c.Timing.Acknowledge = 20 * time.Second })
	p.term.Auto(sim.AutoConfig{})
	session := p.charge(1050)
	d := p.see("SYSTEM ERROR")
	if !d.OK || d.Cancel {
		t.Errorf("keys: %+v", d)
	}
	if status, _ := p.ask(session); status != http.StatusAccepted {
		t.Errorf("before OK: %d, want 202", status)
	}
	if status := p.key(session, "0", ""); status != http.StatusOK {
		t.Errorf("OK: %d", status)
	}
	if r := p.settle(session).Response; r.Success || r.ResponseCode != "50" {
		t.Errorf("result %s", r.ResponseCode)
	}
}

func TestSpecialCardsAreDeclinedWhateverTheAmount(t *testing.T) {
	t.Parallel()
	p := start(t)
	for card, code := range map[string]string{"expired": "54", "nofunds": "51"} {
		p.term.Auto(sim.AutoConfig{Card: card, Method: sim.KeyInsert})
		if r := p.settle(p.charge(1000)).Response; r.ResponseCode != code || r.Success {
			t.Errorf("%s: %s", card, r.ResponseCode)
		}
	}
}

func TestScriptsBendWhatTheBankAnswers(t *testing.T) {
	t.Parallel()
	cases := []struct {
		name   string
		script sim.Script
		check  func(r envelope, c sim.Charge) bool
	}{
		{"partial approval", sim.Script{Partial: 700}, func(e envelope, c sim.Charge) bool {
			return e.Response.Success && *e.Response.AmtPurchase == 700 && c.Amount == 700
		}},
		{"surcharge", sim.Script{Surcharge: 10, SurchargeRate: 150}, func(e envelope, c sim.Charge) bool {
			return *e.Response.AmtPurchase == 1000 && e.Response.PurchaseAnalysisData["SUR"] == "000000025" &&
				e.Response.PurchaseAnalysisData["AMT"] == "000001025" && c.Amount == 1025 && c.Goods == 1000
		}},
		{"tip", sim.Script{Tip: 200}, func(e envelope, c sim.Charge) bool {
			return e.Response.AmtTip == 200 && c.Amount == 1200
		}},
		{"any code", sim.Script{Code: "91"}, func(e envelope, c sim.Charge) bool {
			return !e.Response.Success && e.Response.ResponseCode == "91" && c.Amount == 0
		}},
		{"amount missing in the answer", sim.Script{Amounts: "missing"}, func(e envelope, c sim.Charge) bool {
			return e.Response.Success && e.Response.AmtPurchase == nil && c.Amount == 1000
		}},
		{"amount zero in the answer", sim.Script{Amounts: "zero"}, func(e envelope, c sim.Charge) bool {
			return e.Response.Success && *e.Response.AmtPurchase == 0 && c.Amount == 1000
		}},
		{"amount larger in the answer", sim.Script{Amounts: "larger"}, func(e envelope, c sim.Charge) bool {
			return *e.Response.AmtPurchase == 1100 && c.Amount == 1000
		}},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			p := start(t)
			p.term.Auto(sim.AutoConfig{})
			p.term.Script(c.script)
			session := uuid.NewString()
			p.post(session, "transaction", p.sale("P", 1000, newRef(), "", `"EnableTip":true`))
			e := p.settle(session)
			if charges := p.sim.Charges(); len(charges) != 1 || !c.check(e, charges[0]) {
				t.Errorf("result %+v, charges %+v", e.Response, charges)
			}
		})
	}
}
