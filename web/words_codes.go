package web

import "receivepayment/words"

// declineWords says in plain words what a response code means to the one at
// the till; the code itself stands beside it. Bank codes are those of AS 2805
// and may differ a little between acquirers (reference linkly 11.1, 11.2).
// Nothing is decided by them. Cards that the bank wants kept are not told
// apart from other refusals: staff must not accuse a customer.
var declineWords = map[string]words.Key{
	"01": "The customer's bank wants to be called about this card.",
	"02": "The customer's bank wants to be called about this card.",
	"03": "The bank does not know this merchant. Call the bank before the next payment.",
	"04": refusedCard, "07": refusedCard, "33": refusedCard, "34": refusedCard, "35": refusedCard, "37": refusedCard,
	"41": refusedCard, "43": refusedCard, "59": refusedCard, "60": refusedCard, "63": refusedCard, "66": refusedCard, "67": refusedCard,
	"05": "The customer's bank said no without giving a reason.",
	"06": bankFault, "30": bankFault, "96": bankFault,
	"12": "This card cannot be used for this kind of payment.",
	"13": "The bank does not take this amount.",
	"14": "The bank does not know this card number.",
	"15": "The bank that gave out this card is not known.",
	"17": "The customer cancelled.",
	"19": "The bank wants it entered once more.",
	"31": "Cards of this bank are not taken here.",
	"36": restricted, "62": restricted,
	"38": pinBlocked, "75": pinBlocked,
	"39": noAccount, "42": noAccount, "44": noAccount, "52": noAccount, "53": noAccount,
	"40": "The bank does not offer this kind of payment.",
	"50": "The payment system had a fault.",
	"51": "There is not enough money in the account.",
	"54": "The card has expired.",
	"55": "The PIN was wrong.",
	"57": "The card may not be used for this.",
	"58": "This terminal may not do this.",
	"61": "The amount is above the card's limit.",
	"65": "The card was used too often today.",
	"68": "The bank answered too late.",
	"90": "The bank is closing its day. Try again in a few minutes.",
	"91": "The customer's bank cannot be reached.",
	"92": "The customer's bank cannot be reached.",
	"94": "The bank takes this for a repetition of an earlier payment. Look at the terminal's last receipt before you try again.",
	"98": "The terminal and the bank do not understand each other. An administrator can test the terminal in the app's settings.",
	"BY": "The terminal was busy with something else.",
	"PF": terminalOffline, "A5": terminalOffline,
	"TM": "It was cancelled on the terminal.",
	"TO": nobodyThere, "TI": nobodyThere,
	"TF": "The terminal has to log on to the bank first. An administrator can test it in the app's settings.",
	"TB": "The terminal needs an update from the bank. Call the bank's terminal help.",
	"XT": "The terminal is not set up completely. Call the bank's terminal help.",
	"X0": noLine, "P7": noLine, "S0": noLine,
	"S7": noServer, "S8": noServer, "N8": noServer,
	"Z5": "The terminal lost its power.",
	"TL": "The signature was not accepted.",
}

const (
	refusedCard     words.Key = "The customer's bank refuses this card. Ask for another one."
	bankFault       words.Key = "The bank had a fault."
	restricted      words.Key = "The card is restricted."
	pinBlocked      words.Key = "The PIN was wrong too often."
	noAccount       words.Key = "The card has no such account. Another account may work."
	terminalOffline words.Key = "The terminal is not connected. Is it on, and online?"
	nobodyThere     words.Key = "Nobody answered at the terminal in time."
	noLine          words.Key = "The terminal did not reach the bank."
	noServer        words.Key = "The payment server could not be reached by the terminal."
)

// declineText is the sentence for a code; for one that nobody documents it is
// what the terminal wrote.
func declineText(w *words.Voice, code, text string) string {
	if sentence, known := declineWords[code]; known {
		return w.T(sentence)
	}
	if text != "" {
		return w.T("The terminal says: %s.", text)
	}
	return w.T("The terminal or the bank said no.")
}

// scenarioWords says what happens to a practised payment.
func scenarioWords(name string) words.Key {
	known := map[string]words.Key{
		"approved":     "The customer pays",
		"declined":     "The bank declines",
		"signature":    "The customer signs, and you say whether it fits",
		"cancelled":    "The customer cancels",
		"slow":         "The customer takes a long time",
		"offline":      "The PIN pad is offline",
		"lost_answer":  "The answer is lost, and found later",
		"never_saying": "The answer is lost for good, and a person decides",
	}
	if key, found := known[name]; found {
		return key
	}
	return words.Key(name)
}
