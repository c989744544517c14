package sim_test

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
	"github.com/google/uuid"

	"receivepayment/linkly/sim"
)

// screen is a person in front of the page.
type screen struct {
	t   *testing.T
	ctx context.Context // chromedp keeps the browser's handle in it
}

// browser opens an address in a headless Chromium, or skips where there is none.
func browser(t *testing.T, address string) screen {
	t.Helper()
	path := os.Getenv("TEST_CHROMIUM")
	if path == "" {
		path, _ = exec.LookPath("chromium")
	}
	if path == "" && os.Getenv("TEST_REQUIRE") == "1" {
		t.Fatal("Chromium is missing")
	}
	if path == "" {
		t.Skip("Chromium is missing: skipped; set TEST_CHROMIUM or install chromium")
	}

	root, cancel := context.WithTimeout(t.Context(), time.Minute)
	t.Cleanup(cancel)
	alloc, stop := chromedp.NewExecAllocator(root, chromedp.ExecPath(path), chromedp.NoSandbox, chromedp.Headless, chromedp.DisableGPU)
	t.Cleanup(stop)
	ctx, leave := chromedp.NewContext(alloc)
	t.Cleanup(leave)
	s := screen{t, ctx}
	s.do(chromedp.EmulateViewport(1280, 900), chromedp.Navigate(address))
	return s
}

func (s screen) do(actions ...chromedp.Action[chromedp.Void]) {
	s.t.Helper()
	if err := chromedp.Do(s.ctx, actions...); err != nil {
		s.t.Fatal(err)
	}
}

func at(test string) chromedp.CSS { return chromedp.CSS(`[data-test="` + test + `"]`) }

// click waits until a control is enabled and clicks it.
func (s screen) click(tests ...string) {
	s.t.Helper()
	for _, test := range tests {
		s.do(chromedp.WaitEnabled(at(test)), chromedp.Click(at(test)))
	}
}

// choose picks an option of a list as a person does.
func (s screen) choose(test, value string) {
	s.t.Helper()
	script := fmt.Sprintf(`(() => { const el = document.querySelector('[data-test="%s"]'); el.value = %q;
		el.dispatchEvent(new Event('change')); return el.value === %q; })()`, test, value, value)
	if there, err := chromedp.Run(s.ctx, chromedp.Evaluate[bool](script)); err != nil || !there {
		s.t.Fatalf("%s has no option %q (%v)", test, value, err)
	}
}

// sees waits until an element contains a text.
func (s screen) sees(test, text string) {
	s.t.Helper()
	ctx, cancel := context.WithTimeout(s.ctx, 15*time.Second)
	defer cancel()
	script := fmt.Sprintf(`new Promise((done) => {
		const look = () => document.querySelector('[data-test="%s"]')?.textContent.includes(%q) ? done(true) : setTimeout(look, 10);
		look(); })`, test, text)
	if _, err := chromedp.Run(ctx, chromedp.Evaluate[bool](script, chromedp.EvalAwaitPromise)); err != nil {
		s.t.Fatalf("%s does not show %q but %q: %v", test, text, s.text(test), err)
	}
}

func (s screen) text(test string) string {
	s.t.Helper()
	text, err := chromedp.Run(s.ctx, chromedp.TextContent(at(test)))
	if err != nil {
		s.t.Fatal(err)
	}
	return strings.TrimSpace(text)
}

// shot keeps a picture where SCREENS_DIR asks for it.
func (s screen) shot(name string, width, height int64) {
	s.t.Helper()
	dir := os.Getenv("SCREENS_DIR")
	if dir == "" {
		return
	}
	s.do(chromedp.EmulateViewport(width, height))
	png, err := chromedp.Run(s.ctx, chromedp.FullScreenshot(100))
	if err != nil {
		s.t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, name+".png"), png, 0o600); err != nil {
		s.t.Fatal(err)
	}
	s.do(chromedp.EmulateViewport(1280, 900))
}

// fits fails when the page is wider than the window.
func (s screen) fits(width int64) {
	s.t.Helper()
	s.do(chromedp.EmulateViewport(width, 800))
	wide, err := chromedp.Run(s.ctx, chromedp.Evaluate[int64](`document.documentElement.scrollWidth`))
	if err != nil || wide > width {
		s.t.Errorf("at %d px the page is %d px wide (%v)", width, wide, err)
	}
}

func TestAPersonPaysOnThePage(t *testing.T) {
	t.Parallel()
	p := start(t, func(c *sim.Config) { c.Timing.Processing = 300 * time.Millisecond })
	s := browser(t, p.url+"/pad/")
	s.click("terminal-t1")
	s.do(chromedp.WaitReady(at("pad-line-1"))) // survives the way to the other page
	s.sees("pad-line-1", "WELCOME")
	s.sees("notice", "no money moves")

	session := p.charge(4200)
	s.sees("amount", "AUD 42.00")
	s.shot("pad-card", 1280, 900)
	s.shot("pad-card-360", 360, 800)
	s.click("card-mastercard", "key-insert")
	s.sees("pad-line-1", "SELECT ACCOUNT")
	s.click("key-sav")
	s.sees("pad-line-1", "ENTER PIN")
	s.click("key-1", "key-2", "key-clear", "key-1", "key-2", "key-3", "key-4")
	s.sees("pad-line-2", "****")
	s.shot("pad-pin", 1280, 900)
	s.click("key-enter")
	s.sees("pad-line-1", "APPROVED")
	s.shot("pad-approved", 1280, 900)
	r := p.settle(session).Response
	if !r.Success || r.CardName != "03" || r.AccountType != "3" || r.TxnFlags.CardEntry != "E" {
		t.Errorf("result %+v", r)
	}
	s.sees("charges", "42.00")
	p.clean()
}

