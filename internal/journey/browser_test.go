package journey_test

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"receivepayment/internal/stack"
	"receivepayment/internal/testkit"
	"receivepayment/web/assets"
)

// patience is how long a screen may take to show something.
const patience = 25 * time.Second

// page is a document in Chromium: a tab's own, or that of a frame in it.
type page struct {
	t   testing.TB
	ctx context.Context // chromedp keeps the browser's handle in it
	end context.CancelFunc
	top context.Context // that of the tab, which alone can be photographed
	s   *stack.Stack
	// heard listens to the consoles of the tab and its frames, if somebody does.
	heard *complaints
}

// browse starts a Chromium of its own, wide as an office screen.
func browse(t testing.TB, s *stack.Stack) page {
	t.Helper()
	return browseWith(t, s)
}

// browseWith is browse with more to say about the tab.
func browseWith(t testing.TB, s *stack.Stack, options ...chromedp.ContextOption) page {
	t.Helper()
	path := testkit.Need(t, "TEST_CHROMIUM")
	if !assets.Built() {
		if os.Getenv("TEST_REQUIRE") == "1" {
			t.Fatal("the bundle is missing; run make bundle")
		}
		t.Skip("the bundle is missing: skipped; make bundle builds it")
	}
	root, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	t.Cleanup(cancel)
	allocator, stop := chromedp.NewExecAllocator(root, chromedp.ExecPath(path), chromedp.NoSandbox, chromedp.Headless,
		chromedp.DisableGPU, chromedp.WindowSize(1280, height()), chromedp.Flag("hide-scrollbars", true),
		chromedp.Flag("blink-settings", "preferredColorScheme="+colours()))
	t.Cleanup(stop)
	ctx, leave := chromedp.NewContext(allocator, options...)
	t.Cleanup(leave)
	p := page{t: t, ctx: ctx, top: ctx, s: s, end: func() { leave(); stop() }}
	p.do("start the browser")
	return p
}

// close ends the browser as a person does who has had enough.
func (p page) close() { p.end() }

// height is an office screen's; with SCREENS_CARD the page inside is as high as
// the pictures of a card in the Market may be, 720.
func height() int {
	if os.Getenv("SCREENS_CARD") != "" {
		return 863
	}
	return 1000
}

// colours are those of the pictures: light unless SCREENS_DARK says otherwise.
func colours() string {
	if os.Getenv("SCREENS_DARK") != "" {
		return "0"
	}
	return "1"
}

// tab is another tab of the same browser.
func (p page) tab() page {
	p.t.Helper()
	ctx, leave := chromedp.NewContext(p.ctx)
	p.t.Cleanup(leave)
	other := page{t: p.t, ctx: ctx, top: ctx, s: p.s}
	other.do("open a tab")
	return other
}

// portal shows a page of the portal.
func (p page) portal(path string) {
	p.t.Helper()
	p.do("open "+path, chromedp.Navigate(p.s.Portal+path))
}

// signIn makes the portal's user somebody else; the portal then reloads itself.
func (p page) signIn(user string) {
	p.t.Helper()
	p.portal("/")
	if p.get(`document.body.dataset.user`) == user {
		return
	}
	p.do("sign in", chromedp.Evaluate[chromedp.Void](`(() => { const who = document.querySelector('[data-test="user-switch"]');
		who.value = "`+user+`"; who.dispatchEvent(new Event("change", {bubbles: true})); })()`))
	p.wait("the new user", `document.body?.dataset.user === "`+user+`"`)
}

// frame is the app's document inside this tab. It has a process of its own,
// because it is of another site. Since looks for a frame that was not there
// before.
func (p page) frame() page {
	p.t.Helper()
	deadline := time.NewTimer(patience)
	defer deadline.Stop()
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for {
		if found, ok := p.lookForFrame(); ok {
			return found
		}
		select {
		case <-deadline.C:
			p.t.Fatalf("no frame of the app: %s", p.get(`document.body.innerText`))
		case <-tick.C:
		}
	}
}

func (p page) lookForFrame() (page, bool) {
	src := p.get(`document.querySelector("[data-test=frame]")?.name ?? ""`)
	sid := src[strings.LastIndex(src, "|")+1:]
	if sid == "" {
		return page{}, false
	}
	infos, err := chromedp.Targets(p.ctx)
	if err != nil {
		p.t.Fatalf("list targets: %v", err)
	}
	for _, info := range infos {
		if info.Type != "iframe" || !strings.HasPrefix(info.URL, p.s.App) || !strings.Contains(info.URL, "APP_SID="+sid) {
			continue
		}
		options := []chromedp.ContextOption{chromedp.WithTargetID(info.TargetID)}
		if p.heard != nil {
			options = append(options, chromedp.WithListener(p.heard.hear))
		}
		ctx, leave := chromedp.NewContext(p.ctx, options...)
		p.t.Cleanup(leave)
		frame := page{t: p.t, ctx: ctx, top: p.top, s: p.s, heard: p.heard}
		if err := chromedp.Do(ctx); err != nil {
			return page{}, false // replaced meanwhile
		}
		frame.wait("the app's script", `document.querySelector("main") !== null && document.readyState === "complete"`)
		return frame, true
	}
	return page{}, false
}

// test is the selector of a control by its data-test name.
func test(name string) string { return `[data-test="` + name + `"]` }

