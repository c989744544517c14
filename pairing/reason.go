package pairing

import (
	"strings"

	"receivepayment/words"
)

// What keeps a terminal from being ready, beside Linkly's own codes.
const (
	codeUnpaired = "unpaired" // Linkly refuses the secret
	codeSilent   = "silent"   // no answer, however often asked
)

const (
	unpairedReason words.Key = "Linkly no longer accepts this pairing. Pair the terminal again."
	silentReason   words.Key = "The terminal did not answer. Is it on, and online?"
)

// reasons are plain words for the codes that a logon or a status meets first,
// each with what to do (reference linkly 11.1).
var reasons = map[string]words.Key{
	"PF": "The PIN pad is not connected to Linkly. Switch it on, and look whether it is on the network.",
	"TF": "The bank wants the terminal to be set up first. Call the bank's terminal help.",
	"TB": "The terminal needs an update from the bank. Call the bank's terminal help.",
	"XT": "The terminal is not set up completely. Call the bank's terminal help.",
	"X0": "The terminal did not reach the bank. Look at its network, then test it again.",
	"P7": "The terminal did not reach the bank. Look at its network, then test it again.",
	"S0": "The terminal did not reach the bank. Look at its network, then test it again.",
	"S7": "The terminal did not reach the payment server. Test it again in a few minutes.",
	"S8": "The terminal did not reach the payment server. Test it again in a few minutes.",
	"N8": "The terminal did not reach the payment server. Test it again in a few minutes.",
	"Z5": "The terminal lost its power. Switch it on, then test it again.",
}

// codeOf is the code that a stored reason stands for, or empty.
func codeOf(reason string) string {
	for code, key := range reasons {
		if words.English(key) == reason {
			return code
		}
	}
	open := strings.LastIndex(reason, "(")
	if open < 0 || !strings.HasSuffix(reason, ")") {
		return ""
	}
	return reason[open+1 : len(reason)-1]
}
