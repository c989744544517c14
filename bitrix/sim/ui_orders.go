package sim

import (
	"slices"
	"strings"
)

// orderRow is one line of the list of orders.
type orderRow struct {
	ID                   int
	Title, Path          string
	State, Tone          string
	Client, Amount, Deal string
}

// orderBody is an order's card; the names are those that the shared parts of a card read.
type orderBody struct {
	ID       int
	Amount   string
	Facts    []factView
	Products []productView
	Payments []payRow
	Timeline []entryView
	Tabs     []tabView
	// Above are the app's buttons above the timeline.
	Above []tabView
}

// payRow is one payment document for people.
type payRow struct{ Number, System, Sum, State, Tone, Reference, Return string }

// orderState is the order in one word.
func (o *order) state() (name, tone string) {
	switch {
	case o.canceled:
		return "Cancelled", "failure"
	case o.isPaid():
		return "Paid", "success"
	}
	return "Not paid", "process"
}

func (p *portal) orderRow(o *order) orderRow {
	r := orderRow{ID: o.id, Title: "Order " + itoa(o.id), Path: "/shop/orders/details/" + itoa(o.id) + "/", Amount: o.money(o.price)}
	r.State, r.Tone = o.state()
	if company := p.item(typeCompany, o.companyID); company != nil {
		r.Client = company.text("title")
	}
	return r
}

// money is an amount of the order's with its currency.
func (o *order) money(d decimal) string { return groupThousands(d.fixed(2)) + " " + o.currency }

// orderList shows the orders, newest first.
func orderList(v *visit) (string, pageData) {
	var rows []orderRow
	if v.u.may(canRead) {
		for _, o := range v.p.orders {
			rows = append(rows, v.p.orderRow(o))
		}
		slices.Reverse(rows)
	}
	return "orders", pageData{Title: "Orders", Nav: "orders", Body: rows}
}

// orderCard is the card of an order: what was bought, how it is paid, what happened.
func orderCard(v *visit) (string, pageData) {
	o := v.p.order(numberOr(v.r.PathValue("id")))
	if o == nil || !v.u.may(canRead) {
		return v.missing("order")
	}
	state, _ := o.state()
	body := orderBody{
		ID: o.id, Amount: o.money(o.price), Timeline: v.p.timelineViews(&item{typeID: typeOrder, id: o.id}),
		Tabs: v.widgets("CRM_ORDER_DETAIL_TAB"), Above: v.widgets("CRM_ORDER_DETAIL_ACTIVITY"),
	}
	body.Facts = []factView{{Name: "Amount", Text: body.Amount}, {Name: "State", Text: state}}
	if company := v.p.item(typeCompany, o.companyID); company != nil {
		body.Facts = append(body.Facts, factView{Name: "Company", Text: company.text("title")})
	}
	if deal := v.p.item(typeDeal, o.owner.id); deal != nil && o.owner.typeID == typeDeal {
		body.Facts = append(body.Facts, factView{"Deal", displayTitle(deal), "/crm/deal/details/" + itoa(deal.id) + "/"})
	}
	for _, line := range o.lines {
		price, quantity := mustDecimal(line.Price), max(line.Quantity, 1)
		body.Products = append(body.Products, productView{
			Name: line.Name, Price: price.fixed(2), Quantity: itoa(quantity), Sum: (price * decimal(quantity)).fixed(2),
		})
	}
	for _, pay := range o.payments {
		body.Payments = append(body.Payments, v.p.payRow(o, pay))
	}
	return "order", pageData{Title: "Order " + itoa(o.id), Nav: "orders", Body: body}
}

func (p *portal) payRow(o *order, pay *orderPayment) payRow {
	row := payRow{
		Number: itoa(o.id) + "/" + itoa(pay.no), Sum: o.money(pay.sum), State: "Not paid", Tone: "process",
		Reference: strings.TrimSpace(pay.vals["psInvoiceId"] + " " + pay.vals["comments"]),
		Return:    strings.TrimSpace(pay.vals["payReturnNum"] + " " + pay.vals["payReturnComment"]),
	}
	if pay.paid {
		row.State, row.Tone = "Paid", "success"
	}
	if s := p.paySystem(pay.paySystemID); s != nil {
		row.System = s.name
	}
	return row
}
