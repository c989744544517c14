package kayaaku

import "slices"

// Question is what an answer answers.
type Question int

// The questions.
const (
	AskedToSell Question = iota
	AskedToReverse
	AskedAbout // a status enquiry
)

// Expect is what an answer must be about to count at all.
type Expect struct {
	TxnID    string
	Method   Method
	Amount   int64 // sen
	Reversal bool  // the transaction in question is a void or a refund
}

// Verdict is what an answer proves, and why, in words for the history.
type Verdict struct {
	Outcome Outcome
	Why     string
}

// Judge reads the outcome (reference kayaaku 1.4, 1.8 and 4.4). It is the only
// place where an answer becomes "paid" or "not paid". ResultCode plays no part.
func (c Codes) Judge(q Question, r Reply, want Expect) Verdict {
	switch {
	case r.TxnID != want.TxnID:
		return Verdict{Why: "the answer names another TxnID"}
	case r.RespCd == "":
		return Verdict{Why: "the answer carries no RespCd"}
	case r.Amount != nil && *r.Amount != want.Amount:
		return Verdict{Why: "the answer names another amount"}
	case c.approves(r.RespCd):
		return c.approved(q, r, want)
	case r.AuthIDResp != "" && c.refuses(r.RespCd, want.Reversal):
		return Verdict{Why: "the answer refuses and carries an authorisation code"}
	case c.refused(q, r.RespCd, want.Reversal):
		return Verdict{NotPaid, "the answer is a clear refusal"}
	case GroupOf(r.RespCd) == Occupied:
		return Verdict{Busy, "the device or the host already has work"}
	}
	return Verdict{Why: "the code says nothing of the money"}
}

func (c Codes) approved(q Question, r Reply, want Expect) Verdict {
	switch {
	case want.Reversal && q != AskedAbout:
		return Verdict{Paid, "the host took the reversal"} // no reference is published for its answer
	case proven(r, want.Method):
		return Verdict{Paid, "approved with the host's reference"}
	case q == AskedAbout && c.BareEnquiry:
		return Verdict{Paid, "the enquiry says approved, which the settings count as proof"}
	}
	return Verdict{Why: "approved without the host's reference, which proves nothing"}
}

// refused: an enquiry that is rejected for its own faults says nothing of the
// sale; only a decline does.
func (c Codes) refused(q Question, respCd string, reversal bool) bool {
	if q == AskedAbout {
		return slices.Contains(c.Declined, respCd)
	}
	return c.refuses(respCd, reversal)
}

// proven is the host reference that an approval must carry: AuthIdResp of a
// card, HTR or RRN of a QR payment.
func proven(r Reply, m Method) bool {
	qr := m.QR()
	if m == Choose {
		qr = QRPaid(r.PaymentScheme)
	}
	if qr {
		return r.HTR != "" || r.RRN != ""
	}
	return r.AuthIDResp != ""
}
