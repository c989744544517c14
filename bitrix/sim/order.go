package sim

import (
	"slices"
	"time"
)

// typeOrder is the number of store orders; the universal methods do not know them (reference bitrix24, 6.1).
const typeOrder = 14

// order is one order of the store.
type order struct {
	id           int
	topic        string
	price        decimal
	currency     string
	canceled     bool
	personTypeID int
	created      time.Time
	lines        []Line
	contactID    int
	companyID    int
	payments     []*orderPayment
	// owner is the deal or invoice that the order is bound to; one at most (reference bitrix24, 6.10).
	owner ownerKey
}

// orderPayment is one payment document of an order. Texts that the portal only keeps are in vals.
type orderPayment struct {
	id, no      int
	sum         decimal
	paySystemID int
	paid        bool
	isReturn    string
	paidBy      int
	vals        map[string]string
}

// order finds one, nil when there is none.
func (p *portal) order(id int) *order {
	at := slices.IndexFunc(p.orders, func(o *order) bool { return o.id == id })
	if at < 0 {
		return nil
	}
	return p.orders[at]
}

// orderPayment finds a payment and its order.
func (p *portal) orderPayment(id int) (*order, *orderPayment) {
	for _, o := range p.orders {
		for _, pay := range o.payments {
			if pay.id == id {
				return o, pay
			}
		}
	}
	return nil, nil
}

// isPaid says whether the paid payments cover the price.
func (o *order) isPaid() bool {
	var sum decimal
	for _, pay := range o.payments {
		if pay.paid {
			sum += pay.sum
		}
	}
	return sum >= o.price && o.price > 0
}

// addPayment gives an order one more document; its number counts within the order.
func (p *portal) addPayment(o *order, sum decimal, paySystemID int) *orderPayment {
	pay := &orderPayment{
		id: p.nextID("payment"), no: len(o.payments) + 1, sum: sum, paySystemID: paySystemID, isReturn: "N",
		vals: map[string]string{},
	}
	o.payments = append(o.payments, pay)
	return pay
}

// output is an order as sale.order.get sends it.
func (o *order) output(p *portal) map[string]any {
	clients := []any{}
	if o.companyID > 0 {
		clients = append(clients, map[string]any{"entityTypeId": typeCompany, "entityId": o.companyID, "isPrimary": "Y"})
	}
	if o.contactID > 0 {
		clients = append(clients, map[string]any{"entityTypeId": typeContact, "entityId": o.contactID, "isPrimary": "Y"})
	}
	payments := []any{}
	for _, pay := range o.payments {
		payments = append(payments, pay.output(p, o))
	}
	return map[string]any{
		"id": o.id, "accountNumber": itoa(o.id), "orderTopic": o.topic, "price": o.price, "currency": o.currency,
		"payed":    yesNo(o.isPaid()),
		"canceled": yesNo(o.canceled), "statusId": "N", "personTypeId": o.personTypeID, "responsibleId": 1, "taxValue": 0,
		"dateInsert": portalTime(o.created), "clients": clients, "payments": payments, "basketItems": o.basket(),
		"propertyValues": []any{}, "shipments": []any{},
	}
}

// basket has the lines; ids come as texts now and then, as with the real service.
func (o *order) basket() []any {
	items := []any{}
	for i, line := range o.lines {
		items = append(items, map[string]any{
			"id": itoa(o.id*100 + i), "orderId": o.id, "name": line.Name, "price": mustDecimal(line.Price),
			"quantity": max(line.Quantity, 1), "currency": o.currency, "sort": (i + 1) * 10,
		})
	}
	return items
}

// output is a payment document with the fields of reference bitrix24, 7.
func (pay *orderPayment) output(p *portal, o *order) map[string]any {
	out := map[string]any{
		"id": pay.id, "orderId": o.id, "accountNumber": itoa(o.id) + "/" + itoa(pay.no), "sum": pay.sum,
		"currency": o.currency, "paid": yesNo(pay.paid), "paySystemId": pay.paySystemID, "paySystemName": "",
		"isReturn": pay.isReturn, "empPaidId": nil, "datePaid": nil, "xmlId": "", "psInvoiceId": nil,
	}
	if s := p.paySystem(pay.paySystemID); s != nil {
		out["paySystemName"] = s.name
	}
	if pay.paidBy > 0 {
		out["empPaidId"] = pay.paidBy
	}
	for _, name := range paymentTexts() {
		if text := pay.vals[name]; text != "" {
			out[name] = text
		}
	}
	return out
}

// paymentTexts are the fields that the portal keeps as they are sent.
func paymentTexts() []string {
	return []string{
		"psStatus", "psStatusCode", "psStatusDescription", "psStatusMessage", "psSum", "psCurrency", "psResponseDate",
		"psInvoiceId", "payVoucherNum", "payVoucherDate", "datePaid", "xmlId", "comments", "payReturnNum", "payReturnDate",
		"payReturnComment",
	}
}
