package journey_test

import (
	"net/http"
	"testing"

	"receivepayment/internal/stack"
	linklysim "receivepayment/linkly/sim"
)

// frontDesk is a terminal whose bank allows everything, in a shop with rules
// for tips and surcharges.
func frontDesk(t *testing.T, s *stack.Stack, admin stack.Client) *linklysim.Terminal {
	t.Helper()
	pad := deskOf(t, s, admin, linklysim.TerminalConfig{Tipping: true, CashoutLimit: 20_000, MOTO: true, RefundLimit: 90_000})
	pad.Auto(linklysim.AutoConfig{Tip: 2})
	admin.Do(http.MethodPatch, "/api/v1/till-policy", stack.Object{
		"surchargeRules": []stack.Object{{"bin": "41", "percent": "1.50"}}, "tipChoices": []int{5, 10, 15},
	}).Want(http.StatusOK)
	admin.Do(http.MethodPut, "/api/v1/rights/14", stack.Object{"rights": []string{"take", "moto"}}).Want(http.StatusOK)
	return pad
}

// deskOf adds a terminal of that kind with a customer who taps, and makes it the
// cashier's and the administrator's.
func deskOf(t *testing.T, s *stack.Stack, admin stack.Client, pad linklysim.TerminalConfig) *linklysim.Terminal {
	t.Helper()
	pad.Name, pad.Username, pad.Password = "Front desk", "demo", "demo"
	terminal := s.Linkly.AddTerminal(pad)
	terminal.Auto(linklysim.AutoConfig{})
	id := admin.Do(http.MethodPost, "/api/v1/terminals", stack.Object{
		"name": "Front desk", "provider": "linkly", "environment": "sandbox", "secret": terminal.PairExisting(),
	}).Want(http.StatusCreated).Text("id")
	s.Await("the front desk is ready", func() bool {
		return admin.Do(http.MethodGet, "/api/v1/terminals/"+id, nil).Want(http.StatusOK).Text("status") == "ready"
	})
	for _, c := range []stack.Client{admin, s.Enter(stack.Cashier, "CRM_DEAL_DETAIL_TAB", 512)} {
		c.Do(http.MethodPatch, "/api/v1/terminals/"+id, stack.Object{"default": true}).Want(http.StatusOK)
	}
	return terminal
}

// A part with everything on it, the rest by telephone, and a refund that a
// cashier asks for and an administrator approves.
func TestPartsExtrasAndARefundThatSomebodyApproves(t *testing.T) {
	t.Parallel()
	s, admin := open(t, "187.00")
	frontDesk(t, s, admin)
	p := browse(t, s)
	p.signIn("14")
	f := openDeal(p)

	f.click(test("send-payment"))
	f.fill(test("amount"), "87.00")
	f.click(test("extras") + " summary")
	f.fill(test("tip"), "5.00")
	f.fill(test("cash-out"), "20.00")
	f.shot("1-extras")
	f.click(test("send-submit"))
	state(f, "approved")
	f.wait("the parts of the sum", `document.querySelector("[data-test=split]").innerText.includes("$20.00")`)
	f.shot("2-split")
	f.text(test("document-status"), "Partly paid")
	f.text(test("document-left"), "$100.00")

	f.click(test("send-payment"))
	f.want("what is proposed", `document.querySelector("[data-test=send-dialog][open] [data-test=amount]").value`, "100.00")
	f.click(test("send-dialog") + "[open] " + test("send-moto"))
	state(f, "approved")
	f.text(test("document-status"), "Paid")

	f.click(test("panel-refund"))
	open := test("refund-dialog") + "[open] "
	f.text(open+test("refund-ask"), "Ask for approval")
	f.see(open + test("refund-limit"))
	f.fill(open+test("refund-amount"), "40.00")
	f.fill(open+test("refund-reason"), "returned item")
	f.shot("3-ask")
	f.click(open + test("refund-ask"))
	f.see(test("refund-request") + `[data-state="waiting"]`)
	f.shot("4-asked")

	boss := browse(t, s)
	boss.signIn("1")
	g := openDeal(boss)
	g.click(test("past") + " summary")
	g.click(test("past") + " li:first-child button")
	g.fill(test("answer-reason"), "seen the goods")
	g.shot("5-approve")
	g.click(test("request-approve"))
	g.see(test("refund-request") + `[data-state="approved"]`)
	boss.close()

	// 87.00 with a tip of 5.00, 20.00 in notes and a surcharge of 1.31; 100.00 by telephone with one of 1.50.
	wantBooks(t, s, 10150, 11331)
}

// The customer chooses the tip on the terminal, and the card pays no surcharge
// because somebody took it off.
func TestTheCustomerChoosesTheTipOnTheTerminal(t *testing.T) {
	t.Parallel()
	s, admin := open(t, "100.00")
	frontDesk(t, s, admin)
	f := at(t, s, "14", onTelephone)
	f.click(test("send-payment"))
	f.click(test("extras") + " summary")
	f.click("label:has(" + test("ask-tip") + ")")
	f.click("label:has(" + test("surcharge") + ")")
	f.shot("1-extras")
	f.click(test("send-submit"))
	state(f, "approved")
	f.text(test("document-status"), "Paid")
	f.want("the parts", `document.querySelector("[data-test=split]").innerText.split(/\s+/).join(" ")`, "For the invoice $100.00 Tip $10.00 Charged to the card $110.00")
	fitsItsScreen(f)
	f.shot("2-split")
	wantBooks(t, s, 11000)
}
