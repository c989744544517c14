package kayaaku

import "slices"

// Outcome is what an answer proves about the money.
type Outcome int

// The outcomes. The zero value is Unknown, so that whatever nobody thought of
// is treated as such.
const (
	Unknown Outcome = iota // enquire; never send again
	Paid
	NotPaid
	Busy // the device or the host has work under this or another TxnID: enquire
)

// String names the outcome.
func (o Outcome) String() string {
	switch o {
	case Paid:
		return "paid"
	case NotPaid:
		return "not paid"
	case Busy:
		return "busy"
	case Unknown:
		return "unknown"
	}
	return "unknown"
}

// Group sorts the codes of Appendix 2 by what a till should do
// (reference kayaaku 1.8).
type Group int

// The groups.
const (
	Unlisted     Group = iota // any other code: unknown
	Declined                  // definitely not paid
	BadRequest                // rejected before payment: mend the request
	Setup                     // login, merchant or device must be put right
	Unclear                   // status unknown, timeouts, no network
	Occupied                  // device busy, or the TxnID exists already
	ReversalOnly              // about voids and refunds only
	CardData                  // the reader's affair
)

// code is one line of Appendix 2 in words that help at the till.
type code struct {
	Group Group
	Text  string
}

// appendix is Appendix 2 as far as our copy of it goes (reference kayaaku
// 1.8): 00 is not in it, and it is cut off after 92.
var appendix = map[string]code{
	"51": {Declined, "Declined by the bank."},
	"76": {Declined, "Declined at the terminal."},

	"01": {BadRequest, "Kayaaku does not know this kind of message."},
	"02": {BadRequest, "Kayaaku does not take this version of message."},
	"03": {BadRequest, "Kayaaku refused the message."},
	"04": {BadRequest, "Kayaaku refused the message."},
	"05": {BadRequest, "Kayaaku refused the message."},
	"06": {BadRequest, "Kayaaku refused the message."},
	"21": {BadRequest, "Kayaaku does not take this way of paying."},
	"22": {BadRequest, "Kayaaku refused the amount."},
	"23": {BadRequest, "Kayaaku refused the amount."},
	"24": {BadRequest, "Kayaaku refused the amount."},
	"25": {BadRequest, "Kayaaku refused the date."},
	"34": {BadRequest, "Kayaaku does not take this currency."},
	"36": {BadRequest, "Kayaaku does not take this country."},
	"64": {BadRequest, "A field is missing."},
	"90": {BadRequest, "Kayaaku does not accept our signature."},
	"91": {BadRequest, "Kayaaku does not accept our kind of signature."},

	"07": {Setup, "The Kayaaku login is missing."},
	"38": {Setup, "The Kayaaku login is wrong."},
	"41": {Setup, "The Kayaaku login is wrong."},
	"19": {Setup, "The merchant is blocked."},
	"20": {Setup, "The Kayaaku user is locked."},
	"43": {Setup, "Finexus does not allow our server's address (IP)."},
	"44": {Setup, "Too many tries to log in."},
	"46": {Setup, "Kayaaku wants the password to be changed."},
	"48": {Setup, "The Kayaaku user may not do this."},
	"52": {Setup, "Kayaaku has no route for this payment."},
	"57": {Setup, "The device is locked."},
	"58": {Setup, "Too many devices are logged in."},
	"61": {Setup, "The Kayaaku app must be updated."},
	"62": {Setup, "The device's system is not supported."},
	"79": {Setup, "The device is not registered."},

	"63": {Unclear, "The status is not known."},
	"75": {Unclear, "The terminal did not answer in time."},
	"47": {Unclear, "The device has no internet."},
	"60": {Unclear, "Kayaaku is not available."},
	"17": {Unclear, "The Kayaaku session has ended."},
	"18": {Unclear, "The Kayaaku session has ended."},
	"49": {Unclear, "General error."},

	"77": {Occupied, "The device is still at work."},
	"78": {Occupied, "Kayaaku has this payment already."},

	"42": {ReversalOnly, "The sale could not be found in its settlement."},
	"50": {ReversalOnly, "The sale is in no state to be reversed."},
	"59": {ReversalOnly, "More than was paid cannot be refunded."},

	"26": {CardData, "The card could not be read."}, "27": {CardData, "The card could not be read."},
	"28": {CardData, "The card could not be read."}, "29": {CardData, "The card could not be read."},
	"30": {CardData, "The card could not be read."}, "31": {CardData, "The card could not be read."},
	"32": {CardData, "The card could not be read."}, "33": {CardData, "The card could not be read."},
	"35": {CardData, "The card could not be read."}, "37": {CardData, "The card could not be read."},
}

// GroupOf sorts a RespCd.
func GroupOf(respCd string) Group { return appendix[respCd].Group }

// TextOf says a RespCd in a sentence; empty for one that is not listed.
func TextOf(respCd string) string { return appendix[respCd].Text }

// Codes is which RespCd mean what. All three lists are settings, because 00 is
// only in examples and no code for "not found" is published.
type Codes struct {
	Approved []string
	Declined []string // besides those, [BadRequest] and [Setup] reject a sale before payment
	// BareEnquiry lets an enquiry's approving RespCd stand without a host
	// reference. The documents do not say whether that code speaks of the
	// payment or of the enquiry, so it is off until Finexus has said.
	BareEnquiry bool
}

// DefaultCodes is reference kayaaku 5.4.
func DefaultCodes() Codes {
	return Codes{Approved: []string{"00"}, Declined: []string{"51", "76"}}
}

func (c Codes) approves(respCd string) bool { return slices.Contains(c.Approved, respCd) }

// refuses reports whether the code, as the answer to a sale or reversal,
// proves that no money moved.
func (c Codes) refuses(respCd string, reversal bool) bool {
	if slices.Contains(c.Declined, respCd) {
		return true
	}
	switch GroupOf(respCd) {
	case BadRequest, Setup:
		return true
	case ReversalOnly:
		return reversal
	case Unlisted, Declined, Unclear, Occupied, CardData:
		return false
	}
	return false
}
