package journey_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"receivepayment/internal/stack"
	linklysim "receivepayment/linkly/sim"
)

// The whole main job, as its people do it: an administrator installs and
// pairs, then adds an invoice, sends it to the terminal, sees it approved,
// finds it paid in the CRM, and refunds it.
func TestFromInstallingTheAppToARefundInTheCRM(t *testing.T) {
	t.Parallel()
	s := stack.Start(t, stack.Options{Timing: calm()})
	p := browse(t, s)

	install(p)
	pairOnScreen(p)

	f := openDeal(p)
	addInvoice(f, "", "")
	f.text(test("document-SI:77")+" "+test("document-left"), "$287.00")
	f.shot("2-invoice")

	f.click(test("send-payment"))
	f.text(test("send-submit"), "Send $287.00 to Counter 1")
	f.shot("3-send")
	f.click(test("send-submit"))

	pad := p.tab()
	pad.do("open the PIN pad", chromedp.Navigate(s.Pad+"/pad/"+s.Terminal.ID()))
	f.see(test("key-cancel"))
	f.want("the keys that the terminal allows", `[...document.querySelectorAll("[data-test^=key-]")].map((k) => k.dataset.test)`, "key-cancel")
	f.want("focus on the payment", `document.activeElement.dataset.test`, "live-title")
	f.shot("4-live")
	pad.click(test("key-insert"))
	pad.click(test("key-crd"))
	for _, digit := range []string{"1", "2", "3", "4"} {
		pad.click(test("key-" + digit))
	}
	pad.click(test("key-enter"))

	state(f, "approved")
	f.text(test("live-amount"), "$287.00")
	f.see(test("write-back-invoice") + `[data-status="done"]`)
	f.text(test("document-status"), "Paid")
	f.wait("words about the card", `document.querySelector("[data-test=live-text]").innerText.includes("VISA ending 1142")`)
	f.shot("5-approved")

	p.click(test("tab-general"))
	p.wait("the deal's timeline", `document.querySelector("[data-test=timeline]").innerText.includes("Card payment approved")`)
	paid, _ := s.Bitrix.Invoice(77)
	if paid.Stage != "DT31_3:P" {
		t.Errorf("the invoice is in stage %s, want the paid one", paid.Stage)
	}

	p.click(test("tab-app-0"))
	f.click(test("refund"))
	f.text(test("refund-submit"), "Refund $287.00 on Counter 1")
	f.fill(test("refund-reason"), "returned item")
	f.shot("6-refund")
	f.click(test("refund-submit"))
	f.see(test("live") + `[data-state="sent"]`)
	f.see(test("key-cancel"))
	pad.click(test("key-tap"))
	for _, digit := range []string{"1", "2", "3", "4"} {
		pad.click(test("key-" + digit))
	}
	pad.click(test("key-enter"))
	state(f, "approved")
	f.text(test("live-title"), "Refund approved")
	f.text(test("document-status"), "Refunded")
	f.shot("7-refunded")
	wantBooks(t, s, -28700, 28700)
}

// wantBooks compares what the simulated bank moved, refunds negative, with
// what was meant to move, in any order, and that nobody was asked for what the
// real service refuses.
func wantBooks(t *testing.T, s *stack.Stack, want ...int64) {
	t.Helper()
	var got []int64
	for _, c := range s.Linkly.Charges() {
		moved := c.Amount
		if c.Type == "R" {
			moved = -moved
		}
		if c.Approved {
			got = append(got, moved)
		}
	}
	slices.Sort(got)
	slices.Sort(want)
	if !slices.Equal(got, want) {
		t.Errorf("the bank moved %v, want %v", got, want)
	}
	for _, v := range s.Linkly.Violations() {
		t.Errorf("Linkly would refuse: %+v", v)
	}
	for _, v := range s.Bitrix.Violations() {
		t.Errorf("Bitrix24 would refuse: %+v", v)
	}
}

// calm makes the terminal show each text long enough to be seen on the way.
func calm() linklysim.Timing {
	timing := linklysim.Fast()
	timing.Step, timing.Processing = 60*time.Millisecond, 60*time.Millisecond
	timing.CustomerTimeout = time.Minute // a busy machine takes its time to start a second browser
	return timing
}

func install(p page) {
	p.t.Helper()
	p.portal("/marketplace/")
	p.click(test("market-install"))
	p.wait("the app's own page after installing", `document.querySelector("[data-app-page]:not([data-installing]) [data-test=frame], [data-test=frame]") !== null`)
	p.s.Await("the portal counts the app as installed", p.s.Bitrix.Installed)
}

// pairOnScreen goes through the wizard as an administrator does who makes one
// mistake.
func pairOnScreen(p page) {
	p.t.Helper()
	p.click(test("nav-app"))
	f := p.frame()
	f.click(test("pair-first"))
	f.click(test("wizard-next"))
	f.wait("focus in the form", `document.activeElement.dataset.test === "pair-name"`)
	f.fill(test("pair-name"), "Counter 1")
	f.fill(test("pair-username"), "demo")
	f.fill(test("pair-password"), "wrong")
	f.fill(test("pair-code"), p.s.Terminal.NewPairCode())
	f.click(test("pair-submit"))
	f.wait("the refusal at the password", `document.querySelector("[data-test=pair-password]").getAttribute("aria-invalid") === "true"`)
	f.want("what was typed", `document.querySelector("[data-test=pair-name]").value`, "Counter 1")
	f.fill(test("pair-password"), "demo")
	f.fill(test("pair-code"), p.s.Terminal.NewPairCode())
	f.shot("1-pair")
	f.click(test("pair-submit"))
	f.click(test("prove-match"))
	f.click(test("assign-submit"))
	f.click(test("try-done"))
	f.click(test("wizard-list"))
	f.see(test("terminal-card") + `[data-status="ready"]`)
	f.want("the secret in the page", `document.documentElement.outerHTML.includes("demo")`, "false")
	f.shot("1-paired")
}

// openDeal opens the deal's tab and answers the app's frame in it.
func openDeal(p page) page {
	p.t.Helper()
	p.portal("/crm/deal/details/512/")
	p.click(test("tab-app-0"))
	f := p.frame()
	f.text("h1", "Receive Payment")
	return f
}

// addInvoice adds one on the screen; empty texts leave what is proposed.
func addInvoice(f page, title, amount string) {
	f.t.Helper()
	f.click(test("add-invoice"))
	// The list may have been read anew under the finger, and the form with it.
	f.wait("the open form", `document.querySelector("dialog[open] [data-test=add-title]") !== null ||
		(document.querySelector("[data-test=add-invoice]")?.click(), false)`)
	if title != "" {
		f.fill(test("add-title"), title)
	}
	if amount != "" {
		f.fill(test("add-amount"), amount)
	}
	f.click(test("add-submit"))
	f.see(`tr[data-document]`)
}

// send sends the first invoice that can be sent.
func send(f page) {
	f.t.Helper()
	f.click(test("send-payment"))
	f.click(test("send-submit"))
	f.see(test("live"))
}

func state(f page, want string) {
	f.t.Helper()
	f.see(test("live") + `[data-state="` + want + `"]`)
}

func lines(f page) string {
	return strings.Join(strings.Fields(f.get(`[...document.querySelectorAll("[data-test=pad-line]")].map((l) => l.innerText).join(" ")`)), " ")
}
