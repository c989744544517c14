package journey_test

import (
	"strings"
	"testing"

	"receivepayment/internal/stack"
	linklysim "receivepayment/linkly/sim"
)

// What colleagues see in the CRM: a card with buttons on the invoice and on its
// deal, whose Refund opens our slider on that very payment, and one notice that
// gives way to the next.
func TestCardInTheTimelineOpensTheRefundOfItsPayment(t *testing.T) {
	t.Parallel()
	s := stack.Start(t, stack.Options{Timing: calm()})
	admin := s.Install()
	s.Pair(admin)
	s.Terminal.Auto(linklysim.AutoConfig{})
	p := browse(t, s)

	f := openDeal(p)
	addInvoice(f, "", "")
	send(f)
	state(f, "approved")
	f.see(test("write-back-timeline") + `[data-status="done"]`)
	f.see(test("write-back-deal") + `[data-status="done"]`)

	p.portal("/crm/deal/details/512/")
	p.wait("the card on the deal", `document.querySelector("[data-test=timeline]").innerText.includes("Card payment approved")`)
	p.see(test("activity-refund"))
	p.shot("timeline-1-deal")
	s.Await("the notice of the approval", func() bool {
		got := s.Bitrix.Notifications(stack.Admin)
		return len(got) == 1 && strings.Contains(got[0].Message, "payment") && strings.Contains(got[0].Message, "approved")
	})

	p.portal("/crm/type/31/details/77/")
	p.click(test("activity-refund"))
	f = p.frame()
	f.see(test("refund-dialog") + "[open]")
	f.text(test("refund-submit"), "Refund $287.00 on Counter 1")
	p.shot("timeline-2-refund")
	f.fill(test("refund-reason"), "returned item")
	f.click(test("refund-submit"))
	state(f, "approved")
	f.text(test("live-title"), "Refund approved")
	f.see(test("write-back-timeline") + `[data-status="done"]`)

	p.click(test("slider-close"))
	p.wait("the card says refunded", `[...document.querySelectorAll("[data-test=timeline-entry]")].some((e) => e.innerText.includes("Card payment approved") && e.innerText.includes("Refunded"))`)
	p.want("no second refund is offered", `document.querySelectorAll("[data-test=activity-refund]").length`, "0")
	p.shot("timeline-3-refunded")
	s.Await("the notice of the refund stands beside it", func() bool {
		got := s.Bitrix.Notifications(stack.Admin)
		return len(got) > 0 && strings.Contains(got[len(got)-1].Message, "refund")
	})

	p.click(test("activity-receipt"))
	f = p.frame()
	f.wait("the payment with its receipts", `document.querySelector("[data-test=live] [data-test=receipt]") !== null`)
	wantBooks(t, s, -28700, 28700)
}
