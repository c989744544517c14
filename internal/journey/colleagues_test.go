package journey_test

import (
	"net/http"
	"strings"
	"testing"

	bitrixsim "receivepayment/bitrix/sim"
	"receivepayment/internal/stack"
	linklysim "receivepayment/linkly/sim"
)

// A result is not known: the cashier calls a manager, a colleague takes over,
// what became of it stands on the desk until somebody has dealt with it.
func TestColleaguesHelpWithAResultThatIsNotKnown(t *testing.T) {
	t.Parallel()
	s, _ := doubtful(t)
	f := at(t, s, "14", atDesk)
	send(f)
	state(f, "unknown")
	f.click(test("ask-manager"))
	s.Await("the managers are told", func() bool {
		got := s.Bitrix.Notifications(stack.Admin)
		return len(got) > 0 && strings.Contains(got[len(got)-1].Message, "asks for help")
	})

	other := at(t, s, "15", onTelephone)
	state(other, "unknown")
	other.click(test("take-over"))
	for _, p := range []page{other, f} {
		p.wait("who looks after it", `/taken over by/.test(document.querySelector("[data-test=meta]").innerText)`)
	}
	fitsItsScreen(other)
	other.shot("1-taken-over")

	desk := office(t, s, atDesk)
	desk.see(test("attention-item") + `[data-code="unknown"]`)
	desk.shot("2-desk")
	desk.click(test("attention-open"))
	state(desk, "unknown")
	serveTheNext(other)
	tap(t, s, "visa")
	state(other, "approved")
	other.click(test("alert-seen"))
	other.wait("the alert is dealt with", `document.querySelector("[data-test=alert-seen]") === null`)
	desk.see(test("attention-empty"))
	wantBooks(t, s, 10000)
}

// What came too late is dealt with on the desk itself.
func TestWhatCameTooLateIsDealtWithOnTheDesk(t *testing.T) {
	t.Parallel()
	s, admin := doubtful(t)
	f := at(t, s, "14", atDesk)
	send(f)
	state(f, "unknown")
	serveTheNext(f)
	tap(t, s, "visa")
	state(f, "approved")

	desk := office(t, s, atDesk)
	desk.see(test("attention-item") + `[data-code="late_approval"]`)
	desk.click(test("attention-seen"))
	desk.see(test("attention-empty"))
	if items := admin.Do(http.MethodGet, "/api/v1/attention", nil).Want(http.StatusOK).List("items"); len(items) != 0 {
		t.Errorf("the desk still has %v", items)
	}
	wantBooks(t, s, 10000)
}

// The CRM does not take what it is told: the panel and the queue say why, and
// each has a button that mends it once the CRM is well.
func TestWhatTheCRMDidNotTakeIsToldAgainByHand(t *testing.T) {
	t.Parallel()
	s, admin := open(t, "100.00")
	down := bitrixsim.Fault{Kind: bitrixsim.FaultDown, Method: "crm.*", Probability: 1}
	f := at(t, s, "1", atDesk)
	send(f)
	f.see(test("key-cancel"))
	s.Bitrix.Inject(down)
	tap(t, s, "visa")
	state(f, "approved")
	f.see(test("write-back-invoice") + " .fact-note")
	f.shot("1-not-told")
	f.click(test("retry-invoice")) // in vain
	f.see(test("write-back-invoice") + " .fact-note")

	desk := office(t, s, atDesk)
	desk.click(test("show-queue"))
	desk.see(test("queue-item"))
	desk.shot("2-queue")
	desk.click(test("queue-retry")) // in vain
	desk.see(test("queue-item"))

	s.Bitrix.Heal() // from here on each button may be gone before it is pressed: the product tries again by itself
	f.get(`(document.querySelector("[data-test=retry-invoice]")?.click(), 1)`)
	f.see(test("write-back-invoice") + `[data-status="done"]`)
	desk.get(`(() => { for (const b of document.querySelectorAll("[data-test=queue-retry]")) b.click(); return 1; })()`)
	s.Await("the CRM knows", func() bool {
		return len(admin.Do(http.MethodGet, "/api/v1/write-backs", nil).Want(http.StatusOK).List("items")) == 0
	})
	desk.click(test("show-queue"))
	desk.see(test("queue-empty"))
	wantBooks(t, s, 10000)
}

// A decline, and the same again on another terminal; what helps support; a
// refund that is asked for and taken back.
func TestAnotherTerminalSupportAndARequestTakenBack(t *testing.T) {
	t.Parallel()
	onBothScreens(t, linklysim.TerminalConfig{}, func(t *testing.T, w *shopfloor) {
		w.pad.Auto(linklysim.AutoConfig{Card: "nofunds"})
		w.Terminal.Auto(linklysim.AutoConfig{})
		f := at(t, w.Stack, "14", w.width)
		send(f)
		state(f, "declined")
		f.click(test("other-terminal"))
		f.text("dialog[open] "+test("send-submit"), "Send $100.00 to Counter 1")
		f.click("dialog[open] " + test("send-submit"))
		f.text(test("live-title"), "Approved")

		f.click(test("history") + " > summary")
		f.click(test("support"))
		f.wait("what helps", `document.querySelector("[data-test=support-text]").value.includes("TxnRef")`)
		f.shot("1-support")

		f.click(test("panel-refund"))
		f.fill(refundOpen+test("refund-amount"), "10.00")
		f.fill(refundOpen+test("refund-reason"), "wrong size")
		f.click(refundOpen + test("refund-ask"))
		f.see(test("refund-request") + `[data-state="waiting"]`)
		f.fill(test("answer-reason"), "it fits after all")
		f.click(test("request-revoke"))
		f.see(test("refund-request") + `[data-state="rejected"]`)
		fitsItsScreen(f)
		f.shot("2-taken-back")
		wantBooks(t, w.Stack, 10000)
	})
}

// The terminal asks for its own refund password: what is typed goes there and
// stays nowhere.
func TestTheTerminalsOwnPasswordIsTypedAndKeptNowhere(t *testing.T) {
	t.Parallel()
	s, _ := open(t, "100.00")
	s.Terminal.Auto(linklysim.AutoConfig{})
	f := at(t, s, "1", onTelephone)
	sell(f)
	s.Terminal.Script(linklysim.Script{Supervisor: "4711"})
	f.click(test("panel-refund"))
	f.fill(refundOpen+test("refund-reason"), "returned item")
	f.click(refundOpen + test("refund-submit"))
	f.see(test("key-data"))
	f.want("how it is typed", `document.querySelector("[data-test=key-data]").type`, "password")
	f.shot("1-password")
	f.fill(test("key-data"), "4711")
	f.click(test("key-auth"))
	f.text(test("live-title"), "Refund approved")
	f.want("the password in the page", `document.documentElement.outerHTML.includes("4711")`, "false")
	fitsItsScreen(f)
	wantBooks(t, s, 10000, -10000)
}
