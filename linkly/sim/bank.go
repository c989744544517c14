package sim

import (
	"fmt"
	"strings"
)

// decide is the bank's decision about the card and the amount: a response code. The money moves in book.
func (k *talk) decide(sl *sale) string {
	sl.reached = true
	req := k.ses.req
	switch {
	// What the bank does not allow comes before the card, and the card before the cents.
	case sl.notAllowed(req):
		return "58"
	case req.txnType == "R" && req.purchase > sl.cfg.RefundLimit:
		return "61"
	case !strings.Contains("PRC", req.txnType):
		return "B2" // the others are accepted by the face but not offered by this bank
	case sl.script.Code != "":
		return sl.script.Code
	case sl.card.code != "":
		return sl.card.code
	}
	// The cents of the amount are the response code (reference linkly 11.6).
	return fmt.Sprintf("%02d", (req.purchase+req.cash)%100)
}

// approves reports whether a code means that money moves: 08 is an approval too, which POS programs have missed
// (reference linkly 9.5).
func approves(code string) bool { return code == "00" || code == "08" }

// book moves the money, if the code approves and a refund finds its purchase, and writes it down.
func (k *talk) book(sl *sale, code string) {
	s, req := k.s, k.ses.req
	s.mu.Lock()
	defer s.mu.Unlock()
	// The STAN counts per bank and not per terminal, so that RFN and RRN are unique in the whole Sim.
	s.counter++
	sl.stan = s.counter

	// Under the same lock as the booking, or two refunds could both find the same remainder.
	if approves(code) && req.txnType == "R" && (req.pad["RFN"] != "" || !sl.cfg.UnmatchedRefunds) {
		code = s.refundable(req, code)
	}
	if approves(code) {
		k.amounts(sl)
		sl.rfn = s.cfg.Now().Format("060102") + fmt.Sprintf("%010d", sl.stan)
	}
	sl.verdict = verdict{approves(code), code, wide(codeText(code))}
	s.book.charge(Charge{
		Session: req.session, TxnRef: req.txnRef, Terminal: k.t.id, Type: req.txnType, Amount: sl.total(), Goods: sl.goods,
		Cash: sl.cash, Surcharge: sl.surcharge, Tip: sl.tip, Approved: approves(code), Code: code, Card: sl.card.ID, RFN: sl.rfn, Refunds: refundOf(req), At: s.cfg.Now(),
	})
}

// refundOf names the purchase that a refund gives back; empty for everything else.
func refundOf(req request) string {
	if req.txnType != "R" {
		return ""
	}
	return req.pad["RFN"]
}

// amounts fills in what moves: the requested amounts, bent by the script.
func (k *talk) amounts(sl *sale) {
	req := k.ses.req
	sl.goods, sl.cash = req.purchase, req.cash
	if req.txnType != "P" {
		return
	}
	// A partial approval concerns the goods; surcharge is on what was approved.
	if sl.script.Partial > 0 && sl.script.Partial < sl.goods {
		sl.goods = sl.script.Partial
	}
	if sl.script.PartialRate > 0 {
		sl.goods = min(sl.goods, max(1, sl.goods*sl.script.PartialRate/10_000))
	}
	sl.surcharge = sl.script.Surcharge + sl.goods*sl.script.SurchargeRate/10_000 + surchargeOf(req.surcharge, sl.card, sl.goods)
	sl.tip = k.tipOf(sl)
}

// refundable finds the purchase of a refund and turns the code into a decline when it does not exist or has too little left
// (reference linkly 10). All refunds are booked under Sim.mu, so two of them cannot take the same remainder.
func (s *Sim) refundable(req request, code string) string {
	var collected, returned int64
	found := false
	for _, c := range s.Charges() {
		switch {
		case !c.Approved:
		case c.Type == "P" && c.RFN == req.pad["RFN"]:
			collected, found = c.Amount, true
		case c.Type == "R" && c.Refunds == req.pad["RFN"]:
			returned += c.Amount
		}
	}
	if !found {
		return "12"
	}
	if req.purchase > collected-returned {
		return "64"
	}
	return code
}

