package stack

import (
	"bytes"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/PuerkitoBio/goquery"
	"github.com/google/go-cmp/cmp"
)

func TestEntryTellsWhoWhereAndWithWhichRights(t *testing.T) {
	t.Parallel()
	s := Start(t, Options{})
	e := s.Bitrix.InstallForm(Admin)
	installed := s.Post(e.URL, e.Body).Want(http.StatusOK)
	s.Bitrix.FinishInstall()

	all := []any{"take", "refund", "refund_unmatched", "moto", "approve", "pair", "settle", "report", "resolve"}
	want := Object{
		"expiresIn": 3600.0, "portal": s.Bitrix.MemberID(), "installed": true, "context": nil,
		"user": map[string]any{"id": "1", "name": "Aroha Ngata", "admin": true, "rights": all},
	}
	if diff := cmp.Diff(want, installed.with("token", nil)); diff != "" {
		t.Errorf("the installer answers otherwise (-want +got):\n%s", diff)
	}

	s.client(installed.Text("token")).Do(http.MethodPost, "/api/v1/invoices", Object{"requestId": "i", "deal": "512"}).Want(http.StatusCreated)
	for _, one := range []struct {
		placement string
		id        int
		context   any
	}{
		{"CRM_DEAL_DETAIL_TAB", 512, map[string]any{"entity": "deal", "id": "512"}},
		{"CRM_SMART_INVOICE_DETAIL_TAB", 77, map[string]any{"entity": "invoice", "id": "77"}},
		{"DEFAULT", 0, nil},
	} {
		e := s.Bitrix.EntryForm(Cashier, one.placement, one.id)
		got := s.Post(e.URL, e.Body).Want(http.StatusOK)
		want["context"] = one.context
		want["user"] = map[string]any{"id": "14", "name": "Mere Tane", "admin": false, "rights": []any{"take"}}
		if diff := cmp.Diff(want, got.with("token", nil)); diff != "" {
			t.Errorf("%s answers otherwise (-want +got):\n%s", one.placement, diff)
		}
	}
	s.lawful()
}

func TestPageCarriesTheSameKindOfToken(t *testing.T) {
	t.Parallel()
	s := Start(t, Options{})
	s.Install()
	e := s.Bitrix.EntryForm(Cashier, "CRM_DEAL_DETAIL_TAB", 512)
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, e.URL, strings.NewReader(e.Body.Encode()))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	req.Header.Set("Accept", "text/html,application/xhtml+xml")
	page := s.Anonymous().Send(req)
	doc, err := goquery.NewDocumentFromReader(bytes.NewReader(page.Body))
	if err != nil {
		t.Fatal(err)
	}
	token, _ := doc.Find(`meta[name="app-token"]`).Attr("content")
	s.client(token).Do(http.MethodGet, "/api/v1/documents?entity=deal&id=512", nil).Want(http.StatusOK)

	if got := page.Header.Get("Content-Security-Policy"); !strings.Contains(got, "frame-ancestors 'self' "+s.Portal) {
		t.Errorf("the page may be framed by others than the portal: %s", got)
	}
	if got := page.Header.Values("Set-Cookie"); len(got) > 0 {
		t.Errorf("a cookie is set: %v", got)
	}
}

func TestInstallingAgainHealsAndNeverDoubles(t *testing.T) {
	t.Parallel()
	s := Start(t, Options{})
	s.Install()
	first := s.Bitrix.Placements()
	if len(first) != 10 {
		t.Fatalf("bound %v", first)
	}
	if menu := "CRM_SMART_INVOICE_LIST_MENU "; !slices.ContainsFunc(first, func(b string) bool { return strings.HasPrefix(b, menu) && strings.HasSuffix(b, "?do=refund") }) {
		t.Errorf("an invoice's menu has no entry for its refund: %v", first)
	}
	before := s.dump(t)
	for range 3 {
		e := s.Bitrix.InstallForm(Admin)
		s.Post(e.URL, e.Body).Want(http.StatusOK)
	}
	if diff := cmp.Diff(first, s.Bitrix.Placements()); diff != "" {
		t.Errorf("the portal's placements changed:\n%s", diff)
	}
	if diff := cmp.Diff(before.counts(), s.dump(t).counts()); diff != "" {
		t.Errorf("rows were added:\n%s", diff)
	}
	s.lawful()
}

func TestOnlyAnAdministratorInstalls(t *testing.T) {
	t.Parallel()
	s := Start(t, Options{})
	e := s.Bitrix.InstallForm(Cashier)
	s.Post(e.URL, e.Body).refused(http.StatusForbidden, "forbidden", "")
	if diff := cmp.Diff(map[string]int{}, s.dump(t).counts()); diff != "" {
		t.Errorf("something was stored:\n%s", diff)
	}
}

func TestPlacementsOfAPortalThatHasNotInstalledAreNotFound(t *testing.T) {
	t.Parallel()
	s := Start(t, Options{})
	s.Bitrix.InstallForm(Admin) // the portal knows the app, we do not know the portal
	e := s.Bitrix.EntryForm(Cashier, "DEFAULT", 0)
	s.Post(e.URL, e.Body).refused(http.StatusNotFound, "not_found", "")
	if diff := cmp.Diff(map[string]int{}, s.dump(t).counts()); diff != "" {
		t.Errorf("something was stored:\n%s", diff)
	}
}

func TestBareAddressesAnswerTheMarketsChecks(t *testing.T) {
	t.Parallel()
	s := Start(t, Options{})
	for _, path := range []string{"/", "/bitrix/install", "/bitrix/app"} {
		for _, method := range []string{http.MethodGet, http.MethodHead} {
			req, err := http.NewRequestWithContext(t.Context(), method, s.App+path, nil)
			if err != nil {
				t.Fatal(err)
			}
			req.Header.Set("Accept", "text/html")
			if got := s.Anonymous().Send(req); got.Status != http.StatusOK {
				t.Errorf("%s %s answers %d", method, path, got.Status)
			}
		}
	}
}
