// Package linkly speaks with Linkly Cloud, the service between this program and
// EFTPOS terminals in Australian and New Zealand shops.
//
// A shop is paired once: [Client.Pair] turns the code on the terminal into a
// [Secret]. From then on [Client.Terminal] gives a cheap handle, and tokens are
// fetched, kept and renewed behind it.
//
// A payment has three conversations, all under one session id that the caller
// has stored before it calls:
//
//   - [Terminal.Begin] hands the sale over and returns as soon as Linkly has it.
//   - Linkly posts displays, receipts and the result to the address in [Notify];
//     [ParseNotification] reads them and [Terminal.SendKey] answers the terminal.
//   - [Terminal.Ask] asks what became of the session. Its answer is the evidence.
//
// Money depends on what an error means, so every error of a call has a [Class]:
// Refused and NotStarted (and, from Begin, Unpaired) say that no card can have
// been charged; Unclear says that nobody knows, and the caller must ask.
// Nothing here repeats a request that could charge twice. The one repetition is
// after a 401, under the same session id, which Linkly never runs a second time.
//
// What leaves is strict: names and order as documented, fields checked first.
// What arrives is read liberally: any letter case, padding, numbers as text,
// absent and null members. Two things are never guessed: whether a sale
// succeeded, and whose sale an answer speaks of.
//
// Card data ends here. Only the last four digits and the scheme pass the
// decoder; Track 2 and expiry dates are not even read, and runs of digits in
// displays and receipts are masked. Secrets and tokens appear in no error.
//
// "Reference linkly" in comments is the protocol digest kept with the project.
package linkly
