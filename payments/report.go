package payments

import (
	"fmt"
	"regexp"
	"strings"
	"time"
)

// Report is a payment told for somebody who helps from afar: what happened when,
// how long each step took, and every reference by which provider and bank find
// it. Nothing in it names a customer or a colleague, or says what was sold, and
// long numbers in free text are cut: it may be copied into a message.
func Report(d Detail) string {
	var b strings.Builder
	for _, line := range [][2]string{
		{"payment", d.ID},
		{"kind", string(d.Kind)},
		{"refund of", d.RefundOf},
		{"document", d.Document},
		{"amount", Money{Minor: d.Amount, Currency: d.Currency}.String() + " " + d.Currency},
		{"state", string(d.State)},
		{"decided by", string(d.Source)},
		{"released", yes(d.Released)},
		{"terminal", d.TerminalID},
		{"provider", d.Provider},
		{"pairing", d.PairingID},
		{"session", d.SessionID},
		{"TxnRef", d.TxnRef},
		{"sale", d.SaleUID},
		{"code", strings.TrimSpace(d.ResponseCode + " " + d.ResponseText)},
		{"RRN", d.RRN},
		{"STAN", d.STAN},
		{"RFN", d.RFN},
		{"REF", d.Reference},
		{"settlement date", d.SettlementDate},
	} {
		if line[1] != "" {
			fmt.Fprintf(&b, "%-16s%s\n", line[0], line[1])
		}
	}
	reportSteps(&b, d)
	for _, a := range d.Alerts {
		fmt.Fprintf(&b, "alert           %s %s %s\n", instant(a.At), a.Code, cut(a.Text))
	}
	for _, w := range d.WriteBacks {
		fmt.Fprintf(&b, "write-back      %s %s, %d attempts %s\n", w.Target, w.State, w.Attempts, cut(w.LastError))
	}
	return b.String()
}

// reportSteps tells the history with the time since the step before.
func reportSteps(b *strings.Builder, d Detail) {
	before := d.CreatedAt
	for _, e := range d.History {
		took := e.At.Sub(before).Round(time.Millisecond)
		before = e.At
		who := "a person"
		if e.Actor == worker || e.Actor == "callback" {
			who = e.Actor
		}
		fmt.Fprintf(b, "step            %s +%s %s: %s to %s, by %s %s\n",
			instant(e.At), took, e.Event, e.FromState, e.ToState, who, cut(string(e.Evidence)))
	}
}

func instant(t time.Time) string { return t.UTC().Format("2006-01-02T15:04:05.000Z") }

func yes(b bool) string {
	if b {
		return "yes"
	}
	return ""
}

var longNumber = regexp.MustCompile(`[0-9]{8,}`)

// cut takes out of free text what might be a card's number, and line ends.
func cut(text string) string {
	return longNumber.ReplaceAllString(strings.Join(strings.Fields(text), " "), "[number]")
}
