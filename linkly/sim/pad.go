package sim

import (
	"errors"
	"fmt"
	"slices"
)

// Sentinels of the virtual PIN pad.
var (
	ErrKeyNotEnabled = errors.New("the display does not ask for this key")
	ErrClosed        = errors.New("the simulator is closed")
)

// Display is what a terminal shows, and which keys the POS may offer with it (reference linkly 7).
type Display struct {
	Lines   []string `json:"lines"`   // two lines of 20 columns, padded
	Cancel  bool     `json:"cancel"`  // keys of the POS
	OK      bool     `json:"ok"`      //
	Yes     bool     `json:"yes"`     //
	No      bool     `json:"no"`      //
	Auth    bool     `json:"auth"`    //
	Input   string   `json:"input"`   // InputType
	Graphic string   `json:"graphic"` // GraphicCode
	Wants   string   `json:"wants"`   // what somebody has to do: card, keyed, tip, account, pin, answer, ok, auth, or nothing
	Session string   `json:"session"` // the request it belongs to, empty on an idle terminal
}

// clone keeps a display that was handed out from changing with the terminal.
func (d Display) clone() Display {
	d.Lines = slices.Clone(d.Lines)
	return d
}

// Key is something that a person can do at the terminal.
type Key string

// The keys of the virtual PIN pad.
const (
	KeyTap     Key = "tap"
	KeySwipe   Key = "swipe"
	KeyInsert  Key = "insert"
	KeyCheque  Key = "chq"
	KeySavings Key = "sav"
	KeyCredit  Key = "crd"
	KeyDigit   Key = "digit"
	KeyClear   Key = "clear"
	KeyEnter   Key = "enter"
	KeyCancel  Key = "cancel"
	KeyYes     Key = "yes"
	KeyNo      Key = "no"

	keyKeyed     Key = "keyed"     // how a card came that the operator keyed
	keyAuth      Key = "auth"      // only from the POS
	keyTimeout   Key = "timeout"   // nobody did anything
	keyUnplugged Key = "unplugged" // the terminal went offline
	keyClosed    Key = "closed"    // the Sim was closed
)

// Press is one press of a key.
type Press struct {
	Key   Key    `json:"key"`
	Card  string `json:"card,omitempty"`  // with tap, swipe, insert, and enter for a keyed card: the id of a test card, empty = "visa"
	Digit string `json:"digit,omitempty"` // with digit: "0" to "9"

	data string // with auth: what the operator entered
}

// prompt is a display that waits for somebody.
type prompt struct {
	display  Display
	answered bool
	answer   chan Press // holds the one accepted answer
	recheck  chan struct{}
}

// newPrompt waits for one answer. The channel has room for it, so that answering never waits for the conversation.
func newPrompt(d Display) *prompt {
	return &prompt{display: d, answer: make(chan Press, 1), recheck: make(chan struct{})}
}

// answerLocked takes the first answer and no other, so that two quick presses cannot reach two displays.
func (p *prompt) answerLocked(pr Press) bool {
	if p.answered {
		return false
	}
	p.answered = true
	p.answer <- pr
	return true
}

// lookAgainLocked makes the conversation ask again whether a virtual customer is there.
func (p *prompt) lookAgainLocked() {
	close(p.recheck)
	p.recheck = make(chan struct{})
}

// Press presses a key as the customer would. ErrKeyNotEnabled when the display does not ask for it.
func (t *Terminal) Press(p Press) error {
	t.sim.mu.Lock()
	defer t.sim.mu.Unlock()
	return t.pressLocked(p)
}

// pressLocked decides what a press means now. Everything that is not asked for is refused and changes nothing.
func (t *Terminal) pressLocked(p Press) error {
	if t.prompt == nil || t.prompt.answered {
		return fmt.Errorf("press %s: %w", p.Key, ErrKeyNotEnabled)
	}
	// Typing changes what the terminal shows, and is not an answer yet.
	if t.prompt.display.Wants == "pin" && t.typeLocked(p) {
		return nil
	}
	if !t.prompt.display.accepts(p.Key) {
		return fmt.Errorf("press %s: %w", p.Key, ErrKeyNotEnabled)
	}
	if p.Key == KeyDigit && t.prompt.display.Wants == "tip" && (len(p.Digit) != 1 || p.Digit < "1" || p.Digit > "3") {
		return fmt.Errorf("press digit %q: %w", p.Digit, ErrKeyNotEnabled)
	}
	if p.Key == KeyEnter && t.prompt.display.Wants == "pin" && len(t.typed) < 4 {
		return fmt.Errorf("press enter after %d digits: %w", len(t.typed), ErrKeyNotEnabled)
	}
	// An unknown card is a mistake of the caller; the display goes on waiting.
	if _, ok := cardByID(p.Card); t.prompt.display.takesCard() && p.Key != KeyCancel && !ok {
		return fmt.Errorf("present card %q: no such test card: %w", p.Card, ErrKeyNotEnabled)
	}
	t.prompt.answerLocked(p)
	t.sim.touchLocked()
	return nil
}

// typeLocked handles the keys that only change what has been typed.
func (t *Terminal) typeLocked(p Press) bool {
	switch {
	case p.Key == KeyDigit && len(p.Digit) == 1 && p.Digit >= "0" && p.Digit <= "9":
		if len(t.typed) < 12 {
			t.typed += p.Digit
		}
	case p.Key == KeyClear:
		t.typed = ""
	default:
		return false
	}
	t.sim.touchLocked()
	return true
}

// accepts reports whether a person at the terminal may press k now.
func (d Display) accepts(k Key) bool {
	if k == KeyCancel {
		return d.Cancel
	}
	if k == KeyEnter && (d.Wants == "ok" || d.Wants == "keyed" || d.Wants == "tip") {
		return true
	}
	if k == KeyDigit {
		return d.Wants == "tip"
	}
	answers := map[Key]string{
		KeyTap: "card", KeySwipe: "card", KeyInsert: "card", KeyCheque: "account", KeySavings: "account", KeyCredit: "account",
		KeyEnter: "pin", KeyYes: "answer", KeyNo: "answer",
	}[k]
	return answers != "" && answers == d.Wants
}

// takesCard reports whether the answer names a test card.
func (d Display) takesCard() bool { return d.Wants == "card" || d.Wants == "keyed" }

// posKey translates the Key of a sendkey request for the display that stands there now (reference linkly 5.11).
func (d Display) posKey(key, data string) (Press, bool) {
	switch {
	case key == "0" && d.Cancel:
		return Press{Key: KeyCancel}, true
	case key == "0" && d.OK:
		return Press{Key: KeyEnter}, true
	case key == "1" && d.Yes:
		return Press{Key: KeyYes}, true
	case key == "2" && d.No:
		return Press{Key: KeyNo}, true
	case key == "3" && d.Auth:
		return Press{Key: keyAuth, data: data}, true
	}
	return Press{}, false
}
