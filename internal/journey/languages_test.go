package journey_test

import (
	"strconv"
	"testing"

	"github.com/chromedp/chromedp"

	"receivepayment/words"
)

// One job in three languages and two widths: the page speaks what the person
// reads in Bitrix24, nothing is wider than the screen, and the money is right.
func TestThePersonsLanguageFromTheListToTheApproval(t *testing.T) {
	t.Parallel()
	s, _ := open(t, "600.00")
	tab := browse(t, s)
	tab.signIn("14")
	taken := 0
	for _, code := range []string{"en", "ar", "sc"} {
		s.Bitrix.SetLanguage(14, code)
		w := words.In(code)
		for _, width := range []int64{1280, 360} {
			tab.do("take another screen", chromedp.EmulateViewport(width, 900))
			tab.portal("/crm/deal/details/512/")
			tab.click(test("tab-app-0"))
			f := tab.frame()
			f.text("h1", w.T("Receive Payment"))
			f.want("language and direction", `document.documentElement.lang + " " + document.documentElement.dir`, w.Code()+" "+w.Dir())
			f.click(test("send-payment"))
			f.fill(test("amount"), "100.00")
			f.click(test("send-submit"))
			f.see(test("key-cancel"))
			f.text(test("key-cancel"), w.T("Cancel"))
			tap(t, s, "visa")
			state(f, "approved")
			f.text(test("live-title"), w.T("Approved"))
			f.text(test("document-status"), w.T(map[bool]words.Key{true: "Paid", false: "Partly paid"}[taken == 5]))
			f.want("what is wider than the screen", `document.documentElement.scrollWidth > document.documentElement.clientWidth`, "false")
			f.shot("language-" + code + "-" + strconv.FormatInt(width, 10))
			taken++
		}
	}
	wantBooks(t, s, 10000, 10000, 10000, 10000, 10000, 10000)
}
