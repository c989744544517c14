package journey_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"

	"receivepayment/internal/stack"
)

// office opens the app's own page as the administrator, on a screen of that
// width.
func office(t *testing.T, s *stack.Stack, width int64) page {
	t.Helper()
	_, frame := officeWithPortal(t, s, width)
	return frame
}

// officeWithPortal is [office] with the portal's tab, whose own dialogs choose people.
func officeWithPortal(t *testing.T, s *stack.Stack, width int64) (tab, frame page) {
	t.Helper()
	tab = browse(t, s)
	tab.do("take another screen", chromedp.EmulateViewport(width, 900))
	tab.signIn("1")
	tab.click(test("nav-app"))
	return tab, tab.frame()
}

// atBothWidths runs a story of the office at the width of a desk and of a
// telephone, and sees that nothing is wider than the screen.
func atBothWidths(t *testing.T, story func(f page, s *stack.Stack)) {
	t.Helper()
	onEachScreen(t, func(t *testing.T, width int64) {
		s, _ := open(t, "100.00")
		f := office(t, s, width)
		story(f, s)
		fitsItsScreen(f)
	})
}

// TestPeopleGetTheirTerminalsAndRightsInTheOffice goes through the parts of the
// page that shops of many need: people, groups, rights, and the audit of it.
func TestPeopleGetTheirTerminalsAndRightsInTheOffice(t *testing.T) {
	t.Parallel()
	atBothWidths(t, func(f page, s *stack.Stack) {
		mine := s.Enter(stack.Cashier, "DEFAULT", 0)

		f.click(test("tab-people"))
		f.fill(test("people-search"), "Mere")
		f.wait("the one who is searched", `document.querySelectorAll("[data-test=person]").length === 1`)
		f.shot("people")
		f.click(test("person-change"))
		f.click("label:has(" + test("person-terminal") + ")")
		f.shot("person")
		f.click(test("person-submit"))
		f.text(test("person")+" .tag", "Counter 1")

		f.click(test("tab-groups"))
		f.click(test("group-new"))
		f.fill(`dialog[open] `+test("group-name"), "Wharf shop")
		f.click(`dialog[open] ` + test("group-submit"))
		f.text(test("group")+" .board-name", "Wharf shop")
		f.shot("groups")

		f.click(test("tab-rights"))
		f.click(`[data-subject="14"] ` + test("rights-change"))
		f.click("label:has(" + test("right-refund") + ")")
		f.shot("rights")
		f.click(test("rights-submit"))
		f.wait("the right in the list", `document.querySelector("[data-subject='14']").innerText.includes("Refund")`)

		f.click(test("tab-audit"))
		f.see(test("audit-line") + `[data-action="rights.changed"]`)
		f.click(test("audit-prove"))
		f.see(test("audit-whole"))
		f.shot("audit")

		if got := fmt.Sprint(mine.Do("GET", "/api/v1/rights", nil).Want(200)["rights"]); !strings.Contains(got, "refund") {
			f.t.Errorf("the cashier's rights are %s", got)
		}
		if n := len(mine.Do("GET", "/api/v1/terminals", nil).Want(200).List("items")); n != 1 {
			f.t.Errorf("the cashier has %d terminals", n)
		}
	})
}

// TestTheTerminalsOwnFunctionsShowWhatItSays runs logon, status and totals and
// closes the bank's day, each with what the terminal printed.
func TestTheTerminalsOwnFunctionsShowWhatItSays(t *testing.T) {
	t.Parallel()
	atBothWidths(t, func(f page, _ *stack.Stack) {
		f.click(test("functions") + " summary")
		for _, kind := range []string{"logon", "status", "totals"} {
			f.click(test("run-" + kind))
			f.see(test("function") + `[data-function="` + kind + `"][data-state="done"]`)
		}
		f.see(test("function-slip"))
		f.shot("totals")
		f.click(test("settle-open"))
		f.see(test("settle-dialog"))
		f.shot("settle")
		f.click(test("run-settlement"))
		f.see(test("function") + `[data-function="settlement"][data-state="done"]`)
		f.see(test("function-slip"))
		f.shot("settled")
	})
}

// A day is closed by itself at a time that makes sense.
func TestSettlementByItselfIsSetWithItsTimeZone(t *testing.T) {
	t.Parallel()
	atBothWidths(t, func(f page, _ *stack.Stack) {
		f.click(test("functions") + " summary")
		f.click(test("settle-open"))
		f.do("say when", chromedp.SetValue(chromedp.CSS(test("settle-at")), "23:30"))
		f.fill(test("settle-zone"), "Moon")
		f.click(test("settle-save"))
		refusedAt(f, "zone", "Send a time zone")
		f.shot("refused")
		f.fill(test("settle-zone"), "Pacific/Auckland")
		f.click(test("settle-save"))
		f.wait("that it was saved", `document.querySelector(".toasts")?.innerText.includes("Saved")`)
	})
}
