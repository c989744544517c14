package journey_test

import (
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

func TestAClosedBrowserAndASecondOneShowTheSameLivePayment(t *testing.T) {
	t.Parallel()
	s, _ := open(t, "100.00")
	tab, f := cashier(t, s, "14")
	send(f)
	f.see(test("key-cancel"))
	id := f.get(`document.querySelector("[data-test=live]").dataset.payment`)
	tab.close()

	_, again := cashier(t, s, "14")
	_, other := cashier(t, s, "15")
	for _, seen := range []page{again, other} {
		state(seen, "sent")
		seen.want("the payment on the screen", `document.querySelector("[data-test=live]").dataset.payment`, id)
		seen.wait("who started it", `document.querySelector("[data-test=meta]").innerText.includes("Started by Mere Tane")`)
		seen.want("the action of the row", `document.querySelectorAll("[data-test=send-payment]").length`, "0")
		seen.click(test("show"))
		seen.wait("the panel that was asked for", `document.querySelector("[data-test=live]").dataset.payment === `+quote(id))
	}
	if got := lines(other); got != "PRESENT CARD PURCHASE AUD 100.00" {
		t.Errorf("the second browser shows %q", got)
	}

	tap(t, s, "visa")
	for _, seen := range []page{again, other} {
		state(seen, "approved")
		seen.text(test("document-status"), "Paid")
	}
	wantBooks(t, s, 10000)
}

// Two tills, one invoice: the second is told whose payment it is, and shown it.
func TestTheSecondTillIsShownThePaymentOfTheFirst(t *testing.T) {
	t.Parallel()
	s, _ := open(t, "100.00")
	_, f := cashier(t, s, "14")
	_, other := cashier(t, s, "15")
	other.click(test("send-payment"))
	other.see("dialog[open] " + test("send-submit"))
	send(f)
	f.see(test("key-cancel"))
	other.click("dialog[open] " + test("send-submit"))
	other.see("dialog[open] " + test("form-error") + `[data-code="document_open"]`)
	other.shot("second")
	other.click("dialog[open] " + test("show-open"))
	state(other, "sent")
	other.wait("who started it", `document.querySelector("[data-test=meta]").innerText.includes("Started by Mere Tane")`)
	tap(t, s, "visa")
	state(other, "approved")
	wantBooks(t, s, 10000)
}

func TestAFormInWhichSomebodyTypesSurvivesTheNews(t *testing.T) {
	t.Parallel()
	s, _ := open(t, "100.00")
	_, f := cashier(t, s, "14")
	send(f)
	f.see(test("key-cancel"))
	f.click(test("add-invoice"))
	f.fill(test("add-title"), "Second part")

	tap(t, s, "visa")
	state(f, "approved")
	f.see(test("write-back-invoice") + `[data-status="done"]`)
	f.want("what was typed", `document.querySelector("[data-test=add-title]").value`, "Second part")
	f.want("focus", `document.activeElement.dataset.test`, "add-title")

	f.key(kb.Escape)
	f.text(test("document-status"), "Paid")
	wantBooks(t, s, 10000)
}

func TestANarrowScreenShowsEverythingWithoutScrollingSideways(t *testing.T) {
	t.Parallel()
	s, _ := open(t, "100.00")
	tab := browse(t, s)
	tab.do("take a telephone", chromedp.EmulateViewport(360, 740))
	f := openDeal(tab)
	const sideways = `document.documentElement.scrollWidth - document.documentElement.clientWidth`

	f.want("the list's overflow", sideways, "0")
	f.shot("list")
	f.click(test("send-payment"))
	f.want("the form's overflow", sideways, "0")
	f.shot("form")
	f.click(test("send-submit"))
	f.see(test("key-cancel"))
	f.want("the live panel's overflow", sideways, "0")
	f.shot("live")
	tap(t, s, "visa")
	state(f, "approved")
	f.want("the result's overflow", sideways, "0")
	f.shot("approved")

	tab.portal("/marketplace/app/vendor.eftpos/")
	settings := tab.frame()
	settings.see(test("terminal-card"))
	settings.want("the settings' overflow", sideways, "0")
	settings.shot("settings")
	settings.want("controls under 24 pixels", `[...document.querySelectorAll("button, input:not([type=hidden], [type=radio]), select, summary")]
		.filter((c) => c.checkVisibility() && Math.min(c.getBoundingClientRect().width, c.getBoundingClientRect().height) < 24)
		.map((c) => c.outerHTML)`, "")
}
