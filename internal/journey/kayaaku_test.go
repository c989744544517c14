package journey_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	bitrixsim "receivepayment/bitrix/sim"
	"receivepayment/cmd/app/house"
	"receivepayment/internal/stack"
	kayaakusim "receivepayment/kayaaku/sim"
)

// A shop in Kuala Lumpur pairs its device and the till's bridge, takes a card,
// a QR payment, waits for NEXT, loses an answer, and gives money back, beside
// a Linkly terminal of the same portal.
func TestAKayaakuDeviceBesideLinkly(t *testing.T) {
	t.Parallel()
	s := stack.Start(t, stack.Options{Timing: calm(), Change: func(c *house.Config) {
		c.SilenceAfter, c.EnquiryGap = 300*time.Millisecond, 100*time.Millisecond
	}})
	device := s.KayaakuDevice(stack.KayaakuOptions{
		Sim: kayaakusim.Config{SendQR: true, Rich: true, Patience: patience}, AnswerWithin: 15 * time.Second,
	})
	deal := s.Bitrix.AddDeal(bitrixsim.NewDeal{Title: "Penang", Currency: "MYR", Lines: []bitrixsim.Line{{Name: "Goods", Price: "1000.00"}}})
	p := browse(t, s)
	install(p)
	pairOnScreen(p)

	f := p.frame()
	pairKayaaku(f, p.tab(), device)
	screen := p.tab()
	screen.do("watch the device", chromedp.Navigate(device.URL+"/device/"))

	p.portal(fmt.Sprintf("/crm/deal/details/%d/", deal))
	p.click(test("tab-app-0"))
	f = p.frame()

	// A card; the answer waits for NEXT.
	sendRinggit(f, "Card", "10.50", test("send-submit"))
	screen.click(`[data-act="tap"]`)
	screen.see("#next")
	f.wait("the advice to press NEXT", `document.querySelector("[data-test=live]").innerText.includes("press NEXT")`)
	screen.shot("kayaaku-receipt")
	f.shot("kayaaku-next")
	screen.click("#next")
	state(f, "approved")
	f.shot("kayaaku-approved")

	// A code, on the device and on our screen.
	sendRinggit(f, "Code", "20.00", test("send-duitnow"))
	f.see(test("qr"))
	screen.see("#qr")
	f.shot("kayaaku-qr")
	screen.shot("kayaaku-qr-device")
	screen.click(`[data-act="scan"]`)
	screen.click("#next")
	state(f, "approved")

	// The answer is lost; the server asks Finexus' host.
	device.Sim.Device.Script(kayaakusim.LostReply)
	sendRinggit(f, "Lost", "30.00", test("send-submit"))
	screen.click(`[data-act="insert"]`)
	screen.click("#next")
	state(f, "approved")

	// Half of it goes back, by the host.
	f.click(`[data-test="documents"] tbody tr:first-child ` + test("refund"))
	f.do("enter less", chromedp.Evaluate[chromedp.Void](`(() => { const a = document.querySelector("dialog[open] [data-test=refund-amount]"); a.value = "12.00"; a.dispatchEvent(new Event("input", {bubbles: true})); })()`))
	f.do("say why", chromedp.Evaluate[chromedp.Void](`(() => { document.querySelector("dialog[open] [data-test=refund-reason]").value = "broken"; })()`))
	f.click("dialog[open] " + test("refund-submit"))
	f.text(test("live-title"), "Refund approved")
	f.shot("kayaaku-refunded")

	// The administrator looks at how the device is set up, and changes it.
	p.click(test("nav-app"))
	f = p.frame()
	f.click(test("terminal-device"))
	f.see("dialog[open] details")
	f.shot("kayaaku-device")
	f.click("dialog[open] " + test("device-submit"))
	f.wait("the dialog closes", `!document.querySelector("dialog[open]")`)
	f.wait("the device is proven anew", `[...document.querySelectorAll("[data-test=terminal-card]")].every(c => c.dataset.status === "ready")`)

	var moved []string
	for _, r := range device.Sim.Approvals() {
		moved = append(moved, fmt.Sprintf("%s %d", r.Kind, r.Amount))
	}
	if got, want := fmt.Sprint(moved), "[sale 1050 sale 2000 sale 3000 refund 1200]"; got != want {
		t.Errorf("the host moved %s, want %s", got, want)
	}
	for _, v := range device.Sim.Violations() {
		t.Error(v)
	}
}

