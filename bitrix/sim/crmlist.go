package sim

import (
	"net/http"
	"slices"
	"strings"
)

// pageSize of every list but the timeline's (reference bitrix24, 3.3).
const pageSize = 50

// page cuts a sorted list at the caller's start. start=-1 skips counting: no total, no next.
func page[T any](all []T, start *value, size int) (rows []T, total, next int) {
	from, _ := start.number()
	if from < 0 {
		return all[:min(size, len(all))], 0, 0
	}
	total = len(all)
	from = min(from, total)
	until := min(from+size, total)
	if until < total {
		next = until
	}
	return all[from:until], total, next
}

// crmType reads entityTypeId and refuses what the universal methods do not know.
func (c *call) crmType() (int, *restError) {
	sent := c.args.get("entityTypeId")
	if sent.missing() {
		return 0, errMissing("entityTypeId")
	}
	typeID, ok := sent.number()
	if !ok || c.p.fieldsOf(typeID) == nil {
		return 0, breach(http.StatusBadRequest, "NOT_FOUND", "Smart process not found", "entity type")
	}
	return typeID, nil
}

// runItemList is crm.item.list (reference bitrix24, 6.4).
func runItemList(c *call) (any, *restError) {
	typeID, refusal := c.crmType()
	if refusal != nil {
		return nil, refusal
	}
	fields := c.p.fieldsOf(typeID)
	found, refusal := c.find(typeID, fields, c.args.get("filter"), c.args.get("order"))
	if refusal != nil {
		return nil, refusal
	}

	wanted := selection(c.args.get("select"))
	rows, total, next := page(found, c.args.get("start"), pageSize)
	items := make([]any, 0, len(rows))
	for _, it := range rows {
		items = append(items, it.output(fields, wanted, c.originalNames()))
	}
	return list{result: map[string]any{"items": items}, total: total, next: next}, nil
}

// find filters and sorts. Who may not read sees an empty list, not a refusal.
func (c *call) find(typeID int, fields []field, filter, order *value) ([]*item, *restError) {
	wanted, refusal := c.p.compile(fields, filter)
	if refusal != nil {
		return nil, refusal
	}
	sorter, refusal := compileOrder(fields, order)
	if refusal != nil {
		return nil, refusal
	}
	if !c.user.may(canRead) {
		return nil, nil
	}
	found := slices.DeleteFunc(c.p.sorted(typeID), func(it *item) bool { return !wanted(it) })
	slices.SortStableFunc(found, sorter)
	return found, nil
}

// compileOrder turns order into a comparison, first key first. Values other than asc and desc are refused.
func compileOrder(fields []field, order *value) (func(a, b *item) int, *restError) {
	type key struct {
		name string
		sign int
	}
	var keys []key
	if order.isArray() {
		for _, name := range order.keys {
			f, known := fieldNamed(fields, name)
			sign := 1
			switch strings.ToLower(order.vals[name].str()) {
			case "asc":
			case "desc":
				sign = -1
			default:
				known = false
			}
			if !known {
				return nil, breach(http.StatusBadRequest, "INVALID_ARG_VALUE",
					"Invalid order: allowed are the fields of the type with asc or desc", "unknown order")
			}
			keys = append(keys, key{f.name, sign})
		}
	}
	return func(a, b *item) int {
		for _, k := range keys {
			if n := compare(a.vals[k.name], b.vals[k.name]); n != 0 {
				return n * k.sign
			}
		}
		return 0
	}, nil
}

// selection reads select; the id always comes along.
func selection(names *value) func(string) bool {
	wanted := map[string]bool{}
	for _, name := range names.items() {
		wanted[name.str()] = true
	}
	if len(wanted) == 0 || wanted["*"] {
		return wantAll
	}
	wanted["id"] = true
	return func(name string) bool { return wanted[name] }
}

// originalNames says whether custom fields keep their upper-case names.
func (c *call) originalNames() bool {
	return strings.EqualFold(c.args.get("useOriginalUfNames").str(), "Y")
}

// runItemGet is crm.item.get.
func runItemGet(c *call) (any, *restError) {
	it, refusal := c.itemOf(canRead)
	if refusal != nil {
		return nil, refusal
	}
	return c.itemAnswer(it), nil
}

// itemAnswer is the whole item; add and update answer with it too.
func (c *call) itemAnswer(it *item) any {
	return map[string]any{"item": it.output(c.p.fieldsOf(it.typeID), wantAll, c.originalNames())}
}

// itemOf finds the item that entityTypeId and id name and checks the right. Who may not read is not told whether
// the item exists.
func (c *call) itemOf(right func(Rights) bool) (*item, *restError) {
	typeID, refusal := c.crmType()
	if refusal != nil {
		return nil, refusal
	}
	sent := c.args.get("id")
	if sent.missing() {
		return nil, errMissing("id")
	}
	id, ok := sent.number()
	if !ok {
		return nil, breach(http.StatusBadRequest, 100, "Invalid value {"+sent.str()+"} to match with parameter {id}", "wrong type")
	}
	if !c.user.may(right) {
		return nil, errDenied()
	}
	it := c.p.item(typeID, id)
	if it == nil {
		return nil, errNotFound()
	}
	return it, nil
}

// runItemFields is crm.item.fields, from which apps learn what is writable.
func runItemFields(c *call) (any, *restError) {
	typeID, refusal := c.crmType()
	if refusal != nil {
		return nil, refusal
	}
	described := map[string]any{}
	for _, f := range c.p.fieldsOf(typeID) {
		name := f.name
		if !c.originalNames() {
			name = camelCustom(name)
		}
		described[name] = map[string]any{
			"type": f.typeName(), "isRequired": false, "isReadOnly": f.readOnly, "isImmutable": false,
			"isMultiple": f.kind == kindInts, "isDynamic": strings.HasPrefix(f.name, "UF_"),
			"title": f.label(), "upperName": upperName(f.name),
		}
	}
	return map[string]any{"fields": described}, nil
}

// typeName is the documented name of the kind; lists of numbers are integers that are multiple.
func (f field) typeName() string {
	if f.kind == kindInts {
		return "integer"
	}
	return string(f.kind)
}

// label is the title, which only custom fields have here.
func (f field) label() string {
	if f.title != "" {
		return f.title
	}
	return f.name
}
