package linkly_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"receivepayment/linkly"
)

// approvedPascal is a full callback as documented (reference linkly 5.3), with
// card data that a terminal should have masked and did not.
const approvedPascal = `{"SessionId":"3b1c0f6e-7a40-4f9f-8a51-0f5a6f0c2b11","ResponseType":"transaction","Response":{
 "TxnType":"P","Merchant":"00","CardType":"VISA                ","CardName":"04","RRN":"624100318842",
 "DateSettlement":"2026-09-14T00:00:00","Date":"2026-09-14T11:02:37","AmtCash":0,"AmtPurchase":4250,"AmtTip":0,
 "AuthCode":318842,"TxnRef":"B24K7Q2M9X4T1A01","Pan":"4111111111111142    ","DateExpiry":"1229","Track2":"4111111111111142=29121010000012345678   ",
 "AccountType":"2","TxnFlags":{"Offline":"0","ReceiptPrinted":"0","CardEntry":"C","CommsMethod":"0","Currency":"0","PayPass":"1","UndefinedFlag6":"0","UndefinedFlag7":"0"},
 "BalanceReceived":false,"AvailableBalance":0,"ClearedFundsBalance":0,"Success":true,"ResponseCode":"00",
 "ResponseText":"APPROVED            ","Catid":"12345678","Caid":"0123456789ABCDE","Stan":1142,
 "PurchaseAnalysisData":{"RFN":"6241003188420001","REF":"318842","AMT":"000004300","SUR":"000000050","HRC":"00","HRT":"OK","UCI":"abcdef"},
 "Receipts":[{"Type":"C","ReceiptText":["      ACME CAFE","CARD 4111 1111 1111 1142","RRN  624100318842",""],"IsPrePrint":false,"ResponseType":"receipt"},
             {"Type":"M","ReceiptText":"ONE\r\nTEXT","IsPrePrint":"1"}, null, 7]}}`

func ptr(n int64) *int64 { return &n }

func fullResult() *linkly.Result {
	return &linkly.Result{
		Success: true, ResponseCode: "00", ResponseText: "APPROVED",
		CardType: "VISA", CardName: "04", Last4: "1142", Entry: "contactless", Account: "credit",
		AuthCode: "318842", RRN: "624100318842", STAN: "1142",
		AmtPurchase: ptr(4250), AmtCash: ptr(0), AmtTip: ptr(0), Surcharge: ptr(50), TotalCharged: ptr(4300),
		SettlementDate: "2026-09-14", Date: "2026-09-14T11:02:37", CatID: "12345678", CaID: "0123456789ABCDE",
		RFN: "6241003188420001", REF: "318842", HostCode: "00", HostText: "OK",
		TxnRef: txnRef, TxnType: "P", SessionID: session,
		Receipts: []linkly.Receipt{
			{Type: "C", Text: "      ACME CAFE\nCARD **** **** **** 1142\nRRN  624100318842\n"},
			{Type: "M", Text: "ONE\nTEXT", PrePrint: true},
		},
	}
}

func TestAFullAnswerIsReadInAnyCaseWithoutItsCardData(t *testing.T) {
	t.Parallel()
	for name, body := range map[string]string{
		"as documented": approvedPascal,
		"camel case":    recase(approvedPascal, func(k string) string { return strings.ToLower(k[:1]) + k[1:] }),
		"lower case":    recase(approvedPascal, strings.ToLower),
		"upper case":    recase(approvedPascal, strings.ToUpper),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			a, _, err := ask(t, answer{200, body})
			if err != nil {
				t.Fatalf("ask: %v", err)
			}
			if diff := cmp.Diff(fullResult(), a.Result); diff != "" {
				t.Errorf("result (-want +got):\n%s", diff)
			}
		})
	}
}

// recase changes the names of all members and leaves the values alone.
func recase(body string, change func(string) string) string {
	parts := strings.Split(body, `"`)
	for i := 1; i+1 < len(parts); i += 2 {
		if strings.HasPrefix(parts[i+1], ":") {
			parts[i] = change(parts[i])
		}
	}
	return strings.Join(parts, `"`)
}

// resultOf reads an approval with these further members.
func resultOf(t *testing.T, members string) *linkly.Result {
	t.Helper()
	a, _, err := ask(t, answer{200, `{"responseType":"transaction","response":{"success":true,` + members + `}}`})
	if err != nil {
		t.Fatalf("%s: %v", members, err)
	}
	return a.Result
}

func TestWhatAnAnswerLeavesOutStaysUnknown(t *testing.T) {
	t.Parallel()
	for _, members := range []string{
		`"x":1`,
		`"amtPurchase":null,"amtCash":null,"authCode":null,"rrn":null,"stan":null,"pan":null,"txnFlags":null,"purchaseAnalysisData":null,"receipts":null,"date":null`,
		`"purchaseAnalysisData":{},"receipts":[],"txnFlags":{},"pan":"","amtPurchase":"","authCode":"   ","dateSettlement":"0001-01-01T00:00:00"`,
		`"purchaseAnalysisData":[],"receipts":{},"txnFlags":[],"pan":{},"amtPurchase":[],"authCode":{},"date":false`,
		`"purchaseAnalysisData":{"AMT":"","SUR":null,"RFN":null,"ZZZ":{"a":[1]}},"amtPurchase":"about 10","amtCash":10.5,"amtTip":-1`,
		`"amtPurchase":1e3,"amtCash":99999999999999999999,"pan":"4XXX","accountType":" ","txnFlags":{"CardEntry":"?","PayPass":" "}`,
	} {
		if diff := cmp.Diff(&linkly.Result{Success: true}, resultOf(t, members)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", members, diff)
		}
	}
}

