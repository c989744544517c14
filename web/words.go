package web

import (
	"strings"
	"time"

	"receivepayment/access"
	"receivepayment/invoices"
	"receivepayment/pairing"
	"receivepayment/payments"
)

// The words of the screens that depend on a value. Sentences that do not stand
// in the templates; none stand in the script.

// language is the one in which the screens speak, and write amounts: what is
// shown must look like what may be typed.
const language = "en"

// locale names the language as it is written where the currency is at home, so
// that a dollar at home is a plain dollar. Currency codes begin with their
// country's (ISO 4217).
func locale(code string) string {
	if len(code) < 2 {
		return language
	}
	return language + "-" + code[:2]
}

func moneyText(m payments.Money) string { return m.Format(locale(m.Currency)) }

func documentStatusWords(s invoices.Status) string {
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
	return string(s)
}

func paymentStateWords(s payments.State) string {
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
	return string(s)
}

func terminalStatusWords(s pairing.Status) string {
	switch s {
	case pairing.Proving:
		return "Being tested"
	case pairing.Ready:
		return "Ready"
	case pairing.Attention:
		return "Needs attention"
	case pairing.Retired:
		return "Retired"
	}
	return string(s)
}

// kindWord is what a payment is called inside a sentence.
func kindWord(k payments.Kind) string {
	if k == payments.Refund {
		return "refund"
	}
	return "payment"
}

func providerName(p string) string {
	if p == pairing.LinklyProvider {
		return "Linkly"
	}
	return p
}

// featureWords names what a terminal can do; unknown words are shown as they
// came.
func featureWords(names []string) string {
	known := map[string]string{
		"refund": "refunds", "tipping": "tips", "cashOut": "cash-out",
		"moto": "card not present", "preAuth": "pre-authorisation", "training": "training",
	}
	out := make([]string, len(names))
	for i, n := range names {
		out[i] = n
		if word, found := known[n]; found {
			out[i] = word
		}
	}
	return strings.Join(out, ", ")
}

// stamp is a moment as the script expects it.
func stamp(t time.Time) string { return t.UTC().Format(time.RFC3339) }

// clockText is what stands in a time element until the script has put the
// viewer's own clock there.
func clockText(t time.Time) string { return t.UTC().Format("2 Jan 15:04:05") + " UTC" }

// nextStep is what somebody can do about a refusal that fills a whole page.
func nextStep(code string) string {
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
func rightsNote(r access.Right) string {
	if r == access.Refund {
		return "You may not refund. An administrator can give you the right."
	}
	return "You may not take payments. An administrator can give you the right."
}
