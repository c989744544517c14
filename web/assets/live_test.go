package assets_test

import (
	"fmt"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/google/go-cmp/cmp"
)

const panel = `<h1>Payment</h1><p class="connection-note">Connection unstable</p>
<div id="panel" data-payment-stream="/api/v1/payments/p_1/events">%s</div>`

// fragment is what the server renders inside the panel: state, sentence, and what stands below.
func fragment(status, title, rest string) string {
	return fmt.Sprintf(`<article class="live" data-status="%s">
<h2 id="title" tabindex="-1" data-autofocus data-announce="%s">%s</h2><time data-since="2026-01-01T00:00:00Z">0:00</time>%s</article>`,
		status, title, title, rest)
}

const question = `<div class="question"><label for="code">Code</label><input id="code" data-keep="code">
<details id="more"><summary>More</summary>text</details></div>`

func TestThePanelFollowsThePayment(t *testing.T) {
	t.Parallel()

	first := fragment("sent", "Waiting for the card", "")
	s := newStage(t, first, fmt.Sprintf(panel, first))
	p := browse(t, s.appOrigin()+"/page")
	p.wait("an open stream", `document.documentElement.dataset.connection === "live"`)
	p.want("focus on a fresh page", `document.activeElement.tagName`, "BODY")
	p.wait("a ticking time", `/^\d+:\d\d:\d\d$/.test(document.querySelector("time").textContent)`)

	s.show(fragment("unknown", "We do not know yet", question))
	p.wait("the new state", `document.querySelector(".live").dataset.status === "unknown"`)
	p.want("focus after a change of state", `document.activeElement.id`, "title")
	p.wait("the announcement", `document.getElementById("announcer").textContent === "We do not know yet"`)

	p.do("type half a code", chromedp.SendKeys(chromedp.CSS("#code"), "31"), chromedp.Click(chromedp.CSS("#more summary")),
		chromedp.Focus(chromedp.CSS("#code")))
	s.show(fragment("unknown", "Still asking", question))
	p.wait("the new words", `document.getElementById("title").textContent === "Still asking"`)
	p.want("the half typed code", `document.getElementById("code").value`, "31")
	p.want("the focused element", `document.activeElement.id`, "code")
	p.want("the opened fold", `document.getElementById("more").open`, "true")

	s.show(fragment("approved", "Approved", ""))
	s.end()
	p.wait("the result", `document.querySelector(".live").dataset.status === "approved"`)
	p.want("the connection", `document.documentElement.dataset.connection`, "live")
	s.set(func(s *stage) {
		if s.tickets != 1 {
			t.Errorf("%d tickets were fetched for one stream, want 1", s.tickets)
		}
	})
	p.noFaults()
}

func TestWhileTheStreamIsBrokenThePageAsksAndSaysSo(t *testing.T) {
	t.Parallel()

	first := fragment("sent", "Waiting for the card", "")
	s := newStage(t, first, fmt.Sprintf(panel, first))
	p := browse(t, s.appOrigin()+"/page")
	p.wait("an open stream", `document.documentElement.dataset.connection === "live"`)

	s.set(func(s *stage) { s.broken = true })
	s.hangUp()
	p.wait("the warning", `document.documentElement.dataset.connection === "unstable"`)
	p.want("the warning's visibility", `getComputedStyle(document.querySelector(".connection-note")).display`, "flex")
	p.want("the payment's state", `document.querySelector(".live").dataset.status`, "sent")

	s.show(fragment("sent", "Enter PIN", ""))
	p.wait("the news by asking", `document.getElementById("title").textContent === "Enter PIN"`)

	s.set(func(s *stage) { s.broken = false })
	p.wait("the stream again", `document.documentElement.dataset.connection === "live"`)
	s.show(fragment("declined", "Declined", ""))
	p.wait("the news by push", `document.querySelector(".live").dataset.status === "declined"`)
	p.noFaults()
}

func TestAnEndedTokenIsRenewedThroughThePortal(t *testing.T) {
	t.Parallel()

	first := fragment("sent", "Waiting for the card",
		`<button id="cancel" hx-post="/api/v1/payments/p_1/keys" hx-vals='{"key":"cancel"}' hx-swap="none">Cancel</button>`)
	s := newStage(t, first, fmt.Sprintf(panel, first))
	s.token = "token-2" // the page brought the first one

	p := browse(t, s.portal.URL).inFrame(s.appOrigin())
	p.wait("an open stream with a renewed token", `document.documentElement.dataset.connection === "live"`)
	p.want("the page's token", `document.querySelector("meta[name=app-token]").content`, "token-2")

	s.set(func(s *stage) { s.token = "token-3" })
	p.do("press Cancel", chromedp.Click(chromedp.CSS("#cancel")))
	p.wait("the second renewal", `document.querySelector("meta[name=app-token]").content === "token-3"`)
	p.wait("the end of the request", `!document.getElementById("cancel").classList.contains("htmx-request")`)

	s.set(func(s *stage) {
		if diff := cmp.Diff([]string{"cancel"}, s.keys); diff != "" {
			t.Errorf("keys that reached the server (-want +got):\n%s", diff)
		}

		if s.renewed != 2 {
			t.Errorf("the token was renewed %d times, want 2", s.renewed)
		}
	})
	p.noFaults()
}
