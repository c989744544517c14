package sim

import (
	"fmt"
	"strings"
)

// sale is what a conversation has found out so far.
type sale struct {
	card    Card
	entry   Key
	account string // AccountType
	script  Script
	cfg     TerminalConfig

	goods, cash, surcharge, tip int64 // decided by the bank
	verdict                     verdict
	rfn                         string
	stan                        int
	reached                     bool  // the bank was asked
	chosen                      int64 // the tip that the customer chose on the pad
}

// total is everything that leaves the customer's account.
func (sl *sale) total() int64 { return sl.goods + sl.cash + sl.surcharge + sl.tip }

// end closes a sale that never reached the bank.
func (sl *sale) end(code string) { sl.verdict = verdict{false, code, wide(codeText(code))} }

// transaction leads one card payment, refund or the like from the first display to the result.
func (k *talk) transaction(busy bool) {
	k.s.mu.Lock()
	sl := &sale{script: k.s.plans.script(k.ses.req.session, k.t.script), cfg: k.t.cfg}
	online := k.t.online
	k.s.mu.Unlock()
	if !busy && k.s.hit(k.ses.req.session, TerminalOffline) {
		online = false
	}

	switch {
	case busy:
		sl.end("BY")
		k.finish(k.body(sl))
		return
	case !online:
		k.s.pause(k.s.cfg.Timing.Step)
		sl.end("PF")
	default:
		k.serve(sl)
	}
	k.close(sl)
}

// serve walks through the displays until the sale has a verdict.
func (k *talk) serve(sl *sale) {
	// The terminal is held all the while, and CANCEL finds no display to act on.
	if k.s.hit(k.ses.req.session, Silence) {
		k.s.pause(k.s.cfg.Timing.Silence)
	}
	if !k.supervisor(sl) || !k.askTip(sl) || !k.readCard(sl) || !k.readAccount(sl) || !k.readPIN(sl) {
		return
	}
	// From here on nobody can stop it: no keys are lit, and unplugging comes too late.
	k.inform(display("0", "PROCESSING", "PLEASE WAIT"), k.s.cfg.Timing.Processing)
	if k.s.ctx.Err() != nil {
		return
	}
	if k.s.hit(k.ses.req.session, PairedAgain) {
		k.t.pairAgain(k.s.hit(k.ses.req.session, RepairForgets))
	}

	// The signature is asked for before the money moves, so that a no needs no reversal.
	code := k.decide(sl)
	if code == "08" && !k.signature(sl) {
		return
	}
	k.book(sl, code)
}

// stopped turns the presses that end a sale into its verdict.
func (sl *sale) stopped(p Press) bool {
	code, ends := map[Key]string{KeyCancel: "TM", keyTimeout: "TO", keyUnplugged: "PF", keyClosed: "Z5"}[p.Key]
	if ends {
		sl.end(code)
	}
	return ends
}

// supervisor asks for the refund password on the POS, as some terminals do (reference linkly 10). A wrong one is a
// decline.
func (k *talk) supervisor(sl *sale) bool {
	if k.ses.req.txnType != "R" || sl.script.Supervisor == "" {
		return true
	}
	d := display("2", "REFUND PASSWORD?", "ENTER ON POS")
	d.Wants, d.Auth, d.Cancel, d.Input = "auth", true, true, "4"
	p := k.ask(d, k.s.cfg.Timing.CustomerTimeout)
	if sl.stopped(p) {
		return false
	}
	if p.data != sl.script.Supervisor {
		sl.end("57")
		return false
	}
	return true
}

// readCard waits for the customer's card. It is the first display of every sale, and the one where people change
// their mind.
func (k *talk) readCard(sl *sale) bool {
	if k.ses.req.notPresent() {
		return k.keyCard(sl)
	}
	d := display("3", "PRESENT CARD", k.title())
	d.Wants, d.Cancel = "card", true
	p := k.ask(d, k.s.cfg.Timing.CustomerTimeout)
	if sl.stopped(p) {
		return false
	}
	sl.card, _ = cardByID(p.Card)
	sl.entry, sl.account = p.Key, "2"
	return true
}

