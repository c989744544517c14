package sim

// Scenario is what happens to one payment (reference kayaaku 5.5).
type Scenario string

// The scenarios. Killing the bridge or the server is up to the test.
const (
	Approve         Scenario = "approve"
	Decline         Scenario = "declined_by_bank"     // 51
	DeclineHere     Scenario = "declined_at_terminal" // 76
	NextDelayed     Scenario = "next_delayed"         // approved; the answer waits for NEXT
	LostReply       Scenario = "reply_lost"           // approved; the answer never leaves
	HalfReply       Scenario = "reply_in_halves"      // approved; the answer comes in two parts
	Noise           Scenario = "noise_before_reply"   // approved; rubbish on the line first
	BadCheck        Scenario = "bad_check_byte"       // approved; the answer's check byte is wrong
	Unplug          Scenario = "unplugged"            // approved; the cable is pulled before the answer
	UnplugBefore    Scenario = "unplugged_before"     // the cable is pulled and nobody pays
	CutReply        Scenario = "reply_cut"            // approved; the cable is pulled in mid-answer
	BusyDevice      Scenario = "busy"                 // 77 at once
	AlreadyExists   Scenario = "exists"               // 78 at once, and the first delivery was approved
	EnquiryUnclear  Scenario = "enquiry_unclear"      // approved, answer lost; the enquiry says 63 three times first
	QRLate          Scenario = "qr_paid_late"         // 75 at once; the customer pays afterwards
	OtherTxnID      Scenario = "reply_for_another"    // approved; the answer names another TxnID
	ResultCodeAlone Scenario = "result_code_alone"    // nobody paid; the answer is ResultCode 0 and no RespCd
	Silent          Scenario = "silent"               // nothing happens at all
)

// Scenarios lists every scenario with a sentence for people.
func Scenarios() []struct {
	Name Scenario
	Says string
} {
	return []struct {
		Name Scenario
		Says string
	}{
		{Approve, "The customer pays."},
		{Decline, "The bank declines (51)."},
		{DeclineHere, "Declined at the terminal (76)."},
		{NextDelayed, "Approved, but nobody presses NEXT for a while."},
		{LostReply, "Approved, and the answer is lost."},
		{HalfReply, "Approved; the answer comes in two halves."},
		{Noise, "Approved; noise on the line before the answer."},
		{BadCheck, "Approved; the answer's check byte is wrong."},
		{Unplug, "Approved; the cable is pulled before the answer."},
		{UnplugBefore, "The cable is pulled and nobody pays."},
		{CutReply, "Approved; the cable is pulled in the middle of the answer."},
		{BusyDevice, "The device says that it is busy (77)."},
		{AlreadyExists, "Approved, but the answer says that the TxnID exists (78)."},
		{EnquiryUnclear, "Approved, the answer is lost, and the enquiry says 63 three times."},
		{QRLate, "The device gives up (75), then the customer pays."},
		{OtherTxnID, "Approved; the answer names another TxnID."},
		{ResultCodeAlone, "Nobody paid; the answer says ResultCode 0 and nothing else."},
		{Silent, "Nothing happens at all."},
	}
}

// Known reports whether there is such a scenario.
func (s Scenario) Known() bool {
	for _, k := range Scenarios() {
		if k.Name == s {
			return true
		}
	}
	return false
}
