package journey_test

import (
	"net/http"
	"testing"
	"time"

	"receivepayment/cmd/app/house"
	"receivepayment/internal/stack"
)

// doubtful opens a product whose payments are called unknown after two seconds.
func doubtful(t *testing.T) (*stack.Stack, stack.Client) {
	t.Helper()
	return opened(t, "100.00", stack.Options{Timing: calm(), Change: func(c *house.Config) { c.UnknownAfter = 2 * time.Second }})
}

// serveTheNext frees the terminal of a payment that is not known.
func serveTheNext(f page) {
	f.t.Helper()
	f.click(test("release"))
	f.wait("the freed terminal", `document.querySelector("[data-test=certain]").innerText.includes("is free for the next customer")`)
}

func TestAResultThatIsNotKnownFreesTheOperatorAndArrivesLate(t *testing.T) {
	t.Parallel()
	s, _ := doubtful(t)
	_, f := cashier(t, s, "14")

	send(f)
	f.see(test("key-cancel"))
	state(f, "unknown")
	f.wait("what not to do", `document.querySelector("[data-test=live-text]").innerText.startsWith("Do not take this payment again.")`)
	f.text(test("document-status"), "Not known yet")
	f.want("ways to charge again", `document.querySelectorAll("[data-test=send-payment], [data-test=try-again]").length`, "0")
	f.want("ways to decide without the right", `document.querySelectorAll("[data-test=resolve]").length`, "0")
	f.shot("unknown")

	serveTheNext(f)
	f.click(test("check-now"))
	tap(t, s, "visa")
	state(f, "approved")
	f.text(test("document-status"), "Paid")
	wantBooks(t, s, 10000)
}

func TestAnAdministratorDecidesByHandWithAReason(t *testing.T) {
	t.Parallel()
	s, _ := doubtful(t)
	_, f := cashier(t, s, "1")

	send(f)
	state(f, "unknown")
	f.click(test("resolve") + " summary")
	f.click(test("resolve-not-paid"))
	f.fill(test("resolve-reason"), "the terminal's journal says cancelled")
	f.click(test("resolve-submit"))
	state(f, "declined")
	f.wait("the reason", `document.querySelector("[data-test=live-text]").innerText === "Decided by hand as not paid: the terminal's journal says cancelled"`)
	f.text(test("document-status"), "Unpaid")
	wantBooks(t, s)
}

// Above the limit one person proposes and another says the same: until then
// nothing is decided, and everybody reads who said what.
func TestALargeDecisionTakesTwoPeople(t *testing.T) {
	t.Parallel()
	s, admin := doubtful(t)
	admin.Do(http.MethodPut, "/api/v1/settings", stack.Object{"resolveLimit": stack.Object{"amount": "50.00", "currency": "AUD"}}).Want(http.StatusOK)
	admin.Do(http.MethodPut, "/api/v1/rights/14", stack.Object{"rights": []string{"take", "resolve"}}).Want(http.StatusOK)
	decide := func(p page, why string) {
		p.click(test("resolve") + " summary")
		p.click("label:has(" + test("resolve-not-paid") + ")")
		p.fill(test("resolve-reason"), why)
		p.click(test("resolve-submit"))
	}
	f := at(t, s, "14", onTelephone)
	send(f)
	state(f, "unknown")
	decide(f, "the journal shows nothing")
	f.wait("the proposal", `document.querySelector("[data-test=proposed]").innerText.includes("Mere Tane decided: it was not paid")`)
	state(f, "unknown")
	fitsItsScreen(f)
	f.shot("1-proposed")

	boss := at(t, s, "1", atDesk)
	boss.wait("the proposal", `document.querySelector("[data-test=proposed]").innerText.includes("the journal shows nothing")`)
	decide(boss, "seen the journal too")
	for _, p := range []page{boss, f} {
		state(p, "declined")
		p.text(test("document-status"), "Unpaid")
	}
	boss.shot("2-decided")
	wantBooks(t, s)
}
