package sim

import (
	"slices"
	"strconv"
	"strings"
	"time"
)

// item is one deal, invoice, company or contact. Values are int, string, decimal, time.Time, []int or nil (JSON null).
type item struct {
	typeID int
	id     int
	vals   map[string]any
}

// text is empty for a field of another kind; so are its sisters below.
func (it *item) text(name string) string {
	text, _ := it.vals[name].(string)
	return text
}

func (it *item) number(name string) int {
	n, _ := it.vals[name].(int)
	return n
}

func (it *item) amount(name string) decimal {
	d, _ := it.vals[name].(decimal)
	return d
}

func (it *item) moment(name string) time.Time {
	t, _ := it.vals[name].(time.Time)
	return t
}

// item finds one, nil when there is none.
func (p *portal) item(typeID, id int) *item { return p.items[typeID][id] }

// sorted lists the items of a type by id.
func (p *portal) sorted(typeID int) []*item {
	all := make([]*item, 0, len(p.items[typeID]))
	for _, it := range p.items[typeID] {
		all = append(all, it)
	}
	slices.SortFunc(all, func(a, b *item) int { return a.id - b.id })
	return all
}

// store keeps a new item under its id.
func (p *portal) store(it *item) {
	if p.items[it.typeID] == nil {
		p.items[it.typeID] = map[int]*item{}
	}
	p.items[it.typeID][it.id] = it
}

// zero is what a field holds that was never filled.
func (k fieldKind) zero() any {
	switch k {
	case kindInt, kindUser, kindCompany, kindContact, kindDeal, kindCategory:
		return 0
	case kindMoney:
		return decimal(0)
	case kindFlag:
		return "N"
	case kindInts:
		return []int{}
	case kindDate, kindTime:
		return nil
	case kindText, kindStage, kindCurrency:
		return ""
	}
	return nil
}

// parse reads a parameter as the kind of the field; ok is false when the value is not valid for it.
func (k fieldKind) parse(v *value) (parsed any, ok bool) {
	if v.missing() {
		return k.zero(), true
	}
	switch k {
	case kindInt, kindUser, kindCompany, kindContact, kindDeal, kindCategory:
		n, ok := v.number()
		return n, ok && n >= 0
	case kindMoney:
		d, err := parseDecimal(v.str())
		return d.cents(), err == nil
	case kindFlag:
		return parseFlag(v)
	case kindInts:
		return parseInts(v)
	case kindDate:
		t, ok := parseTime(v.str())
		return midnight(t), ok
	case kindTime:
		t, ok := parseTime(v.str())
		return t, ok
	case kindText, kindStage, kindCurrency:
		return v.str(), !v.isArray()
	}
	return nil, false
}

// parseFlag takes the spellings of yes and no that the real service takes: Y/N, 1/0, true/false.
func parseFlag(v *value) (any, bool) {
	switch strings.ToLower(v.str()) {
	case "y", "1", "true":
		return "Y", true
	case "n", "0", "false", "":
		return "N", true
	}
	return nil, false
}

// parseInts reads a list of ids; one id alone counts as a list.
func parseInts(v *value) (any, bool) {
	list := []int{}
	for _, child := range v.items() {
		n, ok := child.number()
		if !ok {
			return nil, false
		}
		list = append(list, n)
	}
	return list, true
}

// parseTime takes the forms that apps send; without an offset the portal's zone is meant.
func parseTime(text string) (time.Time, bool) {
	for _, layout := range []string{time.RFC3339, "2006-01-02T15:04:05", "2006-01-02 15:04:05", time.DateOnly} {
		if t, err := time.ParseInLocation(layout, text, portalZone()); err == nil {
			return t, true
		}
	}
	return time.Time{}, false
}

// midnight is how a date without time comes back (reference bitrix24, appendix C).
func midnight(t time.Time) time.Time {
	t = t.In(portalZone())
	return time.Date(t.Year(), t.Month(), t.Day(), 0, 0, 0, 0, t.Location())
}

// output is the item as the universal methods send it: camelCase, real numbers, null.
func (it *item) output(fields []field, wanted func(string) bool, originalNames bool) map[string]any {
	out := map[string]any{}
	for _, f := range fields {
		name := f.name
		if !originalNames {
			name = camelCustom(name)
		}
		if !wanted(f.name) && !wanted(name) {
			continue
		}
		out[name] = jsonValue(it.vals[f.name])
	}
	if wanted("entityTypeId") {
		out["entityTypeId"] = it.typeID
	}
	return out
}

// jsonValue is the value as JSON has it; only moments need a form of their own.
func jsonValue(v any) any {
	if t, ok := v.(time.Time); ok {
		return portalTime(t)
	}
	return v
}

// wantAll is the selection of everything.
func wantAll(string) bool { return true }

// legacy is a value as the old methods send it: everything is text.
func legacy(v any) any {
	switch t := v.(type) {
	case int:
		return strconv.Itoa(t)
	case decimal:
		return t.fixed(2)
	case time.Time:
		return portalTime(t)
	case nil:
		return ""
	}
	return v
}
