package sim_test

import (
	"bytes"
	"crypto/rand"
	"crypto/rsa"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"receivepayment/kayaaku"
	"receivepayment/kayaaku/sim"
)

// bothKeys are made once: making them is slow.
var bothKeys = sync.OnceValues(func() (*rsa.PrivateKey, *rsa.PrivateKey) {
	merchant, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		panic(err)
	}
	host, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		panic(err)
	}
	return merchant, host
})

type counter struct{ n int }

func (c *counter) next() string { c.n++; return fmt.Sprintf("%016d", c.n) }

func start(t *testing.T, c sim.Config) (*sim.Sim, *kayaaku.Host, string) {
	t.Helper()
	merchant, host := bothKeys()
	c.Now, c.Auto, c.Merchant, c.Host = time.Now, true, &merchant.PublicKey, host
	s := sim.New(c)
	server := httptest.NewServer(s.Handler())
	t.Cleanup(func() { s.Close(); server.Close() })
	client, err := kayaaku.NewHost(kayaaku.HostConfig{
		BaseURL: server.URL + "/thirdparty",
		Device:  kayaaku.Device{Email: sim.DemoEmail, Serial: sim.DemoSerial, MID: sim.DemoMID},
		Signer:  kayaaku.Signer{SourceSystem: sim.DemoSourceSystem, Private: merchant, Host: &host.PublicKey},
		Dialect: kayaaku.HostDialect("1", time.UTC),
	})
	if err != nil {
		t.Fatal(err)
	}
	return s, client, server.URL
}

func sale(id string, m kayaaku.Method, sen int64) kayaaku.Sale {
	return kayaaku.Sale{TxnID: id, Method: m, Amount: sen, At: time.Now()}
}

func TestHostSellsVoidsRefundsAndAnswers(t *testing.T) {
	t.Parallel()
	s, client, _ := start(t, sim.Config{})
	seq, ctx := &counter{}, t.Context()

	card, err := client.Sell(ctx, sale("CARD1", kayaaku.Card, 1050), seq.next())
	if err != nil || card.RespCd != "00" || card.AuthIDResp == "" || card.HTR == "" || card.PaymentScheme != "MC" {
		t.Fatalf("card sale: %+v, %v", card, err)
	}
	qr, err := client.Sell(ctx, sale("QR1", kayaaku.DuitNow, 900), seq.next())
	if err != nil || qr.RespCd != "00" || qr.AuthIDResp != "" || qr.HTR == "" || qr.PaymentScheme != "PN" {
		t.Fatalf("QR sale: %+v, %v", qr, err)
	}
	ofQR := kayaaku.References{TxnID: "QR1", HTR: qr.HTR}
	if r, err := client.Void(ctx, kayaaku.Reversal{TxnID: "V1", Of: ofQR, Amount: 900, At: time.Now()}, seq.next()); err != nil || r.RespCd != "50" {
		t.Errorf("a QR payment was voided: %+v, %v", r, err)
	}
	for _, c := range []struct {
		id   string
		sen  int64
		want string
	}{{"R1", 400, "00"}, {"R2", 501, "59"}, {"R3", 500, "00"}, {"R4", 1, "59"}} {
		r, err := client.Refund(ctx, kayaaku.Reversal{TxnID: c.id, Of: ofQR, Amount: c.sen, At: time.Now()}, seq.next())
		if err != nil || r.RespCd != c.want || r.TxnID != c.id {
			t.Errorf("refund %s of %d: %+v, %v", c.id, c.sen, r, err)
		}
	}
	ofCard := kayaaku.References{TxnID: "CARD1", HTR: card.HTR}
	if r, err := client.Void(ctx, kayaaku.Reversal{TxnID: "V2", Of: ofCard, Amount: 1050, At: time.Now()}, seq.next()); err != nil || r.RespCd != "00" {
		t.Errorf("void: %+v, %v", r, err)
	}
	if r, err := client.Sell(ctx, sale("CARD1", kayaaku.Card, 1050), seq.next()); err != nil || r.RespCd != "78" {
		t.Errorf("the same TxnID again: %+v, %v", r, err)
	}
	if r, err := client.Enquire(ctx, "CARD1", seq.next()); err != nil || r.RespCd != "00" || r.AuthIDResp != "" || r.Amount != nil {
		t.Errorf("the documented, thin enquiry: %+v, %v", r, err)
	}
	if r, err := client.Enquire(ctx, "NEVER", seq.next()); err != nil || kayaaku.GroupOf(r.RespCd) != kayaaku.Unlisted {
		t.Errorf("an unknown TxnID: %+v, %v", r, err)
	}
	if n := len(s.Approvals()); n != 5 {
		t.Errorf("%d approvals, want 2 sales, 2 refunds and a void", n)
	}
	if v := s.Violations(); len(v) != 1 || !strings.Contains(v[0], "CARD1") {
		t.Errorf("violations %q", v)
	}
}

