package journey_test

import (
	"net/http"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"receivepayment/internal/stack"
)

// The whole job by key events alone: from the deal's card into the tab, an
// invoice, the sale, the signature, and a part of it back. At each change the
// focus is where the work goes on, it can be seen, and it is never lost.
func TestAWholeSaleAndItsRefundNeedNoMouse(t *testing.T) {
	t.Parallel()
	s, admin := opened(t, "187.00", stack.Options{Timing: calm()})
	frontDesk(t, s, admin) // it takes cards by telephone too, and Enter must not choose that
	admin.Do(http.MethodPut, "/api/v1/rights/14", stack.Object{"rights": []string{"take", "moto", "refund"}}).Want(http.StatusOK)
	p := browse(t, s)
	p.signIn("14")
	p.portal("/crm/deal/details/512/")
	p.tabTo("[role=tab][aria-selected=true]")
	for range 20 {
		if p.get(`document.activeElement.dataset.test`) == "tab-app-0" {
			break
		}
		p.key(kb.ArrowRight)
	}
	p.key(kb.Enter)
	f := keyboard{p.frame()}
	f.watch()
	p.key(kb.Tab) // from the portal's tab into our page

	f.to(test("add-invoice"))
	f.key(kb.Enter)
	f.on("the invoice's name", test("add-title"))
	f.key(kb.Tab)
	f.on("its amount", test("add-amount"))
	f.retype("50.08")
	f.key(kb.Enter)
	f.see(test("document-SI:78"))
	f.on("the button after its form has gone", test("add-invoice"))

	row := test("document-SI:78") + " "
	f.to(row + test("send-payment"))
	f.key(kb.Enter)
	f.on("the terminal", test("terminal-pick")+":checked")
	f.key(kb.Escape)
	f.on("the button after Escape", row+test("send-payment"))
	f.key(kb.Enter)
	f.to(test("send-dialog") + "[open] " + test("amount"))
	f.key(kb.Enter) // the form's first button, which is what the dialog is for
	f.on("the payment", test("live-title"))
	f.on("the question", ".question-title")
	f.shot("question")
	f.to(test("key-yes"))
	f.shot("key")
	f.key(kb.Enter)
	state(f.page, "approved")
	f.on("the result", test("live-title"))
	f.text(row+test("document-status"), "Paid")
	f.to(test("done"))
	f.key(kb.Enter)
	f.on("the list after the panel has gone", "#documents-title")

	f.to(row + test("refund"))
	f.key(kb.Enter)
	f.on("the refund's reason", test("refund-reason"))
	f.do("type a reason", chromedp.KeyEvent("returned"))
	f.do("go back", chromedp.KeyEvent(kb.Tab, chromedp.KeyModifiers(chromedp.ModifierShift)))
	f.on("the amount", test("refund-amount"))
	f.retype("20.00")
	f.key(kb.Enter)
	f.on("the refund", test("live-title"))
	state(f.page, "approved")
	f.text(test("live-title"), "Refund approved")
	f.on("the refund's result", test("live-title"))
	f.want("places where focus was lost", `JSON.stringify(window.lostFocus)`, "[]")
	wantBooks(t, s, -2000, 5083) // with the surcharge of the card
}

// keyboard is a page that nobody touches otherwise.
type keyboard struct{ page }

// watch notes from now on after what the focus fell back to the whole page and
// stayed there.
func (k keyboard) watch() {
	k.t.Helper()
	k.do("watch the focus", chromedp.Evaluate[chromedp.Void](`(() => {
		window.lostFocus = [];

		let last = "", since = 0;
		setInterval(() => {
			const at = document.activeElement;
			if (at && at !== document.body) { last = at.id || at.dataset.test || at.tagName; since = 0; return; }
			if (last && ++since === 10) window.lostFocus.push(last);
		}, 50);
	})()`))
}

// on waits until the control has the focus, and asserts that this can be seen.
func (k keyboard) on(what, selector string) {
	k.t.Helper()
	k.wait("focus on "+what, `document.activeElement.matches(`+quote(selector)+`)`)
	k.want("the ring around "+what, `(() => {
		const ring = (node) => node && getComputedStyle(node).outlineStyle !== "none" && parseFloat(getComputedStyle(node).outlineWidth) >= 1;
		const at = document.activeElement;
		return ring(at) || ring(at.closest(".option"));
	})()`, "true")
}

// to walks to the control with the tabulator.
func (k keyboard) to(selector string) {
	k.t.Helper()
	k.see(selector)
	k.tabTo(selector)
	k.on(selector, selector)
}

// retype replaces what stands in the field that has the focus.
func (k keyboard) retype(text string) {
	k.t.Helper()
	k.do("type "+text, chromedp.KeyEvent("a", chromedp.KeyModifiers(chromedp.ModifierCtrl)), chromedp.KeyEvent(text))
}
