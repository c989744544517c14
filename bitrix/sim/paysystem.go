package sim

import (
	"net/http"
	"slices"
	"strings"
)

// personType is a kind of buyer.
type personType struct {
	id   int
	name string
}

// paySystem is a way to pay for one kind of buyer; ours are those with a handler of the app.
type paySystem struct {
	id, personTypeID int
	name, xmlID      string
	handler          string
	active           bool
}

// paySystem finds one, nil when there is none.
func (p *portal) paySystem(id int) *paySystem {
	for _, s := range p.paySystems {
		if s.id == id {
			return s
		}
	}
	return nil
}

// runPersonTypeList is sale.persontype.list.
func runPersonTypeList(c *call) (any, *restError) {
	out := []any{}
	for _, t := range c.p.personTypes {
		out = append(out, map[string]any{"id": t.id, "name": t.name, "code": "CRM_" + strings.ToUpper(t.name), "active": "Y"})
	}
	return list{result: map[string]any{"personTypes": out}, total: len(out)}, nil
}

// runPaySystemList is sale.paysystem.list, a legacy method in upper case; it filters by XML_ID.
func runPaySystemList(c *call) (any, *restError) {
	filter := c.args.get("FILTER")
	if filter == nil {
		filter = c.args.get("filter")
	}
	wanted := filter.get("XML_ID")
	out := []any{}
	for _, s := range c.p.paySystems {
		if wanted != nil && wanted.str() != s.xmlID {
			continue
		}
		out = append(out, map[string]any{
			"ID": s.id, "NAME": s.name, "XML_ID": s.xmlID, "ACTIVE": yesNo(s.active), "PERSON_TYPE_ID": s.personTypeID,
			"ACTION_FILE": s.handler, "IS_CASH": "N",
		})
	}
	return out, nil
}

// runPaySystemHandlerAdd is sale.paysystem.handler.add.
func runPaySystemHandlerAdd(c *call) (any, *restError) {
	name, code := c.args.get("NAME").str(), c.args.get("CODE").str()
	if name == "" || code == "" || !c.args.get("SETTINGS").isArray() {
		return nil, breach(http.StatusBadRequest, "ERROR_CHECK_FAILURE", "Parameters NAME, CODE and SETTINGS are required", "missing parameter")
	}
	for _, known := range c.p.app.payHandlers {
		if known == code {
			return nil, refuse(http.StatusBadRequest, "ERROR_HANDLER_ALREADY_EXIST", "Handler already exists!")
		}
	}
	c.p.app.payHandlers = append(c.p.app.payHandlers, code)
	return c.p.nextID("payhandler"), nil
}

// runPaySystemHandlerList is sale.paysystem.handler.list.
func runPaySystemHandlerList(c *call) (any, *restError) {
	out := []any{}
	for i, code := range c.p.app.payHandlers {
		out = append(out, map[string]any{"ID": i + 1, "CODE": code, "NAME": code})
	}
	return out, nil
}

// runPaySystemAdd is sale.paysystem.add; nothing keeps a caller from making the same twice.
func runPaySystemAdd(c *call) (any, *restError) {
	person, _ := c.args.get("PERSON_TYPE_ID").number()
	known := false
	for _, t := range c.p.personTypes {
		known = known || t.id == person
	}
	if !known {
		return nil, refuse(http.StatusBadRequest, "ERROR_PERSON_TYPE_NOT_FOUND", "Incorrect person type id!")
	}
	handler := c.args.get("BX_REST_HANDLER").str()
	registered := false
	for _, code := range c.p.app.payHandlers {
		registered = registered || code == handler
	}
	if !registered || c.args.get("NAME").missing() {
		return nil, breach(http.StatusBadRequest, "ERROR_CHECK_FAILURE", "Handler not found", "pay system handler")
	}
	s := &paySystem{
		id: c.p.nextID("paysystem"), personTypeID: person, name: c.args.get("NAME").str(), xmlID: c.args.get("XML_ID").str(),
		handler: handler, active: c.args.get("ACTIVE").str() != "N",
	}
	c.p.paySystems = append(c.p.paySystems, s)
	return s.id, nil
}

// runPayPayment is sale.paysystem.pay.payment, the short way to mark a document paid.
func runPayPayment(c *call) (any, *restError) {
	_, pay, refusal := c.paymentOf(c.args.get("PAYMENT_ID"))
	if refusal != nil {
		return nil, refusal
	}
	id, _ := c.args.get("PAY_SYSTEM_ID").number()
	if c.p.paySystem(id) == nil {
		return nil, refuse(http.StatusBadRequest, "ERROR_CHECK_FAILURE", "Pay system not found")
	}
	pay.paid, pay.paidBy, pay.paySystemID = true, c.user.id, id
	c.s.touch()
	return true, nil
}

// PaySystems lists the pay systems that the app made, as "XML_ID person-type", and its handlers' codes.
func (s *Sim) PaySystems() (systems, handlers []string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, ps := range s.portals[0].paySystems {
		if ps.handler != "" {
			systems = append(systems, ps.xmlID+" "+itoa(ps.personTypeID))
		}
	}
	return systems, append(handlers, s.portals[0].app.payHandlers...)
}

// removePaySystems takes away what the app made, as an uninstallation does (reference bitrix24, 1.5).
func (p *portal) removePaySystems() {
	p.app.payHandlers = nil
	p.paySystems = slices.DeleteFunc(p.paySystems, func(s *paySystem) bool { return s.handler != "" })
}
