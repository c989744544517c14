package journey_test

import (
	"testing"

	"receivepayment/internal/stack"
)

func TestATerminalIsGivenToOnePersonAndRetired(t *testing.T) {
	t.Parallel()
	s, _ := open(t, "100.00")
	tab := browse(t, s)
	tab.signIn("1")
	tab.click(test("nav-app"))
	f := tab.frame()

	f.click(test("terminal-edit"))
	f.fill(test("edit-name"), "Front desk")
	f.click("label:has(" + test("edit-some") + ")")
	f.click(test("edit-choose"))
	tab.click(test("picker-user-14"))
	tab.click(test("picker-choose"))
	f.wait("the chosen person", `document.querySelector("[data-test=edit-people]").innerText.includes("Mere Tane")`)
	f.shot("people")
	f.click(test("edit-submit"))
	f.text(test("terminal-name"), "Front desk")
	f.see(test("terminal-users"))
	f.want("who may use it", `document.querySelector("[data-test=terminal-users]").innerText !== "Everybody"`, "true")

	mine, theirs := s.Enter(stack.Cashier, "DEFAULT", 0), s.Enter(15, "DEFAULT", 0)
	if n := len(mine.Do("GET", "/api/v1/terminals", nil).Want(200).List("items")); n != 1 {
		t.Errorf("the chosen person has %d terminals, want 1", n)
	}
	if n := len(theirs.Do("GET", "/api/v1/terminals", nil).Want(200).List("items")); n != 0 {
		t.Errorf("a colleague has %d terminals, want none", n)
	}

	f.click(test("terminal-make-default"))
	f.see(test("terminal-default"))
	f.click(test("terminal-test"))
	f.see(test("terminal-card") + `[data-status="proving"]`)
	f.see(test("terminal-card") + `[data-status="ready"]`)
	f.click(test("terminal-retire"))
	f.click(test("retire-submit"))
	f.see(test("pair-first"))
}

func TestARefusalStandsAtItsFieldAndWhatWasTypedStays(t *testing.T) {
	t.Parallel()
	s, _ := open(t, "100.00")
	_, f := cashier(t, s, "14")

	f.click(test("send-payment"))
	f.fill(test("amount"), "100.01")
	f.text(test("send-submit"), "Send $100.01 to Counter 1")
	f.click(test("send-submit"))
	f.wait("the refusal at the field", `document.querySelector("[data-test=amount]").getAttribute("aria-invalid") === "true"`)
	f.want("the sentence that describes the field", `document.getElementById(document.querySelector("[data-test=amount]").getAttribute("aria-describedby").split(" ")[0]).innerText`,
		"The amount is more than what is left to pay.")
	f.want("what was typed", `document.querySelector("[data-test=amount]").value`, "100.01")
	f.want("focus", `document.activeElement.dataset.test`, "amount")
	f.shot("refusal")

	f.fill(test("amount"), "40.00")
	f.want("the mark after typing", `document.querySelector("[data-test=amount]").getAttribute("aria-invalid")`, "null")
	f.click(test("send-submit"))
	f.see(test("key-cancel"))
	tap(t, s, "visa")
	state(f, "approved")
	f.text(test("document-status"), "Partly paid")
	f.text(test("document-left"), "$60.00")
	wantBooks(t, s, 4000)
}
