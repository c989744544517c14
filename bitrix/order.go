package bitrix

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
)

// Order is an order of the portal's store (reference bitrix24 7). Ids are 0 where there is none.
type Order struct {
	ID     int64
	Number string
	// Topic is what people called the order, often nothing.
	Topic string
	// Price is the order's amount as exact decimal text, in Currency (ISO code).
	Price, Currency string
	Canceled        bool
	// PersonTypeID is the kind of buyer, which decides what pay systems there are.
	PersonTypeID int64
	// ContactIDs and CompanyIDs are the buyers.
	ContactIDs, CompanyIDs []int64
	Payments               []OrderPayment
}

// OrderPayment is one payment document of an order.
type OrderPayment struct {
	ID, OrderID int64
	// Number is the document's number as people see it, such as 900/1; XMLID is our own reference on it.
	Number, XMLID string
	// Sum is exact decimal text in Currency, which is the order's.
	Sum, Currency string
	PaySystemID   int64
	PaySystemName string
	Paid          bool
	// Returned means that the portal itself gave the money back.
	Returned bool
	// InvoiceID is the pay system's own reference (psInvoiceId), and ReturnNumber that of a refund.
	InvoiceID, ReturnNumber string
}

type orderWire struct {
	ID           FlexInt                `json:"id"`
	Number       FlexString             `json:"accountNumber"`
	Topic        FlexString             `json:"orderTopic"`
	Price        Amount                 `json:"price"`
	Currency     FlexString             `json:"currency"`
	Canceled     FlexBool               `json:"canceled"`
	PersonTypeID FlexInt                `json:"personTypeId"`
	Clients      List[orderClientWire]  `json:"clients"`
	Payments     List[orderPaymentWire] `json:"payments"`
}

type orderClientWire struct {
	Type FlexInt `json:"entityTypeId"`
	ID   FlexInt `json:"entityId"`
}

type orderPaymentWire struct {
	ID            FlexInt    `json:"id"`
	OrderID       FlexInt    `json:"orderId"`
	Number        FlexString `json:"accountNumber"`
	XMLID         FlexString `json:"xmlId"`
	Sum           Amount     `json:"sum"`
	Currency      FlexString `json:"currency"`
	PaySystemID   FlexInt    `json:"paySystemId"`
	PaySystemName FlexString `json:"paySystemName"`
	Paid          FlexBool   `json:"paid"`
	IsReturn      FlexString `json:"isReturn"`
	InvoiceID     FlexString `json:"psInvoiceId"`
	ReturnNumber  FlexString `json:"payReturnNum"`
}

func (w orderPaymentWire) payment(of Order) OrderPayment {
	return OrderPayment{
		ID: int64(w.ID), OrderID: of.ID, Number: string(w.Number), XMLID: string(w.XMLID),
		Sum: string(w.Sum), Currency: either(string(w.Currency), of.Currency),
		PaySystemID: int64(w.PaySystemID), PaySystemName: string(w.PaySystemName), Paid: bool(w.Paid),
		Returned: w.IsReturn != "" && w.IsReturn != "N", InvoiceID: string(w.InvoiceID), ReturnNumber: string(w.ReturnNumber),
	}
}

func (w orderWire) order() (Order, error) {
	o := Order{
		ID: int64(w.ID), Number: string(w.Number), Topic: string(w.Topic), Price: string(w.Price), Currency: string(w.Currency),
		Canceled: bool(w.Canceled), PersonTypeID: int64(w.PersonTypeID),
	}
	for _, c := range w.Clients {
		switch {
		case c.ID <= 0:
		case c.Type == TypeContact:
			o.ContactIDs = append(o.ContactIDs, int64(c.ID))
		case c.Type == TypeCompany:
			o.CompanyIDs = append(o.CompanyIDs, int64(c.ID))
		}
	}
	for _, p := range w.Payments {
		if p.ID <= 0 || (p.OrderID != 0 && int64(p.OrderID) != o.ID) {
			return o, &Error{Method: orderMethod, Class: Unclear, Err: errors.New("answer lists another order's payments")}
		}
		o.Payments = append(o.Payments, p.payment(o))
	}

	return o, nil
}

const orderMethod = "sale.order.get"

type orderAnswer struct {
	Order orderWire `json:"order"`
}

func orderFrom(got orderAnswer, id int64) (Order, error) {
	if err := wrongItem(orderMethod, got.Order.ID, id); err != nil {
		return Order{}, err
	}

	return got.Order.order()
}

// OrderWithDeal reads an order with its payments, and the deal that it is bound to, 0 for none, in one
// request. Only an administrator's token may (reference bitrix24 7): check the viewer's right before.
// A portal that does not tell bindings leaves the deal 0.
func (p *Portal) OrderWithDeal(ctx context.Context, id int64) (Order, int64, error) {
	batch, err := p.Batch(ctx, []Command{
		{Key: "order", Method: orderMethod, Params: map[string]any{"id": id}},
		{Key: "owner", Method: bindingMethod, Params: map[string]any{"filter": map[string]any{"=orderId": id}}},
	})
	if err != nil {
		return Order{}, 0, err
	}
	var got orderAnswer
	if _, err := batch.Decode("order", &got); err != nil {
		return Order{}, 0, err
	}
	order, err := orderFrom(got, id)
	if err != nil {
		return Order{}, 0, err
	}
	var bound bindings
	if _, err := batch.Decode("owner", &bound); err != nil {
		return order, 0, nil //nolint:nilerr // the binding is an extra that older portals do not tell
	}
	for _, b := range bound.Rows {
		if int64(b.OrderID) == id && b.OwnerType == TypeDeal {
			return order, int64(b.OwnerID), nil
		}
	}

	return order, 0, nil
}

