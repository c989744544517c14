package web

import (
	"bytes"
	"strings"
	"testing"
	"time"

	"github.com/PuerkitoBio/goquery"

	"receivepayment/access"
	"receivepayment/invoices"
	"receivepayment/pairing"
	"receivepayment/payments"
)

// noon is when the made-up screens are looked at.
func noon() time.Time { return time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC) }

func at(t time.Time) *time.Time { return &t }

func cashierOf() caller {
	return caller{PortalID: "m1", Person: payments.Person{ID: "14", Name: "Mere Tane"}, Rights: []access.Right{access.Take}}
}

func adminOf() caller {
	return caller{PortalID: "m1", Person: payments.Person{ID: "1", Name: "Aroha Ngata"}, Admin: true, Rights: access.All()}
}

// screens renders templates and holds each of them to what every screen owes.
type screens struct {
	t     *testing.T
	pages *pages
}

func newScreens(t *testing.T) screens {
	t.Helper()
	p, err := parsePages()
	if err != nil {
		t.Fatal(err)
	}
	return screens{t: t, pages: p}
}

func (s screens) draw(name string, data any) *goquery.Document {
	s.t.Helper()
	raw, err := s.pages.render(nil, name, data)
	if err != nil {
		s.t.Fatal(err)
	}
	doc, err := goquery.NewDocumentFromReader(bytes.NewReader(raw))
	if err != nil {
		s.t.Fatal(err)
	}
	strict(s.t, doc)
	named(s.t, doc)
	placed(s.t, doc)
	return doc
}

// strict: the page's own policy forbids everything inline.
func strict(t *testing.T, doc *goquery.Document) {
	t.Helper()
	doc.Find("*").Each(func(_ int, node *goquery.Selection) {
		for _, a := range node.Get(0).Attr {
			if a.Key == "style" || strings.HasPrefix(a.Key, "on") || strings.HasPrefix(a.Key, "hx-on") || a.Key == "hx-confirm" {
				t.Errorf("%s carries %s, which the policy forbids", goquery.NodeName(node), a.Key)
			}
			if strings.Contains(a.Val, "js:") {
				t.Errorf("%s=%q wants to run code", a.Key, a.Val)
			}
		}
	})
	if n := doc.Find("style, script:not([src])").Length(); n > 0 {
		t.Errorf("%d elements with code or style inside", n)
	}
}

// named: every id is one, every reference leads somewhere, every control has a
// name for those who cannot see it.
func named(t *testing.T, doc *goquery.Document) {
	t.Helper()
	ids := map[string]bool{}
	doc.Find("[id]").Each(func(_ int, node *goquery.Selection) {
		id := node.AttrOr("id", "")
		if ids[id] {
			t.Errorf("the id %q is there twice", id)
		}
		ids[id] = true
	})
	for _, attribute := range []string{"aria-labelledby", "aria-describedby", "for"} {
		doc.Find("[" + attribute + "]").Each(func(_ int, node *goquery.Selection) {
			for _, id := range strings.Fields(node.AttrOr(attribute, "")) {
				if !ids[id] {
					t.Errorf("%s=%q leads nowhere", attribute, id)
				}
			}
		})
	}
	doc.Find("button").Each(func(_ int, node *goquery.Selection) {
		if strings.TrimSpace(node.Text()) == "" && node.AttrOr("aria-label", "") == "" {
			t.Errorf("a button without a name: %s", node.AttrOr("data-test", "?"))
		}
		if node.AttrOr("type", "") == "" {
			t.Errorf("a button without a type: %s", node.Text())
		}
	})
	doc.Find("input:not([type=hidden]), select, textarea").Each(func(_ int, node *goquery.Selection) {
		id := node.AttrOr("id", "")
		if node.AttrOr("aria-label", "") == "" && node.Closest("label").Length() == 0 && doc.Find(`label[for="`+id+`"]`).Length() == 0 {
			t.Errorf("an input without a label: %s", node.AttrOr("name", "?"))
		}
	})
}

// placed: every answer has a place. Nothing is inherited (see requests.ts), so
// what sends a request says itself where its answer goes; a form has room for a
// refusal, and every place beside a field has its field.
func placed(t *testing.T, doc *goquery.Document) {
	t.Helper()
	for _, verb := range []string{"get", "post", "put", "patch", "delete"} {
		doc.Find("[hx-" + verb + "]").Each(func(_ int, node *goquery.Selection) {
			if node.AttrOr("hx-target", "") == "" && node.AttrOr("hx-swap", "") != "none" {
				t.Errorf("the answer of %s would replace what is in it", node.AttrOr("hx-"+verb, "?"))
			}
			path := node.AttrOr("hx-"+verb, "?")
			key := strings.HasSuffix(path, "/keys") // what the terminal makes of it is on its display
			if goquery.NodeName(node) == "form" && verb != "get" && !key && node.Find(".form-errors").Length() != 1 {
				t.Errorf("the form of %s has %d places for a refusal", path, node.Find(".form-errors").Length())
			}
		})
	}
	doc.Find("form [data-error-for]").Each(func(_ int, place *goquery.Selection) {
		name := place.AttrOr("data-error-for", "")
		if place.Closest("form").Find(`[name="`+name+`"], [data-name="`+name+`"]`).Length() == 0 {
			t.Errorf("a refusal at %q has no field beside it", name)
		}
	})
}

// tests are the values of data-test below the selector, in order.
func tests(doc *goquery.Document, selector string) []string {
	out := []string{}
	doc.Find(selector).Each(func(_ int, node *goquery.Selection) { out = append(out, node.AttrOr("data-test", "")) })
	return out
}

