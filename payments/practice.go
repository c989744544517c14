package payments

import "strings"

// PracticeProvider is the provider on which nothing is real. That it is known
// here, and not in its own package alone, is what keeps practice apart: every
// way to a payment leads through this package.
const PracticeProvider = "practice"

// practicePrefix begins the document of a payment that is practised. It is one
// of those that no CRM has.
const practicePrefix = testPrefix + "practice/"

// Practice reports whether nothing of the payment is real: no card, no money,
// and no document, which stays as it is.
func (p Payment) Practice() bool { return p.Provider == PracticeProvider }

// Practised is the document on which the payment was practised, empty for any
// other payment.
func Practised(document string) string {
	rest, found := strings.CutPrefix(document, practicePrefix)
	if !found {
		return ""
	}
	_, on, _ := strings.Cut(rest, "/")
	return on
}

// practised is what an order on a practice terminal is taken for: a document of
// its own, owed once, in the place of the one that was named. So the ledger of
// the real one never holds a pretended payment, whoever asks for it and however.
func practised(p Payment, o Order) Owed {
	return Owed{ID: practicePrefix + p.ID + "/" + o.Document.ID, Title: o.Document.Title, Total: o.Amount}
}

// mixed reports whether of a sale and its refund only one is practised.
func mixed(sale Payment, t Terminal) bool {
	return sale.Practice() != (t.Provider == PracticeProvider)
}
