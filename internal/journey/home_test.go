package journey_test

import (
	"fmt"
	"strings"
	"sync"
	"testing"

	cdplog "github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"

	bitrixsim "receivepayment/bitrix/sim"
	"receivepayment/internal/stack"
	linklysim "receivepayment/linkly/sim"
)

// complaints are what the browser's console holds against a page: errors of
// scripts and violations of the content security policy. Refusals of ours, which
// the browser calls failed requests, are none.
type complaints struct {
	mu   sync.Mutex
	seen []string
}

func (c *complaints) hear(ev any) {
	text := ""
	switch e := ev.(type) {
	case *cdplog.EventEntryAdded:
		if e.Entry.Level == cdplog.EntryLevelError && e.Entry.Source != cdplog.EntrySourceNetwork {
			text = fmt.Sprintf("%s: %s (%s)", e.Entry.Source, e.Entry.Text, e.Entry.URL)
		}
	case *runtime.EventExceptionThrown:
		text = "exception: " + e.ExceptionDetails.Text
	case *runtime.EventConsoleAPICalled:
		if e.Type == runtime.ConsoleAPICalledTypeError {
			text = "console.error:"
			for _, arg := range e.Args {
				text += " " + string(arg.Value) + arg.Description
			}
		}
	}
	// The page was left while it read something: htmx calls the request that the browser ended for it an error.
	if text == "" || strings.Contains(text, "htmx:sendAbort") || strings.Contains(text, "htmx:afterRequest") {
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.seen = append(c.seen, text)
}

// none asserts that nothing was complained of.
func (c *complaints) none(t *testing.T) {
	t.Helper()
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, one := range c.seen {
		t.Errorf("the browser complains: %s", one)
	}
}

// fits asserts that the page needs no scroll bars at the width of an office
// screen: none sideways, and inside a card's tab none at all.
func fits(f page, inTab bool) {
	f.t.Helper()
	f.wait("no scroll bar sideways", `document.documentElement.scrollWidth <= window.innerWidth`)
	if inTab {
		f.wait("the frame being as high as its content", `document.documentElement.scrollHeight <= window.innerHeight + 1`)
	}
}

// Every place in the CRM where people find us, as an administrator and as an
// ordinary cashier, in a frame of another site.
func TestAtHomeInDealInvoiceOrderAndListMenu(t *testing.T) {
	t.Parallel()
	s, admin := open(t, "100.00")
	for _, one := range []struct{ name, user string }{{"administrator", "1"}, {"cashier", "14"}} {
		var heard complaints
		tab := browseWith(t, s, chromedp.WithListener(heard.hear))
		tab.heard = &heard
		tab.signIn(one.user)

		tab.portal("/crm/deal/details/512/")
		tab.click(test("tab-app-0"))
		f := tab.frame()
		f.see(test("document-SI:77"))
		f.want("the frame's site", `location.hostname`, "localhost")
		f.want("the portal's window", `(() => { try { return String(window.parent.document); } catch { return "closed"; } })()`, "closed")
		fits(f, true)
		f.shot(one.name + "-deal")

		tab.portal("/crm/type/31/details/77/")
		tab.click(test("tab-app-0"))
		f = tab.frame()
		f.see(test("document-SI:77"))
		fits(f, true)
		f.shot(one.name + "-invoice")

		takeOrder(t, tab, s, one.name)

		tab.portal("/crm/type/31/list/category/3/")
		tab.click(test("invoice-menu-77"))
		tab.click(test("invoice-menu-77-0"))
		f = tab.frame()
		f.see(test("document-SI:77"))
		fits(f, false)
		f.shot(one.name + "-list-menu")

		tab.portal("/marketplace/view/vendor.eftpos/?params[invoice]=77")
		tab.frame().see(test("document-SI:77"))
		if one.user == "1" {
			refundFromTheList(tab)
		}
		if one.user == "14" {
			tab.signIn("1")
			cardsOfTerminals(tab)
		}

		heard.none(t)
		tab.close()
	}
	if n := len(admin.Do("GET", "/api/v1/payments", nil).Want(200).List("items")); n != 3 {
		t.Errorf("there are %d payments, want one of each order and one of an invoice", n)
	}
	wantBooks(t, s, 54000, 1200, 32000)
}

// refundFromTheList opens a paid invoice's menu: the refund is what is left to do.
func refundFromTheList(tab page) {
	tab.t.Helper()
	deal := tab.s.Enter(stack.Admin, "CRM_DEAL_DETAIL_TAB", 512)
	deal.Do("POST", "/api/v1/invoices", stack.Object{"requestId": "small", "deal": "512", "title": "Small", "amount": "12.00"}).Want(201)
	terminal := deal.Do("GET", "/api/v1/terminals", nil).Want(200).List("items")[0].Text("id")
	tab.s.Terminal.Auto(linklysim.AutoConfig{})
	p := deal.Do("POST", "/api/v1/payments", stack.Object{
		"requestId": "small-p", "document": "SI:78", "terminal": terminal, "amount": "12.00", "currency": "AUD",
	}).Want(202)
	tab.s.AwaitPayment(deal, p.Text("id"), "approved")
	tab.s.Terminal.AutoOff()
	tab.portal("/crm/type/31/list/category/3/")
	tab.click(test("invoice-menu-78"))
	tab.click(test("invoice-menu-78-0"))
	f := tab.frame()
	f.see(test("refund-dialog"))
	f.shot("list-menu-refund")
	tab.portal("/marketplace/view/vendor.eftpos/?params[payment]=" + p.Text("id") + "&params[do]=refund")
	f = tab.frame()
	f.see(test("refund-dialog"))
	f.want("the payment behind it", `document.querySelector("[data-test=live]").dataset.state`, "approved")
	tab.portal("/crm/type/31/list/category/3/")
	tab.click(test("invoice-menu-78"))
	tab.click(test("invoice-menu-78-1")) // Refund, an entry of its own
	tab.frame().see(test("refund-dialog"))
	tab.portal("/crm/type/31/list/category/3/")
	tab.click(test("invoice-menu-77"))
	tab.click(test("invoice-menu-77-1"))
	f = tab.frame()
	f.see(test("no-refund"))
	f.shot("list-menu-nothing-to-refund")
}

// takeOrder takes an order's payment: the seeded one, or one that is added.
func takeOrder(t *testing.T, tab page, s *stack.Stack, who string) {
	t.Helper()
	order, amount, number := 900, "$540.00", "900/1"
	if who == "cashier" {
		order, amount = s.Bitrix.AddOrder(winch()), "$320.00"
		number = fmt.Sprintf("%d/1", order)
	}
	tab.portal(fmt.Sprintf("/shop/orders/details/%d/", order))
	tab.click(test("tab-app-0"))
	f := tab.frame()
	f.text("h1", "Receive Payment")
	if who == "cashier" {
		f.click(test("add-invoice-first"))
		f.click(test("add-submit"))
	}
	f.see(test("send-payment"))
	fits(f, true)
	f.shot(who + "-order")
	f.click(test("send-payment"))
	f.text(test("send-submit"), "Send "+amount+" to Counter 1")
	s.Terminal.Auto(linklysim.AutoConfig{}) // a customer who taps and knows the PIN
	f.click(test("send-submit"))
	state(f, "approved")
	s.Terminal.AutoOff()
	f.text(test("document-status"), "Paid")
	f.see(test("write-back-invoice") + `[data-status="done"]`)
	f.shot(who + "-order-paid")
	tab.click(test("tab-general"))
	tab.wait("the order's payment", `document.querySelector(`+quote(test("order-payment-"+number))+`).innerText.includes("Paid")`)
	tab.shot(who + "-order-card")
	tab.portal(fmt.Sprintf("/shop/orders/details/%d/", order))
	tab.click(test("activity-app-0")) // the button above the timeline
	f = tab.frame()
	f.text(test("document-status"), "Paid")
	fits(f, false)
	tab.click(test("slider-close"))
}

// cardsOfTerminals wishes for them on the settings page, finds them in the CRM
// and changes one there.
func cardsOfTerminals(tab page) {
	tab.t.Helper()
	tab.portal("/")
	tab.click(test("nav-app"))
	f := tab.frame()
	f.click(test("crm-terminals"))
	f.click(test("save-telling"))
	f.see(test("crm-terminals") + "[checked]")
	f.shot("crm-terminals")
	tab.s.Await("the card is made", func() bool { return len(tab.s.Bitrix.SmartItems(tab.smartProcess())) == 1 })
	tab.portal("/")
	tab.click(test("nav-smart"))
	tab.wait("the terminal's card", `document.querySelector("#list").innerText.includes("Counter 1") && document.querySelector("#list").innerText.includes("Ready")`)
	tab.shot("smart-process")
	tab.s.Bitrix.EditItem(stack.Admin, tab.smartProcess(), 1, map[string]any{"title": "Front desk"})
	tab.click(test("nav-app"))
	tab.s.Await("the terminal follows its card", func() bool {
		return tab.s.Enter(stack.Admin, "DEFAULT", 0).Do("GET", "/api/v1/terminals", nil).Want(200).List("items")[0].Text("name") == "Front desk"
	})
}

// smartProcess is the entity type of the terminals' smart process, 0 before it
// is made.
func (p page) smartProcess() int {
	for _, types := range p.s.Bitrix.SmartTypes() {
		return types[0]
	}
	return 0
}

// winch is an order without a payment.
func winch() bitrixsim.NewOrder {
	return bitrixsim.NewOrder{Lines: []bitrixsim.Line{{Name: "Winch", Price: "320"}}}
}

// refuse makes the portal refuse a method once.
func refuse(s *stack.Stack, method string) {
	s.Bitrix.Inject(bitrixsim.Fault{Kind: bitrixsim.FaultAccessDenied, Method: method, Times: 1})
}

// The installer: a step that fails is named and tried again, then the portal
// opens the app. Nothing is left out and nothing is there twice.
func TestTheWizardGoesOnAfterAStepThatFailed(t *testing.T) {
	t.Parallel()
	s := stack.Start(t, stack.Options{})
	var heard complaints
	p := browseWith(t, s, chromedp.WithListener(heard.hear))
	p.heard = &heard
	refuse(s, "placement.bind")
	p.portal("/marketplace/")
	p.click(test("market-install"))
	f := p.frame()
	f.see(test("step-retry"))
	f.want("the step that failed", `document.querySelector("[data-test=step-placements]").dataset.state`, "failed")
	f.want("the step before", `document.querySelector("[data-test=step-events]").dataset.state`, "done")
	fits(f, false)
	f.shot("failed-step")
	f.click(test("step-retry"))
	s.Await("the portal counts the app as installed", s.Bitrix.Installed)
	p.wait("the app's own page", `location.pathname.startsWith("/marketplace/app/")`)
	f = p.frame()
	f.see(test("portal-card"))
	f.shot("settings")
	f.click(test("repair"))
	f.wait("a word about the repair", `document.body.innerText.includes("Everything is in its place.")`)
	if got := len(s.Bitrix.Placements()); got != 10 {
		t.Errorf("bound are %s", strings.Join(s.Bitrix.Placements(), "\n"))
	}
	heard.none(t)
}
