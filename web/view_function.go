package web

import (
	"strings"
	"time"

	"receivepayment/access"
	"receivepayment/pairing"
	"receivepayment/payments"
	"receivepayment/words"
)

// functionView is one run of a terminal's function on its card.
type functionView struct {
	pairing.Function
	Who caller
	now time.Time
}

// Slug names its parts in markup.
func (v functionView) Slug() string { return slug(v.ID) }

// lateSlips is how long after the end a slip is still looked for: it comes as a
// callback of its own.
const lateSlips = 5 * time.Second

// Running reports whether the terminal is still at it.
func (v functionView) Running() bool { return !v.State.Over() }

// Again reports whether it is worth asking again.
func (v functionView) Again() bool {
	return v.Running() || v.EndedAt != nil && len(v.Receipts) == 0 && v.now.Sub(*v.EndedAt) < lateSlips
}

// Title says what runs.
func (v functionView) Title() words.Key { return functionWords(v.Kind) }

// StateWords says how it stands.
func (v functionView) StateWords() words.Key {
	switch v.State {
	case pairing.FunctionCreated, pairing.FunctionSent:
		return "Under way on the terminal."
	case pairing.FunctionDone:
		return "Done."
	case pairing.FunctionFailed:
		return "It did not work."
	case pairing.FunctionUnknown:
		return "Nobody knows."
	}
	return ""
}

// Tone is the notice's class.
func (v functionView) Tone() string {
	switch v.State {
	case pairing.FunctionDone:
		return "notice-ok"
	case pairing.FunctionFailed:
		return "notice-error"
	case pairing.FunctionCreated, pairing.FunctionSent, pairing.FunctionUnknown:
		return "notice-warn"
	}
	return "notice-warn"
}

// Lines is what the terminal shows.
func (v functionView) Lines() []string {
	var out []string
	for _, line := range v.Display.Lines {
		if strings.TrimSpace(line) != "" {
			out = append(out, line)
		}
	}
	return out
}

// Keys are those that the display allows and that need no text.
func (v functionView) Keys() []functionKeyView {
	label := map[payments.Key]words.Key{
		payments.KeyCancel: "Cancel", payments.KeyOK: "OK", payments.KeyYes: "Yes", payments.KeyNo: "No",
	}
	var out []functionKeyView
	for _, k := range v.Display.Keys {
		if l, plain := label[k]; plain {
			out = append(out, functionKeyView{Key: k, Label: l})
		}
	}
	return out
}

type functionKeyView struct {
	Key   payments.Key
	Label words.Key
}

func functionWords(k pairing.FunctionKind) words.Key {
	switch k {
	case pairing.Logon:
		return "Log on"
	case pairing.StatusCheck:
		return "Status"
	case pairing.Reprint:
		return "Last receipt"
	case pairing.Settlement:
		return "Settlement"
	case pairing.PreSettlement:
		return "Pre-settlement"
	case pairing.Totals:
		return "Totals"
	}
	return ""
}

// functionChoice is a function that the viewer may run.
type functionChoice struct {
	Kind  pairing.FunctionKind
	Label words.Key
}

// Functions are what the viewer may run on the terminal; closing the day is apart.
func (v terminalView) Functions() []functionChoice {
	var out []functionChoice
	for _, k := range pairing.FunctionKinds() {
		if k != pairing.Settlement && v.Who.mayRun(k, v.Card) {
			out = append(out, functionChoice{k, functionWords(k)})
		}
	}
	return out
}

// MaySettle reports whether the viewer closes the day.
func (v terminalView) MaySettle() bool { return v.Who.may(access.Settle) }

// Runs reports whether functions can be run now at all.
func (v terminalView) Runs() bool {
	return v.Provider == pairing.LinklyProvider && (v.Status == pairing.Ready || v.Status == pairing.Attention)
}
