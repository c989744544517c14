package journey_test

import (
	"fmt"
	"net/http"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"receivepayment/internal/stack"
	linklysim "receivepayment/linkly/sim"
)

// refusedAt: what is refused stands beside what has to be mended.
func refusedAt(f page, field, sentence string) {
	f.t.Helper()
	f.wait("the refusal at "+field, `[...document.querySelectorAll("[data-error-for=`+field+`]")].some((p) => p.innerText.includes(`+quote(sentence)+`))`)
	f.want("focus", `document.activeElement.name`, field)
}

// A shop opens at nine: its terminals are asked before, its people have them,
// and it can be changed and taken away.
func TestAShopIsSetUpChangedAndTakenAway(t *testing.T) {
	t.Parallel()
	onEachScreen(t, func(t *testing.T, width int64) {
		s, admin := open(t, "100.00")
		tab, f := officeWithPortal(t, s, width)
		f.click(test("tab-groups"))
		form := test("opening-form") + " "
		f.do("say when", chromedp.SetValue(chromedp.CSS(form+test("opens-at")), "09:00"))
		f.fill(form+test("time-zone"), "Mars/Olympus")
		f.click(test("opening-submit"))
		refusedAt(f, "timeZone", "Name a time zone")
		f.shot("1-refused")
		f.fill(form+test("time-zone"), "Australia/Sydney")
		f.click(test("opening-submit"))
		f.wait("that it was saved", `document.querySelector("[data-test=opening-form] [data-test=opens-at]").value === "09:00" && document.querySelector(".toasts")?.innerText.includes("Saved")`)

		f.click(test("group-new"))
		f.fill("dialog[open] "+test("group-name"), "Wharf shop")
		f.click("dialog[open] " + test("group-choose"))
		tab.click(test("picker-user-15"))
		tab.click(test("picker-choose"))
		f.wait("the chosen person", `document.querySelector("dialog[open] .tag") !== null`)
		f.click("dialog[open] " + test("group-submit"))
		f.text(test("group")+" .board-name", "Wharf shop")
		f.click(test("group-change"))
		f.fill("dialog[open] "+test("group-name"), "Pier shop")
		f.shot("2-group")
		f.click("dialog[open] " + test("group-submit"))
		f.text(test("group")+" .board-name", "Pier shop")
		fitsItsScreen(f)
		f.click(test("group-change"))
		groups := admin.Do(http.MethodGet, "/api/v1/groups", nil).Want(http.StatusOK).List("items")
		admin.Do(http.MethodDelete, "/api/v1/groups/"+groups[0].Text("id"), nil).Want(http.StatusNoContent)
		f.click("dialog[open] " + test("group-drop")) // somebody else was faster
		f.wait("the refusal of a lone button", `document.querySelector(".toasts")?.innerText.includes("There is no such thing here.")`)
		f.key(kb.Escape)
		f.click(test("tab-groups"))
		f.wait("no group", `document.querySelector("[data-test=group]") === null && document.querySelector("dialog[open]") === null`)

		f.click(test("tab-terminals"))
		f.see(test("terminal-check"))
		f.shot("3-next-check")
	})
}

// Rights: by search, for a department, and back to what the department has.
func TestRightsAreSetForADepartmentAndTakenFromAPerson(t *testing.T) {
	t.Parallel()
	atBothWidths(t, func(f page, s *stack.Stack) {
		s.Enter(stack.Cashier, "DEFAULT", 0)
		f.click(test("tab-rights"))
		f.fill(test("rights-search"), "Mere")
		f.wait("the one who is searched", `[...document.querySelectorAll("[data-test=holder]")].every((h) => h.innerText.includes("Mere"))`)
		f.click(test("rights-change"))
		f.click("label:has(" + test("right-refund") + ")")
		f.click(test("rights-submit"))
		f.wait("the right in the list", `document.querySelector("[data-subject='14']").innerText.includes("Refund")`)
		f.click(`[data-subject="14"] ` + test("rights-change"))
		f.shot("person")
		f.click(test("rights-withdraw"))
		f.wait("the right is gone", `!document.querySelector("[data-subject='14']").innerText.includes("Refund")`)

		f.click(test("rights-departments") + " summary")
		f.click(test("rights-department"))
		f.click("dialog[open] label:has(" + test("right-report") + ")")
		f.shot("department")
		f.click(test("rights-submit"))
		f.wait("the dialog closes", `document.querySelector("dialog[open]") === null`)
	})
}

