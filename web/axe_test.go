package web

import (
	"context"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"

	"receivepayment/internal/testkit"
	"receivepayment/web/assets"
	"receivepayment/words"
)

// chromium starts one, for all stories of a test.
func chromium(t testing.TB) context.Context {
	t.Helper()
	path := testkit.Need(t, "TEST_CHROMIUM")
	if !assets.Built() {
		t.Fatal("the bundle is missing; run make bundle")
	}
	root, cancel := context.WithTimeout(t.Context(), 4*time.Hour)
	t.Cleanup(cancel)
	allocator, stop := chromedp.NewExecAllocator(root, chromedp.ExecPath(path), chromedp.NoSandbox, chromedp.Headless, chromedp.DisableGPU,
		chromedp.Flag("disable-quic", true), chromedp.Flag("no-first-run", true), chromedp.Flag("disable-background-networking", true),
		chromedp.Flag("disable-component-update", true), chromedp.Flag("disable-sync", true), chromedp.Flag("hide-scrollbars", true))
	t.Cleanup(stop)
	ctx, leave := chromedp.NewContext(allocator)
	t.Cleanup(leave)
	must(ctx, t)
	return ctx
}

// axe is axe-core, which knows what keeps people with disabilities out.
func axe(t testing.TB) string {
	t.Helper()
	raw, err := os.ReadFile("assets/node_modules/axe-core/axe.min.js")
	if err != nil {
		t.Fatalf("axe-core is missing: %v; run make bundle", err)
	}
	return string(raw)
}

// look is one way to look at the stories.
type look struct {
	lang  string
	width int64
	dark  bool
	few   bool // only the stories that tell most
}

// telling are the stories whose sentences are longest and whose parts differ most.
var telling = []string{
	"ready", "send-payment", "refund", "live-on-terminal", "live-signature", "live-password", "live-no-life", "live-unknown-boss",
	"live-second", "live-split", "live-twice", "live-declined", "terminals", "terminals-trouble", "wizard-enter", "sorry-bitrix-down",
}

func (l look) String() string {
	if l.dark {
		return fmt.Sprintf("%s-%d-dark", l.lang, l.width)
	}
	return fmt.Sprintf("%s-%d", l.lang, l.width)
}

// looks are those that STORYBOOK asks for: "all" is every language in both
// widths and both themes, "ar" is one language so, and "ar-360-dark" is one look.
// Without it: English wide, the longest words and the other direction narrow.
func looks(t testing.TB) []look {
	t.Helper()
	asked := os.Getenv("STORYBOOK")
	if asked == "" {
		return []look{{lang: "en", width: 1280}, {lang: "de", width: 360, few: true}, {lang: "ar", width: 360, few: true}}
	}
	var all, found []look
	for _, lang := range words.Languages() {
		for _, width := range []int64{1280, 360} {
			all = append(all, look{lang: lang, width: width}, look{lang: lang, width: width, dark: true})
		}
	}
	for _, l := range all {
		if asked == "all" || asked == l.lang || asked == l.String() {
			found = append(found, l)
		}
	}
	if found == nil {
		t.Fatalf("STORYBOOK=%s is no look at the stories", asked)
	}
	return found
}

// TestNothingKeepsPeopleOut runs axe over every story, and looks for sentences
// that are cut. Make screens takes every look.
func TestNothingKeepsPeopleOut(t *testing.T) {
	if testing.Short() {
		t.Skip("needs a browser")
	}
	for _, name := range telling {
		if _, found := stories()[name]; !found {
			t.Fatalf("no story is called %q", name)
		}
	}
	book, script := storybook(t), axe(t)
	ctx := chromium(t)
	for _, l := range looks(t) {
		scheme := "light"
		if l.dark {
			scheme = "dark"
		}
		must(ctx, t, chromedp.EmulateViewport(l.width, 900), media("prefers-color-scheme", scheme, "prefers-reduced-motion", "reduce"))
		for _, name := range slices.Sorted(maps.Keys(stories())) {
			if l.few && !slices.Contains(telling, name) {
				continue
			}
			t.Run(l.String()+"/"+name, func(t *testing.T) {
				openStory(ctx, t, book.URL, l, name)
				for _, fault := range faults(ctx, t, script) {
					t.Error(fault)
				}
				picture(ctx, t, l, name)
			})
		}
	}
}

// media makes the browser one of somebody who prefers this.
func media(namesAndValues ...string) chromedp.Action[chromedp.Void] {
	return chromedp.Func(func(ctx context.Context, target *chromedp.Target) error {
		var p emulation.SetEmulatedMediaParams
		for i := 0; i < len(namesAndValues); i += 2 {
			p.Features = append(p.Features, &emulation.MediaFeature{Name: namesAndValues[i], Value: namesAndValues[i+1]})
		}
		_, err := cdp.Call(ctx, target, emulation.SetEmulatedMedia, p)
		return err
	})
}

