// Package sim is Linkly Cloud in memory, with virtual PIN pads: the auth host, the REST interfaces v1 (callbacks) and v2
// (polling), and faults on purpose. No money moves. It shares no code with the client, so that the two cannot agree on a mistake, and it
// refuses what the real service refuses; the one exemption is that callbacks may go to loopback over plain http.
//
//	s := sim.New(sim.Config{Calm: true, Now: clock})     // misbehaves unless Calm
//	t := s.AddTerminal(sim.TerminalConfig{Name: "Front"})
//	t.Auto(sim.AutoConfig{})                             // a virtual customer; without it somebody presses keys
//	secret := t.PairExisting()                           // or NewPairCode and pair over HTTP
//	http.Serve(listener, s.Handler())                    // as auth host and REST host alike
//	…
//	s.Charges()      // the truth about money
//	s.Violations()   // must be empty at the end of a test
//	s.Close()
//
// # How it answers
//
// The cents of the amount are the response code: x.00 approved, x.08 approved after the signature question, x.50 system
// error with an OK key, anything else declined with that code. A card may decline by itself (Cards), and a Script per
// terminal bends the rule: partial approval, surcharge, tip, any code, a spoiled amount, a supervisor's password. A tap up
// to TapLimit asks for nothing more, above it for the PIN; a swiped or inserted card asks for account and PIN. CANCEL
// ends with TM, nobody coming with TO, an unplugged terminal with PF, a busy one with BY. Refunds need the RFN of an
// approved purchase and never exceed what it collected. Tips, cash-out, telephone orders and refunds without RFN end with 58
// where the terminal's bank has not enabled them; PAD SC2 adds a surcharge by the first digits of the test card, PAD TPO
// lets the customer choose a tip.
//
// A secret is one terminal. Pairing again kills the old secret and its tokens at once; the sales of the terminal can still
// be asked about with the new one, unless RepairForgets strikes. Another terminal's sessions are unknown (404).
//
// A Violation that was Refused got an error for an answer. The others are rules that only accreditation enforces (PAD NME,
// VER and VND, unique references, spelling): the request was served all the same.
//
// # The v2 interface
//
// POST /v2/sessions/{id}/{type} answers 200 with requestId and uri; GET /v2/sessions/{id}/result?all=false gives each event
// once, all=true repeats them all, and 425 after Timing.LongPoll says that there is nothing yet; GET
// /v2/transaction?reference=…&referenceType=ReferenceNo|RRN finds finished sales. It is another face of the same engine:
// one terminal is busy for both, a session id is used once, charges and violations are the same, v1 can ask about a sale
// of v2 (a list exists only for what v2 began). Faults apply alike; those of callbacks lose, double, delay or reorder
// events on the list. Casing.V2 picks which of the official clients the members are spelt for.
//
// # Scenarios
//
// Scenarios names what can go wrong with one sale; Setup, POST /control/scenario or the picker on the page makes it happen
// to the terminal's next transaction and to no other, whatever the weather. Each has a sentence that says what the POS
// meets. Own ones are made with Terminal.NextSale. In v2 the events on the list stand for callbacks; callback_first,
// callbacks_foreign and the forgery of callback_forged mean nothing there.
//
//	Sending    cut_before answer_lost late_arrival timeout_not_started timeout_started error_not_started error_started
//	           unavailable_not_started unavailable_started token_refused repeat_refused token_dies forbidden
//	           rate_limited redirected
//	Asking     status_denied status_invalid status_unauthorised status_timeout status_errors status_cut status_empty
//	           status_html result_forgotten odd_shapes poll_answer_lost
//	Callbacks  callbacks_lost callbacks_doubled callbacks_reordered callbacks_late callback_first callback_contradicts
//	           callbacks_foreign callback_forged declined_quietly
//	Terminal   busy offline silent paired_again paired_again_forgotten key_lost key_fails
//	Money      signature display_lies system_error partial surcharge amount_missing amount_zero amount_larger
//
// What provokes the mistakes of reference linkly 9.5:
//
//	a failed POST taken for a failed sale       answer_lost timeout_started error_started unavailable_started
//	00 taken for the only approval              signature
//	a display or a receipt believed             display_lies
//	400, 404 or a timeout taken for a decline   status_invalid status_denied status_timeout
//	sent again right after 404                  late_arrival
//	only one spelling of names read             callbacks_lost
//	an empty body parsed                        token_refused
//	a limit shorter than the terminal's         silent
//	nothing stored before sending               answer_lost, and a crash of the POS
//	only 2xx handled, no pause between looks    status_errors
//	a decline never shown                       declined_quietly
//	the pairing dropped after any failure       unavailable_started
//
// Wrong references, float amounts, reused sessions and misspelt templates need no scenario: they are violations or declines
// on any day.
//
// # Reading the sources
//
// A request passes rest.go (routes, exchange), strike.go (faults of answers), check*.go (field rules), session.go
// (acceptance), then talks in talk.go with sale.go and bank.go (transactions) or job.go (the others); courier.go calls back,
// and v2.go keeps lists instead. Whether something goes wrong is decided in plan.go (one sale) and faults.go (the weather).
//
// # Control interface
//
// JSON over HTTP for programs on the same machine; anybody else gets 403. Errors are {"error": "…"}: 400 for a body that
// cannot be read (unknown members included), 404 for an unknown terminal, 409 for a key that the display does not ask for.
//
//	GET  /control/state                       terminals, test cards, faults, counts
//	GET  /control/terminals                   all terminals: pair code, display, keys, amount, last charges
//	POST /control/terminals                   {"name","username","password","merchant",…} → 201, one terminal
//	GET  /control/terminals/{id}?after=N      one terminal; with after, as soon as its version is above N (5 s at most)
//	POST /control/terminals/{id}/pair-code    a new pair code (FUNC 8880); the old secret dies
//	POST /control/terminals/{id}/secret       pairs without a code → {"secret"}
//	POST /control/terminals/{id}/press        {"key":"tap|swipe|insert","card":"visa"} {"key":"chq|sav|crd"}
//	                                          {"key":"digit","digit":"1"} {"key":"clear|enter|cancel|yes|no"}
//	POST /control/terminals/{id}/online       {"online":false}
//	POST /control/terminals/{id}/auto         {"on":true,"card","method","account","delayMs","signature":"yes|no","cancel","tip":1}
//	POST /control/terminals/{id}/script       a Script; {} restores the ordinary rules
//	GET  /control/faults                      all faults with probability, words, and one-shots to come
//	PUT  /control/faults                      {"preset":"calm|default"} or {"faults":{"post_cut":0.2}}
//	POST /control/faults/next                 {"fault":"post_408_accepted","times":1}: happens next, whatever the dice say
//	GET  /control/scenarios                   all scenarios: name, group, sentence
//	POST /control/scenario                    {"name":"answer_lost","terminal":"t1"}; the name "" takes it back
//	GET  /control/charges|violations|requests|callbacks?last=N
//
// # The page
//
// /pad/ lists the terminals and /pad/{id} is one of them. Browser tests find things by data-test:
// pad-line-1, pad-line-2, amount, card-{id}, key-tap, key-insert, key-swipe, key-chq, key-sav, key-crd, key-0 … key-9,
// key-cancel, key-clear, key-enter, key-yes, key-no, pair-code, pair-left, new-pair-code, username, password, paired,
// online, auto, scenario, scenario-sentence, charges, charge, faults, calm, default-faults, calm-state, fault-{name}, fault-next-{name}, violations, hint,
// and terminal-{id} in the list. A key that cannot be pressed is disabled. On the keyboard: T, I, S present the card; H, V, C
// pick CHQ, SAV, CRD; digits, Enter, Backspace and Escape are the keypad; Y and N answer.
package sim
