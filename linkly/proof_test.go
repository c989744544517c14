package linkly_test

import (
	"errors"
	"net/http"
	"testing"

	"github.com/google/go-cmp/cmp"

	"receivepayment/linkly"
)

const (
	logonURL  = sessionPath + "/logon?async=false"
	statusURL = sessionPath + "/status?async=false"
	notified  = `"Notification":{"Uri":"https://pay.example.com/linkly/notify/p_1/{{type}}?a=1&b=2","AuthorizationHeader":"Bearer notify-me-quietly"}}`
)

func TestLogonAsksSynchronouslyAndReadsTheAnswer(t *testing.T) {
	t.Parallel()
	c := newCloud().withTokens().on(http.MethodPost, logonURL, answer{200, `{"sessionId":"3B1C0F6E7A404F9F8A510F5A6F0C2B11",
		"responseType":"logon","response":{"pinPadVersion":"100800          ","success":true,"responseCode":"00",
		"responseText":"LOGON SUCCESS       ","date":"2026-09-14T11:02:37","catid":"12345678","caid":"0123456789ABCDE","stan":17}}`})

	got, err := c.terminal(t).Logon(t.Context(), session, notify())
	if err != nil {
		t.Fatalf("logon: %v", err)
	}

	want := &linkly.LogonResult{
		Success: true, ResponseCode: "00", ResponseText: "LOGON SUCCESS", Version: "100800",
		CatID: "12345678", CaID: "0123456789ABCDE", STAN: "17", Date: "2026-09-14T11:02:37",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("result (-want +got):\n%s", diff)
	}
	wantSent := []seen{{
		http.MethodPost, logonURL,
		`{"Request":{"Merchant":"00","Application":"00","ReceiptAutoPrint":"0","CutReceipt":"0","LogonType":" "},` + notified,
		"Bearer token-0001",
	}}
	if diff := cmp.Diff(wantSent, c.requests("/logon")); diff != "" {
		t.Errorf("request (-want +got):\n%s", diff)
	}
}

func TestStatusTellsWhatTheTerminalIsAndMayDo(t *testing.T) {
	t.Parallel()
	c := newCloud().withTokens().on(http.MethodPost, statusURL, answer{200, `{"ResponseType":"status","Response":{
		"LoggedOn":true,"PinPadSerialNumber":"1234567890123456","PinPadVersion":"100800","BankCode":" ","BankDescription":"ACME BANK   ",
		"HardwareSerial":"87654321","RetailerName":"CAFE","EFTTerminalType":"PCEFTPOSVirtualPinpad","Catid":"12345678","Caid":"000000000000001",
		"CashoutLimit":"000020000","RefundLimit":99900,"OptionsFlags":{"Tipping":true,"CashOut":"1","Refund":1,"Moto":false,"EFB":true},
		"Success":true,"ResponseCode":"T0","ResponseText":"LOGON REQUIRED"}}`})

	got, err := c.terminal(t).Status(t.Context(), session, linkly.Notify{})
	if err != nil {
		t.Fatalf("status: %v", err)
	}

	cashout, refund := int64(20000), int64(99900)
	want := &linkly.StatusResult{
		Success: true, ResponseCode: "T0", ResponseText: "LOGON REQUIRED", LoggedOn: true,
		SerialNumber: "1234567890123456", Version: "100800", Hardware: "87654321", TerminalType: "PCEFTPOSVirtualPinpad",
		Bank: "ACME BANK", Retailer: "CAFE", CatID: "12345678", CaID: "000000000000001",
		CashoutLimit: &cashout, RefundLimit: &refund,
		Options: linkly.Options{Tipping: true, CashOut: true, Refund: true},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("result (-want +got):\n%s", diff)
	}
	wantBody := `{"Request":{"Merchant":"00","Application":"00","StatusType":"0"}}`
	if sent := c.requests("/status"); len(sent) != 1 || sent[0].Body != wantBody {
		t.Errorf("sent %+v, want %s", sent, wantBody)
	}
}

func TestABadTerminalIsAResultNotAnError(t *testing.T) {
	t.Parallel()
	c := newCloud().withTokens().
		on(http.MethodPost, logonURL, answer{200, `{"responseType":"logon","response":{"success":false,"responseCode":"PF"}}`}).
		on(http.MethodPost, statusURL, answer{200, `{"responseType":"status","response":{"success":"0","responseCode":"BY"}}`})
	logon, err := c.terminal(t).Logon(t.Context(), session, linkly.Notify{})
	if err != nil || logon.Success || logon.ResponseCode != "PF" {
		t.Errorf("logon gave %+v, %v", logon, err)
	}
	status, err := c.terminal(t).Status(t.Context(), session, linkly.Notify{})
	if err != nil || status.Success || status.ResponseCode != "BY" {
		t.Errorf("status gave %+v, %v", status, err)
	}
}

func TestLogonAnswersThatAreNoResult(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name    string
		answer  answer
		class   linkly.Class
		pending bool
	}{
		{"accepted", answer{202, ""}, linkly.Unclear, true},
		{"refused", answer{400, ""}, linkly.Refused, false},
		{"unauthorised for good", answer{401, ""}, linkly.Unclear, false},
		{"slow", answer{408, ""}, linkly.Unclear, false},
		{"down", answer{500, ""}, linkly.Unclear, false},
		{"empty", answer{200, ""}, linkly.Unclear, false},
		{"a page", answer{200, "<html>"}, linkly.Unclear, false},
		{"no success", answer{200, `{"responseType":"logon","response":{"responseCode":"00"}}`}, linkly.Unclear, false},
		{"a status", answer{200, `{"responseType":"status","response":{"success":true}}`}, linkly.Unclear, false},
		{"another session", answer{200, `{"sessionId":"9f3e6a50c7d14d0c8a4f2f6a7a0b1c2d","responseType":"logon","response":{"success":true}}`}, linkly.Unclear, false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			c := newCloud().withTokens().on(http.MethodPost, logonURL, tt.answer)
			got, err := c.terminal(t).Logon(t.Context(), session, linkly.Notify{})
			checkClass(t, err, tt.class, tt.answer.status)
			if got != nil || errors.Is(err, linkly.ErrPending) != tt.pending {
				t.Errorf("got %+v, %v", got, err)
			}
		})
	}
}

func TestProofIsCheckedBeforeSending(t *testing.T) {
	t.Parallel()
	c := newCloud().withTokens()
	terminal := c.terminal(t)
	if _, err := terminal.Logon(t.Context(), "x", linkly.Notify{}); linkly.ClassOf(err) != linkly.Refused {
		t.Errorf("bad session: %v", err)
	}
	if _, err := terminal.Status(t.Context(), session, linkly.Notify{URI: "http://example.com"}); linkly.ClassOf(err) != linkly.Refused {
		t.Errorf("bad address: %v", err)
	}
	if got := c.requests(""); len(got) != 0 {
		t.Errorf("sent %+v", got)
	}
}
