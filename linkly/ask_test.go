package linkly_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"receivepayment/linkly"
)

// approvedCamel is an approval as it was observed over HTTP: camelCase, no session.
const approvedCamel = `{"responseType":"transaction","response":{"txnType":"P","txnRef":"B24K7Q2M9X4T1A01","success":true,"responseCode":"00"}}`

// ask asks a Linkly that gives these answers.
func ask(t *testing.T, answers ...answer) (linkly.Answer, *cloud, error) {
	t.Helper()
	c := newCloud().withTokens().on(http.MethodGet, askURL, answers...)
	a, err := c.terminal(t).Ask(t.Context(), session, want())
	return a, c, err
}

func TestAskHasFourAnswers(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		answer answer
		kind   linkly.AnswerKind
	}{
		{answer{202, ""}, linkly.Pending},
		{answer{202, `{"broken`}, linkly.Pending},
		{answer{404, ""}, linkly.NotFound},
		{answer{404, "404 page not found\n"}, linkly.NotFound},
		{answer{404, `{"message":"unknown session"}`}, linkly.NotFound},
		{answer{400, ""}, linkly.BadQuestion},
		{answer{200, approvedCamel}, linkly.Decided},
	} {
		a, c, err := ask(t, tt.answer)
		if err != nil || a.Kind != tt.kind || a.HTTPStatus != tt.answer.status {
			t.Errorf("%+v gave %v %d, %v; want %v", tt.answer, a.Kind, a.HTTPStatus, err, tt.kind)
		}
		if (a.Result != nil) != (tt.kind == linkly.Decided) {
			t.Errorf("%v came with result %+v", a.Kind, a.Result)
		}
		got := c.requests("/v1/sessions/")
		if len(got) != 1 || got[0] != (seen{http.MethodGet, askURL, "", "Bearer token-0001"}) {
			t.Errorf("asked %+v", got)
		}
	}
}

func TestOtherStatusesAreNoAnswer(t *testing.T) {
	t.Parallel()
	for _, status := range []int{201, 204, 301, 302, 403, 405, 408, 409, 410, 425, 429, 500, 502, 503, 504} {
		t.Run(fmt.Sprint(status), func(t *testing.T) {
			t.Parallel()
			a, _, err := ask(t, answer{status, ""})
			checkClass(t, err, linkly.Unclear, status)
			if a != (linkly.Answer{}) {
				t.Errorf("answer %+v beside the error", a)
			}
		})
	}
}

func TestBodiesThatAreNoAnswer(t *testing.T) {
	t.Parallel()
	for name, body := range map[string]string{
		"nothing":                 "",
		"null":                    "null",
		"empty object":            "{}",
		"an array":                "[" + approvedCamel + "]",
		"a page":                  "<!doctype html><title>APPROVED</title>",
		"cut off":                 approvedCamel[:len(approvedCamel)-2],
		"two of them":             approvedCamel + approvedCamel,
		"no type":                 strings.Replace(approvedCamel, `"responseType":"transaction",`, "", 1),
		"null type":               strings.Replace(approvedCamel, `"transaction"`, "null", 1),
		"a receipt":               strings.Replace(approvedCamel, `"transaction"`, `"receipt"`, 1),
		"two types":               strings.Replace(approvedCamel, `{"response`, `{"ResponseType":"display","response`, 1),
		"no response":             `{"responseType":"transaction","success":true}`,
		"null response":           `{"responseType":"transaction","response":null}`,
		"empty response":          `{"responseType":"transaction","response":{}}`,
		"response as a list":      `{"responseType":"transaction","response":[{"success":true}]}`,
		"response as text":        `{"responseType":"transaction","response":"success"}`,
		"no success":              strings.Replace(approvedCamel, `"success":true,`, "", 1),
		"null success":            strings.Replace(approvedCamel, "true", "null", 1),
		"empty success":           strings.Replace(approvedCamel, "true", `""`, 1),
		"success as a word":       strings.Replace(approvedCamel, "true", `"yes"`, 1),
		"success as another text": strings.Replace(approvedCamel, "true", `"00"`, 1),
		"success as two":          strings.Replace(approvedCamel, "true", "2", 1),
		"success as an object":    strings.Replace(approvedCamel, "true", "{}", 1),
		"success both ways":       strings.Replace(approvedCamel, `"success":true`, `"Success":false,"success":true`, 1),
		"success and null":        strings.Replace(approvedCamel, `"success":true`, `"success":true,"Success":null`, 1),
		"response twice":          `{"responseType":"transaction","response":{"success":true},"Response":{"success":false}}`,
		"another reference":       strings.Replace(approvedCamel, txnRef, "B24K7Q2M9X4T1A02", 1),
		"reference cut short":     strings.Replace(approvedCamel, txnRef, txnRef[:15], 1),
		"two references":          strings.Replace(approvedCamel, `"txnRef"`, `"TxnRef":"B24K7Q2M9X4T1A02","txnRef"`, 1),
		"a refund":                strings.Replace(approvedCamel, `"P"`, `"R"`, 1),
		"another session":         `{"sessionId":"3b1c0f6e-7a40-4f9f-8a51-0f5a6f0c2b12",` + approvedCamel[1:],
		"a session that is none":  `{"sessionId":"mine",` + approvedCamel[1:],
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			a, _, err := ask(t, answer{200, body})
			checkClass(t, err, linkly.Unclear, 200)
			if a != (linkly.Answer{}) {
				t.Errorf("answer %+v beside the error", a)
			}
		})
	}
}

