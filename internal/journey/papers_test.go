package journey_test

import (
	"context"
	"net/http"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"

	"receivepayment/internal/stack"
	linklysim "receivepayment/linkly/sim"
)

// onPaper shows the page as the printer gets it.
func (p page) onPaper(media string) {
	p.t.Helper()
	p.do("show the page on "+media, chromedp.Func(func(ctx context.Context, target *chromedp.Target) error {
		_, err := cdp.Call(ctx, target, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{Media: media})
		return err
	}))
}

// A slip goes to the customer by e-mail, and onto each kind of paper as a copy.
func TestAReceiptIsMailedAndPrinted(t *testing.T) {
	t.Parallel()
	mail := stack.StartMail(t)
	s, _ := opened(t, "100.00", stack.Options{Timing: calm(), Change: mail.Settings})
	s.Terminal.Auto(linklysim.AutoConfig{})
	_, f := cashier(t, s, "14")
	f.click(test("send-payment"))
	f.click(test("send-submit"))
	state(f, "approved")

	f.click(test("letter"))
	f.wait("focus on the address", `document.activeElement.dataset.test === "letter-address"`)
	f.want("the address that is proposed", `document.querySelector("[data-test=letter-address]").value`, "wiremu.clarke@pelorus.example")
	f.fill(test("letter-address"), "nobody")
	f.click(test("letter-send"))
	f.wait("the refusal at the field", `document.querySelector("[data-test=letter-address]").getAttribute("aria-invalid") === "true"`)
	f.shot("1-address")
	f.fill(test("letter-address"), "accounts@pelorus.example")
	f.click(test("letter-send"))
	f.text(test("mailing")+`[data-state="sent"]`, "The receipt was sent to accounts@pelorus.example.")
	f.shot("2-sent")
	if got := mail.Letters(); len(got) != 1 || !strings.HasPrefix(got[0], "accounts@pelorus.example\n") {
		t.Errorf("the mail server got %q", got)
	}

	f.get(`(window.print = () => { window.printed = true; }, 1)`)
	f.click(`details:has([data-test=print]) > summary`)
	for _, paper := range []struct{ choice, printed string }{{"80", "72"}, {"58", "48"}, {"a4", "120"}} { // what of its width a printer reaches
		onThatPaper(f, paper.choice, paper.printed)
	}
	f.click(`details:has([data-test=print]):not([open]) > summary`)
	f.want("the paper for the next slip", `[...document.querySelectorAll("[data-test=print-width]")].map((c) => c.value).join()`, "a4,a4")
}

// onThatPaper prints the slip that is folded out.
func onThatPaper(f page, paper, millimetres string) {
	f.t.Helper()
	f.get(`(window.printed = false, 1)`)
	f.do("choose "+paper, chromedp.SetValue(chromedp.CSS("details[open] "+test("print-width")), paper), chromedp.Evaluate[chromedp.Void](
		`document.querySelector("details[open] [data-test=print-width]").dispatchEvent(new Event("change", {bubbles: true}))`))
	f.click("details[open] " + test("print"))
	f.wait("the printer's dialog", `window.printed === true`)
	f.wait("the sheet", `document.querySelector("[data-test=print-sheet]").dataset.width === "`+paper+`"`)
	f.want("a copy after the e-mail", `document.querySelector("[data-test=print-sheet]").innerText.includes("** DUPLICATE **")`, "true")
	f.onPaper("print")
	f.wait("nothing but the sheet", `[...document.body.children].filter((c) => c.checkVisibility()).map((c) => c.id).join() === "print-room"`)
	f.want("its width in millimetres", `Math.round(document.querySelector("[data-test=print-sheet]").getBoundingClientRect().width / 96 * 25.4)`, millimetres)
	f.want("that no line is wider", `(() => { const s = document.querySelector("[data-test=print-sheet]"); return s.scrollWidth <= s.clientWidth; })()`, "true")
	f.get(`(document.querySelector("[data-test=print-sheet]").scrollIntoView(), 1)`)
	f.shot("3-paper-" + paper)
	f.onPaper("screen")
	f.get(`(window.dispatchEvent(new Event("afterprint")), 1)`)
}