// Order reads an order with its payments; only an administrator's token may.
func (p *Portal) Order(ctx context.Context, id int64) (Order, error) {
	var got orderAnswer
	if _, err := p.Call(ctx, orderMethod, map[string]any{"id": id}, &got); err != nil {
		return Order{}, err
	}

	return orderFrom(got, id)
}

const bindingMethod = "crm.orderentity.list"

// bindings are what ties orders to items of the CRM (reference bitrix24 6.10).
type bindings struct {
	Rows List[struct {
		OrderID   FlexInt `json:"orderId"`
		OwnerID   FlexInt `json:"ownerId"`
		OwnerType FlexInt `json:"ownerTypeId"`
	}] `json:"orderEntity"`
}

// OrdersOfDeal reads the orders that are bound to a deal, with their payments: those that it had when we
// looked last in the same request as the list itself, any other in a second. Only an administrator's
// token may.
func (p *Portal) OrdersOfDeal(ctx context.Context, dealID int64) ([]Order, error) {
	known := p.client.bound.of(p.memberID, dealID)
	// start=-1 asks this one method for all rows (reference bitrix24 3.3).
	list := map[string]any{"filter": map[string]any{"=ownerTypeId": TypeDeal, "=ownerId": dealID}, "start": -1}
	cmds := []Command{{Key: "bound", Method: bindingMethod, Params: list}}
	cmds = append(cmds, orderCommands(known)...)
	batch, err := p.Batch(ctx, cmds)
	if err != nil {
		return nil, err
	}
	var bound bindings
	if _, err := batch.Decode("bound", &bound); err != nil {
		return nil, err
	}
	got := map[int64]Order{}
	if err := takeOrders(batch, known, got); err != nil {
		return nil, err
	}
	var missing []int64
	for _, b := range bound.Rows {
		id := int64(b.OrderID)
		if _, have := got[id]; !have && id > 0 && int64(b.OwnerID) == dealID {
			missing = append(missing, id)
		}
	}
	if err := p.addOrders(ctx, missing, got); err != nil {
		return nil, err
	}

	orders := make([]Order, 0, len(bound.Rows))
	for _, b := range bound.Rows {
		if o, have := got[int64(b.OrderID)]; have && int64(b.OwnerID) == dealID {
			orders = append(orders, o)
		}
	}
	p.client.bound.remember(p.memberID, dealID, orders)

	return orders, nil
}

// addOrders reads the orders, fifty at a time.
func (p *Portal) addOrders(ctx context.Context, ids []int64, into map[int64]Order) error {
	for len(ids) > 0 {
		some := ids[:min(len(ids), maxBatch)]
		ids = ids[len(some):]
		batch, err := p.Batch(ctx, orderCommands(some))
		if err != nil {
			return err
		}
		if err := takeOrders(batch, some, into); err != nil {
			return err
		}
	}

	return nil
}

func orderKey(id int64) string { return "order" + formatID(id) }

func orderCommands(ids []int64) []Command {
	cmds := make([]Command, 0, len(ids))
	for _, id := range ids {
		cmds = append(cmds, Command{Key: orderKey(id), Method: orderMethod, Params: map[string]any{"id": id}})
	}

	return cmds
}

// takeOrders files what a batch says of the orders. One that is gone meanwhile is left out.
func takeOrders(batch BatchResult, ids []int64, into map[int64]Order) error {
	for _, id := range ids {
		var answer orderAnswer
		_, err := batch.Decode(orderKey(id), &answer)
		if ClassOf(err) == NotFound {
			continue
		}
		if err != nil {
			return err
		}
		order, err := orderFrom(answer, id)
		if err != nil {
			return err
		}
		into[id] = order
	}

	return nil
}

// orderPaymentResult is the answer of sale.payment.add and update.
type orderPaymentResult struct {
	Payment orderPaymentWire `json:"payment"`
}

func (p *Portal) writePayment(ctx context.Context, method string, params map[string]any, id int64) (OrderPayment, error) {
	var raw json.RawMessage
	if _, err := p.Call(ctx, method, params, &raw); err != nil {
		return OrderPayment{}, err
	}
	var got orderPaymentResult
	if err := decodeResult(method, http.StatusOK, raw, &got); err != nil {
		return OrderPayment{}, err
	}
	if err := wrongItem(method, got.Payment.ID, id); err != nil {
		return OrderPayment{}, err
	}

	return got.Payment.payment(Order{ID: int64(got.Payment.OrderID), Currency: string(got.Payment.Currency)}), nil
}
