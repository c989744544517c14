package words_test

import "receivepayment/words"

// toPrograms are sentences that no screen shows: they speak of JSON, of
// addresses and of callbacks to whoever writes a program against the JSON
// face, in English. They may stay untranslated.
var toPrograms = []words.Key{
	"A code has two digits.",
	"A user id is a number.",
	"An id is a whole number above zero.",
	"Choose cancel, ok, yes, no or auth.",
	"Choose deal, invoice or order.",
	"Choose linkly or kayaaku.",
	"Choose paid or not_paid.",
	"Choose partlyPaid or refunded.",
	"Choose sandbox or production.",
	"Choose usb-bridge or http-signed.",
	"Choose with_full, share or never.",
	"Name a deal or an order, not both.",
	"Name an employee by number, or a department like D5.",
	"Name an employee by number, or everybody with *.",
	"Name an invoice like SI:77, or an order's payment like O:900/1410.",
	"No session of ours has this address.",
	"Search for at most 100 characters.",
	"Send JSON or a form.",
	"Send a list of rights; an empty one takes all away.",
	"Send a time like 2026-11-21T10:00:00Z.",
	"Send an amount like 100.00 with its currency, or null.",
	"Send an amount like 100.00 with its currency.",
	"Send an amount like 42.50.",
	"Send an id of your own, 1 to 100 printable characters, new for each request.",
	"Send one JSON object and nothing after it.",
	"Send one JSON object.",
	"Send text in UTF-8, without the letter zero.",
	"The callback cannot be used.",
	"The callback does not carry our proof.",
	"The front end is missing in this program: buttons do nothing and nothing is styled. Build it with “make build” and start again.",
	"There is no such state.",
	"This address does not take this method.",
	"This address holds what is no text.",
	"This form cannot be read.",
	"This has the wrong type: send %s.",
	"This is not a cursor of the list.",
	"This request cannot be read.",
	"This request id was used with other content. Send a new id.",
	"Unknown right: %s",
}
