package journey_test

import (
	"testing"

	"receivepayment/internal/stack"
	linklysim "receivepayment/linkly/sim"
)

const keysShown = `[...document.querySelectorAll("[data-test^=key-]")].map((k) => k.dataset.test).join(" ")`

func TestADeclineIsSaidInPlainWordsAndTriedAgainWithAnotherCard(t *testing.T) {
	t.Parallel()
	s, _ := open(t, "100.00")
	_, f := cashier(t, s, "14")

	send(f)
	f.see(test("key-cancel"))
	tap(t, s, "nofunds")
	state(f, "declined")
	f.wait("the bank's no in plain words", `document.querySelector("[data-test=live-text]").innerText ===
		"There is not enough money in the account. Nothing was charged."`)
	f.want("focus on the result", `document.activeElement.dataset.test`, "live-title")
	f.want("keys of a decided payment", keysShown, "")
	f.text(test("document-status"), "Unpaid")
	f.shot("declined")

	f.click(test("try-again"))
	f.text(test("send-submit"), "Send $100.00 to Counter 1")
	f.click(test("send-submit"))
	f.see(test("key-cancel"))
	tap(t, s, "visa")
	state(f, "approved")
	f.text(test("document-status"), "Paid")
	f.want("what somebody without the right to refund may do: ask for one", `[...document.querySelectorAll(
		"[data-test=refund], [data-test=panel-refund]")].filter((b) => !b.innerText.trim().startsWith("Ask for")).length`, "0")
	wantBooks(t, s, 10000)
}

// The bank approves less than was asked for: it is booked as what it is, and
// the screen offers to take the rest.
func TestAPartialApprovalIsBookedAndItsRestIsTaken(t *testing.T) {
	t.Parallel()
	s, _ := open(t, "100.00")
	_, f := cashier(t, s, "14")

	s.Terminal.Script(linklysim.Script{Partial: 3000})
	send(f)
	f.see(test("key-cancel"))
	tap(t, s, "visa")
	state(f, "approved")
	f.text(test("document-status"), "Partly paid")
	f.text(test("document-left"), "$70.00")

	f.text(test("live-title"), "Approved in part")
	f.want("the amount that was approved", `document.querySelector("[data-test=live-amount]").innerText`, "$30.00")
	f.shot("less")
	s.Terminal.Script(linklysim.Script{})
	f.click(test("take-rest"))
	f.text(test("send-submit"), "Send $70.00 to Counter 1")
	f.click(test("send-submit"))
	f.see(test("key-cancel"))
	tap(t, s, "visa")
	state(f, "approved")
	f.text(test("document-status"), "Paid")
	wantBooks(t, s, 3000, 7000)
}

func TestASignatureIsComparedByTheOperatorOnTheScreen(t *testing.T) {
	t.Parallel()
	s, _ := open(t, "50.08")
	_, f := cashier(t, s, "14")

	send(f)
	f.see(test("key-cancel"))
	tap(t, s, "visa")
	f.see(test("question"))
	f.want("the merchant's copy to sign, before the keys", `(() => {
		const slip = document.querySelector("[data-test=to-sign]"), yes = document.querySelector("[data-test=key-yes]");
		return slip.innerText.toUpperCase().includes("SIGN") && Boolean(slip.compareDocumentPosition(yes) & Node.DOCUMENT_POSITION_FOLLOWING);
	})()`, "true")
	f.want("the keys that the terminal allows", keysShown, "key-yes key-no")
	f.wait("focus on the question", `document.activeElement.classList.contains("question-title")`)
	f.shot("signature")
	f.click(test("key-yes"))
	state(f, "approved")
	f.text(test("document-status"), "Paid")
	wantBooks(t, s, 5008)
}

func TestARefusedSignatureMovesNoMoney(t *testing.T) {
	t.Parallel()
	s, _ := open(t, "50.08")
	_, f := cashier(t, s, "14")

	send(f)
	f.see(test("key-cancel"))
	tap(t, s, "visa")
	f.click(test("key-no"))
	state(f, "declined")
	f.text(test("document-status"), "Unpaid")
	wantBooks(t, s)
}

func TestCancelOnTheScreenEndsTheSaleBeforeMoneyMoves(t *testing.T) {
	t.Parallel()
	s, _ := open(t, "100.00")
	_, f := cashier(t, s, "14")

	send(f)
	f.click(test("key-cancel"))
	state(f, "cancelled")
	f.text(test("live-title"), "Cancelled")
	f.text(test("document-status"), "Unpaid")
	f.see(test("send-payment"))
	f.click(test("done"))
	f.want("the panel after Close", `document.querySelectorAll("[data-test=live]").length`, "0")
	f.want("focus after Close", `document.activeElement.id`, "documents-title")
	wantBooks(t, s)
}

func tap(t testing.TB, s *stack.Stack, card string) {
	t.Helper()
	s.Await("the terminal takes a card", func() bool {
		return s.Terminal.Press(linklysim.Press{Key: linklysim.KeyTap, Card: card}) == nil
	})
}
