package sim

import (
	"net/http"
	"strings"
)

// smartType is a smart process, a kind of item that was added to the CRM (reference bitrix24, 9.3).
type smartType struct {
	id, typeID int
	title      string
}

// firstSmartType is where the even numbers of new kinds begin here; those from 1030 on are free for it.
const firstSmartType = 1038

// smartType finds a smart process by its entity type.
func (p *portal) smartType(typeID int) *smartType {
	for _, t := range p.smartTypes {
		if t.typeID == typeID {
			return t
		}
	}
	return nil
}

// output is a type as crm.type.* sends it.
func (t *smartType) output() map[string]any {
	return map[string]any{
		"id": t.id, "title": t.title, "code": "", "entityTypeId": t.typeID, "isStagesEnabled": "N", "isClientEnabled": "N",
		"isCategoriesEnabled": "N", "isAutomationEnabled": "N",
	}
}

// smartFields are the fields of a smart process without stages and clients.
func smartFields() []field {
	return append(systemFields(), rw("xmlId", kindText), rw("categoryId", kindInt))
}

// runTypeAdd is crm.type.add. Nothing here is idempotent: the same call twice makes two kinds.
func runTypeAdd(c *call) (any, *restError) {
	title := c.args.get("fields", "title").str()
	if title == "" {
		return nil, errMissing("title")
	}
	t := &smartType{id: c.p.nextID("smarttype"), title: title, typeID: firstSmartType + 2*len(c.p.smartTypes)}
	if wanted, ok := c.args.get("fields", "entityTypeId").number(); ok {
		free := wanted >= 1030 && wanted%2 == 0 || wanted >= 128 && wanted <= 192
		if !free || c.p.smartType(wanted) != nil {
			return nil, breach(http.StatusBadRequest, "INVALID_ARG_VALUE", "entityTypeId cannot be used", "entity type")
		}
		t.typeID = wanted
	}
	c.p.smartTypes = append(c.p.smartTypes, t)
	c.s.touch()
	return map[string]any{"type": t.output()}, nil
}

// runTypeList filters by title only, which is what apps need to find their own.
func runTypeList(c *call) (any, *restError) {
	filter := c.args.get("filter")
	found := []any{}
	for _, t := range c.p.smartTypes {
		if want := filter.get("title"); want == nil || want.str() == t.title {
			found = append(found, t.output())
		}
	}
	for _, key := range keysOf(filter) {
		if key != "title" {
			return nil, breach(http.StatusBadRequest, "INVALID_ARG_VALUE", "Invalid filter: field '"+key+"' is not allowed in filter", "unknown filter")
		}
	}
	return list{result: map[string]any{"types": found}, total: len(found)}, nil
}

// SmartItem is a card of a smart process as tests look at it.
type SmartItem struct {
	ID     int
	Title  string
	XMLID  string
	Custom map[string]any // by the part of the name behind UF_CRM_<n>_
}

// SmartTypes lists the smart processes of the main portal by title, as entity types.
func (s *Sim) SmartTypes() map[string][]int {
	s.mu.Lock()
	defer s.mu.Unlock()
	found := map[string][]int{}
	for _, t := range s.portals[0].smartTypes {
		found[t.title] = append(found[t.title], t.typeID)
	}
	return found
}

// SmartItems lists the cards of a smart process by id.
func (s *Sim) SmartItems(entityTypeID int) []SmartItem {
	s.mu.Lock()
	defer s.mu.Unlock()
	p := s.portals[0]
	var found []SmartItem
	for _, it := range p.sorted(entityTypeID) {
		item := SmartItem{ID: it.id, Title: it.text("title"), XMLID: it.text("xmlId"), Custom: map[string]any{}}
		for name, v := range it.vals {
			if parts := strings.SplitN(name, "_", 4); len(parts) == 4 && parts[0] == "UF" {
				item.Custom[parts[3]] = v
			}
		}
		found = append(found, item)
	}
	return found
}

// EditItem changes fields of an item as a person does in its card; the names are those of the universal methods.
// It panics when there is no such item.
func (s *Sim) EditItem(userID, entityTypeID, id int, fields map[string]any) {
	s.mu.Lock()
	defer s.unlock()
	p := s.portals[0]
	it := p.item(entityTypeID, id)
	if it == nil {
		panic("sim: no item " + itoa(id))
	}
	for name, v := range fields {
		it.vals[name] = v
	}
	it.vals["updatedBy"], it.vals["updatedTime"] = userID, s.now()
	s.announce(p, it, "UPDATE", userID)
}

// DeleteItem deletes an item as a person does.
func (s *Sim) DeleteItem(userID, entityTypeID, id int) {
	s.mu.Lock()
	defer s.unlock()
	p := s.portals[0]
	it := p.item(entityTypeID, id)
	if it == nil {
		return
	}
	delete(p.items[entityTypeID], id)
	s.announce(p, it, "DELETE", userID)
}

// CustomField is the full name of a custom field of a smart process.
func (s *Sim) CustomField(entityTypeID int, code string) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	t := s.portals[0].smartType(entityTypeID)
	if t == nil {
		return ""
	}
	return "UF_CRM_" + itoa(t.id) + "_" + code
}

// Fields are the custom fields of an item by their full names.
func (s *Sim) Fields(entityTypeID, id int) map[string]any {
	s.mu.Lock()
	defer s.mu.Unlock()
	found := map[string]any{}
	if it := s.portals[0].item(entityTypeID, id); it != nil {
		for name, v := range it.vals {
			if strings.HasPrefix(name, "UF_") {
				found[name] = v
			}
		}
	}
	return found
}
