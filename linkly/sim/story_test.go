package sim_test

import (
	"context"
	"encoding/json"
	"net/http"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"

	"receivepayment/linkly/sim"
)

func TestResendingALostSaleWithTheSameSessionIsHarmless(t *testing.T) {
	t.Parallel()
	p := start(t)
	p.term.Auto(sim.AutoConfig{})
	p.sim.Next(sim.PostCut, 1)
	session, body := uuid.NewString(), p.sale("P", 1000, newRef(), "")
	if status := p.post(session, "transaction", body); status != 0 {
		t.Errorf("first: %d, want a cut connection", status)
	}
	if status := p.post(session, "transaction", body); status != http.StatusConflict {
		t.Errorf("again: %d, want 409", status)
	}
	p.settle(session)
	if got := p.sim.Charges(); len(got) != 1 {
		t.Errorf("%d charges, want 1", len(got))
	}
}

func TestResendingALostSaleWithANewSessionChargesTwiceAndIsSeen(t *testing.T) {
	t.Parallel()
	p := start(t)
	p.term.Auto(sim.AutoConfig{})
	p.sim.Next(sim.PostCut, 1)
	body := p.sale("P", 1000, "SAMESALE1", "")
	first, second := uuid.NewString(), uuid.NewString()
	p.post(first, "transaction", body)
	p.settle(first)
	p.post(second, "transaction", body)
	p.settle(second)
	var moved int64
	for _, c := range p.sim.Charges() {
		moved += c.Amount
	}
	if moved != 2000 {
		t.Errorf("moved %d: the simulator must not save a client from itself", moved)
	}
	if got := rules(p.sim.Violations()); got != "txnref-reused" {
		t.Errorf("rules %q", got)
	}
}

func TestA401BeforeAcceptanceLeavesTheSessionFree(t *testing.T) {
	t.Parallel()
	p := start(t)
	p.term.Auto(sim.AutoConfig{})
	p.sim.Next(sim.Post401, 1)
	session, body := uuid.NewString(), p.sale("P", 1000, newRef(), "")
	if status := p.post(session, "transaction", body); status != 401 {
		t.Errorf("first: %d, want 401", status)
	}
	p.token = p.newToken()
	if status := p.post(session, "transaction", body); status != 202 {
		t.Errorf("again: %d, want 202", status)
	}
	if !p.settle(session).Response.Success {
		t.Error("the sale did not run")
	}
	p.clean()
}

func TestARepeatThatOvertakesALateRequestWinsAndTheLateOneIsRefused(t *testing.T) {
	t.Parallel()
	p := start(t)
	p.term.Auto(sim.AutoConfig{})
	p.sim.Next(sim.PostLate, 1)
	session, body := uuid.NewString(), p.sale("P", 1000, newRef(), "")
	p.post(session, "transaction", body)
	if status := p.post(session, "transaction", body); status != 202 {
		t.Errorf("repeat: %d, want 202", status)
	}
	p.settle(session)
	ctx, cancel := context.WithTimeout(t.Context(), 15*time.Second)
	defer cancel()
	for len(p.sim.Violations()) == 0 && ctx.Err() == nil {
		runtime.Gosched() // until the late one has arrived
	}
	if got := rules(p.sim.Violations()); got != "session-reused" {
		t.Errorf("rules %q", got)
	}
	if got := len(p.sim.Charges()); got != 1 {
		t.Errorf("%d charges, want 1", got)
	}
}

// A repeat that was no mistake stays none when it arrives late; the second late
// one, which is a mistake, shows that the first has arrived.
func TestALateRepeatAfterA401IsNoMistake(t *testing.T) {
	t.Parallel()
	p := start(t, func(c *sim.Config) { c.Timing.LateArrival = 5 * time.Millisecond })
	p.term.Auto(sim.AutoConfig{})
	p.sim.Next(sim.Post401Accepted, 1)
	session, body := uuid.NewString(), p.sale("P", 1000, newRef(), "")
	if status := p.post(session, "transaction", body); status != 401 {
		t.Fatalf("first: %d, want 401", status)
	}
	p.token = p.newToken()
	p.sim.Next(sim.PostLate, 1)
	p.post(session, "transaction", body)
	p.settle(session)

	other, again := uuid.NewString(), p.sale("P", 1000, newRef(), "")
	p.post(other, "transaction", again)
	p.settle(other)
	p.sim.Next(sim.PostLate, 1)
	p.post(other, "transaction", again)
	ctx, cancel := context.WithTimeout(t.Context(), 15*time.Second)
	defer cancel()
	about := func(session string) bool {
		return slices.ContainsFunc(p.sim.Violations(), func(v sim.Violation) bool { return strings.Contains(v.Path, session) })
	}
	for !about(other) && ctx.Err() == nil {
		runtime.Gosched()
	}
	if !about(other) || about(session) {
		t.Errorf("violations %+v, want one of %s", p.sim.Violations(), other)
	}
	if got := len(p.sim.Charges()); got != 2 {
		t.Errorf("%d charges, want 2", got)
	}
}

