package journey_test

import (
	"net/http"
	"testing"

	"github.com/chromedp/chromedp"

	bitrixsim "receivepayment/bitrix/sim"
	"receivepayment/internal/stack"
	linklysim "receivepayment/linkly/sim"
)

// The dialog of a refund that is open.
const refundOpen = `[data-test="refund-dialog"][open] `

// atDesk and onTelephone are the screens that a story is told on.
const (
	atDesk      = 1280
	onTelephone = 360
)

// onEachScreen runs a story once for each.
func onEachScreen(t *testing.T, story func(t *testing.T, width int64)) {
	t.Helper()
	for name, width := range map[string]int64{"wide": atDesk, "narrow": onTelephone} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			story(t, width)
		})
	}
}

// at is the deal as somebody sees it on a screen of that width.
func at(t *testing.T, s *stack.Stack, user string, width int64) page {
	t.Helper()
	tab := browse(t, s)
	tab.do("take another screen", chromedp.EmulateViewport(width, 900))
	tab.signIn(user)
	return openDeal(tab)
}

// onBothScreens tells a story to a cashier at a desk and to one with a
// telephone; whoever is asked for approval has the other screen. The terminal's
// customers tap, and its bank allows everything.
func onBothScreens(t *testing.T, pad linklysim.TerminalConfig, story func(t *testing.T, w *shopfloor)) {
	t.Helper()
	onEachScreen(t, func(t *testing.T, width int64) {
		s, admin := open(t, "100.00")
		w := &shopfloor{Stack: s, admin: admin, width: width}
		w.pad = deskOf(t, s, admin, pad)
		story(t, w)
	})
}

// shopfloor is a shop with the terminal that a story is about.
type shopfloor struct {
	*stack.Stack
	admin stack.Client
	pad   *linklysim.Terminal
	width int64
}

// rights are what the cashier may do.
func (w *shopfloor) rights(rights ...string) {
	w.admin.Do(http.MethodPut, "/api/v1/rights/14", stack.Object{"rights": rights}).Want(http.StatusOK)
}

func (w *shopfloor) policy(change stack.Object) {
	w.admin.Do(http.MethodPatch, "/api/v1/till-policy", change).Want(http.StatusOK)
}

// sell takes all that the invoice costs.
func sell(f page) {
	f.t.Helper()
	f.click(test("send-payment"))
	f.click(test("send-submit"))
	state(f, "approved")
	f.text(test("document-status"), "Paid")
}

func fitsItsScreen(f page) {
	f.t.Helper()
	f.want("nothing beside the screen", `String(document.documentElement.scrollWidth <= innerWidth)`, "true")
}

// Somebody without the right asks on the screen, is told no with a reason, asks
// again, is told yes, and sends the refund when the customer is there.
func TestARefundIsAskedForRefusedAskedForAgainAndSent(t *testing.T) {
	t.Parallel()
	onBothScreens(t, linklysim.TerminalConfig{}, func(t *testing.T, w *shopfloor) {
		f := at(t, w.Stack, "14", w.width)
		sell(f)
		ask := func(reason string) {
			f.click(test("panel-refund"))
			f.fill(refundOpen+test("refund-amount"), "40.00")
			f.fill(refundOpen+test("refund-reason"), reason)
			f.click(refundOpen + test("refund-ask"))
			f.see(test("refund-request") + `[data-state="waiting"]`)
		}
		ask("returned item")
		f.shot("1-asked")

		boss := at(t, w.Stack, "1", atDesk+onTelephone-w.width)
		boss.click(test("past") + " summary")
		boss.click(test("past") + " li:first-child button")
		boss.click(test("request-reject"))
		boss.want("a refusal without a reason", `document.querySelector("[data-test=answer-reason]").validity.valueMissing`, "true")
		boss.fill(test("answer-reason"), "the goods are worn")
		boss.shot("2-refuse")
		boss.click(test("request-reject"))
		boss.see(test("refund-request") + `[data-state="rejected"]`)

		f.see(test("refund-request") + `[data-state="rejected"]`) // by itself
		f.wait("who said no, and why", `document.querySelector("[data-test=refund-request]").innerText.includes("the goods are worn")`)
		f.want("ways to send what was refused", `document.querySelectorAll("[data-test=request-send]").length`, "0")
		f.shot("3-refused")
		ask("the seam was torn when it was sold")

		boss.click(test("past") + " li:first-child button") // a notice in the CRM calls for it
		boss.see(test("refund-request") + `[data-state="waiting"]`)
		boss.fill(test("answer-reason"), "seen the seam")
		boss.click(test("request-approve"))
		boss.see(test("refund-request") + `[data-state="approved"]`)
		fitsItsScreen(boss)

		f.see(test("refund-request") + `[data-state="approved"]`)
		f.shot("4-approved")
		f.click(test("request-send"))
		f.text(test("live-title"), "Refund approved")
		f.text(test("document-status"), "Partly refunded")
		fitsItsScreen(f)
		f.shot("5-refunded")
		wantBooks(t, w.Stack, 10000, -4000)
	})
}

