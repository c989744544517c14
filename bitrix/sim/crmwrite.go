package sim

import (
	"maps"
	"net/http"
	"slices"
	"strings"
)

// runItemAdd is crm.item.add. Nothing here is idempotent: the same call twice makes two items, which is why apps look
// for their xmlId first.
func runItemAdd(c *call) (any, *restError) {
	typeID, refusal := c.crmType()
	if refusal != nil {
		return nil, refusal
	}
	if !c.args.get("fields").isArray() {
		return nil, errMissing("fields")
	}
	if !c.user.may(canWrite) {
		return nil, errDenied()
	}

	it := c.p.blank(typeID, c.user.id, c.now)
	changes, refusal := c.changes(it, c.args.get("fields"))
	if refusal != nil {
		return nil, refusal
	}
	maps.Copy(it.vals, changes)
	if _, staged := changes["stageId"]; !staged && it.number("categoryId") != c.p.defaultCategory(typeID) {
		it.vals["stageId"] = c.p.firstStage(typeID, it.number("categoryId")) // a funnel begins with its own first stage
	}
	c.p.settle(it, changes)
	if refusal := c.checkRequired(it); refusal != nil {
		return nil, refusal
	}
	it.id = c.p.nextID(typeName(typeID))
	it.vals["id"] = it.id
	if typeID == typeInvoice {
		it.vals["accountNumber"] = itoa(it.id)
	}
	c.p.store(it)
	c.announce(it, "ADD")
	return c.itemAnswer(it), nil
}

// runItemUpdate is crm.item.update. Writing the stage that the item has already is no move.
func runItemUpdate(c *call) (any, *restError) {
	it, refusal := c.itemOf(canWrite)
	if refusal != nil {
		return nil, refusal
	}
	if !c.args.get("fields").isArray() {
		return nil, errMissing("fields")
	}
	if refusal := c.write(it, c.args.get("fields")); refusal != nil {
		return nil, refusal
	}
	return c.itemAnswer(it), nil
}

// write changes an item all or nothing.
func (c *call) write(it *item, sent *value) *restError {
	changes, refusal := c.changes(it, sent)
	if refusal != nil {
		return refusal
	}
	before := it.text("stageId")
	draft := &item{typeID: it.typeID, id: it.id, vals: maps.Clone(it.vals)}
	maps.Copy(draft.vals, changes)
	if draft.text("stageId") != before {
		if refusal := c.enterStage(draft, before); refusal != nil {
			return refusal
		}
	}
	c.p.settle(draft, changes)
	draft.vals["updatedBy"], draft.vals["updatedTime"] = c.user.id, c.now
	it.vals = draft.vals
	c.announce(it, "UPDATE")
	return nil
}

// enterStage checks the right to move and the stage's required fields, and notes who moved the item.
func (c *call) enterStage(draft *item, before string) *restError {
	if !c.user.may(canMove) {
		// Reference bitrix24, 6.4: this refusal has no code of its own.
		return refuse(http.StatusBadRequest, "", "You do not have permission to change the stage")
	}
	if f, ok := c.s.faults.draw(FaultRequiredField, c.method); ok {
		return errRequired(f.Value)
	}
	if refusal := c.checkRequired(draft); refusal != nil {
		return refusal
	}
	draft.vals["previousStageId"] = before
	draft.vals["movedBy"], draft.vals["movedTime"] = c.user.id, c.now
	return nil
}

// checkRequired refuses a stage whose required fields are empty.
func (c *call) checkRequired(it *item) *restError {
	names := slices.Clone(c.p.required[it.text("stageId")])
	if len(names) > 0 {
		names = slices.DeleteFunc(names, func(name string) bool { return !empty(it.vals[name]) })
	}
	if len(names) == 0 {
		return nil
	}
	return errRequired(names[0])
}

// errRequired names the field in its text only; the code is the same for every field.
func errRequired(name string) *restError {
	return refuse(http.StatusBadRequest, "CRM_FIELD_ERROR_REQUIRED", "The field \""+name+"\" is required.")
}

// empty says whether a field counts as not filled.
func empty(v any) bool {
	list, isList := v.([]int)
	return v == nil || v == "" || v == 0 || v == decimal(0) || isList && len(list) == 0
}

