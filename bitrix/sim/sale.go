package sim

import (
	"net/http"
	"slices"
	"strings"
)

// saleMethods are the store's methods. All of them are for administrators (reference bitrix24, 7).
func saleMethods() map[string]method {
	sale := func(run func(*call) (any, *restError)) method { return method{scope: "sale", run: storeAdmin(run)} }
	pay := func(run func(*call) (any, *restError)) method {
		return method{scope: "pay_system", run: storeAdmin(run)}
	}
	return map[string]method{
		"sale.order.get":       sale(runOrderGet),
		"sale.order.list":      sale(runOrderList),
		"sale.basketitem.list": sale(runBasketList),
		"sale.payment.list":    sale(runOrderPaymentList),
		"sale.payment.get":     sale(runOrderPaymentGet),
		"sale.payment.add":     sale(runOrderPaymentAdd),
		"sale.payment.update":  sale(runOrderPaymentUpdate),
		"sale.persontype.list": sale(runPersonTypeList),

		"sale.paysystem.list":         pay(runPaySystemList),
		"sale.paysystem.add":          pay(runPaySystemAdd),
		"sale.paysystem.handler.add":  pay(runPaySystemHandlerAdd),
		"sale.paysystem.handler.list": pay(runPaySystemHandlerList),
		// Also for users with rights on orders, whom this portal does not have.
		"sale.paysystem.pay.payment": pay(runPayPayment),

		"crm.orderentity.list": {scope: "crm", run: storeAdmin(runOrderEntityList)},
		"crm.orderentity.add":  {scope: "crm", run: storeAdmin(runOrderEntityAdd)},
	}
}

// storeAdmin refuses with the store's own numbers, not with the platform's ACCESS_DENIED.
func storeAdmin(run func(*call) (any, *restError)) func(*call) (any, *restError) {
	return func(c *call) (any, *restError) {
		if !c.user.admin {
			return nil, refuse(http.StatusBadRequest, 200040300010, "Access Denied")
		}
		return run(c)
	}
}

// orderOf finds the order that the parameter names; missing is the method's own number for none.
func (c *call) orderOf(id *value, missing int) (*order, *restError) {
	n, ok := id.number()
	if !ok {
		return nil, errMissing("id")
	}
	o := c.p.order(n)
	if o == nil {
		return nil, refuse(http.StatusBadRequest, missing, "order is not exists")
	}
	return o, nil
}

// runOrderGet is sale.order.get.
func runOrderGet(c *call) (any, *restError) {
	o, refusal := c.orderOf(c.args.get("id"), 200540400001)
	if refusal != nil {
		return nil, refusal
	}
	return map[string]any{"order": o.output(c.p)}, nil
}

// runOrderList is sale.order.list without filters beyond the id; no client of ours asks for more.
func runOrderList(c *call) (any, *restError) {
	rows, total, next := page(c.p.orders, c.args.get("start"), pageSize)
	out := []any{}
	for _, o := range rows {
		one := o.output(c.p)
		for _, heavy := range []string{"payments", "basketItems", "clients", "propertyValues", "shipments"} {
			delete(one, heavy)
		}
		out = append(out, one)
	}
	return list{result: map[string]any{"orders": out}, total: total, next: next}, nil
}

// filterNumber reads a filter with or without its equals sign.
func (c *call) filterNumber(name string) (int, bool) {
	filter := c.args.get("filter")
	for _, spelling := range []string{"=" + name, name} {
		if n, ok := filter.get(spelling).number(); ok {
			return n, true
		}
	}
	return 0, false
}

// runBasketList is sale.basketitem.list of one order.
func runBasketList(c *call) (any, *restError) {
	id, _ := c.filterNumber("orderId")
	out := []any{}
	if o := c.p.order(id); o != nil {
		out = o.basket()
	}
	return list{result: map[string]any{"basketItems": out}, total: len(out)}, nil
}

// runOrderPaymentList is sale.payment.list of one order.
func runOrderPaymentList(c *call) (any, *restError) {
	id, filtered := c.filterNumber("orderId")
	out := []any{}
	for _, o := range c.p.orders {
		if filtered && o.id != id {
			continue
		}
		for _, pay := range o.payments {
			out = append(out, pay.output(c.p, o))
		}
	}
	rows, total, next := page(out, c.args.get("start"), pageSize)
	return list{result: map[string]any{"payments": rows}, total: total, next: next}, nil
}

// paymentOf finds the payment document that id names.
func (c *call) paymentOf(id *value) (*order, *orderPayment, *restError) {
	n, ok := id.number()
	if !ok {
		return nil, nil, errMissing("id")
	}
	o, pay := c.p.orderPayment(n)
	if pay == nil {
		return nil, nil, refuse(http.StatusBadRequest, 200640400001, "payment is not exists")
	}
	return o, pay, nil
}

// runOrderPaymentGet is sale.payment.get.
func runOrderPaymentGet(c *call) (any, *restError) {
	o, pay, refusal := c.paymentOf(c.args.get("id"))
	if refusal != nil {
		return nil, refusal
	}
	return map[string]any{"payment": pay.output(c.p, o)}, nil
}

