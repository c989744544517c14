package sim_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/PuerkitoBio/goquery"
	"github.com/google/go-cmp/cmp"

	"receivepayment/bitrix/sim"
)

// page opens a page of the portal as a user.
func (w *world) page(userID int, path string) *goquery.Document {
	w.t.Helper()
	req, err := http.NewRequestWithContext(w.t.Context(), http.MethodGet, w.url+path, http.NoBody)
	if err != nil {
		w.t.Fatal(err)
	}
	req.AddCookie(&http.Cookie{Name: "portal_user", Value: itoa(userID)})
	resp, err := w.http.Do(req)
	if err != nil {
		w.t.Fatal(err)
	}
	defer func() { _ = resp.Body.Close() }()
	doc, err := goquery.NewDocumentFromReader(resp.Body)
	if err != nil {
		w.t.Fatal(err)
	}
	return doc
}

func (w *world) bindTabs(token string) {
	handler := strings.Replace(w.app.server.URL, "127.0.0.1", "localhost", 1) + "/app"
	for _, code := range []string{"CRM_DEAL_DETAIL_TAB", "CRM_SMART_INVOICE_DETAIL_TAB", "CRM_SMART_INVOICE_LIST_MENU"} {
		w.call(token, "placement.bind", `{"PLACEMENT":"`+code+`","HANDLER":"`+handler+`","LANG_ALL":{"en":{"TITLE":"Receive Payment"}}}`)
	}
}

func test(name string) string { return `[data-test="` + name + `"]` }

func TestWidgetsAreHiddenUntilTheInstallationIsFinished(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.bindTabs(w.sim.InstallForm(1).Body.Get("AUTH_ID"))
	if n := w.page(1, "/crm/deal/details/512/").Find(test("tab-app-0")).Length(); n != 0 {
		t.Error("the tab is shown before the installation is finished")
	}
	notice := w.page(14, "/marketplace/app/vendor.eftpos/").Find(test("install-notice")).Text()
	if !strings.Contains(notice, "not fully installed") {
		t.Errorf("an ordinary user reads %q", notice)
	}
	if n := w.page(1, "/marketplace/app/vendor.eftpos/").Find("[data-installing]").Length(); n != 1 {
		t.Error("an administrator is not sent to the installer")
	}

	w.sim.FinishInstall()
	if title := w.page(14, "/crm/deal/details/512/").Find(test("tab-app-0")).Text(); title != "Receive Payment" {
		t.Errorf("the tab is called %q", title)
	}
	w.sim.SetRights(14, sim.Rights{Read: true, Write: true})
	if n := w.page(14, "/crm/deal/details/512/").Find(test("tab-app-0")).Length(); n != 0 {
		t.Error("the tab is shown to a user without access to the app")
	}
}

func TestTheCardsShowWhatTheCRMHolds(t *testing.T) {
	t.Parallel()
	w, token := installed(t)
	w.bindTabs(token)
	w.addInvoice(token, `"title":"Balance","parentId2":512,"opportunity":1287.5,"isManualOpportunity":"Y"`)
	w.call(token, "crm.timeline.logmessage.add", logMessage(31, 77, "VISA ••••4242"))
	w.call(token, "im.notify.system.add", `{"USER_ID":14,"MESSAGE":"Paid [URL=/crm/type/31/details/77/]Open[/URL] [URL=https://evil.example/]x[/URL]"}`)

	deal := w.page(14, "/crm/deal/details/512/")
	got := map[string]string{
		"amount":   deal.Find(test("deal-amount")).Text(),
		"invoice":  strings.Join(strings.Fields(deal.Find(test("deal-invoice-77")).Text()), " "),
		"stage":    deal.Find(test("deal-stage")).AttrOr("data-stage", ""),
		"products": itoa(deal.Find(test("deal-products") + " tbody tr").Length()),
		"bell":     deal.Find(test("notifications")+" a").AttrOr("href", ""),
		"links":    itoa(deal.Find(test("notifications") + " a").Length()),
	}
	want := map[string]string{
		"amount": "287.00 AUD", "invoice": "Balance New 1,287.50 AUD", "stage": "EXECUTING", "products": "2",
		"bell": "/crm/type/31/details/77/", "links": "1",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("deal card differs (-want +got):\n%s", diff)
	}
	invoice := w.page(14, "/crm/type/31/details/77/?IFRAME=Y&IFRAME_TYPE=SIDE_SLIDER")
	if invoice.Find("header").Length() != 0 || !strings.Contains(invoice.Find(test("timeline-entry")).Text(), "VISA ••••4242") {
		t.Error("the invoice in a slider should show its timeline and no top bar")
	}
	list := w.page(14, "/crm/type/31/list/category/3/")
	if list.Find(test("invoice-row-77")+" "+test("invoice-menu-77-0")).Text() != "Receive Payment" {
		t.Error("the row menu lacks the app's entry")
	}
	if n := w.page(16, "/crm/deal/details/512/").Find(test("deal-amount")).Length(); n != 0 {
		t.Error("a user without rights sees the deal")
	}
}

func TestTheStartPageSaysWhatToClick(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	steps := w.page(1, "/").Find(test("demo-steps") + " li")
	if steps.Length() != 3 {
		t.Fatalf("%d sentences, want 3", steps.Length())
	}
	steps.Each(func(_ int, step *goquery.Selection) {
		href := step.Find("a").AttrOr("href", "")
		if w.do(http.MethodGet, w.url+href, "", "").status != http.StatusOK {
			t.Errorf("the link to %q is dead", href)
		}
	})
	if w.do(http.MethodGet, w.url+"/company/structure/", "", "").status != http.StatusNotFound {
		t.Error("an unknown page should be a 404")
	}
}

func TestForeignPagesGetNoTokens(t *testing.T) {
	t.Parallel()
	w, _ := installed(t)
	ask := func(contentType, site string) int {
		req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, w.url+"/portal/frame", strings.NewReader(`{"placement":"DEFAULT"}`))
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set("Content-Type", contentType)
		req.Header.Set("Sec-Fetch-Site", site)
		resp, err := w.http.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = resp.Body.Close() }()
		return resp.StatusCode
	}
	got := []int{
		ask("application/json", "same-origin"), ask("application/json", "cross-site"),
		ask("application/json", "same-site"), ask("text/plain", "same-origin"),
	}
	if diff := cmp.Diff([]int{200, 403, 403, 403}, got); diff != "" {
		t.Errorf("statuses differ (-want +got):\n%s", diff)
	}
}

func TestADeepLinkOpensTheAppWithItsParameters(t *testing.T) {
	t.Parallel()
	w, token := installed(t)
	const path = "/marketplace/view/vendor.eftpos/?params[invoice]=77"
	frame := w.page(14, path).Find("[data-app-page]")
	if frame.AttrOr("data-placement", "") != "DEFAULT" {
		t.Errorf("without a handler the link opens %q", frame.AttrOr("data-placement", ""))
	}
	w.call(token, "placement.bind", `{"PLACEMENT":"REST_APP_URI","HANDLER":"`+w.app.server.URL+`/app"}`)
	frame = w.page(14, path).Find("[data-app-page]")
	got := []string{frame.AttrOr("data-placement", ""), frame.AttrOr("data-options", "")}
	if diff := cmp.Diff([]string{"REST_APP_URI", `{"invoice":"77"}`}, got); diff != "" {
		t.Errorf("the link opens something else (-want +got):\n%s", diff)
	}
}
