package web

import (
	"slices"
	"strings"
	"time"

	"receivepayment/access"
	"receivepayment/pairing"
	"receivepayment/payments"
	"receivepayment/words"
)

// terminalsView is the list of terminals on the app's own page.
type terminalsView struct {
	Who   caller
	Cards []terminalView
}

// terminalView is one terminal with what the viewer may do to it.
type terminalView struct {
	pairing.Card
	Who   caller
	names map[string]string
}

func (s *Server) terminalsView(who caller, cards []pairing.Card, names map[string]string) terminalsView {
	out := terminalsView{Who: who}
	for _, c := range cards {
		out.Cards = append(out.Cards, terminalView{Card: c, Who: who, names: names})
	}
	return out
}

// MayPair reports whether the viewer looks after terminals.
func (v terminalsView) MayPair() bool { return v.Who.may(access.Pair) }

// MayPair reports whether the viewer looks after terminals.
func (v terminalView) MayPair() bool { return v.Who.may(access.Pair) }

// Slug names the card's parts in markup.
func (v terminalView) Slug() string { return slug(v.ID) }

// Proving reports whether its answer is awaited.
func (v terminalView) Proving() bool { return v.Status == pairing.Proving }

// Busy reports whether it is in use at this moment.
func (v terminalView) Busy() bool { return v.Status == pairing.Ready && v.Card.Busy() }

// Since is when that began.
func (v terminalView) Since() time.Time { return busySince(v.Card) }

func busySince(c pairing.Card) time.Time {
	if c.Holder != nil {
		return c.Holder.CreatedAt
	}
	return c.Held.Since
}

// heldWords says what a terminal does when it takes no payment, and for whom.
func heldWords(w *words.Voice, h payments.Hold) string {
	what, known := map[string]words.Key{
		"test": "test", "logon": "logon", "status": "status", "reprint": "last receipt", "settlement": "settlement",
		"totals": "totals", "presettlement": "pre-settlement",
	}[h.What]
	if !known {
		return w.List(h.ByName, h.What)
	}
	return w.List(h.ByName, w.T(what))
}

// Mark is the word for the pill's tone.
func (v terminalView) Mark() string {
	if v.Busy() {
		return "busy"
	}
	return string(v.Status)
}

// MarkWords is the same for people.
func (v terminalView) MarkWords() string {
	if v.Busy() {
		return v.Who.T("Busy")
	}
	return v.Who.T(terminalStatusWords(v.Status))
}

// HolderWords says who uses it.
func (v terminalView) HolderWords() string {
	if v.Holder == nil {
		return heldWords(v.Who.Voice, *v.Held)
	}
	return v.Who.List(v.Holder.StartedByName, documentWords(v.Who.Voice, v.Holder.Document))
}

// Reason says why it cannot take payments.
func (v terminalView) Reason() string { return v.Who.Stored(v.StatusReason) }

// OnCable reports whether a program at the till carries its payments.
func (v terminalView) OnCable() bool {
	return v.Kayaaku != nil && v.Kayaaku.Transport == pairing.USBBridge
}

// Sandbox reports whether no card is charged on it.
func (v terminalView) Sandbox() bool { return v.Environment == pairing.Sandbox }

// Proof is what the terminal says of itself; compare it with the sticker.
func (v terminalView) Proof() []factView {
	f := v.Facts
	limit := func(text string) string {
		if text == "" {
			return ""
		}
		m, err := payments.ParseMoney(text, v.Currency)
		if err != nil {
			return text + " " + v.Currency
		}
		return moneyText(v.Who.Voice, m)
	}
	return facts(
		factView{Name: "Merchant", Value: f.MerchantName},
		factView{Name: "Bank", Value: f.Bank},
		factView{Name: "Terminal id", Value: f.TerminalID, Code: true},
		factView{Name: "Merchant id", Value: f.MerchantID, Code: true},
		factView{Name: "Serial number", Value: f.Serial, Code: true},
		factView{Name: "Software", Value: f.Software, Code: true},
		factView{Name: "Currency", Value: v.Currency},
		factView{Name: "Refund limit", Value: limit(f.RefundLimit)},
		factView{Name: "Cash-out limit", Value: limit(f.CashOutLimit)},
		factView{Name: "Can do", Value: featureWords(v.Who.Voice, f.Features)},
	)
}

// userView is a person who may use a terminal.
type userView struct{ ID, Name string }

// People are those who may use it when it is not shared.
func (v terminalView) People() []userView {
	out := make([]userView, len(v.Users))
	for i, id := range v.Users {
		out[i] = userView{ID: id, Name: v.names[id]}
		if out[i].Name == "" {
			out[i].Name = v.Who.T("Employee %s", id)
		}
	}
	slices.SortStableFunc(out, func(a, b userView) int { return strings.Compare(a.Name, b.Name) })
	return out
}

// WhoWords says who may use it.
func (v terminalView) WhoWords() string {
	if v.Shared {
		return v.Who.T("Everybody")
	}
	people := v.People()
	if len(people) == 0 {
		return v.Who.T("Nobody but administrators")
	}
	names := make([]string, len(people))
	for i, p := range people {
		names[i] = p.Name
	}
	return v.Who.List(names...)
}
