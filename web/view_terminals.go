package web

import (
	"html/template"
	"net/url"
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
	deskTabs
	Cards []terminalView
	In    terminalsIn
	Many  int64  // how many terminals the portal has
	Next  string // the cursor of the next piece, empty at the end
}

// around is what the cards say beside the terminals' own rows.
type around struct {
	names  map[string]string // of people, by id
	groups []pairing.GroupCard
}

// terminalView is one terminal with what the viewer may do to it.
type terminalView struct {
	pairing.Card
	Who caller
	around
}

// Searchable reports whether there are so many that a search helps.
func (v terminalsView) Searchable() bool { return v.Many > cardsLimit || v.In.Text != "" }

// Source is the address from which the list is read again.
func (v terminalsView) Source() string { return "/api/v1/terminals?" + v.In.values("").Encode() }

// More is the address of the next piece.
func (v terminalsView) More() string { return "/api/v1/terminals?" + v.In.values(v.Next).Encode() }

func (in terminalsIn) values(cursor string) url.Values {
	out := url.Values{}
	for name, value := range map[string]string{"q": in.Text, "group": in.Group, "cursor": cursor} {
		if value != "" {
			out.Set(name, value)
		}
	}
	return out
}

// Groups are those that the terminal could belong to.
func (v terminalView) Groups() []pairing.GroupCard { return v.groups }

// Health says when the terminal last showed that it works, the strongest proof
// first.
func (v terminalView) Health() template.HTML {
	switch {
	case v.LastApprovedAt != nil && (v.LastSeenAt == nil || v.LastSeenAt.Sub(*v.LastApprovedAt) < time.Minute):
		return saidAt(v.Who, "Took a payment %s", *v.LastApprovedAt)
	case v.LastCallbackAt != nil && v.LastSeenAt != nil && v.LastSeenAt.Sub(*v.LastCallbackAt) < time.Minute:
		return saidAt(v.Who, "Spoke to us %s", *v.LastCallbackAt)
	case v.LastSeenAt != nil:
		return saidAt(v.Who, "Passed its test %s", *v.LastSeenAt)
	}
	return ""
}

// saidAt is a sentence with one moment in it.
func saidAt(who caller, key words.Key, at time.Time) template.HTML {
	out, _ := say(who.Voice, key, timeTag(at)).(template.HTML)
	return out
}

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
	return v.Who.T(v.Status.Words())
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
func (v terminalView) Sandbox() bool { return v.Environment == pairing.Sandbox && !v.Practice() }

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
		factView{Name: "Currency", Value: v.ownCurrency()},
		factView{Name: "Refund limit", Value: limit(f.RefundLimit)},
		factView{Name: "Cash-out limit", Value: limit(f.CashOutLimit)},
		factView{Name: "Can do", Value: featureWords(v.Who.Voice, f.Features)},
	)
}

// ownCurrency is the one that it takes; a practice terminal pretends in any.
func (v terminalView) ownCurrency() string {
	if v.Practice() {
		return ""
	}
	return v.Currency
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

// WhoWords says who may use it; of many people the first few.
func (v terminalView) WhoWords() string {
	if v.Shared {
		return v.Who.T("Everybody")
	}
	var names []string
	if v.Group != "" {
		names = append(names, v.Who.T("everybody of %s", v.Group))
	}
	people := v.People()
	for _, p := range people[:min(len(people), fewPeople)] {
		names = append(names, p.Name)
	}
	if more := len(people) - fewPeople; more > 0 {
		names = append(names, v.Who.T("%d more", more))
	}
	if len(names) == 0 {
		return v.Who.T("Nobody but administrators")
	}
	return v.Who.List(names...)
}

const fewPeople = 5
