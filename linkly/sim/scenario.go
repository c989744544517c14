package sim

import "slices"

// Scenario is one thing that goes wrong with one sale, by name: for people at the page, for programs at the control
// interface, and for tests that walk through all of them.
type Scenario struct {
	Name     string `json:"name"`
	Group    string `json:"group"`    // Sending, Asking, Callbacks, Terminal or Money
	Sentence string `json:"sentence"` // what the POS will meet

	// Setup makes it happen to the terminal's next transaction and to no other. Calling it again replaces what waits.
	Setup func(*Terminal) `json:"-"`
}

// Scenarios lists all of them in the order in which the page shows them. Together they are the faults of reference
// linkly 4, 6 and 9, and the mistakes of 9.5 as far as the service can tempt a POS to make them. None needs misbehaviour
// to be switched on, and none suffers from it.
func Scenarios() []Scenario {
	return slices.Concat(sendingScenarios(), askingScenarios(), callbackScenarios(), terminalScenarios(), moneyScenarios())
}

// ScenarioNamed finds a scenario; false when there is none of that name.
func ScenarioNamed(name string) (Scenario, bool) {
	list := Scenarios()
	i := slices.IndexFunc(list, func(sc Scenario) bool { return sc.Name == name })
	if i < 0 {
		return Scenario{}, false
	}
	return list[i], true
}

// scene makes a Scenario out of the faults that it needs.
func scene(group, name, sentence string, faults map[Fault]int) Scenario {
	return scripted(group, name, sentence, faults, nil)
}

// scripted makes a Scenario whose bank has its own mind.
func scripted(group, name, sentence string, faults map[Fault]int, script *Script) Scenario {
	return Scenario{Name: name, Group: group, Sentence: sentence, Setup: func(t *Terminal) {
		t.NextSale(Plan{Name: name, Faults: faults, Script: script})
	}}
}

// sendingScenarios are what can happen to the POST of a sale (reference linkly 9.1 and 14).
func sendingScenarios() []Scenario {
	const group = "Sending"
	return []Scenario{
		scene(group, "cut_before", "The connection is cut before the sale arrives, and it never runs.", map[Fault]int{PostLost: 1}),
		scene(group, "answer_lost", "The sale is accepted and runs, but the connection is cut before the answer.", map[Fault]int{PostCut: 1}),
		scene(group, "late_arrival", "The connection is cut, the sale is denied with 404, and then it arrives and runs all the same.", map[Fault]int{PostLate: 1}),
		scene(group, "timeout_not_started", "408, and the sale never runs.", map[Fault]int{Post408: 1}),
		scene(group, "timeout_started", "408, although the sale runs.", map[Fault]int{Post408Accepted: 1}),
		scene(group, "error_not_started", "500, and the sale never runs.", map[Fault]int{Post500: 1}),
		scene(group, "error_started", "500, although the sale runs.", map[Fault]int{Post500Accepted: 1}),
		scene(group, "unavailable_not_started", "503, and the sale never runs.", map[Fault]int{Post503: 1}),
		scene(group, "unavailable_started", "503, although the sale runs.", map[Fault]int{Post503Accepted: 1}),
		scene(group, "token_refused", "401 before anything was looked at; the same session id with a new token is taken.", map[Fault]int{Post401: 1}),
		scene(group, "repeat_refused", "401, although the sale runs; the same session id with a new token meets 409.", map[Fault]int{Post401Accepted: 1}),
		scene(group, "token_dies", "The sale is accepted, and the token dies at once; a new one works.", map[Fault]int{TokenDies: 1}),
		scene(group, "forbidden", "403, and the sale never runs.", map[Fault]int{Post403: 1}),
		scene(group, "rate_limited", "429 with Retry-After, and the sale never runs.", map[Fault]int{Post429: 1}),
		scene(group, "redirected", "307 to the same address: the sale runs only for those who follow.", map[Fault]int{PostRedirect: 1}),
	}
}

// askingScenarios are what can happen to the question for the result, in v1 and v2 (reference linkly 9.2 and 9.3).
func askingScenarios() []Scenario {
	const group = "Asking"
	return []Scenario{
		scene(group, "status_denied", "The sale runs, but the first three questions are answered 404.", map[Fault]int{Get404: 3}),
		scene(group, "status_invalid", "The sale runs, but the first three questions are answered 400.", map[Fault]int{Get400: 3}),
		scene(group, "status_unauthorised", "The sale runs, but the first two questions are answered 401, also with a new token.", map[Fault]int{Get401: 2}),
		scene(group, "status_timeout", "The sale runs, but the first three questions are answered 408.", map[Fault]int{Get408: 3}),
		scene(group, "status_errors", "The sale runs, but the first four questions are answered 500, 500, 503 and 503.", map[Fault]int{Get500: 2, Get503: 2}),
		scene(group, "status_cut", "The sale runs, but the first three questions lose their connection.", map[Fault]int{GetCut: 3}),
		scene(group, "status_empty", "The sale runs, but the first three questions are answered 200 with {}.", map[Fault]int{GetEmpty: 3}),
		scene(group, "status_html", "The sale runs, but the first three questions are answered 200 with a web page.", map[Fault]int{GetHTML: 3}),
		scene(group, "result_forgotten", "The sale runs, and its result is lost for good: 404 from then on.", map[Fault]int{ResultForgotten: 1}),
		scene(group, "odd_shapes", "Everything comes in odd shapes: texts for numbers and flags, null and missing members.", map[Fault]int{OddShapes: Always}),
		scene(group, "poll_answer_lost", "v2 hands events out, and the connection is cut before they arrive.", map[Fault]int{PollCut: 1}),
	}
}