// A part goes back at once; for the rest the cashier asks, sees the answer that
// somebody gives elsewhere, and sends the refund.
func TestAnApprovalIsSeenWhereItWasAskedFor(t *testing.T) {
	t.Parallel()
	s, admin := open(t, "100.00")
	frontDesk(t, s, admin)
	admin.Do(http.MethodPut, "/api/v1/rights/14", stack.Object{"rights": []string{"take", "refund"}}).Want(http.StatusOK)
	admin.Do(http.MethodPatch, "/api/v1/till-policy", stack.Object{
		"surcharge": false, "refundLimits": stack.Object{"14": stack.Object{"amount": "30.00", "currency": "AUD"}},
	}).Want(http.StatusOK)
	_, f := cashier(t, s, "14")
	f.click(test("send-payment"))
	f.click(test("send-submit"))
	state(f, "approved")

	open := test("refund-dialog") + "[open] "
	f.click(test("panel-refund"))
	f.fill(open+test("refund-amount"), "25.00")
	f.fill(open+test("refund-reason"), "one came broken")
	f.click(open + test("refund-submit"))
	f.text(test("live-title"), "Refund approved")
	f.text(test("document-status"), "Partly refunded")
	f.shot("1-part")

	admin.Do(http.MethodPut, "/api/v1/rights/14", stack.Object{"rights": []string{"take"}}).Want(http.StatusOK)
	mere := s.Enter(stack.Cashier, "CRM_DEAL_DETAIL_TAB", 512)
	sale := saleOf(mere)
	request := mere.Do(http.MethodPost, "/api/v1/payments/"+sale+"/refund-requests", stack.Object{
		"requestId": "ask-1", "terminal": terminalOf(admin), "amount": "75.00", "reason": "the rest came broken too",
	}).Want(http.StatusAccepted)
	f.click(test("past") + " summary")
	f.see(test("past-" + sale))
	f.get(`document.querySelector("#documents").dataset.before = document.body.dispatchEvent(new Event("documents:changed"))`)
	f.wait("the list as it was read again", `!document.querySelector("#documents").dataset.before`)
	f.see(test("past-" + sale)) // what was opened stays open
	f.click(test("past-"+sale) + " button")
	f.see(test("refund-request") + `[data-state="waiting"]`)
	f.shot("2-waits")

	admin.Do(http.MethodPost, "/api/v1/refund-requests/"+request.Text("id")+"/approve", stack.Object{"reason": "seen the goods"}).Want(http.StatusOK)
	f.see(test("refund-request") + `[data-state="approved"]`) // by itself
	f.shot("3-approved")
	f.click(test("request-send"))
	f.text(test("live-title"), "Refund approved")
	f.text(test("document-status"), "Refunded")
	f.shot("4-refunded")
	wantBooks(t, s, 10000, -2500, -7500)
}

// saleOf is the only purchase of the deal's only document.
func saleOf(c stack.Client) string {
	document := c.Do(http.MethodGet, "/api/v1/documents?entity=deal&id=512", nil).Want(http.StatusOK).List("documents")[0]
	for _, p := range document.List("payments") {
		if p.Text("kind") == "purchase" {
			return p.Text("id")
		}
	}
	return ""
}

// terminalOf is the terminal that the administrator sees as the front desk.
func terminalOf(admin stack.Client) string {
	for _, one := range admin.Do(http.MethodGet, "/api/v1/terminals", nil).Want(http.StatusOK).List("items") {
		if one.Text("name") == "Front desk" {
			return one.Text("id")
		}
	}
	return ""
}

// From the row menu of Bitrix24's own list a paid invoice opens on its refund.
func TestTheRowMenuOfAPaidInvoiceOpensItsRefund(t *testing.T) {
	t.Parallel()
	s, _ := open(t, "100.00")
	s.Terminal.Auto(linklysim.AutoConfig{})
	tab, f := cashier(t, s, "1")
	f.click(test("send-payment"))
	f.click(test("send-submit"))
	state(f, "approved")

	tab.portal("/crm/type/31/list/category/3/")
	tab.click(test("invoice-menu-77"))
	tab.click(test("invoice-menu-77-0"))
	g := tab.frame()
	open := test("refund-dialog") + "[open] "
	g.see(open + test("refund-amount"))
	g.want("what is proposed", `document.querySelector("[data-test=refund-dialog][open] [data-test=refund-amount]").value`, "100.00")
	g.shot("1-from-the-list")
	g.fill(open+test("refund-reason"), "returned")
	g.click(open + test("refund-submit"))
	g.text(test("live-title"), "Refund approved")
	wantBooks(t, s, 10000, -10000)
}

// What the tills may do is set on the app's own page.
func TestTheTillsPolicyIsSetOnTheScreen(t *testing.T) {
	t.Parallel()
	s, admin := open(t, "100.00")
	tab := browse(t, s)
	tab.signIn("1")
	tab.click(test("nav-app"))
	f := tab.frame()
	f.click(test("tab-till"))
	first := test("till-rule") + ":has(input) "
	f.fill(first+test("rule-bin"), "41")
	f.fill(first+test("rule-amount"), "0.505")
	f.fill(test("till-tip-choices"), "5, 10")
	f.click(test("till-save"))
	f.wait("the refusal at its field", `document.querySelector("[data-error-for=surchargeRules]").innerText.includes("41")`)
	f.want("focus", `document.activeElement.name`, "surchargeRules")
	f.shot("1-refused")

	f.fill(first+test("rule-amount"), "0.50")
	f.click("label:has(" + test("till-cash-out") + ")")
	f.click("label:has(" + test("extras-share") + ")")
	f.fill(test("limit-amount"), "80.00")
	f.click(test("limit-choose"))
	tab.click(test("picker-user-14"))
	tab.click(test("picker-choose"))
	f.wait("the chosen person", `document.querySelector("#till-new-users").innerText.includes("Mere Tane")`)
	f.fill(test("limit-new"), "20")
	f.click(test("till-save"))
	f.see(test("till-limit") + `[data-user="14"]`)
	f.shot("2-saved")

	policy := admin.Do(http.MethodGet, "/api/v1/till-policy", nil).Want(http.StatusOK)
	if policy["cashOut"] != false || policy["tips"] != true || policy.Text("refundExtras") != "share" ||
		policy.Text("refundLimits", "14", "amount") != "20.00" || policy.Text("refundLimits", "*", "amount") != "80.00" ||
		policy.List("surchargeRules")[0].Text("amount") != "0.50" {
		t.Errorf("the policy is %v", policy)
	}
}
