package sim

import (
	"bytes"
	"encoding/json"
	"strings"
	"unicode"
)

// event is what the service tells the POS, as a callback or as the body of an answer (reference linkly 5 and 6).
type event struct {
	SessionID    string `json:"SessionId,omitempty"`
	ResponseType string
	Response     any
}

// displayBody is a display as the POS gets it (reference linkly 7). The order of the members is that of the
// documentation.
type displayBody struct {
	NumberOfLines        int
	LineLength           int
	DisplayText          []string
	CancelKeyFlag        bool
	AcceptYesKeyFlag     bool
	DeclineNoKeyFlag     bool
	AuthoriseKeyFlag     bool
	OKKeyFlag            bool
	InputType            string
	GraphicCode          string
	PurchaseAnalysisData map[string]string
}

// receiptBody is one receipt, as an event of its own and again inside the result (reference linkly 8).
type receiptBody struct {
	Type         string
	ReceiptText  []string
	IsPrePrint   bool
	ResponseType string `json:",omitempty"` // only inside Receipts of a transaction
}

// transactionBody is the result of a transaction (reference linkly 5.3). Amounts are cents. AmtPurchase is a
// pointer only because a Script may leave it out.
type transactionBody struct {
	TxnType              string
	Merchant             string
	CardType             string
	CardName             string
	RRN                  string
	DateSettlement       string
	AmtCash              int64
	AmtPurchase          *int64 `json:",omitempty"`
	AmtTip               int64
	AuthCode             int
	TxnRef               string
	Pan                  string
	DateExpiry           string
	Track2               string
	AccountType          string
	TxnFlags             txnFlags
	BalanceReceived      bool
	AvailableBalance     int64
	ClearedFundsBalance  int64
	Success              bool
	ResponseCode         string
	ResponseText         string
	Date                 string
	Catid                string
	Caid                 string
	Stan                 int
	PurchaseAnalysisData map[string]string
	Receipts             []receiptBody
}

// txnFlags are one-character strings (reference linkly 11.5).
type txnFlags struct {
	Offline, ReceiptPrinted, CardEntry, CommsMethod, Currency, PayPass, UndefinedFlag6, UndefinedFlag7 string
}

// verdict is the end that every response has.
type verdict struct {
	Success      bool
	ResponseCode string
	ResponseText string
}

// dateTime is the service's way of writing a time: no zone (reference linkly 5.3).
const dateTime = "2006-01-02T15:04:05"

// overHTTP writes an event as the answer of a GET or a synchronous POST, where no session id was observed (reference linkly 5.3).
func (s *Sim) overHTTP(e *event) []byte {
	return s.spell(e.SessionID, &event{ResponseType: e.ResponseType, Response: e.Response}, s.cfg.Casing.HTTP)
}

// spell writes an event of a session in the letters asked for.
func (s *Sim) spell(session string, e *event, l Letters) []byte {
	b, err := json.Marshal(e)
	if err != nil { // only structs of this file come here
		panic("linkly/sim: " + err.Error())
	}
	if s.hit(session, OddShapes) {
		b = odd(b)
	}
	return recase(b, l)
}

// plain writes an answer of the auth host, which is camelCase like all HTTP answers.
func (s *Sim) plain(v any) []byte {
	b, err := json.Marshal(v)
	if err != nil {
		panic("linkly/sim: " + err.Error())
	}
	return recase(b, s.cfg.Casing.HTTP)
}

// recase rewrites the member names of PascalCase JSON. PAD tags keep their three capitals.
func recase(b []byte, l Letters) []byte {
	if l == Pascal {
		return b
	}
	rename := camel
	switch l {
	case Pascal, Camel:
	case Lower:
		rename = strings.ToLower
	case CSharp:
		rename = except(map[string]string{"NII": "NII", "Catid": "catId", "Caid": "caId"})
	case Java:
		rename = except(map[string]string{"MaxSAF": "maxSaf", "CashoutLimit": "cashOutLimit"})
	}
	var out bytes.Buffer
	dec := json.NewDecoder(bytes.NewReader(b))
	dec.UseNumber()
	writeValue(&out, dec, rename)
	return out.Bytes()
}

// except is camelCase with the exceptions that the v2 clients share, and those of one of them (reference linkly 4).
func except(more map[string]string) func(string) string {
	return func(name string) string {
		if own, ok := more[name]; ok {
			return own
		}
		switch name {
		case "RRN", "AmtPurchase", "AmtCash", "AmtTip":
			return name
		}
		return camel(name)
	}
}

// writeValue copies one value from dec, renaming members on the way.
func writeValue(out *bytes.Buffer, dec *json.Decoder, rename func(string) string) {
	tok, err := dec.Token()
	if err != nil { // the input was marshalled a moment ago
		panic("linkly/sim: " + err.Error())
	}
	switch tok {
	case json.Delim('['):
		writeList(out, dec, ']', func() { writeValue(out, dec, rename) })
	case json.Delim('{'):
		writeList(out, dec, '}', func() {
			key, _ := dec.Token()
			name, _ := key.(string)
			out.Write(quote(rename(name)))
			out.WriteByte(':')
			inner := rename
			// Tags are data and no member names.
			if name == "PurchaseAnalysisData" {
				inner = func(tag string) string { return tag }
			}
			writeValue(out, dec, inner)
		})
	default:
		out.Write(quote(tok))
	}
}

// writeList copies the members of an array or object with commas between them, and its brackets.
func writeList(out *bytes.Buffer, dec *json.Decoder, end byte, item func()) {
	out.WriteByte(end - 2) // '[' and ']', '{' and '}' are two apart
	for first := true; dec.More(); first = false {
		if !first {
			out.WriteByte(',')
		}
		item()
	}
	_, _ = dec.Token()
	out.WriteByte(end)
}

// quote writes a JSON value that is known to be writable.
func quote(v any) []byte {
	b, _ := json.Marshal(v) // strings, numbers, booleans and null always marshal
	return b
}

// camel lowers the leading capitals of a name, but for the one that begins the next word: RRN is rrn, OKKeyFlag is okKeyFlag.
func camel(name string) string {
	r := []rune(name)
	for i := range r {
		if i > 0 && i+1 < len(r) && !unicode.IsUpper(r[i+1]) {
			break
		}
		if !unicode.IsUpper(r[i]) {
			break
		}
		r[i] = unicode.ToLower(r[i])
	}
	return string(r)
}
