package assets_test

import (
	"testing"

	"github.com/chromedp/chromedp"
)

const framed = `<main data-install-finish><h1>Terminals</h1>
<p id="people" data-name="users"></p><button id="pick" data-select-users="#people">Pick people</button>
<a id="invoice" href="#" data-open-path="/crm/type/31/details/77/">Invoice 77</a>
<button id="ask" data-dialog="#sure">Refund</button>
<dialog class="dialog" id="sure"><p>Sure?</p><button id="no" data-close>No</button></dialog>
<button id="refused" hx-post="/nowhere">Refused</button></main>`

func TestThePortalIsToldWhatHappensInTheFrame(t *testing.T) {
	t.Parallel()

	s := newStage(t, "", framed)
	outside := browse(t, s.portal.URL)
	p := outside.inFrame(s.appOrigin())

	outside.wait("a frame of the content's height", `document.querySelector("iframe").offsetHeight !== 200`)

	p.wait("the page", `document.getElementById("pick") !== null && document.readyState === "complete"`)
	p.do("pick people", chromedp.Click(chromedp.CSS("#pick")))
	p.wait("two people", `document.querySelectorAll("#people input[name=users]").length === 2`)
	p.want("their ids", `[...document.querySelectorAll("#people input")].map((i) => i.value).join()`, "14,15")

	p.do("open the invoice", chromedp.Click(chromedp.CSS("#invoice")))
	p.do("ask and think better of it", chromedp.Click(chromedp.CSS("#ask")), chromedp.WaitVisible(chromedp.CSS("#no")),
		chromedp.Click(chromedp.CSS("#no")))
	p.wait("a closed dialog", `!document.getElementById("sure").open`)

	p.do("meet a refusal", chromedp.Click(chromedp.CSS("#refused")))
	p.wait("a toast", `document.querySelector(".toasts .notice-error") !== null`)
	p.noFaults()

	for _, command := range []string{"getInitData", "setInstallFinish", "resizeWindow", "selectUser", "openPath"} {
		outside.wait(command, `said.includes("`+command+`")`)
	}
}

func TestOutsideAPortalThePageWorksAlone(t *testing.T) {
	t.Parallel()

	s := newStage(t, "", framed)
	p := browse(t, s.appOrigin()+"/page")
	p.do("pick people", chromedp.Click(chromedp.CSS("#pick")), chromedp.Click(chromedp.CSS("#ask")))
	p.wait("an open dialog", `document.getElementById("sure").open`)
	p.want("picked people", `document.querySelectorAll("#people input").length`, "0")
	p.noFaults()
}
