package sim

import (
	"crypto/rand"
	"encoding/hex"
	"fmt"
	"math/big"
	"strings"
	"time"
)

// TerminalConfig describes a terminal and the merchant behind it. Amounts are cents. Every field is optional.
type TerminalConfig struct {
	Name     string `json:"name"`     // shown on the page
	Username string `json:"username"` // Cloud ID, for pairing
	Password string `json:"password"`
	Merchant string `json:"merchant"` // name of the shop on receipts
	CatID    string `json:"catId"`    // 8 characters
	CaID     string `json:"caId"`     // 15 characters
	Serial   string `json:"serial"`

	RefundLimit  int64 `json:"refundLimit"`  // largest refund, 0 = 100,000.00
	CashoutLimit int64 `json:"cashoutLimit"` // 0 = cash-out not allowed
	TapLimit     int64 `json:"tapLimit"`     // up to this amount a tap asks for no PIN, 0 = 100.00

	NoRefunds bool `json:"noRefunds"` // the bank has not enabled refunds
	Tipping   bool `json:"tipping"`   // the bank has enabled tips
	MOTO      bool `json:"moto"`      // the bank has enabled telephone and mail orders

	UnmatchedRefunds bool `json:"unmatchedRefunds"` // the bank takes refunds without RFN; most do not
	NoRFN            bool `json:"noRFN"`            // the bank's approvals carry no RFN
}

// withDefaults makes up a plausible terminal. Its own number is in every id, so that two of them are told apart in
// a log.
func (c TerminalConfig) withDefaults(n int) TerminalConfig {
	text := func(s *string, def string) {
		if *s == "" {
			*s = def
		}
	}
	text(&c.Name, fmt.Sprintf("Terminal %d", n))
	text(&c.Username, fmt.Sprintf("%010d", 1000000000+n))
	text(&c.Password, "sim-password")
	text(&c.Merchant, "CORNER SHOP")
	text(&c.CatID, fmt.Sprintf("%08d", 12340000+n))
	text(&c.CaID, fmt.Sprintf("%015d", 987650000+n))
	text(&c.Serial, fmt.Sprintf("SIM%09d", n))
	if c.RefundLimit == 0 {
		c.RefundLimit = 10_000_000
	}
	if c.TapLimit == 0 {
		c.TapLimit = 10_000
	}
	return c
}

// Terminal is one virtual PIN pad. All methods are safe for concurrent use.
type Terminal struct {
	sim *Sim
	id  string

	// Everything below is guarded by sim.mu.
	cfg       TerminalConfig
	online    bool
	code      string
	codeUntil time.Time
	pairing   *pairing
	running   *session
	screen    Display
	prompt    *prompt
	typed     string
	auto      *AutoConfig
	script    Script
	settled   string // day of the last settlement
	printed   []printed
}

// pairing is one secret with what was begun under it.
type pairing struct {
	secret   string
	terminal *Terminal
	dead     bool
	forget   bool // RepairForgets struck: its sessions answer 404 from now on
}

// ID returns the terminal's id in the control interface and in the page's address.
func (t *Terminal) ID() string { return t.id }

// Config returns the terminal's description, defaults filled in.
func (t *Terminal) Config() TerminalConfig {
	t.sim.mu.Lock()
	defer t.sim.mu.Unlock()
	return t.cfg
}

// NewPairCode makes a fresh six-digit code and un-pairs the terminal: the old secret and its tokens
// die at once (FUNC 8880, reference linkly 2).
func (t *Terminal) NewPairCode() string {
	t.sim.mu.Lock()
	defer t.sim.mu.Unlock()
	return t.newPairCodeLocked(t.forgetsLocked())
}

// pairAgain is FUNC 8880 in the middle of a sale.
func (t *Terminal) pairAgain(forget bool) {
	t.sim.mu.Lock()
	defer t.sim.mu.Unlock()
	t.newPairCodeLocked(forget)
}

// newPairCodeLocked shows a code that no other terminal shows.
func (t *Terminal) newPairCodeLocked(forget bool) string {
	s := t.sim
	t.unpairLocked(forget)
	for {
		t.code = randomDigits(6)
		if !s.codeTakenLocked(t) {
			break
		}
	}
	t.codeUntil = s.cfg.Now().Add(s.cfg.Timing.PairCode)
	s.touchLocked()
	return t.code
}