// runOrderPaymentAdd is sale.payment.add; the currency is the order's, and nothing here is idempotent.
func runOrderPaymentAdd(c *call) (any, *restError) {
	fields := c.args.get("fields")
	for _, name := range []string{"orderId", "paySystemId"} {
		if fields.get(name).missing() {
			return nil, errMissing(name)
		}
	}
	o, refusal := c.orderOf(fields.get("orderId"), 201240400001)
	if refusal != nil {
		return nil, refusal
	}
	system, refusal := c.paySystemOf(fields)
	if refusal != nil {
		return nil, refusal
	}
	sum, err := parseDecimal(fields.get("sum").str())
	if err != nil || sum <= 0 {
		return nil, breach(http.StatusBadRequest, 0, "Wrong sum", "sum")
	}
	pay := c.p.addPayment(o, sum.cents(), system.id)
	return c.savePayment(o, pay, fields)
}

// paySystemOf finds the pay system that fields name.
func (c *call) paySystemOf(fields *value) (*paySystem, *restError) {
	id, _ := fields.get("paySystemId").number()
	system := c.p.paySystem(id)
	if system == nil {
		return nil, breach(http.StatusBadRequest, 0, "Pay system not found", "pay system")
	}
	return system, nil
}

// runOrderPaymentUpdate is sale.payment.update. The pay system is required again; a paid document keeps its sum.
func runOrderPaymentUpdate(c *call) (any, *restError) {
	o, pay, refusal := c.paymentOf(c.args.get("id"))
	if refusal != nil {
		return nil, refusal
	}
	fields := c.args.get("fields")
	if fields.get("paySystemId").missing() {
		return nil, errMissing("paySystemId")
	}
	system, refusal := c.paySystemOf(fields)
	if refusal != nil {
		return nil, refusal
	}
	if sent := fields.get("sum"); !sent.missing() {
		sum, err := parseDecimal(sent.str())
		if err != nil || pay.paid && sum != pay.sum {
			return nil, refuse(http.StatusBadRequest, 0, "A paid payment cannot be changed")
		}
		pay.sum = sum
	}
	pay.paySystemID = system.id
	return c.savePayment(o, pay, fields)
}

// savePayment writes the fields that both methods take. isReturn moves money on its own: Y credits the buyer's
// account, P asks the pay system's handler, which this one cannot (reference bitrix24, 7).
func (c *call) savePayment(o *order, pay *orderPayment, fields *value) (any, *restError) {
	if back := strings.ToUpper(fields.get("isReturn").str()); back != "" && back != "N" {
		c.s.book.violate(c.now, c.method, "isReturn", "isReturn pays the buyer a second time")
		pay.isReturn = back
	}
	for _, name := range paymentTexts() {
		if sent := fields.get(name); sent != nil {
			pay.vals[name] = sent.str()
		}
	}
	if sent := fields.get("paid"); !sent.missing() {
		paid := strings.EqualFold(sent.str(), "Y")
		if paid && !pay.paid {
			pay.paidBy = c.user.id
			if pay.vals["datePaid"] == "" {
				pay.vals["datePaid"] = portalTime(c.now)
			}
		}
		pay.paid = paid
	}
	c.s.raise(c.p, "ONPAYMENTENTITYSAVED", map[string]string{"ID": itoa(pay.id)}, c.user.id)
	c.s.raise(c.p, "ONSALEORDERSAVED", map[string]string{"ID": itoa(o.id)}, c.user.id)
	c.s.touch()
	return map[string]any{"payment": pay.output(c.p, o)}, nil
}

// runOrderEntityList is crm.orderentity.list; start=-1 means all rows here.
func runOrderEntityList(c *call) (any, *restError) {
	out := []any{}
	ownerType, byType := c.filterNumber("ownerTypeId")
	owner, byOwner := c.filterNumber("ownerId")
	id, byOrder := c.filterNumber("orderId")
	for _, o := range c.p.orders {
		if o.owner.id == 0 || byType && o.owner.typeID != ownerType || byOwner && o.owner.id != owner || byOrder && o.id != id {
			continue
		}
		out = append(out, map[string]any{"orderId": o.id, "ownerId": o.owner.id, "ownerTypeId": o.owner.typeID})
	}
	return list{result: map[string]any{"orderEntity": out}, total: len(out)}, nil
}

// runOrderEntityAdd is crm.orderentity.add; an order has one owner.
func runOrderEntityAdd(c *call) (any, *restError) {
	fields := c.args.get("fields")
	o, refusal := c.orderOf(fields.get("orderId"), 200540400001)
	if refusal != nil {
		return nil, refusal
	}
	owner, _ := fields.get("ownerId").number()
	ownerType, _ := fields.get("ownerTypeId").number()
	if !slices.Contains([]int{typeDeal, typeInvoice}, ownerType) || c.p.item(ownerType, owner) == nil {
		return nil, errNotFound()
	}
	if o.owner.id != 0 {
		return nil, refuse(http.StatusBadRequest, 201650000001, "Duplicate entry for key [orderId]")
	}
	o.owner = ownerKey{ownerType, owner}
	return map[string]any{"dealOrder": map[string]any{"orderId": o.id, "ownerId": owner, "ownerTypeId": ownerType}}, nil
}