// Who may refund a little reads how much, and asks for more in the same form.
func TestARefundAboveOnesLimitIsAskedForInTheSameForm(t *testing.T) {
	t.Parallel()
	onBothScreens(t, linklysim.TerminalConfig{}, func(t *testing.T, w *shopfloor) {
		w.rights("take", "refund")
		w.policy(stack.Object{"refundLimits": stack.Object{"14": stack.Object{"amount": "30.00", "currency": "AUD"}}})
		f := at(t, w.Stack, "14", w.width)
		sell(f)
		f.click(test("panel-refund"))
		f.text(refundOpen+test("refund-alone"), "You may refund $30.00 of it alone; ask for more.")
		f.fill(refundOpen+test("refund-amount"), "50.00")
		f.fill(refundOpen+test("refund-reason"), "half of it came broken")
		f.click(refundOpen + test("refund-submit"))
		f.wait("the refusal", `document.querySelector("[data-test=refund-dialog][open] [data-test=form-error]").innerText.includes("Ask for it")`)
		f.shot("1-above")
		f.click(refundOpen + test("refund-ask"))
		f.see(test("refund-request") + `[data-state="waiting"]`)
		fitsItsScreen(f)
		f.shot("2-asked")
		wantBooks(t, w.Stack, 10000)
	})
}

// Notes over the counter and nothing else: the invoice stays as it is.
func TestCashOutAloneLeavesTheInvoiceUnpaid(t *testing.T) {
	t.Parallel()
	onBothScreens(t, linklysim.TerminalConfig{CashoutLimit: 20_000}, func(t *testing.T, w *shopfloor) {
		f := at(t, w.Stack, "14", w.width)
		f.click(test("send-payment"))
		f.fill(test("amount"), "0")
		f.click(test("extras") + " summary")
		f.fill(test("cash-out"), "200.50")
		f.click(test("send-submit"))
		f.wait("the refusal at its field", `document.querySelector("[data-error-for=cashOut]").innerText.includes("hands out at once")`)
		f.want("focus", `document.activeElement.name`, "cashOut")
		f.shot("1-too-much")
		f.fill(test("cash-out"), "50.00")
		f.text("dialog[open] "+test("send-submit"), "Send $50.00 to Front desk")
		f.click(test("send-submit"))
		state(f, "approved")
		f.want("what the amount is", `document.querySelector(".live-sum").innerText.split(/\s+/).join(" ")`, "$50.00 cash-out")
		f.wait("what is left to do", `document.querySelector("[data-test=live-text]").innerText.endsWith("Hand out $50.00 in notes.")`)
		f.wait("what it was", `document.querySelector("[data-test=split]").innerText.includes("Cash-out")`)
		f.text(test("document-status"), "Unpaid")
		f.text(test("document-left"), "$100.00")
		f.want("a refund of notes", `document.querySelectorAll("[data-test=panel-refund]").length`, "0")
		fitsItsScreen(f)
		f.shot("2-notes")
		wantBooks(t, w.Stack, 5000)
	})
}

// A bank that gives no link to the sale: the reason stands where the refund
// would, and behind a right and a switch it is made all the same.
func TestARefundWithoutALinkIsExplainedAndBehindASwitch(t *testing.T) {
	t.Parallel()
	onBothScreens(t, linklysim.TerminalConfig{NoRFN: true, UnmatchedRefunds: true}, func(t *testing.T, w *shopfloor) {
		f := at(t, w.Stack, "1", w.width)
		sell(f)
		f.see(test("no-way-back"))
		f.wait("why", `document.querySelector("[data-test=document-note]").innerText.startsWith("This payment has no link to its sale at the bank")`)
		f.want("ways to refund it", `document.querySelectorAll("[data-test=refund], [data-test=panel-refund]").length`, "0")
		f.shot("1-no-link")

		w.policy(stack.Object{"unmatchedRefunds": true})
		f.click(test("refresh"))
		f.click(test("refund"))
		f.see(refundOpen + test("unlinked"))
		f.fill(refundOpen+test("refund-reason"), "returned item")
		f.shot("2-warned")
		f.click(refundOpen + test("refund-submit"))
		f.text(test("live-title"), "Refund approved")
		f.text(test("document-status"), "Refunded")
		fitsItsScreen(f)
		wantBooks(t, w.Stack, 10000, -10000)
	})
}

