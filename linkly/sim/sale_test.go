package sim_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"receivepayment/linkly/sim"
)

func TestAnInsertedCardIsAskedForAccountAndPINAndThePOSSeesEveryDisplay(t *testing.T) {
	t.Parallel()
	p := start(t)
	session := p.charge(4200)

	p.see("PRESENT CARD")
	if status, _ := p.ask(session); status != http.StatusAccepted {
		t.Errorf("while the customer is asked: %d, want 202", status)
	}
	p.press(sim.Press{Key: sim.KeyInsert, Card: "mastercard"})
	p.see("SELECT ACCOUNT")
	p.press(sim.Press{Key: sim.KeySavings})
	p.see("ENTER PIN")
	for _, d := range "1234" {
		p.press(sim.Press{Key: sim.KeyDigit, Digit: string(d)})
	}
	p.press(sim.Press{Key: sim.KeyEnter})

	got := p.result(session, "transaction")
	if !got.Response.Success || got.Response.ResponseCode != "00" || *got.Response.AmtPurchase != 4200 {
		t.Errorf("result: %+v", got.Response)
	}
	want := []string{
		"display PRESENT CARD", "display SELECT ACCOUNT", "display ENTER PIN", "display PROCESSING",
		"receipt C", "receipt M", "display APPROVED", "transaction 00",
	}
	if diff := cmp.Diff(want, story(p.await("all", func([]callback) bool { return true }))); diff != "" {
		t.Errorf("callbacks (-want +got):\n%s", diff)
	}
	p.clean()
}

// story tells callbacks in a word or two each.
func story(calls []callback) []string {
	var lines []string
	for _, c := range calls {
		word := map[string]string{"receipt": c.Env.Response.Type, "transaction": c.Env.Response.ResponseCode}[c.Env.ResponseType]
		if c.Env.ResponseType == "display" {
			word = strings.TrimSpace(c.Env.Response.DisplayText[0])
		}
		lines = append(lines, c.Env.ResponseType+" "+word)
	}
	return lines
}