func TestTheResultIsExactlyAsDocumented(t *testing.T) {
	t.Parallel()
	p := start(t)
	p.term.Auto(sim.AutoConfig{})
	session := uuid.NewString()
	p.post(session, "transaction", p.sale("P", 4200, "B24K7Q2M9X4T1A01", ""))
	p.result(session, "transaction")
	calls := p.await("all", func([]callback) bool { return true })
	body := calls[len(calls)-1].Body
	head, receipts, found := strings.Cut(body, `,"Receipts":`)
	if !found || !json.Valid([]byte(body)) {
		t.Fatalf("body %s", body)
	}
	want := `{"SessionId":"` + session + `","ResponseType":"transaction","Response":{"TxnType":"P","Merchant":"00",` +
		`"CardType":"VISA                ","CardName":"04","RRN":"625700000001","DateSettlement":"2026-09-14T00:00:00",` +
		`"AmtCash":0,"AmtPurchase":4200,"AmtTip":0,"AuthCode":100001,"TxnRef":"B24K7Q2M9X4T1A01","Pan":"4XXXXXXXXXXX1142    ",` +
		`"DateExpiry":"    ","Track2":"                                        ","AccountType":"2",` +
		`"TxnFlags":{"Offline":"0","ReceiptPrinted":"0","CardEntry":"C","CommsMethod":"0","Currency":"0","PayPass":"1",` +
		`"UndefinedFlag6":"0","UndefinedFlag7":"0"},"BalanceReceived":false,"AvailableBalance":0,"ClearedFundsBalance":0,` +
		`"Success":true,"ResponseCode":"00","ResponseText":"APPROVED            ","Date":"2026-09-14T11:02:37",` +
		`"Catid":"12340001","Caid":"000000987650001","Stan":1,"PurchaseAnalysisData":{"AMT":"000004200","HRC":"00","HRT":"APPROVED",` +
		`"REF":"000001","RFN":"2609140000000001","SUR":"000000000","UID":"9f3e6a50c7d14d0c8a4f2f6a7a0b1c2d"}`
	if diff := cmp.Diff(want, head); diff != "" {
		t.Errorf("result (-want +got):\n%s", diff)
	}
	if !strings.HasPrefix(receipts, `[{"Type":"C","ReceiptText":["       ACME CAFE",`) || !strings.Contains(receipts, `"IsPrePrint":false,"ResponseType":"receipt"}`) {
		t.Errorf("receipts %s", receipts)
	}
}

func TestASynchronousFailureIsAResultAndNoHTTPError(t *testing.T) {
	t.Parallel()
	p := start(t)
	sync := func(what, code string) {
		t.Helper()
		status, body := p.send("POST", "/v1/sessions/"+uuid.NewString()+"/transaction?async=false", p.token, p.sale("P", 1000, newRef(), ""))
		var e envelope
		if err := json.Unmarshal([]byte(body), &e); err != nil || status != 200 || e.Response.Success || e.Response.ResponseCode != code {
			t.Errorf("%s: %d %s", what, status, body)
		}
	}
	p.term.Auto(sim.AutoConfig{Cancel: true})
	sync("cancelled", "TM")
	p.term.Auto(sim.AutoConfig{Card: "expired"})
	sync("declined", "54")
	p.term.Online(false)
	sync("offline", "PF")
	p.term.Online(true)
	p.term.AutoOff()
	session := p.charge(1000)
	p.see("PRESENT CARD")
	sync("busy", "BY")
	p.key(session, "0", "")
	p.settle(session)
	p.clean()
}

func TestUnpluggingHelpsOnlyBeforeTheBankIsAsked(t *testing.T) {
	t.Parallel()
	p := start(t)
	session := p.charge(4200)
	p.see("PRESENT CARD")
	p.press(sim.Press{Key: sim.KeyInsert})
	p.see("SELECT ACCOUNT")
	p.term.Online(false)
	if r := p.settle(session).Response; r.ResponseCode != "PF" || len(p.sim.Charges()) != 0 {
		t.Errorf("result %s, charges %+v", r.ResponseCode, p.sim.Charges())
	}
	if err := p.term.Press(sim.Press{Key: sim.KeyCredit}); err == nil {
		t.Error("a key of a dead terminal was taken")
	}
}

