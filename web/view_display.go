package web

import (
	"encoding/base64"
	"encoding/json"
	"html/template"
	"strings"
	"time"

	"rsc.io/qr"

	"receivepayment/payments"
	"receivepayment/words"
)

// What the terminal shows and asks, as the panel draws it.

// keyView is one key of the terminal that can be pressed from the screen.
type keyView struct {
	Key    payments.Key
	Label  words.Key
	Tone   string
	Icon   string
	After  *time.Time // not shown before
	Hidden bool       // that moment has not come
	shown  string     // the display that offers it
}

// Vals is what pressing it sends: the key, and for which display. A second
// click that is too quick must not answer the next question.
func (k keyView) Vals() string {
	raw, _ := json.Marshal(keyIn{Key: string(k.Key), Shown: k.shown}) // strings always marshal
	return string(raw)
}

// HasPad reports whether the terminal's own screen is drawn: while the outcome
// is open.
func (v liveView) HasPad() bool {
	switch v.State {
	case payments.Created, payments.Sent, payments.Unknown:
		return true
	case payments.Review, payments.Approved, payments.Declined, payments.Cancelled, payments.NeverStarted:
		return false
	}
	return false
}

// Silent reports whether the drawn screen is the past.
func (v liveView) Silent() bool { return v.State == payments.Unknown || v.Display.At == nil }

// Lines are the terminal's two lines; more if it sent more.
func (v liveView) Lines() []string {
	lines := append([]string{}, v.Display.Lines...)
	for len(lines) < 2 {
		lines = append(lines, "")
	}
	return lines
}

// DisplayText is the terminal's text as one sentence.
func (v liveView) DisplayText() string { return displayText(v.Payment) }

func displayText(p payments.Payment) string {
	return strings.Join(strings.Fields(strings.Join(p.Display.Lines, " ")), " ")
}

// QRImage draws the code that the customer scans, where the device has told
// what it holds; empty otherwise, and once the payment is decided.
func (v liveView) QRImage() template.URL {
	if v.Display.QR == "" || v.State != payments.Sent {
		return ""
	}
	code, err := qr.Encode(v.Display.QR, qr.M)
	if err != nil {
		return ""
	}
	return template.URL("data:image/png;base64," + base64.StdEncoding.EncodeToString(code.PNG())) // #nosec G203 -- made here
}

// live reports whether keys reach the terminal.
func (v liveView) live() bool {
	return v.offers(pressKeys) && v.State != payments.Created && v.Told == nil && v.MayAct()
}

// withdrawAfter is how long sending may take before Cancel is offered for it:
// usually it is over before anybody could press, and the press would miss.
const withdrawAfter = 2 * time.Second

// Keys are the keys of the latest display, and no other. Before anything was
// sent, Cancel withdraws.
func (v liveView) Keys() []keyView {
	if v.State == payments.Created && v.MayAct() {
		after := v.CreatedAt.Add(withdrawAfter)
		withdraw := keyViewOf(payments.KeyCancel)
		withdraw.After, withdraw.Hidden = &after, v.Now.Before(after)
		return []keyView{withdraw}
	}
	if !v.live() {
		return nil
	}
	var out []keyView
	for _, k := range v.Display.Keys {
		if k == payments.KeyAuth {
			continue
		}
		key := keyViewOf(k)
		key.shown = v.DisplayText()
		out = append(out, key)
	}
	return out
}

func keyViewOf(k payments.Key) keyView {
	switch k {
	case payments.KeyCancel:
		return keyView{Key: k, Label: "Cancel", Tone: "btn-no"}
	case payments.KeyOK:
		return keyView{Key: k, Label: "OK", Tone: "btn-yes", Icon: "icon-check"}
	case payments.KeyYes:
		return keyView{Key: k, Label: "Yes", Tone: "btn-yes", Icon: "icon-check"}
	case payments.KeyNo:
		return keyView{Key: k, Label: "No", Tone: "btn-no", Icon: "icon-cross"}
	case payments.KeyAuth:
		return keyView{Key: k, Label: "Send"}
	}
	return keyView{Key: k, Label: words.Key(k)}
}

// Question reports whether the terminal waits for the operator: more than a
// chance to cancel.
func (v liveView) Question() bool {
	if !v.live() {
		return false
	}
	for _, k := range v.Display.Keys {
		if k != payments.KeyCancel {
			return true
		}
	}
	return false
}

// QuestionMark tells one question from the next, so that focus moves to each
// once.
func (v liveView) QuestionMark() string {
	return "question " + slug(v.DisplayText())
}

// inputView is what the operator types for the key AUTH.
type inputView struct {
	Label      words.Key
	Type, Mode string
	Max        int
	Mark       string // changes with each display, so that nothing typed for one is sent for another
}

// Input is what the terminal wants typed, or nil. Kinds of reference linkly 7.
func (v liveView) Input() *inputView {
	d := v.Display
	if !v.live() || !d.Allows(payments.KeyAuth) {
		return nil
	}
	in := &inputView{Label: "Your answer", Type: "text", Mode: "text", Max: 60, Mark: "auth"}
	if d.At != nil {
		in.Mark = "auth-" + d.At.UTC().Format("150405.000000")
	}
	switch d.Input {
	case "amount", "decimal":
		in.Label, in.Mode = "Amount", "decimal"
	case "password":
		in.Label, in.Type = "Password", "password"
	case "supervisor":
		in.Label, in.Type = "Supervisor's password", "password"
	case "char":
		in.Label, in.Max = "One character", 1
	case "barcode", "barcode-only":
		in.Label = "Barcode"
	}
	return in
}

// stepView is one thing that is a fact, is waited for, or will be.
type stepView struct {
	Text  string
	now   string // what is going on while it is waited for
	Class string // is-done, is-now or nothing
	Done  bool
}

// Steps say how far it has come, from stored facts only.
func (v liveView) Steps() []stepView {
	steps := []stepView{
		{Text: v.T("Sent to %s", v.TerminalName), now: v.T("Sending to %s", v.TerminalName), Done: v.SentAt != nil},
		{Text: v.T("%s has it", v.Provider()), now: v.T("Waiting for %s", v.Provider()), Done: v.Seen},
		{Text: v.T("%s shows it", v.TerminalName), now: v.T("Waiting for %s", v.TerminalName), Done: v.Display.At != nil || v.Told != nil},
		{Text: v.T("Customer and bank are done"), now: v.T("The customer is at the terminal"), Done: v.Told != nil},
		{Text: v.T("Confirmed by %s", v.Provider()), now: v.T("Asking %s for the result", v.Provider()), Done: v.State.Final()},
	}
	now := true
	for i := range steps {
		switch {
		case steps[i].Done:
			steps[i].Class = "is-done"
		case now:
			steps[i].Class, steps[i].Text, now = "is-now", steps[i].now, false
		}
	}
	return steps
}