// body is the result as the POS gets it (reference linkly 5.3).
func (k *talk) body(sl *sale) transactionBody {
	req, now := k.ses.req, k.s.cfg.Now()
	// Everything is filled in, also after a decline: clients have read amounts of failed sales, and must find
	// zeros there.
	b := transactionBody{
		TxnType: req.txnType, Merchant: req.merchant, CardType: wide(sl.card.Scheme), CardName: sl.card.Group,
		Date: now.Format(dateTime), DateSettlement: now.Format("2006-01-02") + "T00:00:00",
		AmtPurchase: &sl.goods, AmtCash: sl.cash, AmtTip: sl.tip, TxnRef: fmt.Sprintf("%-16s", req.txnRef),
		Pan: fmt.Sprintf("%-20s", sl.card.Masked), DateExpiry: "    ", Track2: strings.Repeat(" ", 40), AccountType: sl.account,
		TxnFlags: flags(sl), Success: sl.verdict.Success, ResponseCode: sl.verdict.ResponseCode, ResponseText: sl.verdict.ResponseText,
		Catid: sl.cfg.CatID, Caid: sl.cfg.CaID, Stan: sl.stan, PurchaseAnalysisData: k.tags(sl), Receipts: k.receipts,
	}
	if sl.account == "" {
		b.AccountType, b.CardName = " ", "00"
	}
	if sl.reached {
		b.RRN = now.Format("06")[1:] + fmt.Sprintf("%03d%08d", now.YearDay(), sl.stan)
	}
	if sl.verdict.Success {
		b.AuthCode = 100_000 + sl.stan%900_000
		b.AmtPurchase = spoil(sl.goods, sl.script.Amounts)
	}
	return b
}

// spoil makes the reported amount wrong in the way that a script asks for.
func spoil(goods int64, how string) *int64 {
	switch how {
	case "missing":
		return nil
	case "zero":
		goods = 0
	case "larger":
		goods += 100
	}
	return &goods
}

// flags tells how the card was read. Members that nobody knows stay at "0", as on the real service (reference
// linkly 11.5).
func flags(sl *sale) txnFlags {
	f := txnFlags{Offline: "0", ReceiptPrinted: "0", CardEntry: " ", CommsMethod: "0", Currency: "0", PayPass: "0", UndefinedFlag6: "0", UndefinedFlag7: "0"}
	if letter, read := (map[Key]string{KeyTap: "C", KeySwipe: "S", KeyInsert: "E", keyKeyed: "K"})[sl.entry]; read {
		f.CardEntry = letter
	}
	if sl.entry == KeyTap {
		f.PayPass = "1"
	}
	return f
}

// tags are the PAD tags of the answer; amounts are zero-padded, as they may be (reference linkly 5.2).
func (k *talk) tags(sl *sale) map[string]string {
	if !sl.reached {
		return map[string]string{}
	}
	tags := map[string]string{"HRC": sl.verdict.ResponseCode, "HRT": strings.TrimSpace(sl.verdict.ResponseText)}
	// The sale's id is echoed, so that the POS can tie the result to its document.
	if uid := k.ses.req.pad["UID"]; uid != "" {
		tags["UID"] = uid
	}
	if !sl.verdict.Success {
		return tags
	}
	if !sl.cfg.NoRFN {
		tags["RFN"] = sl.rfn
	}
	tags["REF"] = fmt.Sprintf("%06d", sl.stan)
	tags["AMT"], tags["SUR"] = fmt.Sprintf("%09d", sl.total()), fmt.Sprintf("%09d", sl.surcharge)
	return tags
}

// codeText is the bank's wording of a response code (reference linkly 11).
func codeText(code string) string {
	switch code {
	case "00":
		return "APPROVED"
	case "08":
		return "APPROVED W/ SIG"
	case "01", "02":
		return "REFER TO ISSUER"
	case "04", "07":
		return "PICK UP CARD"
	case "05":
		return "DO NOT HONOUR"
	case "12":
		return "INVALID TRANSACTION"
	case "14":
		return "INVALID CARD NUMBER"
	case "50":
		return "SYSTEM ERROR"
	case "51":
		return "INSUFFICIENT FUNDS"
	case "54":
		return "EXPIRED CARD"
	case "55":
		return "INCORRECT PIN"
	case "57", "58":
		return "NOT PERMITTED"
	case "61":
		return "EXCEEDS LIMIT"
	case "64":
		return "ORIGINAL AMT WRONG"
	case "91":
		return "ISSUER NOT AVAILABLE"
	case "96":
		return "SYSTEM MALFUNCTION"
	case "97":
		return "ALREADY SETTLED"
	case "B2":
		return "UNSUPPORTED"
	case "BY":
		return "PINPAD BUSY"
	case "E2":
		return "NO PREVIOUS TRANS"
	case "PF":
		return "PINPAD OFFLINE"
	case "TM":
		return "OPERATOR CANCELLED"
	case "TO":
		return "OPERATOR TIMEOUT"
	case "TL":
		return "SIGNATURE ERROR"
	}
	return "DECLINED (" + code + ")"
}
