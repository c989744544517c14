package web

import (
	"html/template"
	"slices"
	"time"

	"receivepayment/pairing"
	"receivepayment/words"
)

// pickView is the choice of a terminal inside a form.
type pickView struct {
	Name    string // tells the pickers of a page apart
	Options []pickOption
	// Currency is the document's: a terminal takes its own only.
	Currency string
	Chosen   string
	// More shows a search: not every terminal is among the options. Find is what
	// was searched for.
	More     bool
	Find     string
	Scenario string // how a practised payment goes
	w        *words.Voice
}

// pickOption is one terminal in the picker.
type pickOption struct {
	pairing.Card
	Chosen bool
	// Off says why it cannot be chosen; empty means that it can.
	Off     string
	refunds bool // in a refund's form
	w       *words.Voice
}

// ranked puts the viewer's default first, then what is free, then what is
// busy; terminals that are not ready stay visible at the end.
func ranked(cards []pairing.Card) []pairing.Card {
	out := slices.Clone(cards)
	slices.SortStableFunc(out, func(a, b pairing.Card) int { return rank(a) - rank(b) })
	return out
}

func rank(c pairing.Card) int {
	switch {
	case c.Practice():
		return 4
	case c.Default:
		return 0
	case c.Status != pairing.Ready:
		return 3
	case c.Busy():
		return 2
	}
	return 1
}

// newPick prepares a picker. Chosen is prefer when it can be used, else the
// viewer's default, else the only one that can be used; practice is chosen by
// itself only where there is nothing else. Otherwise the viewer chooses: an amount must not appear on the counter next door by surprise.
func newPick(w *words.Voice, name, currency string, cards []pairing.Card, prefer string) pickView {
	v := pickView{Name: name, Currency: currency, w: w, More: len(cards) >= pickLimit}
	var free []string
	byDefault := ""
	for _, c := range cards {
		off := whyOff(w, c, currency)
		v.Options = append(v.Options, pickOption{Card: c, Off: off, refunds: refundPick(name), w: w})
		if c.Default {
			byDefault = c.ID
		}
		if off == "" && (!c.Practice() || len(cards) == 1 || refundPick(name)) {
			free = append(free, c.ID)
		}
	}
	switch {
	case slices.Contains(free, prefer):
		v.Chosen = prefer
	case slices.Contains(free, byDefault):
		v.Chosen = byDefault
	case len(free) == 1 && byDefault == "":
		v.Chosen = free[0]
	}
	for i := range v.Options {
		v.Options[i].Chosen = v.Options[i].ID == v.Chosen
	}
	return v
}

func whyOff(w *words.Voice, c pairing.Card, currency string) string {
	switch {
	case c.Status == pairing.Attention && c.StatusReason != "":
		return w.Stored(c.StatusReason)
	case c.Status == pairing.Attention:
		return w.T("An administrator has to look at it in the app's settings.")
	case c.Status == pairing.Proving:
		return w.T("It is being tested; that takes a few seconds.")
	case c.Status != pairing.Ready:
		return w.T("It is out of use.")
	case !c.Takes(currency):
		return w.T("It takes %s only.", c.Currency)
	case c.Holder != nil:
		return w.T("Busy: %s", w.List(c.Holder.StartedByName, documentWords(w, c.Holder.Document)))
	case c.Held != nil:
		return w.T("Busy: %s", heldWords(w, *c.Held))
	}
	return ""
}

// Any reports whether one of the terminals can be chosen.
func (v pickView) Any() bool {
	return slices.ContainsFunc(v.Options, func(o pickOption) bool { return o.Off == "" })
}

// ChosenName is the name of the chosen terminal, or empty.
func (v pickView) ChosenName() string {
	for _, o := range v.Options {
		if o.Chosen {
			return o.Name
		}
	}
	return ""
}

// scenarioView is one way in which a practised payment can go.
type scenarioView struct {
	Name   string
	Words  words.Key
	Chosen bool
}

// Scenarios are those, where a practice terminal is among the options.
func (v pickView) Scenarios() []scenarioView {
	practises := func(o pickOption) bool { return o.Practice() && o.Off == "" && !o.refunds }
	if !slices.ContainsFunc(v.Options, practises) {
		return nil
	}
	var out []scenarioView
	for _, name := range pairing.PracticeScenarios() {
		out = append(out, scenarioView{Name: name, Words: scenarioWords(name), Chosen: name == v.Scenario})
	}
	return out
}

// PracticeChosen reports whether the chosen terminal is one.
func (v pickView) PracticeChosen() bool {
	return slices.ContainsFunc(v.Options, func(o pickOption) bool { return o.Chosen && o.Practice() })
}

// Echo repeats the chosen terminal on the form's button.
func (v pickView) Echo() template.HTML { return echoTag("terminal", "", v.ChosenName()) }

// Busy reports whether somebody uses it now.
func (o pickOption) Busy() bool { return o.Status == pairing.Ready && o.Card.Busy() }

// QR reports whether the customer can scan a code there instead of presenting
// a card.
func (o pickOption) QR() bool {
	return o.Provider == pairing.KayaakuProvider && slices.Contains(o.Facts.Features, pairing.MethodDuitNow)
}

// Since is when that began.
func (o pickOption) Since() time.Time { return busySince(o.Card) }

// Mark is the word for the pill's tone.
func (o pickOption) Mark() string {
	if o.Busy() {
		return "busy"
	}
	return string(o.Status)
}

// MarkWords is the same for people.
func (o pickOption) MarkWords() string {
	if o.Busy() {
		return o.w.T("Busy")
	}
	return o.w.T(o.Status.Words())
}

// Sandbox reports whether no card is charged on it.
func (o pickOption) Sandbox() bool { return o.Environment == pairing.Sandbox && !o.Practice() }
