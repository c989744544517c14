package linkly_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"receivepayment/linkly"
)

func parse(t *testing.T, pathType, body string) linkly.Notification {
	t.Helper()
	n, err := linkly.ParseNotification(pathType, []byte(body))
	if err != nil {
		t.Fatalf("parse %s: %v", body, err)
	}
	return n
}

func TestDisplaysKeepTheirLinesAndKeys(t *testing.T) {
	t.Parallel()
	got := parse(t, "display", `{"SessionId":"`+session+`","ResponseType":"display","Response":{"NumberOfLines":2,"LineLength":20,
		"DisplayText":["  SIGNATURE OK?     ","                    "],"CancelKeyFlag":false,"AcceptYesKeyFlag":true,"DeclineNoKeyFlag":true,
		"AuthoriseKeyFlag":false,"OKKeyFlag":false,"InputType":"0","GraphicCode":"2","PurchaseAnalysisData":{}}}`)
	want := linkly.Notification{
		Session: session, Type: "display",
		Display: &linkly.Display{
			Lines: []string{"  SIGNATURE OK?", ""}, Padded: []string{"  SIGNATURE OK?     ", "                    "},
			Yes: true, No: true, Input: "none", Graphic: "question",
		},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("notification (-want +got):\n%s", diff)
	}
}

func TestDisplaysInEveryTolerableDress(t *testing.T) {
	t.Parallel()
	for members, want := range map[string]*linkly.Display{
		``: {Input: "none"},
		`"displayText":["A","B"],"cancelKeyFlag":"1","okKeyFlag":1`:                      {Lines: []string{"A", "B"}, Padded: []string{"A", "B"}, Cancel: true, OK: true, Input: "none"},
		`"DISPLAYTEXT":"A \nB","AUTHORISEKEYFLAG":"3","INPUTTYPE":4,"GRAPHICCODE":5`:     {Lines: []string{"A", "B"}, Padded: []string{"A ", "B"}, Authorise: true, Input: "password", Graphic: "pin"},
		`"CancelKeyFlag":"True","OKKeyFlag":"no","AcceptYesKeyFlag":null,"InputType":""`: {Cancel: true, Input: "none"},
		`"DisplayText":null,"CancelKeyFlag":"0","InputType":"9","GraphicCode":" "`:       {Input: "text"},
		`"DisplayText":["CARD 4111111111111142",null,7,{}],"CancelKeyFlag":{}`:           {Lines: []string{"CARD ************1142", "", "7", ""}, Padded: []string{"CARD ************1142", "", "7", ""}, Input: "none"},
		`"DisplayText":["A"],"displayText":["B"],"CancelKeyFlag":true`:                   {Lines: []string{"B"}, Padded: []string{"B"}, Cancel: true, Input: "none"},
	} {
		got := parse(t, "display", `{"response":{`+members+`}}`)
		if diff := cmp.Diff(want, got.Display); diff != "" {
			t.Errorf("%s (-want +got):\n%s", members, diff)
		}
	}
}

func TestEveryInputAndGraphicHasAWord(t *testing.T) {
	t.Parallel()
	inputs := []string{"none", "text", "amount", "decimal", "password", "supervisor", "char", "barcode", "barcode-only"}
	for code, want := range inputs {
		n := parse(t, "display", `{"Response":{"InputType":"`+string(rune('0'+code))+`"}}`)
		if n.Display.Input != want {
			t.Errorf("input %d is %q, want %q", code, n.Display.Input, want)
		}
	}
	for code, want := range []string{"processing", "verify", "question", "card", "account", "pin", "finished", ""} {
		n := parse(t, "display", `{"Response":{"GraphicCode":"`+string(rune('0'+code))+`"}}`)
		if n.Display.Graphic != want {
			t.Errorf("graphic %d is %q, want %q", code, n.Display.Graphic, want)
		}
	}
}

func TestReceiptsKeepTheirSpacing(t *testing.T) {
	t.Parallel()
	got := parse(t, "receipt", `{"SessionId":"`+session+`","ResponseType":"receipt","Response":{"Type":"M","IsPrePrint":true,
		"ReceiptText":["      ACME CAFE       ","CARD: 4111111111111142(C)","4111111111111142=29121010000012345678","TERM 1234567","TERM 12345678","\u001b[1mBOLD"]}}`)
	want := &linkly.Receipt{
		Type: "M", PrePrint: true,
		Text: "      ACME CAFE       \nCARD: ************1142(C)\n************1142=****************5678\nTERM 1234567\nTERM 12345678\n [1mBOLD",
	}
	if diff := cmp.Diff(want, got.Receipt); diff != "" {
		t.Errorf("receipt (-want +got):\n%s", diff)
	}
}

func TestTransactionCallbackCarriesTheWholeResult(t *testing.T) {
	t.Parallel()
	got := parse(t, "{{type}}", approvedPascal)
	want := linkly.Notification{Session: session, Type: "transaction", Result: fullResult()}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("notification (-want +got):\n%s", diff)
	}
}

