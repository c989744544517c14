package assets_test

import (
	"context"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"receivepayment/internal/testkit"
	"receivepayment/web/assets"
)

// tab is a page in Chromium, seen from inside the document that matters.
type tab struct {
	t   *testing.T
	ctx context.Context // chromedp keeps the browser's handle in it
}

// browse opens the address in a browser of its own.
func browse(t *testing.T, address string) tab {
	t.Helper()

	path := testkit.Need(t, "TEST_CHROMIUM")
	if !assets.Built() {
		if os.Getenv("TEST_REQUIRE") == "1" {
			t.Fatal("the bundle is missing; run make bundle")
		}

		t.Skip("the bundle is missing: skipped; make bundle builds it")
	}

	root, cancel := context.WithTimeout(t.Context(), time.Minute)
	t.Cleanup(cancel)

	browser, stop := chromedp.NewExecAllocator(root, chromedp.ExecPath(path), chromedp.NoSandbox, chromedp.Headless, chromedp.DisableGPU)
	t.Cleanup(stop)

	ctx, leave := chromedp.NewContext(browser)
	t.Cleanup(leave)

	if err := chromedp.Do(ctx, chromedp.Navigate(address)); err != nil {
		t.Fatalf("open the page: %v", err)
	}

	return tab{t: t, ctx: ctx}
}

// inFrame is the document in the cross-site frame, which has a process of its own.
func (p tab) inFrame(origin string) tab {
	p.t.Helper()

	for p.ctx.Err() == nil {
		infos, err := chromedp.Targets(p.ctx)
		if err != nil {
			p.t.Fatalf("list targets: %v", err)
		}

		for _, info := range infos {
			if info.Type == "iframe" && strings.HasPrefix(info.URL, origin) {
				ctx, leave := chromedp.NewContext(p.ctx, chromedp.WithTargetID(info.TargetID))
				p.t.Cleanup(leave)

				// Attached here, with the long-lived context: the end of the one that attaches ends the tab.
				frame := tab{t: p.t, ctx: ctx}
				frame.do("attach to the frame")

				return frame
			}
		}
	}

	p.t.Fatalf("no frame of %s: %v", origin, p.ctx.Err())

	return tab{}
}

// wait returns when the expression has become true in the page.
func (p tab) wait(what, expression string) {
	p.t.Helper()

	ctx, cancel := context.WithTimeout(p.ctx, 20*time.Second)
	defer cancel()

	script := `new Promise((done) => { const look = () => (` + expression + `) ? done(true) : setTimeout(look, 20); look(); })`
	if _, err := chromedp.Run(ctx, chromedp.Evaluate[bool](script, chromedp.EvalAwaitPromise)); err != nil {
		p.t.Fatalf("wait for %s: %v\npage: %s", what, err, p.get(`document.body.innerText + " faults: " + JSON.stringify(window.faults) + " said: " + (window.said ?? "")`))
	}
}

func (p tab) get(expression string) string {
	p.t.Helper()

	text, err := chromedp.Run(p.ctx, chromedp.Evaluate[string](`String(`+expression+`)`))
	if err != nil {
		p.t.Fatalf("read %s: %v", expression, err)
	}

	return text
}

func (p tab) want(what, expression, want string) {
	p.t.Helper()

	if got := p.get(expression); got != want {
		p.t.Errorf("%s is %q, want %q", what, got, want)
	}
}

func (p tab) do(what string, steps ...chromedp.Action[chromedp.Void]) {
	p.t.Helper()

	if err := chromedp.Do(p.ctx, steps...); err != nil {
		p.t.Fatalf("%s: %v", what, err)
	}
}

// noFaults ends a story: no script error, nothing that the page's own policy had to stop.
func (p tab) noFaults() {
	p.t.Helper()
	p.want("list of faults", `JSON.stringify(window.faults)`, "[]")
}