// Who would find no terminal is shown, and everybody again.
func TestWhoHasNoTerminalIsShown(t *testing.T) {
	t.Parallel()
	atBothWidths(t, func(f page, s *stack.Stack) {
		s.Enter(stack.Cashier, "DEFAULT", 0)
		s.Enter(15, "DEFAULT", 0)
		f.click(test("terminal-edit"))
		f.click("label:has(" + test("edit-some") + ")")
		f.click(test("edit-submit"))
		f.wait("it is not everybody's", `document.querySelector("[data-test=terminal-users]").innerText !== "Everybody"`)
		f.click(test("tab-people"))
		f.click(test("people-without"))
		f.wait("those without", `[...document.querySelectorAll("[data-test=person]")].every((p) => "without" in p.dataset)`)
		f.shot("without")
		f.click(test("people-all"))
		f.wait("everybody", `[...document.querySelectorAll("[data-test=person]")].some((p) => !("without" in p.dataset))`)
	})
}

// Staff without a terminal ask for one from the page itself.
func TestStaffWithoutATerminalAskForOne(t *testing.T) {
	t.Parallel()
	s, admin := open(t, "100.00")
	admin.Do(http.MethodPatch, "/api/v1/terminals/"+admin.Do(http.MethodGet, "/api/v1/terminals", nil).Want(http.StatusOK).List("items")[0].Text("id"),
		stack.Object{"shared": false}).Want(http.StatusOK)
	tab := browse(t, s)
	tab.signIn("14")
	tab.click(test("nav-app"))
	f := tab.frame()
	f.shot("asking")
	f.click(test("ask-terminal"))
	s.Await("an administrator is told", func() bool { return len(s.Bitrix.Notifications(stack.Admin)) == 1 })
	f.wait("that it was told", `document.querySelector(".toasts").innerText.length > 0`)
}

// Many terminals: searched for, and read piece by piece. Many lines of the
// audit likewise.
func TestManyTerminalsAndLinesAreSearchedAndReadOn(t *testing.T) {
	t.Parallel()
	s, admin := open(t, "100.00")
	var last string
	for n := range 14 {
		pad := s.Linkly.AddTerminal(linklysim.TerminalConfig{Username: "demo", Password: "demo"})
		last = admin.Do(http.MethodPost, "/api/v1/terminals", stack.Object{
			"name": fmt.Sprintf("Till %02d", n), "provider": "linkly", "environment": "sandbox", "secret": pad.PairExisting(),
		}).Want(http.StatusCreated).Text("id")
	}
	for n := range 50 {
		admin.Do(http.MethodPatch, "/api/v1/terminals/"+last, stack.Object{"name": fmt.Sprintf("Last %d", n)}).Want(http.StatusOK)
	}
	f := office(t, s, atDesk)
	cards := `document.querySelectorAll("[data-test=terminal-card]").length`
	f.want("cards at first", cards, "12")
	f.click(test("more-terminals"))
	f.wait("all cards", cards+" === 15")
	f.fill(test("terminal-search"), "Till 07")
	f.wait("the one that is searched", cards+" === 1")
	f.shot("found")
	f.click(test("tab-audit"))
	lines := `document.querySelectorAll("[data-test=audit-line]").length`
	f.wait("lines at first", lines+" === 50")
	f.click(test("more-audit"))
	f.wait("more lines", lines+" > 50")
	f.fill(test("audit-search"), "Last 49")
	f.wait("the line that is searched", lines+" === 1")
}

// Where invoices go and how long names are kept is set on the page.
func TestStagesAndRetentionAreSetOnThePage(t *testing.T) {
	t.Parallel()
	atBothWidths(t, func(f page, _ *stack.Stack) {
		f.see(`[data-test^="save-stages-"]`)
		const partly = `document.querySelector("[data-test^=stages-] select[name=partlyPaid]")`
		f.want("the stage at first", partly+`.value`, "")
		f.do("choose a stage", chromedp.Evaluate[chromedp.Void](`(() => { const s = `+partly+`;
			s.value = s.options[1].value; s.dispatchEvent(new Event("change", {bubbles: true})); })()`))
		f.click(`[data-test^="save-stages-"]`)
		f.wait("the stage is kept", partly+`.querySelector("option[selected]") !== null`)
		f.fill("#retention", "90")
		f.click(test("retention-form") + " [type=submit]")
		f.wait("the days are kept", `document.querySelector("#retention").getAttribute("value") === "90"`)
		f.shot("settings")
	})
}