// wait returns when the expression has become true in the page.
func (p page) wait(what, expression string) {
	p.t.Helper()
	ctx, cancel := context.WithTimeout(p.ctx, patience)
	defer cancel()
	script := `new Promise((done) => { const look = () => { let ok = false; try { ok = (` + expression +
		`); } catch { ok = false } ok ? done(true) : setTimeout(look, 20); }; look(); })`
	for {
		_, err := chromedp.Run(ctx, chromedp.Evaluate[bool](script, chromedp.EvalAwaitPromise))
		if err == nil {
			return
		}
		if ctx.Err() != nil {
			p.shot("failed")
			p.t.Fatalf("wait for %s: %v\npage: %s", what, err, p.get(`document.body.innerText`))
		}
	}
}

// see waits until a control is there and visible.
func (p page) see(selector string) {
	p.t.Helper()
	p.wait(selector, `document.querySelector(`+quote(selector)+`).checkVisibility()`)
}

// text waits until the element says exactly this.
func (p page) text(selector, want string) {
	p.t.Helper()
	p.wait(selector+" saying "+want, `document.querySelector(`+quote(selector)+`).innerText.trim() === `+quote(want))
}

func (p page) get(expression string) string {
	p.t.Helper()
	ctx, cancel := context.WithTimeout(p.ctx, patience)
	defer cancel()
	for {
		text, err := chromedp.Run(ctx, chromedp.Evaluate[string](`String(`+expression+`)`))
		if err == nil {
			return text
		}
		if ctx.Err() != nil || !strings.Contains(err.Error(), "navigated") { // the page that comes is read instead
			p.t.Fatalf("read %s: %v", expression, err)
		}
	}
}

func (p page) want(what, expression, want string) {
	p.t.Helper()
	if got := p.get(expression); got != want {
		p.t.Errorf("%s is %q, want %q", what, got, want)
	}
}

func (p page) do(what string, steps ...chromedp.Action[chromedp.Void]) {
	p.t.Helper()
	ctx, cancel := context.WithTimeout(p.ctx, patience)
	defer cancel()
	if len(steps) == 0 {
		ctx = p.ctx // the first use of a context starts its browser, which must outlive this call
	}
	if err := chromedp.Do(ctx, steps...); err != nil {
		p.shot("failed")
		p.t.Fatalf("%s: %v", what, err)
	}
}

// click presses a control with the mouse once it can be seen and pressed.
func (p page) click(selector string) {
	p.t.Helper()
	p.wait(selector+" being ready", `(() => { const c = document.querySelector(`+quote(selector)+`);
		if (!c.checkVisibility() || c.disabled) return false;
		const at = JSON.stringify([c.getBoundingClientRect(), innerWidth, innerHeight]), rests = window.restingAt === at;
		window.restingAt = at; // what still moves, because the window was resized or something above it grew, is not hit
		return rests; })()`)
	ctx, cancel := context.WithTimeout(p.ctx, patience)
	defer cancel()
	for { // the portal may redraw its part of the page between looking and pressing; a press that missed did nothing
		err := chromedp.Do(ctx, chromedp.Click(chromedp.CSS(selector)))
		if err == nil {
			return
		}
		if ctx.Err() != nil || !strings.Contains(err.Error(), "node") {
			p.shot("failed")
			p.t.Fatalf("click %s: %v", selector, err)
		}
	}
}

// fill replaces what stands in a field, typing as a person does.
func (p page) fill(selector, text string) {
	p.t.Helper()
	p.see(selector)
	p.do("fill "+selector,
		chromedp.Evaluate[chromedp.Void](`(() => { const field = document.querySelector(`+quote(selector)+`); field.focus(); field.select(); })()`),
		chromedp.SendKeys(chromedp.CSS(selector), text))
}

// key presses a key of the keyboard.
func (p page) key(key string) {
	p.t.Helper()
	p.do("press a key", chromedp.KeyEvent(key))
}

// tabTo walks with the tabulator until the control has focus.
func (p page) tabTo(selector string) {
	p.t.Helper()
	for range 40 {
		if p.get(`document.activeElement?.matches(`+quote(selector)+`)`) == "true" {
			return
		}
		p.key(kb.Tab)
	}
	p.t.Fatalf("the tabulator never came to %s; it stands on %s", selector, p.get(`document.activeElement.outerHTML`))
}

// shot writes a picture of the whole tab when pictures are wanted.
func (p page) shot(name string) {
	p.t.Helper()
	dir := os.Getenv("SCREENS_DIR")
	if dir == "" {
		return
	}
	if name != "failed" { // what moves or passes by only blurs a picture
		p.get(`(() => { document.querySelector(".toasts")?.remove();
			for (const a of document.getAnimations()) { try { a.finish(); } catch { a.cancel(); } } })()`)
	}
	png, err := chromedp.Run(p.top, chromedp.CaptureScreenshot())
	if err != nil {
		p.t.Logf("no picture of %s: %v", name, err)
		return
	}
	file := filepath.Join(dir, strings.ReplaceAll(p.t.Name(), "/", "-")+"-"+name+".png")
	if err := os.WriteFile(file, png, 0o600); err != nil {
		p.t.Errorf("keep a picture: %v", err)
	}
}

// quote writes a text as a script's string.
func quote(text string) string {
	return "'" + strings.NewReplacer(`\`, `\\`, `'`, `\'`, "\n", `\n`).Replace(text) + "'"
}