// readAccount asks for CHQ, SAV or CRD; a tapped card is always CRD.
func (k *talk) readAccount(sl *sale) bool {
	if sl.entry == KeyTap || sl.entry == keyKeyed {
		return true
	}
	d := display("4", "SELECT ACCOUNT", "CHQ    SAV    CRD")
	d.Wants, d.Cancel = "account", true
	p := k.ask(d, k.s.cfg.Timing.CustomerTimeout)
	if sl.stopped(p) {
		return false
	}
	sl.account = map[Key]string{KeyCheque: "1", KeyCredit: "2", KeySavings: "3"}[p.Key]
	return true
}

// readPIN asks for the PIN, except for small taps and for cards that sign.
func (k *talk) readPIN(sl *sale) bool {
	amount := k.ses.req.purchase + k.ses.req.cash
	if sl.entry == KeyTap && amount <= sl.cfg.TapLimit || sl.entry == keyKeyed {
		return true
	}
	if k.signs(sl) {
		return true
	}
	d := display("5", "ENTER PIN", "")
	d.Wants, d.Cancel = "pin", true
	return !sl.stopped(k.ask(d, k.s.cfg.Timing.CustomerTimeout))
}

// signs reports whether this amount will be verified by signature.
func (k *talk) signs(sl *sale) bool {
	return sl.script.Code == "08" || sl.script.Code == "" && (k.ses.req.purchase+k.ses.req.cash)%100 == 8
}

// signature prints the slip and asks the operator; a no is a decline (reference linkly 8).
func (k *talk) signature(sl *sale) bool {
	k.print("M", k.slip(sl, "M", true), true)
	d := display("2", "SIGNATURE OK?", "YES OR NO ON POS")
	d.Wants, d.Yes, d.No = "answer", true, true
	p := k.ask(d, k.s.cfg.Timing.CustomerTimeout)
	if p.Key == KeyYes {
		return true
	}
	if !sl.stopped(p) {
		sl.end("TL")
	}
	return false
}

// title is what the customer is asked for, in one line of 20 columns.
func (k *talk) title() string {
	word := map[string]string{"P": "PURCHASE", "R": "REFUND", "C": "CASH OUT", "A": "PRE-AUTH", "I": "VOID"}[k.ses.req.txnType]
	return fmt.Sprintf("%-9s%11s", word, k.ses.req.currency+" "+money(k.ses.req.purchase+k.ses.req.cash))
}

// close prints the receipts, shows the verdict, and finishes.
func (k *talk) close(sl *sale) {
	if k.s.ctx.Err() != nil {
		return
	}
	// Only what reached the bank leaves paper. Both copies come before the last display, which is one of the
	// orders that pads use.
	if sl.reached {
		k.print("C", k.slip(sl, "C", false), false)
		k.print("M", k.slip(sl, "M", false), false)
	}
	// The receipt can be printed again even if the POS never asks for the result.
	k.farewell(sl)
	k.remember()
	k.finish(k.body(sl))
}

// farewell shows how it ended. POS programs must not read the result from it (reference linkly 5.3), and the texts
// here make that tempting on purpose.
func (k *talk) farewell(sl *sale) {
	line := "DECLINED"
	switch {
	case !sl.verdict.Success && k.s.hit(k.ses.req.session, DisplayLies):
		k.inform(display("6", "APPROVED", "THANK YOU"), k.s.cfg.Timing.Step)
		return
	case sl.verdict.Success:
		line = "APPROVED"
	case sl.verdict.ResponseCode == "TM":
		line = "CANCELLED"
	case sl.verdict.ResponseCode == "50":
		// The one display with an OK key: it waits to be read.
		d := display("6", strings.TrimSpace(sl.verdict.ResponseText), "PRESS OK")
		d.Wants, d.OK = "ok", true
		k.ask(d, k.s.cfg.Timing.Acknowledge)
		return
	}
	second := strings.TrimSpace(sl.verdict.ResponseText)
	if second == line {
		second = k.title()
	}
	k.inform(display("6", line, second), k.s.cfg.Timing.Step)
}

// wide pads or cuts a text to the 20 columns of a display line.
func wide(s string) string { return fmt.Sprintf("%-20.20s", s) }

// money writes cents as 12.34.
func money(cents int64) string { return fmt.Sprintf("%d.%02d", cents/100, cents%100) }