func TestAmountsInEveryTolerableDress(t *testing.T) {
	t.Parallel()
	for raw, want := range map[string]*int64{
		`1100`: ptr(1100), `"1100"`: ptr(1100), `"00001100"`: ptr(1100), `" 1100 "`: ptr(1100), `1100.0`: ptr(1100), `"1100.00"`: ptr(1100),
		`0`: ptr(0), `"0"`: ptr(0), `"11.00.00"`: nil, `"11,00"`: nil, `"$11"`: nil, `true`: nil, `11.5`: nil, `"-11"`: nil, `"."`: nil, `""`: nil,
		`1100,"AMTPURCHASE":1100`: ptr(1100), `1100,"AMTPURCHASE":1200`: nil,
	} {
		got := resultOf(t, `"amtPurchase":`+raw+`,"purchaseAnalysisData":{"amt":`+strings.Split(raw, `,"A`)[0]+`}`)
		if diff := cmp.Diff(want, got.AmtPurchase); diff != "" {
			t.Errorf("purchase %s (-want +got):\n%s", raw, diff)
		}
		if !strings.Contains(raw, "AMT") && !cmp.Equal(want, got.TotalCharged) {
			t.Errorf("total %s: got %v", raw, got.TotalCharged)
		}
	}
}

func TestCodesAreTextAndWordsAreMapped(t *testing.T) {
	t.Parallel()
	type facts struct{ Auth, STAN, Last4, Entry, Account, Settled, Date string }
	for members, want := range map[string]facts{
		`"authCode":"001234","stan":"000042"`:                      {Auth: "001234", STAN: "000042"},
		`"authCode":1234,"stan":42`:                                {Auth: "1234", STAN: "42"},
		`"authCode":"A1B2C3 "`:                                     {Auth: "A1B2C3"},
		`"pan":"************1142"`:                                 {Last4: "1142"},
		`"pan":4111111111111142`:                                   {Last4: "1142"},
		`"pan":"1142"`:                                             {Last4: "1142"},
		`"pan":"411111******"`:                                     {},
		`"pan":"142"`:                                              {},
		`"txnFlags":{"cardEntry":"E","payPass":"1"}`:               {Entry: "chip"},
		`"txnFlags":{"CARDENTRY":"s"}`:                             {Entry: "swiped"},
		`"txnFlags":{"CardEntry":"K"}`:                             {Entry: "keyed"},
		`"txnFlags":{"CardEntry":"B"}`:                             {Entry: "barcode"},
		`"txnFlags":{"CardEntry":" ","PayPass":"1"}`:               {Entry: "contactless"},
		`"accountType":"1"`:                                        {Account: "cheque"},
		`"accountType":3`:                                          {Account: "savings"},
		`"accountType":"Credit "`:                                  {Account: "credit"},
		`"dateSettlement":"2026-09-15"`:                            {Settled: "2026-09-15"},
		`"dateSettlement":"2026-09-15T00:00:00.0000000+10:00"`:     {Settled: "2026-09-15"},
		`"dateSettlement":"15/09/2026","date":"today"`:             {},
		`"date":"2026-09-14T11:02:37+10:00"`:                       {Date: "2026-09-14T11:02:37+10:00"},
		`"date":"2026-13-40T11:02:37"`:                             {},
		`"date":"2026-09-14T11:02:37 and a long story after that"`: {},
	} {
		r := resultOf(t, members)
		got := facts{r.AuthCode, r.STAN, r.Last4, r.Entry, r.Account, r.SettlementDate, r.Date}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", members, diff)
		}
	}
}

func TestCardNumbersInOddPlacesAreMasked(t *testing.T) {
	t.Parallel()
	r := resultOf(t, `"cardType":"VISA 4111111111111142","cardName":4111111111111142,"responseText":"CARD 4111-1111-1111-1142",
		"authCode":"4111111111111142","stan":4111111111111142,"rrn":"4111111111111142","catid":"4111111111111142","caid":"4111111111111142",
		"responseCode":"4111111111111142","purchaseAnalysisData":{"HRC":"4111111111111142","HRT":"3782 822463 10005"}`)
	want := &linkly.Result{
		Success: true, CardType: "VISA ************1142", CardName: "************1142", ResponseText: "CARD ****-****-****-1142",
		AuthCode: "************1142", STAN: "************1142", RRN: "************1142", CatID: "************1142", CaID: "************1142",
		ResponseCode: "************1142", HostCode: "************1142", HostText: "**** ****** *0005",
	}
	if diff := cmp.Diff(want, r); diff != "" {
		t.Errorf("result (-want +got):\n%s", diff)
	}
}
