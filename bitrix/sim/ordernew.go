package sim

// NewOrder describes an order of the store to add. Price is decimal text; empty means the sum of the lines.
type NewOrder struct {
	Price    string `json:"price"`
	Currency string `json:"currency"` // the portal's base currency when empty
	Lines    []Line `json:"lines"`
	// Payments are the sums of its unpaid payment documents.
	Payments []string `json:"payments"`
	// Topic is what somebody called the order.
	Topic string `json:"topic"`
	// DealID binds the order to a deal; NoClient leaves the buyer out, who is contact 208 of company 61 otherwise.
	DealID   int  `json:"dealId"`
	NoClient bool `json:"noClient"`
}

// Order is an order as tests look at it.
type Order struct {
	ID       int
	Price    string
	Currency string
	Paid     bool
	Canceled bool
	DealID   int
	Payments []OrderPayment
}

// OrderPayment is a payment document as tests look at it; Fields are what was written on it.
type OrderPayment struct {
	ID        int
	Number    string
	Sum       string
	Paid      bool
	IsReturn  string
	PaySystem string // the XML_ID of the pay system, or its name
	Fields    map[string]string
}

// AddOrder adds an order and returns its id. It panics on a sum that is no number.
func (s *Sim) AddOrder(n NewOrder) int {
	s.mu.Lock()
	defer s.unlock()
	p := s.portals[0]
	o := p.addOrder(p.nextID("order"), n)
	o.created = s.now()
	s.raise(p, "ONSALEORDERSAVED", map[string]string{"ID": itoa(o.id)}, 1)
	s.touch()
	return o.id
}

// addOrder stores an order; seeding and tests share it.
func (p *portal) addOrder(id int, n NewOrder) *order {
	o := &order{id: id, topic: n.Topic, currency: n.Currency, personTypeID: p.personTypes[0].id, lines: n.Lines}
	setText(&o.currency, p.baseCurrency())
	if !n.NoClient {
		o.contactID, o.companyID = 208, 61
	}
	for _, line := range n.Lines {
		o.price += mustDecimal(line.Price) * decimal(max(line.Quantity, 1))
	}
	if n.Price != "" {
		o.price = mustDecimal(n.Price)
	}
	for _, sum := range n.Payments {
		p.addPayment(o, mustDecimal(sum), p.paySystems[0].id)
	}
	if n.DealID > 0 {
		o.owner = ownerKey{typeDeal, n.DealID}
	}
	p.orders = append(p.orders, o)
	return o
}

// Order returns one order; ok is false when there is none.
func (s *Sim) Order(id int) (found Order, ok bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	p := s.portals[0]
	o := p.order(id)
	if o == nil {
		return Order{}, false
	}
	found = Order{ID: id, Price: o.price.String(), Currency: o.currency, Paid: o.isPaid(), Canceled: o.canceled}
	if o.owner.typeID == typeDeal {
		found.DealID = o.owner.id
	}
	for _, pay := range o.payments {
		seen := OrderPayment{
			ID: pay.id, Number: itoa(id) + "/" + itoa(pay.no), Sum: pay.sum.String(), Paid: pay.paid,
			IsReturn: pay.isReturn, Fields: map[string]string{},
		}
		for name, text := range pay.vals {
			seen.Fields[name] = text
		}
		if ps := p.paySystem(pay.paySystemID); ps != nil {
			seen.PaySystem = ps.name
			if ps.xmlID != "" {
				seen.PaySystem = ps.xmlID
			}
		}
		found.Payments = append(found.Payments, seen)
	}
	return found, true
}

// CancelOrder cancels an order, as a colleague in the store would.
func (s *Sim) CancelOrder(id int) {
	s.mu.Lock()
	defer s.unlock()
	if o := s.portals[0].order(id); o != nil {
		o.canceled = true
		s.raise(s.portals[0], "ONSALEORDERSAVED", map[string]string{"ID": itoa(id)}, 1)
		s.touch()
	}
}

// PayOrder marks a payment document paid, as a colleague who took cash would.
func (s *Sim) PayOrder(paymentID int) {
	s.mu.Lock()
	defer s.unlock()
	if _, pay := s.portals[0].orderPayment(paymentID); pay != nil {
		pay.paid, pay.paidBy = true, 1
		s.raise(s.portals[0], "ONPAYMENTENTITYSAVED", map[string]string{"ID": itoa(paymentID)}, 1)
		s.touch()
	}
}
