package sim

import (
	"bytes"
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"time"
)

// hostFace serves the `thirdparty` interface (reference kayaaku 2.1).
func (s *Sim) hostFace(mux *http.ServeMux) {
	for path, serve := range map[string]func(http.ResponseWriter, *http.Request, map[string]string){
		"paymentAuthorization":      s.authorize,
		"void":                      s.void,
		"refund":                    s.refund,
		"transactionDetailsEnquiry": s.enquire,
	} {
		mux.HandleFunc("POST /thirdparty/"+path, func(w http.ResponseWriter, r *http.Request) {
			raw, err := io.ReadAll(io.LimitReader(r.Body, 64<<10))
			if err != nil {
				return
			}
			in, code := s.admit(raw)
			if code != "" {
				s.answer(w, in, pairs{"TxnID", in["TxnID"], "RespCd", code})
				return
			}
			serve(w, r, in)
		})
	}
}

// admit checks signature, sequence number and sender; code is the refusal.
func (s *Sim) admit(raw []byte) (map[string]string, string) {
	var in map[string]string
	if json.Unmarshal(raw, &in) != nil {
		return map[string]string{}, "03"
	}
	if s.config.Merchant == nil || !s.signed(raw, in["signedMessage"]) {
		return in, "90"
	}
	day := s.config.Now().UTC().Add(8 * time.Hour).Format(time.DateOnly)
	switch {
	case in["sourceSystem"] != s.config.SourceSystem:
		return in, "48"
	case in["TxnID"] == "" || in["sequenceNo"] == "" || len(in["sequenceNo"]) > 16:
		return in, "64"
	case !s.truth.sequence(day, in["sourceSystem"], in["sequenceNo"]):
		s.violate("sequence number %s was used twice on %s", in["sequenceNo"], day)
		return in, "03"
	}
	return in, ""
}

// signed checks the merchant's signature: over sourceSystem, a line feed, and
// the object as it came without its last member.
func (s *Sim) signed(raw []byte, value string) bool {
	cut := bytes.LastIndex(raw, []byte(`,"signedMessage":"`))
	if cut < 0 {
		return false
	}
	text, err := url.QueryUnescape(value)
	if err != nil {
		return false
	}
	signature, err := base64.StdEncoding.DecodeString(text)
	if err != nil {
		return false
	}
	over := sha256.Sum256(joined(s.config.SourceSystem, raw[:cut]))
	return rsa.VerifyPKCS1v15(s.config.Merchant, crypto.SHA256, over[:], signature) == nil
}

// joined is the text that a signature is over.
func joined(source string, open []byte) []byte {
	text := append([]byte(source), 10)
	text = append(text, open...)
	return append(text, '}')
}

// answer signs and sends.
func (s *Sim) answer(w http.ResponseWriter, in map[string]string, p pairs) {
	w.Header().Set("Content-Type", "application/json")
	object := append(p, "sourceSystem", s.config.SourceSystem, "sequenceNo", in["sequenceNo"]).object()
	if s.config.Host == nil {
		_, _ = w.Write(object)
		return
	}
	open := object[:len(object)-1]
	over := sha256.Sum256(joined(s.config.SourceSystem, open))
	signature, err := rsa.SignPKCS1v15(rand.Reader, s.config.Host, crypto.SHA256, over[:])
	if err != nil {
		http.Error(w, "cannot sign", http.StatusInternalServerError)
		return
	}
	text := url.QueryEscape(base64.StdEncoding.EncodeToString(signature))
	_, _ = w.Write(append(bytes.Clone(open), `,"signedMessage":"`+text+`"}`...))
}

// authorize blocks until the device has done its part.
func (s *Sim) authorize(w http.ResponseWriter, r *http.Request, in map[string]string) {
	amount, err := strconv.ParseInt(in["AmtTxn"], 10, 64)
	switch {
	case err != nil || amount <= 0:
		s.answer(w, in, pairs{"TxnID", in["TxnID"], "RespCd", "22"})
		return
	case in["Email"] != s.config.Email:
		s.answer(w, in, pairs{"TxnID", in["TxnID"], "RespCd", "38"})
		return
	case in["DeviceSN"] != s.config.Serial:
		s.answer(w, in, pairs{"TxnID", in["TxnID"], "RespCd", "79"})
		return
	case in["CrcyTxn"] != "458":
		s.answer(w, in, pairs{"TxnID", in["TxnID"], "RespCd", "34"})
		return
	}
	out := make(chan func(), 1)
	s.wait.Go(func() {
		defer close(out)
		sent := false
		s.sell(Record{TxnID: in["TxnID"], Method: in["PmtType"], Amount: amount}, func(Record) {}, func(done Record, how Scenario) {
			if !sent {
				sent = true
				out <- func() { s.deliver(w, in, done, how) }
			}
		})
	})
	select {
	case send, ok := <-out:
		if !ok {
			s.hang(r)
			panic(http.ErrAbortHandler) // the answer is lost
		}
		send()
	case <-r.Context().Done():
	case <-s.closed:
		panic(http.ErrAbortHandler)
	}
}