// callbackScenarios are what can happen to callbacks (reference linkly 6), and to the events of v2.
func callbackScenarios() []Scenario {
	const group = "Callbacks"
	return []Scenario{
		scene(group, "callbacks_lost", "The sale runs, and no callback ever comes.", map[Fault]int{CallbackDropped: Always}),
		scene(group, "callbacks_doubled", "Every callback comes twice.", map[Fault]int{CallbackDoubled: Always}),
		scene(group, "callbacks_reordered", "Callbacks come in pairs the wrong way round: the result before the last display.", map[Fault]int{CallbackReordered: Always}),
		scene(group, "callbacks_late", "Every callback comes seconds late, when the result could long be asked for.", map[Fault]int{CallbackDelayed: Always}),
		scene(group, "callback_first", "The first callback comes before the 202 of the sale.", map[Fault]int{CallbackEarly: 1}),
		scene(group, "callback_contradicts", "A late second callback says the opposite of the result.", map[Fault]int{CallbackContradicts: 1}),
		scene(group, "callbacks_foreign", "Every callback carries somebody else's Authorization header.", map[Fault]int{CallbackWrongHeader: Always}),
		scripted(group, "callback_forged", "The bank declines, and before its callback a stranger's says approved.", map[Fault]int{CallbackForged: 1}, &Script{Code: "05"}),
		scripted(group, "declined_quietly", "The bank declines and no callback comes: only the question tells.", map[Fault]int{CallbackDropped: Always}, &Script{Code: "51"}),
	}
}

// terminalScenarios are what can happen at the till.
func terminalScenarios() []Scenario {
	const group = "Terminal"
	return []Scenario{
		scene(group, "busy", "Another till uses the terminal: the sale ends with BY.", map[Fault]int{TerminalBusy: 1}),
		scene(group, "offline", "Nobody reaches the terminal: the sale ends with PF.", map[Fault]int{TerminalOffline: 1}),
		scene(group, "silent", "The terminal says nothing for three minutes, and then the sale begins.", map[Fault]int{Silence: 1}),
		scene(group, "paired_again", "Somebody makes a new pair code while the bank decides: secret and token die, and the sale runs.", map[Fault]int{PairedAgain: 1}),
		scene(group, "paired_again_forgotten", "Like paired_again, and the new pairing does not know the sale: 404 although it ran.", map[Fault]int{PairedAgain: 1, RepairForgets: 1}),
		scene(group, "key_lost", "The first key of the POS is answered 200 and not pressed.", map[Fault]int{SendkeyLost: 1}),
		scene(group, "key_fails", "The first key of the POS is answered 500 and not pressed.", map[Fault]int{Sendkey500: 1}),
	}
}

// moneyScenarios are what the bank may say (reference linkly 5.3, 8 and 12). They hold for any amount and card.
func moneyScenarios() []Scenario {
	const group = "Money"
	return []Scenario{
		scripted(group, "signature", "Approved with code 08, after somebody said YES to the signature.", nil, &Script{Code: "08"}),
		scripted(group, "display_lies", "The bank declines, with receipts, and the last display says APPROVED.", map[Fault]int{DisplayLies: 1}, &Script{Code: "05"}),
		scripted(group, "system_error", "The bank answers 50, and the terminal waits for OK.", nil, &Script{Code: "50"}),
		scripted(group, "partial", "The bank approves half of the amount.", nil, &Script{Code: "00", PartialRate: 5000}),
		scripted(group, "surcharge", "Approved, and the customer pays a surcharge of 1.5 % on top.", nil, &Script{Code: "00", SurchargeRate: 150}),
		scripted(group, "amount_missing", "Approved in full, but the result does not say how much.", nil, &Script{Code: "00", Amounts: "missing"}),
		scripted(group, "amount_zero", "Approved in full, but the result says 0.", nil, &Script{Code: "00", Amounts: "zero"}),
		scripted(group, "amount_larger", "Approved in full, but the result says 1.00 more.", nil, &Script{Code: "00", Amounts: "larger"}),
	}
}
