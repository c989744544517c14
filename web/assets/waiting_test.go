package assets_test

import (
	"testing"

	"github.com/chromedp/chromedp"
)

const list = `<h1>Terminals</h1><button id="ask" type="button" hx-get="/slow" hx-target="#list" hx-swap="innerHTML">Ask</button>
<div id="list" data-skeleton="list"><p id="old">What was there</p></div><p id="below">Below</p>`

// TestWhatIsAwaitedIsShownAsAwaited: grey bars and aria-busy stand where an
// answer that takes its time will be. The answer ends them, and where none comes
// what was there is back.
func TestWhatIsAwaitedIsShownAsAwaited(t *testing.T) {
	t.Parallel()
	s := newStage(t, "", list)
	p := browse(t, s.appOrigin()+"/page")
	p.wait("a started script", `document.documentElement.dataset.connection !== undefined || performance.getEntriesByName("usable").length > 0`)
	const (
		waits = `document.querySelector("#list > .skeleton-room") !== null && document.getElementById("list").ariaBusy === "true"`
		rests = `document.querySelector(".skeleton-room") === null && document.getElementById("list").ariaBusy === null`
	)
	ask := func() {
		t.Helper()
		p.do("ask", chromedp.Click(chromedp.CSS("#ask")))
		p.wait("the bars", waits)
		p.want("bars with something to see", `String(document.querySelectorAll(".skeleton-room .skeleton").length > 1)`, "true")
		p.want("bars for those who cannot see them", `document.querySelector(".skeleton-room").ariaHidden`, "true")
		p.want("what was there, meanwhile", `getComputedStyle(document.getElementById("old")).display`, "none")
	}

	ask()
	s.gate <- false
	p.wait("no bars after a line that broke", rests)
	p.want("what was there", `getComputedStyle(document.getElementById("old")).display`, "block")

	ask()
	s.gate <- true
	p.wait("no bars after the answer", rests)
	p.want("the answer", `document.getElementById("fresh").textContent`, "What was asked for")
	p.noFaults()
}