// hang holds a call whose answer will never come.
func (s *Sim) hang(r *http.Request) {
	select {
	case <-r.Context().Done():
	case <-s.closed:
	case <-time.After(s.config.LateNext):
	}
}

// deliver answers a sale with the fault that was asked for; what a cable does
// to bytes is done to the connection.
func (s *Sim) deliver(w http.ResponseWriter, in map[string]string, r Record, how Scenario) {
	switch {
	case how == Unplug || how == CutReply || how == BadCheck || how == HalfReply:
		_, _ = w.Write([]byte(`{"TxnID":"` + r.TxnID))
		panic(http.ErrAbortHandler)
	case how == Noise:
		w.Header().Set("Content-Type", "text/html")
		_, _ = w.Write([]byte("<html><body>502 Bad Gateway</body></html>"))
		return
	case how == OtherTxnID:
		r.TxnID = "0000000000000000"
	case how == ResultCodeAlone:
		s.answer(w, in, pairs{"MsgVer", "1", "TxnID", r.TxnID, "ResultCode", "0"})
		return
	}
	s.answer(w, in, answer(r))
}

func (s *Sim) void(w http.ResponseWriter, _ *http.Request, in map[string]string) {
	sale, ok := s.truth.find(in["TxnID"])
	if !ok || sale.HTR != in["OrgHTR"] || in["MID"] != s.config.MID {
		s.answer(w, in, pairs{"TxnID", in["TxnID"], "RespCd", "50"})
		return
	}
	done := s.reverse(Record{TxnID: "VOID" + sale.STAN + "OF" + sale.TxnID[:min(len(sale.TxnID), 8)], Kind: "void", Of: sale.TxnID, Method: sale.Method, Amount: sale.Amount})
	done.TxnID = in["TxnID"]
	s.answer(w, in, answer(done))
}

func (s *Sim) refund(w http.ResponseWriter, _ *http.Request, in map[string]string) {
	amount, err := strconv.ParseInt(in["AmtTxn"], 10, 64)
	sale, ok := s.truth.find(in["OrgTxnID"])
	if err != nil || !ok || sale.HTR != in["OrgHTR"] || in["MID"] != s.config.MID || in["CrcyTxn"] != "458" {
		s.answer(w, in, pairs{"RefundTxnID", in["TxnID"], "RespCd", "50"})
		return
	}
	done := s.reverse(Record{TxnID: in["TxnID"], Kind: "refund", Of: sale.TxnID, Method: sale.Method, Amount: amount})
	s.answer(w, in, append(pairs{"RefundTxnID", done.TxnID}, answer(done)...))
}

// enquire answers as thinly as documented, or richly when configured.
func (s *Sim) enquire(w http.ResponseWriter, _ *http.Request, in map[string]string) {
	if in["Email"] != s.config.Email {
		s.answer(w, in, pairs{"TxnID", in["TxnID"], "RespCd", "38"})
		return
	}
	r, code := s.truth.asked(in["TxnID"])
	if code == "" {
		s.answer(w, in, pairs{"TxnID", in["TxnID"], "RespCd", "92", "RespDesc", "No record"})
		return
	}
	out := pairs{"TxnID", in["TxnID"], "RespCd", code, "RespDesc", "Status " + code}
	if s.config.Rich && code == "00" {
		out = append(out, "AmtTxn", strconv.FormatInt(r.Amount, 10), "AuthIdResp", r.Auth, "HTR", r.HTR,
			"RRN", r.RRN, "STAN", r.STAN, "MRN", r.MRN, "PaymentScheme", r.Scheme)
	}
	s.answer(w, in, out)
}