// changes reads the writable fields; unknown and read-only ones are ignored without a word, as the real service does.
func (c *call) changes(it *item, sent *value) (map[string]any, *restError) {
	fields := c.p.fieldsOf(it.typeID)
	changes := map[string]any{}
	for _, key := range sent.keys {
		f, known := fieldNamed(fields, key)
		if !known || f.readOnly {
			continue
		}
		parsed, ok := f.kind.parse(sent.vals[key])
		invalid := refuse(http.StatusBadRequest, "CRM_FIELD_ERROR_VALUE_NOT_VALID", "Invalid value for field \""+f.name+"\"")
		if !ok {
			invalid.rule = "wrong type"
			return nil, invalid
		}
		if !c.p.validFor(it, f, parsed) {
			return nil, invalid
		}
		changes[f.name] = parsed
	}
	return changes, nil
}

// validFor checks that what a value refers to exists.
func (p *portal) validFor(it *item, f field, v any) bool {
	n, _ := v.(int)
	text, _ := v.(string)
	switch f.kind {
	case kindUser:
		return p.user(n) != nil
	case kindCompany:
		return n == 0 || p.item(typeCompany, n) != nil
	case kindContact:
		return n == 0 || p.item(typeContact, n) != nil
	case kindDeal:
		return n == 0 || p.item(typeDeal, n) != nil
	case kindCategory:
		return n == it.number("categoryId") || p.category(it.typeID, n) != nil
	case kindStage:
		return p.stage(it.typeID, text) != nil
	case kindCurrency:
		return slices.ContainsFunc(p.currencies, func(c currency) bool { return c.code == text })
	case kindInts:
		return f.name != "contactIds" || p.contactsExist(v)
	case kindInt, kindText, kindMoney, kindDate, kindTime, kindFlag:
	}
	return true
}

// contactsExist checks a list of contacts.
func (p *portal) contactsExist(v any) bool {
	ids, _ := v.([]int)
	return !slices.ContainsFunc(ids, func(id int) bool { return p.item(typeContact, id) == nil })
}

// settle keeps dependent fields true after a change.
func (p *portal) settle(it *item, changes map[string]any) {
	if ids, sent := changes["contactIds"].([]int); sent {
		it.vals["contactId"] = 0
		if len(ids) > 0 {
			it.vals["contactId"] = ids[0]
		}
	} else if id, sent := changes["contactId"].(int); sent {
		it.vals["contactIds"] = []int{}
		if id > 0 {
			it.vals["contactIds"] = []int{id}
		}
	}
	if it.typeID != typeDeal && it.typeID != typeInvoice {
		return
	}
	p.recalculate(it)
	if it.typeID != typeDeal {
		return
	}
	it.vals["stageSemanticId"], it.vals["closed"] = "P", "N"
	if st := p.stage(typeDeal, it.text("stageId")); st != nil && st.semantics != "" {
		it.vals["stageSemanticId"], it.vals["closed"] = st.semantics, "Y"
	}
}

// runItemDelete is crm.item.delete; it answers an empty list.
func runItemDelete(c *call) (any, *restError) {
	it, refusal := c.itemOf(canWrite)
	if refusal != nil {
		return nil, refusal
	}
	delete(c.p.items[it.typeID], it.id)
	delete(c.p.rows, ownerKey{it.typeID, it.id})
	c.announce(it, "DELETE")
	return []any{}, nil
}

// announce wakes the open pages and raises the CRM event of the change (reference bitrix24, section 10).
func (c *call) announce(it *item, change string) { c.s.announce(c.p, it, change, c.user.id) }

// announce of the Sim serves changes made outside REST. Smart invoices raise the events of dynamic items under two
// names (reference bitrix24, section 10). The lock must be held.
func (s *Sim) announce(p *portal, it *item, change string, userID int) {
	s.touch()
	fields := map[string]string{"ID": itoa(it.id)}
	names := []string{"ONCRM" + strings.ToUpper(typeName(it.typeID)) + change}
	if it.typeID == typeInvoice || p.smartType(it.typeID) != nil {
		fields["ENTITY_TYPE_ID"] = itoa(it.typeID)
		names = []string{"ONCRMDYNAMICITEM" + change, "ONCRMDYNAMICITEM" + change + "_" + itoa(it.typeID)}
	}
	for _, name := range names {
		s.raise(p, name, fields, userID)
	}
}

// typeName names the type in ids, events and data-test attributes.
func typeName(typeID int) string {
	switch typeID {
	case typeDeal:
		return "deal"
	case typeInvoice:
		return "invoice"
	case typeCompany:
		return "company"
	case typeContact:
		return "contact"
	}
	return "type" + itoa(typeID)
}