func TestTheKeyboardIsEnough(t *testing.T) {
	t.Parallel()
	p := start(t)
	s := browser(t, p.url+"/pad/t1")
	first := p.charge(4200)
	s.sees("pad-line-1", "PRESENT CARD")
	s.do(chromedp.KeyEvent("i"))
	s.sees("pad-line-1", "SELECT ACCOUNT")
	s.do(chromedp.KeyEvent("h"))
	s.sees("pad-line-1", "ENTER PIN")
	s.do(chromedp.KeyEvent("1234"))
	s.sees("pad-line-2", "****")
	s.do(chromedp.KeyEvent("\r"))
	if r := p.settle(first).Response; !r.Success || r.AccountType != "1" {
		t.Errorf("result %+v", r)
	}

	second := p.charge(1000)
	s.sees("pad-line-1", "PRESENT CARD")
	s.do(chromedp.KeyEvent("\x1b"))
	if r := p.settle(second).Response; r.ResponseCode != "TM" {
		t.Errorf("after Escape: %+v", r)
	}
}

func TestThePagePairsSwitchesAndBreaksThings(t *testing.T) {
	t.Parallel()
	p := start(t)
	s := browser(t, p.url+"/pad/t1")
	s.sees("paired", "paired")
	s.click("new-pair-code")
	s.sees("pair-left", "valid for")
	s.sees("pad-line-1", "PAIR CODE")
	if code := s.text("pair-code"); code != p.term.PairCode() || len(code) != 6 {
		t.Errorf("code on the page %q, real %q", code, p.term.PairCode())
	}
	s.shot("pad-pairing", 1280, 900)
	if got := s.text("username") + " " + s.text("password"); got != "0123456789 s3cr3t" {
		t.Errorf("credentials %q", got)
	}
	if status, _ := p.send("POST", "/v1/pairing/cloudpos", "", pairBody("0123456789", "s3cr3t", p.term.PairCode())); status != 200 {
		t.Errorf("pairing: %d", status)
	}
	s.sees("paired", "paired")

	s.do(chromedp.Click(chromedp.CSS(".switch:has(#online)")))
	s.sees("pad-line-1", "OUT OF SERVICE")
	s.do(chromedp.Click(chromedp.CSS(".switch:has(#online)")))
	s.sees("pad-line-1", "WELCOME")

	s.do(chromedp.Click(chromedp.CSS("#faultpanel summary")))
	s.click("default-faults")
	s.sees("calm-state", "misbehaving")
	s.shot("pad-faults", 1280, 900)
	s.click("calm")
	s.sees("calm-state", "calm")
	s.click("fault-next-get_503")
	s.sees("fault-next-get_503", "✓")
	if got := p.sim.Faults(); len(got) != 0 {
		t.Errorf("faults %v", got)
	}
	for _, width := range []int64{360, 768, 1280} {
		s.fits(width)
	}
}

func TestASignatureAndARefundOnThePage(t *testing.T) {
	t.Parallel()
	p := start(t)
	s := browser(t, p.url+"/pad/t1")
	session := p.charge(4208)
	s.click("card-visa", "key-tap")
	s.sees("pad-line-1", "SIGNATURE OK?")
	s.shot("pad-signature", 1280, 900)
	s.click("key-yes")
	s.sees("pad-line-1", "APPROVED")
	r := p.settle(session).Response
	if r.ResponseCode != "08" {
		t.Fatalf("result %+v", r)
	}

	refund := uuid.NewString()
	p.post(refund, "transaction", p.sale("R", 2000, newRef(), r.PurchaseAnalysisData["RFN"]))
	s.sees("pad-line-2", "REFUND")
	s.click("key-tap")
	s.sees("charges", "−20.00")
	if !p.settle(refund).Response.Success {
		t.Error("the refund failed")
	}

	p.charge(1051)
	s.click("card-amex", "key-tap")
	s.sees("pad-line-1", "DECLINED")
	s.shot("pad-declined", 1280, 900)
	s.sees("charges", "declined")
	p.clean()
}

func TestTheListShowsEveryTerminalAsItIs(t *testing.T) {
	t.Parallel()
	p := start(t)
	p.sim.AddTerminal(sim.TerminalConfig{Name: "Workshop"})
	s := browser(t, p.url+"/pad/")
	s.sees("terminal-t1", "online · paired")
	s.sees("terminal-t2", "Workshop")
	s.sees("terminal-t2", "not paired")
	p.charge(1000)
	s.sees("terminal-t1", "PRESENT CARD")
	p.term.Online(false)
	s.sees("terminal-t1", "offline")
	s.shot("pad-list", 1280, 500)
	s.fits(360)
}
