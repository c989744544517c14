package sim_test

import (
	"errors"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/uuid"

	"receivepayment/linkly/sim"
)

func TestEveryWayToPresentACardAndEveryAccount(t *testing.T) {
	t.Parallel()
	cases := []struct {
		method  sim.Key
		account sim.Key
		cents   int64
		entry   string
		letter  string
		steps   string
	}{
		{sim.KeyTap, sim.KeyCheque, 1000, "C", "2", "PRESENT CARD,PROCESSING,APPROVED"},
		{sim.KeyTap, sim.KeyCheque, 10_000, "C", "2", "PRESENT CARD,PROCESSING,APPROVED"},
		{sim.KeyTap, sim.KeyCheque, 10_100, "C", "2", "PRESENT CARD,ENTER PIN,PROCESSING,APPROVED"},
		{sim.KeyInsert, sim.KeyCheque, 1000, "E", "1", "PRESENT CARD,SELECT ACCOUNT,ENTER PIN,PROCESSING,APPROVED"},
		{sim.KeyInsert, sim.KeySavings, 1000, "E", "3", "PRESENT CARD,SELECT ACCOUNT,ENTER PIN,PROCESSING,APPROVED"},
		{sim.KeySwipe, sim.KeyCredit, 1000, "S", "2", "PRESENT CARD,SELECT ACCOUNT,ENTER PIN,PROCESSING,APPROVED"},
	}
	for _, c := range cases {
		t.Run(string(c.method)+" "+string(c.account), func(t *testing.T) {
			t.Parallel()
			p := start(t)
			p.term.Auto(sim.AutoConfig{Method: c.method, Account: c.account})
			session := p.charge(c.cents)
			r := p.result(session, "transaction").Response
			if !r.Success || r.TxnFlags.CardEntry != c.entry || r.AccountType != c.letter {
				t.Errorf("result %+v", r)
			}
			var steps []string
			for _, cb := range p.await("all", func([]callback) bool { return true }) {
				if cb.Env.ResponseType == "display" {
					steps = append(steps, strings.TrimSpace(cb.Env.Response.DisplayText[0]))
				}
			}
			if got := strings.Join(steps, ","); got != c.steps {
				t.Errorf("steps %s, want %s", got, c.steps)
			}
		})
	}
}

func TestEveryTestCardNamesItsScheme(t *testing.T) {
	t.Parallel()
	p := start(t)
	for _, card := range sim.Cards() {
		p.term.Auto(sim.AutoConfig{Card: card.ID})
		r := p.settleOne(1000).Response
		if strings.TrimSpace(r.CardType) != card.Scheme || r.CardName != card.Group || strings.TrimSpace(r.Pan) != card.Masked {
			t.Errorf("%s: %q %q %q", card.ID, r.CardType, r.CardName, r.Pan)
		}
		if digits := strings.Trim(card.Masked, "X"); strings.Count(card.Masked, "X") < 10 || len(digits) < 4 {
			t.Errorf("%s is not masked: %s", card.ID, card.Masked)
		}
	}
}

func TestCashOutNeedsTheBanksPermission(t *testing.T) {
	t.Parallel()
	p := start(t)
	p.term.Auto(sim.AutoConfig{})
	out := func(q *pos, cents string) envelope {
		session := uuid.NewString()
		body := strings.NewReplacer(`"AmtPurchase":0`, `"AmtPurchase":0`, `"AmtCash":0`, `"AmtCash":`+cents).Replace(q.sale("C", 0, newRef(), ""))
		if status := q.post(session, "transaction", body); status != http.StatusAccepted {
			t.Fatalf("cash-out: %d", status)
		}
		return q.settle(session)
	}
	if r := out(p, "2000").Response; r.ResponseCode != "58" {
		t.Errorf("without permission: %s", r.ResponseCode)
	}
	allowed := p.sim.AddTerminal(sim.TerminalConfig{CashoutLimit: 5000})
	allowed.Auto(sim.AutoConfig{})
	q := p2(p, allowed)
	if r := out(q, "2000").Response; !r.Success || r.AmtCash != 2000 || *r.AmtPurchase != 0 {
		t.Errorf("allowed: %+v", r)
	}
	if r := out(q, "6000").Response; r.ResponseCode != "58" {
		t.Errorf("above the limit: %s", r.ResponseCode)
	}
	p.clean()
}

func TestATipChosenOnThePOSIsCharged(t *testing.T) {
	t.Parallel()
	p := start(t)
	p.term.Auto(sim.AutoConfig{})
	session := uuid.NewString()
	p.post(session, "transaction", strings.Replace(p.sale("P", 1000, newRef(), ""), `"PCM"`, `"TIP":"150","PCM"`, 1))
	if r := p.settle(session).Response; r.AmtTip != 150 || r.PurchaseAnalysisData["AMT"] != "000001150" {
		t.Errorf("result %+v", r)
	}
	p.clean()
}