// pairKayaaku pairs on the app's page and types the code at the device's.
func pairKayaaku(f, at page, device *stack.Till) {
	f.t.Helper()
	f.click(test("kayaaku-open"))
	f.see(test("kayaaku-warning"))
	private, public := stack.KayaakuKeyTexts()
	f.fill(test("kayaaku-name"), "Kaunter 1")
	f.shot("kayaaku-pair")
	f.click(test("kayaaku-host") + " summary")
	for name, text := range map[string]string{
		"kayaaku-base": device.URL + "/thirdparty", "kayaaku-source": kayaakusim.DemoSourceSystem, "kayaaku-mid": kayaakusim.DemoMID,
		"kayaaku-email": kayaakusim.DemoEmail, "kayaaku-sn": kayaakusim.DemoSerial, "kayaaku-key": private, "kayaaku-hostkey": public,
	} { // keys are pasted
		f.do("paste", chromedp.Evaluate[chromedp.Void](`(() => { document.querySelector(`+quote(test(name))+`).value = `+quote(text)+`; })()`))
	}
	f.click(test("kayaaku-submit"))
	f.see(test("bridge-code"))
	f.shot("kayaaku-code")
	code := f.get(`document.querySelector("[data-test=bridge-code-text]").innerText.trim()`)
	f.want("the key in the page", `document.documentElement.outerHTML.includes("RSA PRIVATE KEY")`, "false")

	at.do("open the device", chromedp.Navigate(device.URL+"/device/"))
	at.fill("#code", code)
	at.click("#bridge button")
	at.text("#bridgeSays", "Connected.")
	f.want("what was entered", `document.querySelector("[data-test=kayaaku-key]") === null`, "true")
	f.click("#pair-kayaaku .dialog-footer [data-close]")
	f.wait("the Kayaaku terminal being ready", `[...document.querySelectorAll("[data-test=terminal-card]")].some((c) => c.dataset.status === "ready" && c.innerText.includes("Kaunter 1"))`)
	f.see(test("bridge"))
	f.shot("kayaaku-card")
	f.click(test("kayaaku-open"))
	f.see(test("kayaaku-name"))
	f.want("the name of the next device", `document.querySelector("[data-test=kayaaku-name]").value`, "")
	f.want("the code of the last", `String(document.querySelector("#pair-kayaaku [data-test=bridge-code]"))`, "null")
	f.click("#pair-kayaaku .dialog-footer [data-close]")
}

// sendRinggit adds an invoice and sends it to the Kayaaku device.
func sendRinggit(f page, title, amount, button string) {
	f.t.Helper()
	addInvoice(f, title, amount)
	f.click(`[data-test="documents"] tbody tr:first-child ` + test("send-payment"))
	f.wait("the open form", `document.querySelector("dialog[open] [data-test=send-form]") !== null`)
	f.do("choose the device", chromedp.Evaluate[chromedp.Void](`(() => {
		const pick = [...document.querySelectorAll("dialog[open] [data-test=terminal-pick]")].find((r) => r.dataset.name === "Kaunter 1");
		pick.click(); })()`))
	f.shot("kayaaku-send-" + title)
	f.click("dialog[open] " + button)
	f.see(test("live") + `[data-state="sent"]`)
}

// The bridge of a Kayaaku device gets a new code, and is cut off.
func TestABridgeGetsANewCodeAndIsCutOff(t *testing.T) {
	t.Parallel()
	s, admin := open(t, "100.00")
	s.Kayaaku(admin, stack.KayaakuOptions{Name: "Kaunter", Sim: kayaakusim.Config{Auto: true}})
	f := office(t, s, onTelephone)
	f.click(test("terminal-bridge"))
	f.click(test("bridge-new-code"))
	f.see("dialog[open] " + test("bridge-code"))
	fitsItsScreen(f)
	f.shot("code")
	f.click(test("bridge-revoke"))
	f.wait("the bridge is gone", `document.querySelector("[data-test=bridge]").innerText.includes("not paired yet")`)
}
