package web

import (
	"time"

	"receivepayment/payments"
	"receivepayment/words"
)

// attentionView is the attention desk: everything that is not as it should be.
type attentionView struct {
	Who   caller
	Items []attentionItem
	Now   time.Time
}

// Heading names an item's kind in a word or two.
func (i attentionItem) Heading() words.Key {
	switch i.Type {
	case "refund_request":
		return "Refund request"
	case "write_back":
		return "CRM not told"
	case "terminal":
		return "Terminal"
	case "portal":
		return "Bitrix24"
	}
	switch i.Code {
	case "unknown":
		return "Result not known"
	case "review":
		return "Decision needed"
	}
	return "Look at this"
}

// About is what an item concerns: the document, the amount and the terminal.
func (v attentionView) About(i attentionItem) string {
	if i.Document == nil || i.Terminal == nil {
		return ""
	}
	w, amount := v.Who.Voice, i.Payment.Amount.Amount+" "+i.Payment.Amount.Currency
	if m, err := payments.ParseMoney(i.Payment.Amount.Amount, i.Payment.Amount.Currency); err == nil {
		amount = moneyText(w, m)
	}
	return w.List(documentWords(w, *i.Document), amount, i.Terminal.Name)
}

// IsAlert reports whether somebody can say that it is dealt with.
func (i attentionItem) IsAlert() bool {
	return i.Type == "payment" && i.Code != "unknown" && i.Code != "review"
}

// Tone is the colour of the item's pill.
func (i attentionItem) Tone() string {
	if i.Code == "unknown" || i.Code == "review" {
		return "unknown"
	}
	return "attention"
}