// What of surcharge and tip goes back is said before anything is typed, and is
// what the card gets.
func TestAPartRefundReturnsWhatThePolicySays(t *testing.T) {
	t.Parallel()
	for policy, c := range map[string]struct {
		said, back string
		moved      int64
	}{
		"share": {"go back too: each refund returns its share.", "$55.00", -5500},
		"never": {"of this payment are not refunded.", "", -5000},
	} {
		t.Run(policy, func(t *testing.T) {
			t.Parallel()
			onBothScreens(t, linklysim.TerminalConfig{Tipping: true}, func(t *testing.T, w *shopfloor) {
				w.policy(stack.Object{"surchargeRules": []stack.Object{{"bin": "41", "percent": "2.00"}}, "refundExtras": policy})
				f := at(t, w.Stack, "1", w.width)
				f.click(test("send-payment"))
				f.click(test("extras") + " summary")
				f.fill(test("tip"), "8.00")
				f.click(test("send-submit"))
				state(f, "approved")
				f.click(test("panel-refund"))
				f.wait("what goes back", `document.querySelector("[data-test=refund-dialog][open] .field-hint").innerText.includes("`+c.said+`")`)
				f.fill(refundOpen+test("refund-amount"), "50.00")
				f.fill(refundOpen+test("refund-reason"), "half of it")
				f.shot("1-said")
				f.click(refundOpen + test("refund-submit"))
				f.text(test("live-title"), "Refund approved")
				f.want("the sum on the card", `document.querySelector("[data-test=split] dd.facts-sum")?.innerText ?? ""`, c.back)
				fitsItsScreen(f)
				f.shot("2-back")
				wantBooks(t, w.Stack, 11000, c.moved)
			})
		})
	}
}

// A refund whose result is not known: nobody refunds it again, the next
// customer is served, and the truth comes.
func TestARefundThatIsNotKnownBlocksAnotherAndArrivesLate(t *testing.T) {
	t.Parallel()
	s, _ := doubtful(t)
	f := at(t, s, "1", atDesk)
	s.Terminal.Auto(linklysim.AutoConfig{})
	sell(f)
	s.Terminal.AutoOff()
	f.click(test("panel-refund"))
	f.fill(refundOpen+test("refund-reason"), "returned item")
	f.click(refundOpen + test("refund-submit"))
	state(f, "unknown")
	f.wait("what not to do", `document.querySelector("[data-test=live-text]").innerText.startsWith("Do not make this refund again.")`)
	f.text(test("document-status"), "Not known yet")
	f.want("ways to refund or charge again", `document.querySelectorAll("[data-test=refund], [data-test=panel-refund], [data-test=try-again], [data-test=send-payment], [data-test=charge-again]").length`, "0")
	f.shot("1-unknown")
	serveTheNext(f)
	f.click(test("check-now"))
	tap(t, s, "visa")
	f.text(test("live-title"), "Refund approved")
	f.text(test("document-status"), "Refunded")
	f.shot("2-late")
	wantBooks(t, s, 10000, -10000)
}

// What was paid and went back is not what most people come to charge: it takes
// a button of its own, and a sentence stands before it.
func TestWhatWentBackIsChargedAgainOnlyOnPurpose(t *testing.T) {
	t.Parallel()
	onBothScreens(t, linklysim.TerminalConfig{}, func(t *testing.T, w *shopfloor) {
		f := at(t, w.Stack, "1", w.width)
		sell(f)
		f.click(test("panel-refund"))
		f.fill(refundOpen+test("refund-amount"), "60.00")
		f.fill(refundOpen+test("refund-reason"), "returned item")
		f.click(refundOpen + test("refund-submit"))
		f.text(test("live-title"), "Refund approved")
		f.text(test("document-status"), "Partly refunded")
		f.want("the row's buttons", `[...document.querySelectorAll(".doc-action button")].map((b) => b.dataset.test).join(" ")`, "refund charge-again")
		f.shot("1-row")
		f.click(test("charge-again"))
		f.wait("what went back", `document.querySelector("[data-test=send-dialog][open] [data-test=went-back]").innerText.includes("$60.00 went back")`)
		f.shot("2-warned")
		f.click(test("send-dialog") + "[open] " + test("send-submit"))
		f.text(test("live-title"), "Approved")
		fitsItsScreen(f)
		wantBooks(t, w.Stack, 10000, -6000, 6000)
	})
}

// The invoice is edited while the customer stands at the terminal: the money is
// booked, the stage is left, and a person is asked.
func TestAnInvoiceThatChangesMeanwhileIsLeftToAPerson(t *testing.T) {
	t.Parallel()
	s, _ := open(t, "100.00")
	f := at(t, s, "1", atDesk)
	send(f)
	f.see(test("key-cancel"))
	s.Bitrix.SetLines(31, 77, []bitrixsim.Line{{Name: "Pump", Price: "140"}})
	f.wait("the change, at once", `document.querySelector("[data-test=live]").innerText.includes("it costs AUD 140.00 now")`)
	f.shot("1-changed")
	tap(t, s, "visa")
	state(f, "approved")
	f.see(test("write-back-invoice") + `[data-status="attention"]`)
	f.text(test("document-status"), "Partly paid")
	f.text(test("document-left"), "$40.00")
	f.shot("2-left")
	if inv, _ := s.Bitrix.Invoice(77); inv.Semantics != "" {
		t.Errorf("the invoice is in %s", inv.Stage)
	}
	wantBooks(t, s, 10000)
}