func TestOtherTransactionTypesAreTakenAndDeclined(t *testing.T) {
	t.Parallel()
	p := start(t)
	p.term.Auto(sim.AutoConfig{})
	for _, kind := range []string{"A", "I", "D", "U", "Q", "L"} {
		session := uuid.NewString()
		if status := p.post(session, "transaction", p.sale(kind, 1000, newRef(), "123")); status != http.StatusAccepted {
			t.Errorf("%s: %d", kind, status)
			continue
		}
		if r := p.settle(session).Response; r.Success || r.ResponseCode != "B2" || r.TxnType != kind {
			t.Errorf("%s: %+v", kind, r)
		}
	}
	for _, c := range p.sim.Charges() {
		if c.Approved || c.Amount != 0 {
			t.Errorf("charge %+v", c)
		}
	}
	p.clean()
}

func TestOfManyHandsOnlyOnePressCounts(t *testing.T) {
	t.Parallel()
	p := start(t)
	session := p.charge(1000)
	p.see("PRESENT CARD")
	var taken, refused atomic.Int32
	var wg sync.WaitGroup
	for i := range 16 {
		wg.Go(func() {
			key := []sim.Key{sim.KeyTap, sim.KeyCancel, sim.KeySwipe, sim.KeyInsert}[i%4]
			switch err := p.term.Press(sim.Press{Key: key}); {
			case err == nil:
				taken.Add(1)
			case errors.Is(err, sim.ErrKeyNotEnabled):
				refused.Add(1)
			}
		})
	}
	wg.Wait()
	if taken.Load() != 1 || refused.Load() != 15 {
		// A swipe or an insert leads to the next display, which a late CANCEL may answer.
		if taken.Load() != 2 || p.settle(session).Response.ResponseCode != "TM" {
			t.Errorf("%d presses taken, %d refused", taken.Load(), refused.Load())
		}
	}
}

func TestTheVirtualCustomerJoinsASaleThatIsWaiting(t *testing.T) {
	t.Parallel()
	p := start(t)
	session := p.charge(1000)
	p.see("PRESENT CARD")
	p.term.Auto(sim.AutoConfig{})
	if !p.settle(session).Response.Success {
		t.Error("nobody came")
	}
}

func TestTheVirtualCustomerTakesItsTimeAndTheOperatorMayBeFaster(t *testing.T) {
	t.Parallel()
	p := start(t)
	p.term.Auto(sim.AutoConfig{Delay: time.Hour})
	session := p.charge(1000)
	p.see("PRESENT CARD")
	if status := p.key(session, "0", ""); status != http.StatusOK {
		t.Errorf("cancel: %d", status)
	}
	if r := p.settle(session).Response; r.ResponseCode != "TM" {
		t.Errorf("result %s", r.ResponseCode)
	}
}

func TestManyTerminalsSellAtOnce(t *testing.T) {
	t.Parallel()
	p := start(t)
	var wg sync.WaitGroup
	for range 20 {
		term := p.sim.AddTerminal(sim.TerminalConfig{})
		term.Auto(sim.AutoConfig{Method: sim.KeyInsert})
		q := p2(p, term)
		wg.Go(func() {
			if !q.settleOne(1000).Response.Success {
				t.Error("a sale failed")
			}
		})
	}
	wg.Wait()
	var total int64
	seen := map[string]bool{}
	for _, c := range p.sim.Charges() {
		total += c.Amount
		if seen[c.RFN] {
			t.Errorf("RFN %s was given twice", c.RFN)
		}
		seen[c.RFN] = true
	}
	if total != 20_000 {
		t.Errorf("moved %d, want 20000", total)
	}
	p.clean()
}

func TestTerminalsAreFoundByIdAndKeepTheirDescription(t *testing.T) {
	t.Parallel()
	p := start(t)
	second := p.sim.AddTerminal(sim.TerminalConfig{Name: "Bar"})
	if second.ID() != "t2" || p.sim.Terminal("t2") != second || p.sim.Terminal("t3") != nil || len(p.sim.Terminals()) != 2 {
		t.Errorf("id %s, terminals %d", second.ID(), len(p.sim.Terminals()))
	}
	c := second.Config()
	if c.Name != "Bar" || len(c.CatID) != 8 || len(c.CaID) != 15 || c.Username == p.term.Config().Username || c.RefundLimit == 0 {
		t.Errorf("description %+v", c)
	}
}