// codeTakenLocked keeps two terminals from showing the same code: with the same Cloud ID it would pair the wrong
// one.
func (s *Sim) codeTakenLocked(t *Terminal) bool {
	for _, other := range s.terminals {
		if other != t && other.code == t.code {
			return true
		}
	}
	return false
}

// PairCode returns the code that can be used now; empty when there is none, it was used, or it expired.
func (t *Terminal) PairCode() string {
	t.sim.mu.Lock()
	defer t.sim.mu.Unlock()
	return t.codeLocked()
}

// codeLocked is the code while it lives; at the very end of its lifetime it is dead.
func (t *Terminal) codeLocked() string {
	if !t.sim.cfg.Now().Before(t.codeUntil) {
		return ""
	}
	return t.code
}

// PairExisting pairs without a code and returns the secret, for adding a terminal by a secret one already has.
// An earlier secret dies.
func (t *Terminal) PairExisting() string {
	t.sim.mu.Lock()
	defer t.sim.mu.Unlock()
	return t.pairLocked()
}

// Paired reports whether a secret of this terminal is alive.
func (t *Terminal) Paired() bool {
	t.sim.mu.Lock()
	defer t.sim.mu.Unlock()
	return t.pairing != nil
}

// pairLocked makes the terminal's one secret. One secret is one terminal (reference linkly 2).
func (t *Terminal) pairLocked() string {
	t.unpairLocked(t.forgetsLocked())
	p := &pairing{secret: randomHex(64), terminal: t}
	t.pairing = p
	t.sim.secrets[p.secret] = p
	t.sim.touchLocked()
	return p.secret
}

// unpairLocked lets the secret die and uses up the code. The secret is remembered as dead, so that its tokens are
// refused without being called made-up. With forget the sales begun under it are unknown from now on.
func (t *Terminal) unpairLocked(forget bool) {
	t.code = ""
	if t.pairing == nil {
		return
	}
	t.pairing.dead = true
	t.pairing.forget = forget
	t.pairing = nil
}

// forgetsLocked asks the dice whether un-pairing forgets the terminal's sales.
func (t *Terminal) forgetsLocked() bool { return t.pairing != nil && t.sim.dice.hit(RepairForgets) }

// Online plugs the terminal in or out. While it is out every request ends with PF, also one that waits for the customer.
func (t *Terminal) Online(on bool) {
	t.sim.mu.Lock()
	defer t.sim.mu.Unlock()
	t.online = on
	// Whoever waits for the customer learns it at once; a sale that is with the bank goes on.
	if !on && t.prompt != nil {
		t.prompt.answerLocked(Press{Key: keyUnplugged})
	}
	t.sim.touchLocked()
}

// Auto lets a virtual customer act by itself from now on, also on a display that is waiting already.
func (t *Terminal) Auto(a AutoConfig) { t.setAuto(a.withDefaults()) }

// AutoOff sends the virtual customer away: somebody has to press the keys.
func (t *Terminal) AutoOff() { t.setAuto(nil) }

// setAuto tells a display that is waiting already to look at the customer again.
func (t *Terminal) setAuto(a *AutoConfig) {
	t.sim.mu.Lock()
	defer t.sim.mu.Unlock()
	t.auto = a
	if t.prompt != nil {
		t.prompt.lookAgainLocked()
	}
	t.sim.touchLocked()
}

// Script changes how the bank answers from now on; the zero Script restores the ordinary rules.
func (t *Terminal) Script(sc Script) {
	t.sim.mu.Lock()
	defer t.sim.mu.Unlock()
	t.script = sc
	t.sim.touchLocked()
}

// Screen returns what the terminal shows now.
func (t *Terminal) Screen() Display {
	t.sim.mu.Lock()
	defer t.sim.mu.Unlock()
	return t.screen.clone()
}

// randomHex makes secrets and tokens: n bytes, not from the seed, because two runs must not share them.
func randomHex(n int) string {
	b := make([]byte, n)
	_, _ = rand.Read(b) // never fails since Go 1.24
	return hex.EncodeToString(b)
}

// randomDigits makes pair codes; leading zeros are part of the code.
func randomDigits(n int) string {
	var b strings.Builder
	for range n {
		d, _ := rand.Int(rand.Reader, big.NewInt(10)) // never fails since Go 1.24
		b.WriteString(d.String())
	}
	return b.String()
}