func said(doc *goquery.Document, name string) string {
	place := doc.Find(`[data-test="` + name + `"]`).Clone()
	place.Find("[hidden]").Remove()
	return strings.Join(strings.Fields(place.Text()), " ")
}

const hostile = `"><script>alert(1)</script><img src=x onerror=alert(1)>{{.Secret}}'`

func TestEveryWholePageIsCompleteAndCarriesItsToken(t *testing.T) {
	t.Parallel()
	s := newScreens(t)
	server := &Server{Config: Config{Now: noon}}
	view := invoices.View{Entity: "deal", ID: "512", Title: "Wharf pump kit", Total: aud(28700), ToInvoice: aud(28700)}

	for name, data := range map[string]any{
		"receive-page":  server.receivePage(cashierOf(), "token-1", view, nil, nil),
		"settings-page": server.settingsPage(adminOf(), "token-1", terminalsView{deskTabs: deskTabs{Who: adminOf(), Tab: "terminals"}}, nil),
		"install":       installPageView{server.frame(adminOf(), "token-1", "Install"), wizardAfter(pairing.Portal{}, "")},
		"outside-page":  outsideView{bare("Receive Payment")},
		"sorry-page":    sorryView{frame: bare("Receive Payment"), Problem: newProblem(404, "not_found", "There is no such thing here.", "")},
	} {
		t.Run(name, func(t *testing.T) {
			doc := s.draw(name, data)
			if got := doc.Find("html").AttrOr("lang", ""); got != "en" {
				t.Errorf("the language is %q", got)
			}
			if doc.Find("main#main h1").Length() != 1 || doc.Find("title").Text() == "" {
				t.Error("one main part with one heading, and a title, are what a page begins with")
			}
			token, found := doc.Find("meta[name=app-token]").Attr("content")
			if known := strings.HasSuffix(name, "-page") && name[0] != 'o' && name != "sorry-page" || name == "install"; known != found || (known && token != "token-1") {
				t.Errorf("token %q, present %v", token, found)
			}
		})
	}
}

func TestTheWizardTakesOneStepAfterTheOtherAndEndsOnce(t *testing.T) {
	t.Parallel()
	s := newScreens(t)
	p := pairing.Portal{Steps: pairing.Steps{}}
	begun := s.draw("install", installPageView{Wizard: wizardAfter(p, "")})
	names := pairing.StepNames()
	if got := begun.Find("[hx-trigger=load]").AttrOr("hx-post", ""); got != "/bitrix/install/steps/"+names[0] {
		t.Errorf("the wizard begins with %q", got)
	}
	for i, name := range names {
		p.Steps[name] = pairing.StepState{Outcome: pairing.StepFailed, Text: "Bitrix24 refused: no"}
		failed := s.draw("install-steps", wizardAfter(p, name))
		if !pairing.StepOptional(name) {
			retry := failed.Find("[data-test=step-retry]").AttrOr("hx-post", "")
			if retry != "/bitrix/install/steps/"+name || failed.Find("[hx-trigger=load], [data-install-finish]").Length() != 0 {
				t.Errorf("after %s failed the wizard offers %q and goes on", name, retry)
			}
			if !strings.Contains(said(failed, "step-"+name), "Bitrix24 refused: no") {
				t.Errorf("why %s failed is not said", name)
			}
		}
		p.Steps[name] = pairing.StepState{Outcome: pairing.StepDone}
		done := s.draw("install-steps", wizardAfter(p, name))
		if last := i == len(names)-1; last != (done.Find("[data-install-finish]").Length() == 1) {
			t.Errorf("after %s the portal is told that all is finished: %v", name, !last)
		}
	}
}

func TestARefusedEntrySaysWhatToDoNext(t *testing.T) {
	t.Parallel()
	s := newScreens(t)
	seen := map[string]bool{}
	for _, code := range []string{"unauthenticated", "forbidden", "not_found", "upstream_unavailable", "upstream_refused", "internal"} {
		doc := s.draw("sorry-page", sorryView{frame: bare("x"), Problem: newProblem(400, code, hostile, "")})
		next := doc.Find(".notice p").Last().Text()
		if next == "" || seen[next] {
			t.Errorf("%s has no next step of its own: %q", code, next)
		}
		seen[next] = true
		if doc.Find("img").Length() > 0 {
			t.Error("a text from outside became markup")
		}
	}
}

func TestAFormErrorNamesItsFieldAndLeadsToTheOpenPayment(t *testing.T) {
	t.Parallel()
	s := newScreens(t)
	doc := s.draw("form-errors", formErrorsView{Problem: newProblem(422, "invalid", "Enter an amount like 42.50.", "amount")})
	if got := doc.Find("[role=alert]").AttrOr("data-field", ""); got != "amount" {
		t.Errorf("the field at fault is %q", got)
	}
	if got := doc.Find("[data-sentence]").Text(); got != "Enter an amount like 42.50." {
		t.Errorf("it says %q", got)
	}
	open := s.draw("form-errors", formErrorsView{Problem: newProblem(409, "document_open", "Still open.", ""), Open: &payments.Payment{ID: "p_9"}})
	if got := open.Find("[data-test=show-open]").AttrOr("hx-get", ""); got != "/api/v1/payments/p_9?panel=1" {
		t.Errorf("the open payment is found at %q", got)
	}
}

func aud(minor int64) payments.Money { return payments.Money{Minor: minor, Currency: "AUD"} }

func counter(id, name string) pairing.Card {
	return pairing.Card{Terminal: pairing.Terminal{
		ID: id, Name: name, Provider: "linkly", Environment: pairing.Production, Currency: "AUD", Status: pairing.Ready, Shared: true,
	}}
}
