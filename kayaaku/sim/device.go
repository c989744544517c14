package sim

import (
	"sync"
	"time"
)

// Screen is what the Android device shows.
type Screen struct {
	Step    string `json:"step"` // idle, pay, qr, receipt, refused
	Amount  int64  `json:"amount"`
	Method  string `json:"method"`
	TxnID   string `json:"txnId"`
	Text    string `json:"text"`
	QR      string `json:"qr"`
	Receipt string `json:"receipt"`
	Plugged bool   `json:"plugged"`
}

// Device is the merchant's Android device with its reader.
type Device struct {
	sim  *Sim
	acts chan string // what somebody does at it

	mu     sync.Mutex
	busy   bool
	screen Screen
	script []Scenario
}

// Script says what happens to the next payments, one each; after that the
// default of the configuration holds.
func (d *Device) Script(next ...Scenario) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.script = append(d.script, next...)
}

func (d *Device) scenario() Scenario {
	d.mu.Lock()
	defer d.mu.Unlock()
	if len(d.script) > 0 {
		next := d.script[0]
		d.script = d.script[1:]
		return next
	}
	if d.sim.config.Choose != nil {
		return d.sim.config.Choose()
	}
	return Approve
}

// Screen is what it shows now.
func (d *Device) Screen() Screen {
	d.mu.Lock()
	defer d.mu.Unlock()
	s := d.screen
	s.Plugged = d.sim.plugged()
	return s
}

func (d *Device) show(s Screen) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.screen = s
}

// Act does something at the device: tap, swipe, insert, scan, decline, cancel,
// next. It reports whether somebody was waiting for it.
func (d *Device) Act(what string) bool {
	select {
	case d.acts <- what:
		return true
	case <-time.After(d.sim.config.Patience):
		return false
	}
}

// take claims the device; false means that it is at work.
func (d *Device) take() bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.busy {
		return false
	}
	d.busy = true
	return true
}

func (d *Device) release() {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.busy = false
	d.screen = Screen{Step: "idle"}
}

// act waits for one of the wanted acts, or for the time after which it happens
// by itself; never is how long nothing happens by itself.
func (d *Device) act(after time.Duration, byItself string, wanted ...string) (string, bool) {
	var timer <-chan time.Time
	if byItself != "" {
		t := time.NewTimer(after)
		defer t.Stop()
		timer = t.C
	}
	for {
		select {
		case <-d.sim.closed:
			return "", false
		case <-timer:
			return byItself, true
		case did := <-d.acts:
			for _, w := range wanted {
				if did == w {
					return did, true
				}
			}
		}
	}
}

// customer shows the amount and waits for what the customer does; the RespCd
// is what comes of it.
func (d *Device) customer(r Record) (respCd, scheme string, ok bool) {
	screen := Screen{Step: "pay", Amount: r.Amount, Method: r.Method, TxnID: r.TxnID, Text: "Tap, swipe or insert the card on the reader."}
	wanted, scheme := []string{"tap", "swipe", "insert", "decline", "cancel"}, "MC"
	byItself := "tap"
	if r.Method == "04" || r.Method == "08" {
		screen.Step, screen.QR, screen.Text = "qr", qrContent(r), "Scan the code with a bank or wallet app."
		wanted, scheme, byItself = []string{"scan", "decline", "cancel"}, "PN", "scan"
		if r.Method == "08" {
			scheme = "AF"
		}
	}
	d.show(screen)
	if r.Scenario == Decline {
		byItself = "decline"
	}
	if r.Scenario == DeclineHere {
		byItself = "cancel"
	}
	if !d.sim.config.Auto {
		byItself = ""
	}
	did, ok := d.act(d.sim.config.Think, byItself, wanted...)
	switch did {
	case "decline":
		return "51", scheme, ok
	case "cancel":
		return "76", scheme, ok
	}
	return "00", scheme, ok
}

// next shows the receipt and waits for NEXT, which releases the answer.
func (d *Device) next(r Record) bool {
	screen := Screen{Step: "receipt", Amount: r.Amount, Method: r.Method, TxnID: r.TxnID, Receipt: receipt(r)}
	d.show(screen)
	after, byItself := d.sim.config.Next, "next"
	if r.Scenario == NextDelayed {
		after = d.sim.config.LateNext
	}
	if !d.sim.config.Auto {
		byItself = ""
	}
	_, ok := d.act(after, byItself, "next")
	return ok
}

// qrContent is what the code holds: shaped like an EMV merchant code, good for
// nothing.
func qrContent(r Record) string {
	return "00020101021226SIMULATED-ONLY5303458540" + money(r.Amount) + "62" + r.TxnID
}