func must(ctx context.Context, t testing.TB, actions ...chromedp.Action[chromedp.Void]) {
	t.Helper()
	if err := chromedp.Do(ctx, actions...); err != nil {
		t.Fatal(err)
	}
}

// openStory shows a story and brings it into its state.
func openStory(ctx context.Context, t testing.TB, base string, l look, name string) {
	t.Helper()
	one := stories()[name]
	must(ctx, t, chromedp.Navigate(base+"/story/"+l.lang+"/"+name))
	waitFor(ctx, t, `!document.querySelector("[data-payment-stream]") || document.documentElement.dataset.connection === "live"`)
	must(ctx, t, chromedp.Evaluate[chromedp.Void](`document.dispatchEvent(new Event("htmx:afterSettle"))`)) // the clocks now
	if one.fold != "" {
		must(ctx, t, chromedp.Evaluate[chromedp.Void](`document.querySelector(`+quoted(one.fold)+`).open = true`))
	}
	if one.open != "" {
		must(ctx, t, chromedp.Evaluate[chromedp.Void](`document.querySelector(`+quoted(one.open)+`).showModal()`))
	}
}

func quoted(s string) string { return "`" + s + "`" }

// waitFor waits until the page says yes.
func waitFor(ctx context.Context, t testing.TB, condition string) {
	t.Helper()
	wait, cancel := context.WithTimeout(ctx, 40*time.Second)
	defer cancel()
	script := `new Promise((done) => { const look = () => (` + condition + `) ? done(true) : setTimeout(look, 20); look(); })`
	if _, err := chromedp.Run(wait, chromedp.Evaluate[bool](script, chromedp.EvalAwaitPromise)); err != nil {
		t.Fatalf("the page never came to %s: %v", condition, err)
	}
}

// faults are what axe calls serious or critical, what is wider than the screen,
// and sentences that are cut.
func faults(ctx context.Context, t testing.TB, script string) []string {
	t.Helper()
	must(ctx, t, chromedp.Evaluate[chromedp.Void](script+";0"))
	out, err := chromedp.Run(ctx, chromedp.Evaluate[[]string](`(async () => {
			const found = await axe.run(document, {resultTypes: ["violations"],
				runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]});
			const bad = found.violations.filter((v) => v.impact === "serious" || v.impact === "critical")
				.map((v) => v.id + ": " + v.help + " at " + v.nodes.map((n) => n.html.slice(0, 160) + " (" + (n.any[0]?.message ?? "") + ")").join(" | "));
			const root = document.documentElement;
			if (root.scrollWidth > root.clientWidth) {
				const wide = [...document.querySelectorAll("body *")].filter((n) => n.checkVisibility() &&
					(n.getBoundingClientRect().right > root.clientWidth + 1 || n.getBoundingClientRect().left < -1));
				bad.push("wider than the screen: " + root.scrollWidth + ", " + (wide.at(-1)?.outerHTML.slice(0, 160) ?? "?"));
			}
			for (const node of document.querySelectorAll("body *")) {
				if (!node.checkVisibility() || node.closest(".slip, .visually-hidden, .wide-only, .skip-link, svg, .docs thead") || node.scrollWidth <= node.clientWidth + 1) continue;
				const style = getComputedStyle(node);
				if (style.overflowX !== "visible" && style.display !== "inline" && node.tagName !== "INPUT")
					bad.push("cut: " + node.outerHTML.slice(0, 160));
			}
			return bad;
		})()`, chromedp.EvalAwaitPromise))
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// picture keeps what is seen, when STORYBOOK_DIR names where.
func picture(ctx context.Context, t testing.TB, l look, name string) {
	t.Helper()
	dir := os.Getenv("STORYBOOK_DIR")
	if dir == "" {
		return
	}
	// A dialog stands before the page and not on it. Chromium moves a page that is
	// lower than its window aside when it takes all of one that runs to the left.
	shoot := chromedp.CaptureScreenshot()
	higher, err := chromedp.Run(ctx, chromedp.Evaluate[bool](`document.documentElement.scrollHeight > innerHeight`))
	if err != nil {
		t.Fatal(err)
	}
	if higher && stories()[name].open == "" {
		shoot = chromedp.FullScreenshot(100)
	}
	raw, err := chromedp.Run(ctx, shoot)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.MkdirAll(filepath.Join(dir, l.String()), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, l.String(), strings.ReplaceAll(name, "/", "-")+".png"), raw, 0o644); err != nil {
		t.Fatal(err)
	}
}
