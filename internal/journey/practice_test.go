package journey_test

import (
	"net/http"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"receivepayment/cmd/app/house"
	"receivepayment/internal/stack"
)

// What a moderator does who has no account anywhere: one click adds a terminal
// on which nothing is real, a payment goes to it, and the invoice stays unpaid.
func TestPracticeNeedsNoAccountAndPaysNothing(t *testing.T) {
	t.Parallel()
	s := stack.Start(t, stack.Options{Change: func(c *house.Config) { c.PracticeBeat, c.UnknownAfter = 100*time.Millisecond, 2*time.Second }})
	admin := s.Install()
	admin.Do(http.MethodPost, "/api/v1/invoices", stack.Object{"requestId": "practice", "deal": "512", "amount": "187.00"}).Want(http.StatusCreated)
	p := browse(t, s)
	p.signIn("1")
	p.click(test("nav-app"))
	f := p.frame()
	f.click(test("practice-add"))
	f.see(test("terminal-card") + `[data-status="ready"] ` + test("terminal-practice"))
	shots := func(f page, name string) {
		for size, width := range map[string]int64{"wide": 1280, "narrow": 360} {
			p.do("resize", chromedp.EmulateViewport(width, 1000))
			f.wait("a layout without overflow", `document.documentElement.scrollWidth <= document.documentElement.clientWidth`)
			f.shot(name + "-" + size)
		}
		p.do("resize", chromedp.EmulateViewport(1280, 1000))
	}
	shots(f, "1-terminal")

	f = openDeal(p)
	f.see(test("practice-page"))
	f.click(test("send-payment"))
	open := test("send-dialog") + "[open] "
	f.see(open + test("scenario"))
	f.want("a scenario that can be chosen", `String(document.querySelector("dialog[open] [data-test=scenario]").disabled)`, "false")
	f.want("every scenario", `String(document.querySelectorAll("dialog[open] [data-test=scenario] option").length)`, "8")
	shots(f, "2-scenarios")
	choose(f, "slow")
	f.click(open + test("send-submit"))
	f.see(test("practice-panel"))
	f.see(test("key-cancel"))
	shots(f, "3-live")
	state(f, "approved")
	f.see(test("practice-panel"))
	shots(f, "4-approved")
	f.text(test("document-status"), "Unpaid")
	f.text(test("document-left"), "$187.00")
	f.click(test("test-back"))
	f.text(test("live-title"), "Refund approved")
	shots(f, "5-refunded")
	f.text(test("document-left"), "$187.00")
	if n := len(s.Bitrix.Timeline(2, 512)); n != 0 {
		t.Errorf("practice left %d entries in the CRM", n)
	}

	// The next customer's answer is lost, and comes back by itself.
	f.click(test("done"))
	f.click(test("send-payment"))
	f.see(open + test("scenario"))
	choose(f, "lost_answer")
	f.click(open + test("send-submit"))
	state(f, "unknown")
	shots(f, "6-unknown")
	id := f.get(`document.querySelector("[data-test=live]").dataset.payment`)
	s.Await("the lost answer is found", func() bool {
		return admin.Do(http.MethodPost, "/api/v1/payments/"+id+"/check", nil).Want(http.StatusAccepted).Text("state") == "approved"
	})
	state(f, "approved")
	f.text(test("document-left"), "$187.00")
}

// choose says what the pretended customer does.
func choose(f page, scenario string) {
	f.t.Helper()
	f.get(`(() => { document.querySelector("dialog[open] [data-test=scenario]").value = ` + quote(scenario) + `; return 1; })()`)
}