func TestHostRefusesWhatTheRealOneWould(t *testing.T) {
	t.Parallel()
	s, client, url := start(t, sim.Config{Serial: "OTHER"})
	if r, err := client.Sell(t.Context(), sale("A1", kayaaku.Card, 100), "1"); err != nil || r.RespCd != "79" {
		t.Errorf("an unknown device: %+v, %v", r, err)
	}
	if _, err := client.Enquire(t.Context(), "A1", "1"); err != nil || len(s.Violations()) != 1 {
		t.Errorf("a sequence number used twice: %v, %q", err, s.Violations())
	}
	for _, body := range []string{"", "[]", `{"TxnID":"A1"}`, `{"TxnID":"A1","sourceSystem":"HBR","sequenceNo":"9","signedMessage":"AAAA"}`} {
		req, _ := http.NewRequestWithContext(t.Context(), http.MethodPost, url+"/thirdparty/paymentAuthorization", bytes.NewBufferString(body))
		res, err := http.DefaultClient.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		raw, _ := io.ReadAll(res.Body)
		_ = res.Body.Close()
		if !strings.Contains(string(raw), `"RespCd":"90"`) && !strings.Contains(string(raw), `"RespCd":"03"`) {
			t.Errorf("unsigned %q was answered %s", body, raw)
		}
	}
	if len(s.Records()) != 0 {
		t.Errorf("booked %+v", s.Records())
	}
}

func TestHostLosesAnswersOnPurpose(t *testing.T) {
	t.Parallel()
	for _, how := range []sim.Scenario{sim.LostReply, sim.CutReply, sim.Noise, sim.BadCheck} {
		s, client, _ := start(t, sim.Config{LateNext: 10 * time.Millisecond, Rich: true})
		s.Device.Script(how)
		seq := &counter{}
		if r, err := client.Sell(t.Context(), sale("A1", kayaaku.Card, 100), seq.next()); err == nil || kayaaku.IsNotStarted(err) {
			t.Errorf("%s: %+v, %v", how, r, err)
		}
		if len(s.Approvals()) != 1 {
			t.Errorf("%s moved no money", how)
		}
		r, err := client.Enquire(t.Context(), "A1", seq.next())
		if err != nil || r.RespCd != "00" || r.AuthIDResp == "" || r.Amount == nil || *r.Amount != 100 {
			t.Errorf("%s, the rich enquiry: %+v, %v", how, r, err)
		}
	}
}

func TestPageShowsTheDevice(t *testing.T) {
	t.Parallel()
	s, _, url := start(t, sim.Config{})
	for path, want := range map[string]string{"/device/": "Kayaaku device", "/device/state": `"step":"idle"`, "/device/assets/device.js": "look()"} {
		req, _ := http.NewRequestWithContext(t.Context(), http.MethodGet, url+path, nil)
		res, err := http.DefaultClient.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		raw, _ := io.ReadAll(res.Body)
		_ = res.Body.Close()
		if !strings.Contains(string(raw), want) {
			t.Errorf("%s lacks %q: %.200s", path, want, raw)
		}
	}
	for _, c := range sim.Scenarios() {
		if c.Says == "" || !c.Name.Known() {
			t.Errorf("scenario %q says nothing", c.Name)
		}
	}
	if s.Device.Screen().Step != "idle" {
		t.Error("the device is not idle")
	}
}
