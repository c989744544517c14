package sim_test

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"

	"receivepayment/linkly/sim"
)

// job sends a request of another type synchronously and returns its answer.
func (p *pos) job(kind, request string) (string, envelope) {
	p.t.Helper()
	status, body := p.send("POST", "/v1/sessions/"+uuid.NewString()+"/"+kind+"?async=false", p.token, p.wrap(request))
	var e envelope
	if status != http.StatusOK {
		p.t.Fatalf("%s: %d %s", kind, status, body)
	}
	if err := json.Unmarshal([]byte(body), &e); err != nil || e.ResponseType != kind {
		p.t.Fatalf("%s: %v %s", kind, err, body)
	}
	return body, e
}

func TestStatusTellsWhatTheTerminalMayDo(t *testing.T) {
	t.Parallel()
	p := start(t)
	term := p.sim.AddTerminal(sim.TerminalConfig{
		CatID: "12345678", CaID: "0123456789ABCDE", Serial: "X1", RefundLimit: 50_000, CashoutLimit: 20_000, Tipping: true,
	})
	q := p2(p, term)
	body, e := q.job("status", `{"Merchant":"00","Application":"00","StatusType":"0"}`)
	r := e.Response
	if !r.Success || !r.LoggedOn || r.Catid != "12345678" || r.Caid != "0123456789ABCDE" || r.RefundLimit != 50_000 {
		t.Errorf("status %s", body)
	}
	if o := r.OptionsFlags; !o.Refund || !o.CashOut || !o.Tipping {
		t.Errorf("options %+v", o)
	}
	if !strings.Contains(body, `"pinPadSerialNumber":"X1              "`) || !strings.Contains(body, `"eftTerminalType":"PCEFTPOSVirtualPinpad"`) {
		t.Errorf("status %s", body)
	}
	term.Online(false)
	if _, e := q.job("status", `{}`); e.Response.Success || e.Response.ResponseCode != "PF" {
		t.Errorf("offline: %+v", e.Response)
	}
	p.clean()
}

func TestLogonShowsADisplayPrintsAReceiptAndComesBackAsACallback(t *testing.T) {
	t.Parallel()
	p := start(t)
	session := uuid.NewString()
	if status := p.post(session, "logon", p.wrap(`{"Merchant":"00","Application":"00","ReceiptAutoPrint":"0","CutReceipt":"0","LogonType":" "}`)); status != 202 {
		t.Fatalf("logon: %d", status)
	}
	if r := p.result(session, "logon").Response; !r.Success || r.ResponseCode != "00" {
		t.Errorf("logon %+v", r)
	}
	got := story(p.await("all", func([]callback) bool { return true }))
	if diff := cmp.Diff([]string{"display LOGON", "receipt L", "logon "}, got); diff != "" {
		t.Errorf("callbacks (-want +got):\n%s", diff)
	}
	if status, _ := p.ask(session); status != http.StatusNotFound {
		t.Errorf("there is no status question for a logon: %d, want 404", status)
	}
	p.clean()
}

func TestSettlementHappensOnceADayAndSumsUp(t *testing.T) {
	t.Parallel()
	p := start(t)
	p.term.Auto(sim.AutoConfig{})
	rfn := p.settle(p.charge(5000)).Response.PurchaseAnalysisData["RFN"]
	p.settle(p.charge(1051))
	p.refund(1000, rfn)
	_, e := p.job("settlement", `{"SettlementType":"S"}`)
	want := "000000000000069TOTAL               " + "000005000001" + "000000000000" + "000001000001" + "+" + "000004000002"
	if !e.Response.Success || e.Response.SettlementData != want {
		t.Errorf("settlement %q\nwant       %q", e.Response.SettlementData, want)
	}
	if _, e := p.job("settlement", `{"SettlementType":"S"}`); e.Response.Success || e.Response.ResponseCode != "97" {
		t.Errorf("again: %+v", e.Response)
	}
	if _, e := p.job("settlement", `{"SettlementType":"P"}`); !e.Response.Success {
		t.Errorf("pre-settlement: %+v", e.Response)
	}
	p.clock.Add(24 * 3600e9)
	p.token = p.newToken()
	if _, e := p.job("settlement", `{"SettlementType":"S"}`); !e.Response.Success {
		t.Errorf("the next day: %+v", e.Response)
	}
	p.clean()
}

func TestReprintReturnsTheLastReceiptOrTheOneAskedFor(t *testing.T) {
	t.Parallel()
	p := start(t)
	if _, e := p.job("reprintreceipt", `{"ReprintType":"2"}`); e.Response.Success || e.Response.ResponseCode != "E2" {
		t.Errorf("nothing yet: %+v", e.Response)
	}
	p.term.Auto(sim.AutoConfig{})
	first := p.settle(p.charge(1000)).Response
	p.settle(p.charge(2000))
	_, last := p.job("reprintreceipt", `{"ReprintType":"2"}`)
	_, older := p.job("reprintreceipt", `{"ReprintType":"2","OriginalTxnRef":"`+strings.TrimSpace(first.TxnRef)+`"}`)
	for want, e := range map[string]envelope{"20.00": last, "10.00": older} {
		text := strings.Join(e.Response.ReceiptText, "\n")
		if !strings.Contains(text, want) || !strings.Contains(text, "** DUPLICATE **") {
			t.Errorf("want %s:\n%s", want, text)
		}
	}
	p.clean()
}

func TestQueryCardAndConfigureMerchant(t *testing.T) {
	t.Parallel()
	p := start(t)
	p.term.Auto(sim.AutoConfig{Card: "amex"})
	if _, e := p.job("querycard", `{"QueryCardType":"0"}`); !e.Response.Success || e.Response.ResponseCode != "T0" || e.Response.CardName != "05" {
		t.Errorf("querycard %+v", e.Response)
	}
	if _, e := p.job("configuremerchant", `{"CatId":"87654321","CaId":"000000000012345"}`); !e.Response.Success {
		t.Errorf("configuremerchant %+v", e.Response)
	}
	if c := p.term.Config(); c.CatID != "87654321" || c.CaID != "000000000012345" {
		t.Errorf("config %+v", c)
	}
	p.clean()
	if status, _ := p.send("POST", "/v1/sessions/"+uuid.NewString()+"/configuremerchant", p.token, `{"Request":{}}`); status != 400 {
		t.Errorf("without ids: %d, want 400", status)
	}
}

func TestABusyTerminalTurnsOtherRequestsAwayToo(t *testing.T) {
	t.Parallel()
	p := start(t)
	session := p.charge(1000)
	p.see("PRESENT CARD")
	for _, kind := range []string{"logon", "status", "settlement", "querycard", "reprintreceipt"} {
		if _, e := p.job(kind, `{}`); e.Response.Success || e.Response.ResponseCode != "BY" {
			t.Errorf("%s: %+v", kind, e.Response)
		}
	}
	p.press(sim.Press{Key: sim.KeyTap})
	if !p.settle(session).Response.Success {
		t.Error("the sale did not go on")
	}
}