func TestAnswersInEveryTolerableDress(t *testing.T) {
	t.Parallel()
	declined := strings.Replace(approvedCamel, "true", "false", 1)
	for name, tt := range map[string]struct {
		body    string
		success bool
	}{
		"camel case":               {approvedCamel, true},
		"explicit no":              {declined, false},
		"upper case":               {`{"RESPONSETYPE":"TRANSACTION","RESPONSE":{"SUCCESS":true}}`, true},
		"pascal case":              {`{"SessionId":"` + session + `","ResponseType":"transaction","Response":{"Success":true}}`, true},
		"byte order mark":          {"\xef\xbb\xbf" + approvedCamel, true},
		"blanks around":            {"\r\n " + approvedCamel + "\n", true},
		"success as text":          {strings.Replace(approvedCamel, "true", `"True"`, 1), true},
		"success as padded text":   {strings.Replace(approvedCamel, "true", `"false "`, 1), false},
		"success as one":           {strings.Replace(approvedCamel, "true", "1", 1), true},
		"success as zero in text":  {strings.Replace(approvedCamel, "true", `"0"`, 1), false},
		"success twice alike":      {strings.Replace(approvedCamel, `"success":true`, `"Success":true,"success":true`, 1), true},
		"padded reference":         {strings.Replace(approvedCamel, txnRef, txnRef+"    ", 1), true},
		"blank reference":          {strings.Replace(approvedCamel, txnRef, "    ", 1), true},
		"null reference and type":  {`{"responseType":"transaction","response":{"txnType":null,"txnRef":null,"success":true}}`, true},
		"bare session":             {`{"sessionId":"3B1C0F6E7A404F9F8A510F5A6F0C2B11",` + approvedCamel[1:], true},
		"null session":             {`{"sessionId":null,` + approvedCamel[1:], true},
		"code and text that lie":   {strings.Replace(declined, `"responseCode":"00"`, `"responseCode":"00","responseText":"APPROVED"`, 1), false},
		"unknown members":          {strings.Replace(approvedCamel, `"success"`, `"x":{"success":false},"success"`, 1), true},
		"odd shapes where unasked": {strings.Replace(approvedCamel, `"success"`, `"purchaseAnalysisData":[],"txnFlags":"","receipts":{},"pan":[],"amtPurchase":{},"success"`, 1), true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			a, _, err := ask(t, answer{200, tt.body})
			if err != nil || a.Result == nil || a.Result.Success != tt.success {
				t.Errorf("got %+v, %v; want success %v", a.Result, err, tt.success)
			}
		})
	}
}

func TestAPageInPlaceOf404IsNoProof(t *testing.T) {
	t.Parallel()
	_, _, err := ask(t, answer{404, "\n<html><h1>Not Found</h1></html>"})
	checkClass(t, err, linkly.Unclear, 404)
}

func TestAskRenewsTheTokenOnceAfter401(t *testing.T) {
	t.Parallel()
	a, c, err := ask(t, answer{401, ""}, answer{202, ""})
	if err != nil || a.Kind != linkly.Pending {
		t.Errorf("got %v, %v", a, err)
	}
	if got := c.requests("/v1/sessions/"); len(got) != 2 || got[1].Authorization != "Bearer token-0002" {
		t.Errorf("asked %+v", got)
	}

	_, c, err = ask(t, answer{401, ""})
	checkClass(t, err, linkly.Unclear, 401)
	if got := c.requests("/v1/sessions/"); len(got) != 2 {
		t.Errorf("asked %d times, want twice", len(got))
	}
}

func TestAskNeedsToKnowWhatItExpects(t *testing.T) {
	t.Parallel()
	c := newCloud().withTokens()
	for _, tt := range []struct {
		session string
		want    linkly.Expect
	}{
		{"", want()},
		{session, linkly.Expect{Type: linkly.Purchase}},
		{session, linkly.Expect{TxnRef: txnRef}},
	} {
		if _, err := c.terminal(t).Ask(t.Context(), tt.session, tt.want); linkly.ClassOf(err) != linkly.Refused {
			t.Errorf("asked about %+v: %v", tt, err)
		}
	}
	if got := c.requests(""); len(got) != 0 {
		t.Errorf("sent %+v", got)
	}
}

func TestRetryAfterIsPassedOn(t *testing.T) {
	t.Parallel()
	c := newCloud().withTokens()
	for header, want := range map[string]string{
		"7": "7s", "-1": "0s", "999999": "1h0m0s", "soon": "0s", "": "0s",
		"Mon, 14 Sep 2026 11:00:30 GMT": "30s", "Mon, 14 Sep 2026 10:00:00 GMT": "0s",
	} {
		c.RegisterResponder(http.MethodGet, askURL, func(*http.Request) (*http.Response, error) {
			return &http.Response{StatusCode: 429, Header: http.Header{"Retry-After": {header}}, Body: http.NoBody}, nil
		})
		_, err := c.terminal(t).Ask(t.Context(), session, linkly.Expect{TxnRef: txnRef, Type: linkly.Purchase})
		var e *linkly.Error
		if !asError(err, &e) || e.RetryAfter.String() != want {
			t.Errorf("header %q: %v, want %s", header, err, want)
		}
	}
}
