package sim

// described is a fault with its words for the page.
type described struct {
	fault Fault
	group string // place of the switch: post, get, callback or other
	text  string
}

// describedFaults is the one list of faults. A fault that is missing here can be neither seen nor set from
// outside.
func describedFaults() []described {
	return []described{
		{PostLost, "post", "lost on the way, never arrives"},
		{PostCut, "post", "accepted, the answer is cut off"},
		{PostLate, "post", "cut off, arrives later all the same"},
		{Post401, "post", "401 token refused, not accepted"},
		{Post401Accepted, "post", "401 although accepted"},
		{PostRedirect, "post", "307 redirect, not accepted"},
		{Post403, "post", "403 not accepted"},
		{Post429, "post", "429 not accepted"},
		{Post408, "post", "408 not accepted"},
		{Post408Accepted, "post", "408 although accepted"},
		{Post500, "post", "500 not accepted"},
		{Post500Accepted, "post", "500 although accepted"},
		{Post503, "post", "503 not accepted"},
		{Post503Accepted, "post", "503 although accepted"},
		{Get400, "get", "400"},
		{Get401, "get", "401 token refused"},
		{Get404, "get", "404 although it is known"},
		{Get408, "get", "408"},
		{Get500, "get", "500"},
		{Get503, "get", "503"},
		{GetCut, "get", "connection cut"},
		{PollCut, "get", "v2: events handed out and lost"},
		{GetEmpty, "get", "200 with {}"},
		{GetHTML, "get", "200 with a web page"},
		{CallbackDropped, "callback", "dropped"},
		{CallbackDoubled, "callback", "sent twice"},
		{CallbackReordered, "callback", "sent after the next one"},
		{CallbackDelayed, "callback", "late"},
		{CallbackEarly, "callback", "before the answer of the sale"},
		{CallbackWrongHeader, "callback", "with a wrong header"},
		{CallbackContradicts, "callback", "a second result says the opposite"},
		{CallbackForged, "callback", "a stranger says approved"},
		{TokenDies, "other", "token dies after acceptance"},
		{Pair500, "other", "500 for a pairing"},
		{PairUniform, "other", "a wrong password is answered like a wrong pair code"},
		{PairEmpty, "other", "pairing without a secret"},
		{Token500, "other", "500 for a new token"},
		{TokenNoExpiry, "other", "token without a lifetime"},
		{Sendkey500, "other", "500 for a key, not pressed"},
		{SendkeyLost, "other", "200 for a key, not pressed"},
		{OddShapes, "other", "results in odd shapes"},
		{Silence, "other", "terminal silent for minutes"},
		{TerminalBusy, "other", "terminal used by another till"},
		{TerminalOffline, "other", "terminal not reachable"},
		{PairedAgain, "other", "new pair code during the sale"},
		{DisplayLies, "other", "declined, but shows APPROVED"},
		{ResultForgotten, "other", "result lost for good"},
		{RepairForgets, "other", "pairing again forgets sales"},
	}
}

// AllFaults lists every fault, in the order in which the page shows them.
func AllFaults() []Fault {
	var list []Fault
	for _, d := range describedFaults() {
		list = append(list, d.fault)
	}
	return list
}