func TestCallbackWithoutAnExplicitSuccessOnlyRings(t *testing.T) {
	t.Parallel()
	for _, kind := range []string{"transaction", "logon", "status"} {
		for _, success := range []string{``, `"Success":null`, `"Success":"maybe"`, `"Success":true,"success":false`} {
			got := parse(t, kind, `{"SessionId":"`+session+`","ResponseType":"`+kind+`","Response":{`+success+`}}`)
			if diff := cmp.Diff(linkly.Notification{Session: session, Type: kind}, got); diff != "" {
				t.Errorf("%s {%s} (-want +got):\n%s", kind, success, diff)
			}
		}
	}
}

func TestLogonAndStatusCallbacksAreRead(t *testing.T) {
	t.Parallel()
	logon := parse(t, "logon", `{"ResponseType":"Logon","Response":{"Success":true,"ResponseCode":"00"}}`)
	if diff := cmp.Diff(&linkly.LogonResult{Success: true, ResponseCode: "00"}, logon.Logon); diff != "" {
		t.Errorf("logon (-want +got):\n%s", diff)
	}
	status := parse(t, "status", `{"ResponseType":"STATUS","Response":{"Success":false,"ResponseCode":"PF"}}`)
	if diff := cmp.Diff(&linkly.StatusResult{ResponseCode: "PF"}, status.Status); diff != "" {
		t.Errorf("status (-want +got):\n%s", diff)
	}
}

func TestTypeAndSessionComeFromTheBodyFirst(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ path, body, kind, session string }{
		{"receipt", `{"ResponseType":"display","Response":{}}`, "display", ""},
		{"Display", `{"Response":{}}`, "display", ""},
		{"{{type}}", `{"responseType":" DISPLAY ","Response":{}}`, "display", ""},
		{"display", `{"ResponseType":null,"SessionId":null,"Response":{}}`, "display", ""},
		{"x", `{"ResponseType":"inputrequest","Response":null}`, "inputrequest", ""},
		{"querycard", `{"sessionid":"3B1C0F6E7A404F9F8A510F5A6F0C2B11"}`, "querycard", session},
		{"", `{"SESSIONID":" 3b1c0f6e-7A40-4f9f-8a51-0f5a6f0c2b11 ","ResponseType":"querycard"}`, "querycard", session},
	} {
		n := parse(t, tt.path, tt.body)
		if n.Type != tt.kind || n.Session != tt.session {
			t.Errorf("%s %s: %q %q", tt.path, tt.body, n.Type, n.Session)
		}
	}
}

func TestBadCallbacksNameTheFieldAndQuoteNothing(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ path, body, field string }{
		{"display", ``, "body"},
		{"display", `null`, "body"},
		{"display", `[]`, "body"},
		{"display", `<html>4111111111111142</html>`, "body"},
		{"display", `{"Response":{}`, "body"},
		{"display", `{"SessionId":"4111111111111142","Response":{}}`, "SessionId"},
		{"display", `{"SessionId":"` + session + `","sessionId":"9f3e6a50c7d14d0c8a4f2f6a7a0b1c2d","Response":{}}`, "SessionId"},
		{"{{type}}", `{"Response":{}}`, "ResponseType"},
		{"", `{"Response":{}}`, "ResponseType"},
		{"display", `{"ResponseType":"4111111111111142","Response":{}}`, "ResponseType"},
		{"display", `{"ResponseType":"display","responseType":"receipt","Response":{}}`, "ResponseType"},
		{"../x", `{"Response":{}}`, "ResponseType"},
		{"display", `{}`, "Response"},
		{"display", `{"Response":null}`, "Response"},
		{"receipt", `{"Response":"4111111111111142"}`, "Response"},
		{"transaction", `{"Response":4111111111111142}`, "Response"},
		{"logon", `{"Response":[]}`, "Response"},
		{"status", `{"Response":true}`, "Response"},
	} {
		_, err := linkly.ParseNotification(tt.path, []byte(tt.body))
		var bad *linkly.BadNotification
		if !errors.Is(err, linkly.ErrBadNotification) || !errors.As(err, &bad) || bad.Field != tt.field {
			t.Errorf("%s %s: %v, want field %s", tt.path, tt.body, err, tt.field)
			continue
		}
		if strings.Contains(err.Error(), "1142") || !strings.Contains(err.Error(), tt.field) {
			t.Errorf("%s %s: says %q", tt.path, tt.body, err)
		}
	}
}

func TestSessionsAreComparedInAnyForm(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		a, b string
		same bool
	}{
		{session, session, true},
		{session, strings.ToUpper(session), true},
		{session, strings.ReplaceAll(session, "-", ""), true},
		{session, " " + session + " ", true},
		{session, session[:35] + "2", false},
		{"", "", false},
		{"x", "x", false},
		{session, "", false},
	} {
		if linkly.SameSession(tt.a, tt.b) != tt.same {
			t.Errorf("SameSession(%q, %q) is not %v", tt.a, tt.b, tt.same)
		}
	}
}
