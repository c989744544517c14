package sim

import (
	"fmt"
	"slices"
	"strings"
)

// job leads every request that is not a transaction. Only the terminal's state is asked; no card, no money.
func (k *talk) job(busy bool) {
	k.s.mu.Lock()
	cfg, online := k.t.cfg, k.t.online
	k.s.mu.Unlock()

	v := verdict{true, "00", wide("APPROVED")}
	switch {
	case busy:
		v = failure("BY")
	// An unreachable terminal is found out by waiting for it, so the failure takes a moment.
	case !online:
		k.s.pause(k.s.cfg.Timing.Step)
		v = failure("PF")
	}
	switch k.ses.kind {
	case "logon":
		k.logon(cfg, v)
	case "status":
		k.finish(k.statusBody(cfg, v))
	case "settlement":
		k.settlement(cfg, v)
	case "querycard":
		k.queryCard(v)
	case "configuremerchant":
		k.configure(v)
	case "reprintreceipt":
		k.reprint(v)
	}
}

// failure is a verdict that the terminal gives without asking the bank.
func failure(code string) verdict { return verdict{false, code, wide(codeText(code))} }

// logon proves that terminal and bank know each other (reference linkly 5.6).
func (k *talk) logon(cfg TerminalConfig, v verdict) {
	if v.Success {
		k.inform(display("0", "LOGON", "PLEASE WAIT"), k.s.cfg.Timing.Step)
		k.print("L", append(k.letterhead(cfg, "LOGON"), "", centre("APPROVED 00")), false)
		k.idle()
	}
	k.finish(struct {
		PinPadVersion string
		verdict
		Date                 string
		Catid, Caid          string
		Stan                 int
		PurchaseAnalysisData map[string]string
	}{
		PinPadVersion: fmt.Sprintf("%-16s", "SIM 1.0"), verdict: v, Date: k.s.cfg.Now().Format(dateTime),
		Catid: cfg.CatID, Caid: cfg.CaID, PurchaseAnalysisData: map[string]string{},
	})
}

// idle clears the terminal after something that was not a sale.
func (k *talk) idle() {
	k.s.mu.Lock()
	defer k.s.mu.Unlock()
	k.t.screen = Display{}
}

// settlement closes the day. Only type S may happen once a day; the others are looks at the totals (reference
// linkly 5.7).
func (k *talk) settlement(cfg TerminalConfig, v verdict) {
	today := k.s.cfg.Now().Format("2006-01-02")
	k.s.mu.Lock()
	again := k.ses.req.sub == "S" && k.t.settled == today
	if v.Success && k.ses.req.sub == "S" {
		k.t.settled = today
	}
	k.s.mu.Unlock()
	if v.Success && again {
		v = failure("97")
	}

	data := ""
	if v.Success {
		k.inform(display("0", "SETTLEMENT", "PLEASE WAIT"), k.s.cfg.Timing.Step)
		var lines []string
		lines, data = k.totals(cfg)
		k.print("S", lines, false)
		k.idle()
	}
	k.finish(struct {
		Merchant, SettlementData string
		verdict
	}{k.ses.req.merchant, data, v})
}

// totals sums up what the terminal took and gave back: receipt lines, and the fixed-width text of reference linkly 5.7.
func (k *talk) totals(cfg TerminalConfig) (lines []string, data string) {
	var purchases, refunds, purchaseCount, refundCount int64
	for _, c := range k.s.Charges() {
		switch {
		case !c.Approved || c.Terminal != k.t.id:
		case c.Type == "R":
			refunds, refundCount = refunds+c.Amount, refundCount+1
		default:
			purchases, purchaseCount = purchases+c.Amount, purchaseCount+1
		}
	}
	sign, net := "+", purchases-refunds
	if net < 0 {
		sign, net = "-", -net
	}
	// Purchases, cash-out and refunds, each as nine digits of cents and three of count; then the sign and the net.
	record := fmt.Sprintf("%-20s%09d%03d%09d%03d%09d%03d%s%09d%03d", "TOTAL", purchases, purchaseCount, 0, 0,
		refunds, refundCount, sign, net, purchaseCount+refundCount)
	lines = append(
		k.letterhead(cfg, "SETTLEMENT"), "", row("PURCHASES", money(purchases)), row("REFUNDS", money(refunds)),
		row("NET", strings.TrimPrefix(sign, "+")+money(net)),
	)
	return lines, "000000000" + "000" + "069" + record
}

// queryCard reads a card without charging it (reference linkly 5.8). No track ever leaves the simulator.
func (k *talk) queryCard(v verdict) {
	var card Card
	account := " "
	if v.Success {
		d := display("3", "PRESENT CARD", "QUERY")
		d.Wants, d.Cancel = "card", true
		sl := &sale{}
		p := k.ask(d, k.s.cfg.Timing.CustomerTimeout)
		if sl.stopped(p) {
			v = sl.verdict
		} else {
			v = verdict{true, "T0", wide("CARD READ")}
			card, _ = cardByID(p.Card)
		}
		k.idle()
	}
	k.finish(struct {
		Merchant                                                string
		IsTrack1Available, IsTrack2Available, IsTrack3Available bool
		Track1, Track2, Track3, CardName, AccountType           string
		PurchaseAnalysisData                                    map[string]string
		verdict
	}{Merchant: k.ses.req.merchant, CardName: card.Group, AccountType: account, PurchaseAnalysisData: map[string]string{}, verdict: v})
}

// configure writes the bank's ids into the terminal (reference linkly 5.9).
func (k *talk) configure(v verdict) {
	if v.Success {
		k.s.mu.Lock()
		k.t.cfg.CatID, k.t.cfg.CaID = k.ses.req.catID, k.ses.req.caID
		k.s.mu.Unlock()
	}
	k.finish(struct {
		Merchant string
		verdict
	}{k.ses.req.merchant, v})
}

// reprint returns an earlier customer copy, marked as a duplicate; E2 when there is none.
func (k *talk) reprint(v verdict) {
	text := []string{}
	if v.Success {
		k.s.mu.Lock()
		for _, p := range slices.Backward(k.t.printed) {
			if want := k.ses.req.originalRef; want == "" || want == p.txnRef {
				text = append([]string{centre("** DUPLICATE **")}, p.lines...)
				break
			}
		}
		k.s.mu.Unlock()
		if len(text) == 0 {
			v = failure("E2")
		}
	}
	k.finish(struct {
		Merchant    string
		ReceiptText []string
		verdict
	}{k.ses.req.merchant, text, v})
}