func TestTheTerminalIsFreeAsSoonAsTheResultStands(t *testing.T) {
	t.Parallel()
	p := start(t)
	p.term.Auto(sim.AutoConfig{})
	for range 5 {
		session := p.charge(1000)
		p.result(session, "transaction") // the POS may start the next sale in this very callback
		if status, e := p.ask(session); status != 200 || !e.Response.Success {
			t.Errorf("asked because of the callback: %d", status)
		}
	}
	if got := len(p.sim.Charges()); got != 5 {
		t.Errorf("%d charges, want 5", got)
	}
}

func TestLettersOfTheOtherRequestsAreChecked(t *testing.T) {
	t.Parallel()
	p := start(t)
	p.term.Online(false)
	cases := []struct {
		kind, request string
		status        int
		rule          string
	}{
		{"status", `{}`, 200, ""},
		{"status", `{"StatusType":"9"}`, 400, "letter"},
		{"status", `{"StatusType":0}`, 400, "type"},
		{"logon", `{"LogonType":" "}`, 200, ""},
		{"logon", `{"LogonType":"L"}`, 400, "letter"},
		{"logon", `{"TxnType":"L"}`, 200, "unknown-member"},
		{"settlement", `{"SettlementType":"S"}`, 200, ""},
		{"settlement", `{"SettlementType":"H","ResetTotals":true}`, 200, ""},
		{"settlement", `{"SettlementType":"S","ResetTotals":true}`, 400, "reset-totals"},
		{"settlement", `{"ResetTotals":"true"}`, 400, "type"},
		{"querycard", `{"QueryCardType":"2"}`, 400, "letter"},
		{"reprintreceipt", `{"ReprintType":"3"}`, 400, "letter"},
		{"reprintreceipt", `{"ReprintType":"2","OriginalTxnRef":"A"}`, 200, ""},
		{"configuremerchant", `{"CatId":"123456789","CaId":"1"}`, 400, "length"},
		{"logon", `{"ReceiptAutoPrint":"5"}`, 400, "letter"},
		{"logon", `{"Application":"2"}`, 400, "length"},
	}
	for _, c := range cases {
		before := len(p.sim.Violations())
		status, _ := p.send("POST", "/v1/sessions/"+uuid.NewString()+"/"+c.kind+"?async=false", p.token, p.wrap(c.request))
		if got := rules(p.sim.Violations()[before:]); status != c.status || got != c.rule {
			t.Errorf("%s %s: %d, rules %q; want %d, %q", c.kind, c.request, status, got, c.status, c.rule)
		}
	}
}

func TestTheLogHoldsEveryCallAndNoSecret(t *testing.T) {
	t.Parallel()
	p := start(t)
	p.term.Auto(sim.AutoConfig{})
	code := p.term.NewPairCode()
	_, body := p.send("POST", "/v1/pairing/cloudpos", "", pairBody("0123456789", "s3cr3t", code))
	var got struct{ Secret string }
	if err := json.Unmarshal([]byte(body), &got); err != nil {
		t.Fatal(err)
	}
	p.secret = got.Secret
	p.token = p.newToken()
	session := p.charge(1000)
	p.settle(session)

	var lines []string
	for _, r := range p.sim.Requests() {
		lines = append(lines, r.Method+" "+strings.ReplaceAll(r.Path, session, "ID"))
		for _, secret := range []string{"s3cr3t", code, p.secret, p.token, "6fQ2"} {
			if strings.Contains(r.Body, secret) {
				t.Errorf("the log of %s holds a secret: %s", r.Path, r.Body)
			}
		}
	}
	want := []string{
		"POST /v1/tokens/cloudpos", "POST /v1/pairing/cloudpos", "POST /v1/tokens/cloudpos",
		"POST /v1/sessions/ID/transaction?async=true", "GET /v1/sessions/ID/transaction",
	}
	if diff := cmp.Diff(want, lines); diff != "" {
		t.Errorf("calls (-want +got):\n%s", diff)
	}
}

func TestAClosedSimLetsItsWatchersGo(t *testing.T) {
	t.Parallel()
	p := start(t)
	watching := make(chan int, 1)
	go func() { watching <- p.control("GET", "/terminals/t1?after=999999", "", nil) }()
	p.sim.Close()
	if status := <-watching; status != 200 {
		t.Errorf("watcher: %d", status)
	}
	if status := p.post(uuid.NewString(), "transaction", p.sale("P", 1000, newRef(), "")); status != 503 {
		t.Errorf("a sale after Close: %d, want 503", status)
	}
}
