package web

import (
	"time"

	"receivepayment/access"
	"receivepayment/invoices"
	"receivepayment/pairing"
	"receivepayment/payments"
	"receivepayment/words"
)

// The words of the screens that depend on a value. Sentences that do not stand
// in the templates; none stand in the script.

func documentStatusWords(s invoices.Status) words.Key {
	switch s {
	case invoices.Unpaid:
		return "Unpaid"
	case invoices.InProgress:
		return "In progress"
	case invoices.Unknown:
		return "Not known yet"
	case invoices.PartlyPaid:
		return "Partly paid"
	case invoices.Paid:
		return "Paid"
	case invoices.PartlyRefunded:
		return "Partly refunded"
	case invoices.Refunded:
		return "Refunded"
	}
	return words.Key(s)
}

func paymentStateWords(s payments.State) words.Key {
	switch s {
	case payments.Created:
		return "Starting"
	case payments.Sent:
		return "On the terminal"
	case payments.Unknown:
		return "Not known yet"
	case payments.Review:
		return "Needs a decision"
	case payments.Approved:
		return "Approved"
	case payments.Declined:
		return "Declined"
	case payments.Cancelled:
		return "Cancelled"
	case payments.NeverStarted:
		return "Never started"
	}
	return words.Key(s)
}

func providerName(p string) string {
	switch p {
	case pairing.LinklyProvider:
		return "Linkly"
	case pairing.KayaakuProvider:
		return "Kayaaku"
	}
	return p
}

// featureWords names what a terminal can do; unknown words are shown as they
// came.
func featureWords(w *words.Voice, names []string) string {
	known := map[string]words.Key{
		"refund": "refunds", "tipping": "tips", "cashOut": "cash-out",
		"moto": "card not present", "preAuth": "pre-authorisation", "training": "training",
		"card": "cards", "duitnow": "DuitNow QR", "alipay": "Alipay+ QR", "void": "voids", "enquiry": "enquiries",
	}
	out := make([]string, len(names))
	for i, n := range names {
		out[i] = n
		if word, found := known[n]; found {
			out[i] = w.T(word)
		}
	}
	return w.List(out...)
}

// spanText writes how long something took.
func spanText(w *words.Voice, d time.Duration) string {
	hours, minutes, seconds := int(d.Hours()), int(d.Minutes())%60, int(d.Seconds())%60
	switch {
	case hours > 0:
		return w.T("%d h %d min", hours, minutes)
	case minutes > 0:
		return w.T("%d min %d s", minutes, seconds)
	}
	return w.T("%d s", seconds)
}

// nextStep is what somebody can do about a refusal that fills a whole page.
func nextStep(code string) words.Key {
	switch code {
	case "unauthenticated":
		return "Close this page and open Receive Payment again from the deal or the invoice."
	case "forbidden":
		return "An administrator of your Bitrix24 can do this, or give you the right."
	case "not_found":
		return "It may have been deleted, or the app was never installed here. Look in Bitrix24, or ask an administrator."
	case "upstream_unavailable", "too_many":
		return "Wait a moment, then open the page again. Payments that are under way go on by themselves."
	case "upstream_refused":
		return "Open the page again. If it stays, tell an administrator what stands here."
	}
	return "Open the page again from Bitrix24. Payments that are under way go on by themselves."
}

// rightsNote says why a person does not see a button.
func rightsNote(r access.Right) words.Key {
	if r == access.Refund {
		return "You may not refund. An administrator can give you the right."
	}
	return "You may not take payments. An administrator can give you the right."
}
