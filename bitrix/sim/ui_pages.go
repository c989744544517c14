package sim

import (
	"slices"
	"strings"
)

// startBody is the first page of a demo.
type startBody struct {
	Steps           []demoStep
	Deals, Invoices []rowView
}

// demoStep is one sentence with one link in it.
type demoStep struct {
	No                            int
	Before, Link, LinkText, After string
}

// startPage says in three sentences what to click; the first depends on whether the app is installed.
func startPage(v *visit) (string, pageData) {
	first := demoStep{
		1, "Open ", "/marketplace/", "Market", " and press Install, then pair a terminal on the settings page with the code that the virtual PIN pad shows.",
	}
	if v.p.app.finished {
		first = demoStep{
			1, "Open ", "/marketplace/app/" + v.s.cfg.AppCode + "/", "Receive Payment",
			" in the menu and pair a terminal with the code that the virtual PIN pad shows.",
		}
	}
	body := startBody{Steps: []demoStep{
		first,
		{2, "Open the deal ", "/crm/deal/details/512/", "Wharf pump kit", ", choose its tab Receive Payment, press Add Invoice and then Send Payment."},
		{3, "Tap a card on the virtual PIN pad and watch the ", "/crm/type/31/list/category/3/", "invoice", " become Paid, with an entry in its timeline."},
	}}
	if v.u.may(canRead) {
		for _, it := range v.p.sorted(typeDeal) {
			body.Deals = append(body.Deals, v.p.row(it))
		}
		for _, it := range v.p.sorted(typeInvoice) {
			body.Invoices = append(body.Invoices, v.p.row(it))
		}
		slices.Reverse(body.Invoices)
		body.Invoices = body.Invoices[:min(len(body.Invoices), 8)]
	}
	return "start", pageData{Title: "Start", Nav: "home", Body: body}
}

// listBody is a list of deals or invoices with the app's entries in the row menu.
type listBody struct {
	Kind      string
	Placement string
	Menu      []tabView
	Rows      []rowView
}

// dealList shows the deals, newest first.
func dealList(v *visit) (string, pageData) {
	return v.list(typeDeal, "Deals", "deals", placementDealMenu)
}

// invoiceList shows the smart invoices, newest first.
func invoiceList(v *visit) (string, pageData) {
	return v.list(typeInvoice, "Invoices", "invoices", placementInvMenu)
}

// list leaves the rows out for users who may not read; like REST it does not say that there are any.
func (v *visit) list(typeID int, title, nav, placement string) (string, pageData) {
	body := listBody{Kind: typeName(typeID), Placement: placement, Menu: v.widgets(placement)}
	if v.u.may(canRead) {
		for _, it := range v.p.sorted(typeID) {
			body.Rows = append(body.Rows, v.p.row(it))
		}
		slices.Reverse(body.Rows)
	}
	return "list", pageData{Title: title, Nav: nav, Body: body}
}

// cardBody is a deal's or an invoice's card.
type cardBody struct {
	Kind, KindName, KindLower string
	ID                        int
	Amount                    string
	Stages                    stageView
	Facts                     []factView
	Products                  []productView
	Invoices                  []rowView
	Timeline                  []entryView
	Tabs                      []tabView
	Toolbar                   []tabView
}

// factView is one line of a card's facts.
type factView struct{ Name, Text, Link string }

// dealCard has the invoices of the deal beside its products.
func dealCard(v *visit) (string, pageData) {
	it := v.shown(typeDeal)
	if it == nil {
		return v.missing("deal")
	}
	body := v.card(it, "Deal", placementDealTab)
	for _, inv := range v.p.sorted(typeInvoice) {
		if inv.number("parentId2") == it.id {
			body.Invoices = append(body.Invoices, v.p.row(inv))
		}
	}
	return "card", pageData{Title: displayTitle(it), Nav: "deals", Body: body}
}

// invoiceCard links back to its deal.
func invoiceCard(v *visit) (string, pageData) {
	it := v.shown(typeInvoice)
	if it == nil {
		return v.missing("invoice")
	}
	body := v.card(it, "Invoice", placementInvTab)
	if deal := v.p.item(typeDeal, it.number("parentId2")); deal != nil {
		body.Facts = append(body.Facts, factView{"Deal", displayTitle(deal), "/crm/deal/details/" + itoa(deal.id) + "/"})
	}
	body.Facts = append(body.Facts,
		factView{Name: "Issued", Text: displayDate(it, "begindate")}, factView{Name: "Due", Text: displayDate(it, "closedate")})
	return "card", pageData{Title: displayTitle(it), Nav: "invoices", Body: body}
}

// displayDate is a date without time, or a dash.
func displayDate(it *item, name string) string {
	t := it.moment(name)
	if t.IsZero() {
		return "–"
	}
	return t.In(portalZone()).Format("2 January 2006")
}

// shown is the item of the address, nil when there is none or the user may not see it.
func (v *visit) shown(typeID int) *item {
	if !v.u.may(canRead) {
		return nil
	}
	return v.p.item(typeID, numberOr(v.r.PathValue("id")))
}

// card is what deals and invoices have in common.
func (v *visit) card(it *item, kindName, placement string) cardBody {
	body := cardBody{
		Kind: typeName(it.typeID), KindName: kindName, KindLower: strings.ToLower(kindName), ID: it.id,
		Amount: displayAmount(it), Stages: v.p.stageBar(it), Products: v.p.productViews(it),
		Timeline: v.p.timelineViews(it), Tabs: v.widgets(placement),
		Toolbar: v.widgets(strings.TrimSuffix(placement, "_TAB") + "_TOOLBAR"),
	}
	body.Facts = append(body.Facts, factView{Name: "Amount", Text: body.Amount})
	if company := v.p.item(typeCompany, it.number("companyId")); company != nil {
		body.Facts = append(body.Facts, factView{Name: "Company", Text: company.text("title")})
	}
	if contact := v.p.item(typeContact, it.number("contactId")); contact != nil {
		body.Facts = append(body.Facts, factView{Name: "Contact", Text: contact.text("name") + " " + contact.text("lastName")})
	}
	if u := v.p.user(it.number("assignedById")); u != nil {
		body.Facts = append(body.Facts, factView{Name: "Responsible", Text: u.fullName()})
	}
	return body
}

// missingBody is the text of an error page.
type missingBody struct{ Text string }

// missing does not tell a card that is not there from one that may not be seen.
func (v *visit) missing(kind string) (string, pageData) {
	return "missing", pageData{Title: "Not found", Body: missingBody{"This " + kind + " does not exist, or you may not see it."}}
}

// missingPage is for addresses that this small portal does not have.
func missingPage(*visit) (string, pageData) {
	return "missing", pageData{Title: "Not found", Body: missingBody{"There is no such page in this portal."}}
}
