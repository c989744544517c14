package sim

import (
	"net/http"
	"slices"
	"strings"
)

// category is a funnel.
type category struct {
	typeID, id int
	name       string
	isDefault  bool
}

// status is one entry of a directory, for us mostly a stage (reference bitrix24, 6.7).
type status struct {
	id        int
	entityID  string
	typeID    int
	category  int
	code      string
	name      string
	sort      int
	system    bool
	color     string
	semantics string // "", "S" or "F"
}

// currency is one that is enabled in the portal's CRM.
type currency struct {
	code, name string
	base       bool
	decimals   int
}

// category finds a funnel, nil when there is none.
func (p *portal) category(typeID, id int) *category {
	for i, c := range p.categories {
		if c.typeID == typeID && c.id == id {
			return &p.categories[i]
		}
	}
	return nil
}

// defaultCategory is where new items go.
func (p *portal) defaultCategory(typeID int) int {
	for _, c := range p.categories {
		if c.typeID == typeID && c.isDefault {
			return c.id
		}
	}
	return 0
}

// stage finds a stage of any funnel of the type by its code.
func (p *portal) stage(typeID int, code string) *status {
	for _, st := range p.statuses {
		if st.typeID == typeID && st.code == code {
			return st
		}
	}
	return nil
}

// stages of a funnel in order.
func (p *portal) stages(typeID, categoryID int) []*status {
	var found []*status
	for _, st := range p.statuses {
		if st.typeID == typeID && st.category == categoryID {
			found = append(found, st)
		}
	}
	slices.SortStableFunc(found, func(a, b *status) int { return a.sort - b.sort })
	return found
}

// firstStage is where new items of a funnel stand.
func (p *portal) firstStage(typeID, categoryID int) string {
	if all := p.stages(typeID, categoryID); len(all) > 0 {
		return all[0].code
	}
	return ""
}

// baseCurrency is the portal's own.
func (p *portal) baseCurrency() string {
	for _, c := range p.currencies {
		if c.base {
			return c.code
		}
	}
	return ""
}

// runCategoryList is crm.category.list, one of the universal methods: real numbers. Funnel ids differ from portal to
// portal, so apps must ask.
func runCategoryList(c *call) (any, *restError) {
	typeID, refusal := c.crmType()
	if refusal != nil {
		return nil, refusal
	}
	found := []any{}
	for _, cat := range c.p.categories {
		if cat.typeID != typeID {
			continue
		}
		found = append(found, map[string]any{
			"id": cat.id, "name": cat.name, "sort": 500, "entityTypeId": typeID,
			"isDefault": yesNo(cat.isDefault), "originId": "", "originatorId": "",
		})
	}
	return list{result: map[string]any{"categories": found}, total: len(found)}, nil
}

// runStatusList answers with texts throughout, as the legacy methods do.
func runStatusList(c *call) (any, *restError) {
	filter := c.args.get("filter")
	for _, key := range keysOf(filter) {
		if _, name := splitOperator(key); !slices.Contains(statusFilters(), name) {
			return nil, breach(http.StatusBadRequest, "INVALID_ARG_VALUE", "Unknown filter "+name, "unknown filter")
		}
	}
	found := slices.DeleteFunc(slices.Clone(c.p.statuses), func(st *status) bool { return !st.selected(filter) })
	down := strings.EqualFold(c.args.get("order", "SORT").str(), "DESC")
	slices.SortStableFunc(found, func(a, b *status) int {
		if down {
			a, b = b, a
		}
		return a.sort - b.sort
	})
	rows, total, next := page(found, c.args.get("start"), pageSize)
	out := make([]any, 0, len(rows))
	for _, st := range rows {
		out = append(out, st.output())
	}
	return list{result: out, total: total, next: next}, nil
}

// statusFilters are the names that may be filtered by.
func statusFilters() []string {
	return []string{"ID", "ENTITY_ID", "STATUS_ID", "NAME", "SORT", "SYSTEM", "CATEGORY_ID", "SEMANTICS", "COLOR"}
}

// keysOf are the keys in the order they were sent.
func keysOf(v *value) []string {
	if !v.isArray() {
		return nil
	}
	return v.keys
}

// selected compares as texts; negation is the only operator apps use here.
func (st *status) selected(filter *value) bool {
	row := st.output()
	for _, key := range keysOf(filter) {
		op, name := splitOperator(key)
		have, _ := row[name].(string)
		hit := slices.ContainsFunc(filter.get(key).items(), func(v *value) bool { return v.str() == have })
		if hit == strings.HasPrefix(op, "!") {
			return false
		}
	}
	return true
}

// output has the semantics twice: S, F or null, and spelt out below EXTRA.
func (st *status) output() map[string]any {
	var semantics, categoryID any
	extra := "process"
	switch st.semantics {
	case "S":
		semantics, extra = "S", "success"
	case "F":
		semantics, extra = "F", "failure"
	}
	if st.typeID != 0 {
		categoryID = itoa(st.category)
	}
	return map[string]any{
		"ID": itoa(st.id), "ENTITY_ID": st.entityID, "STATUS_ID": st.code, "NAME": st.name, "NAME_INIT": "",
		"SORT": itoa(st.sort), "SYSTEM": yesNo(st.system), "CATEGORY_ID": categoryID, "COLOR": st.color,
		"SEMANTICS": semantics, "EXTRA": map[string]any{"SEMANTICS": extra, "COLOR": st.color},
	}
}

// yesNo is the platform's boolean.
func yesNo(b bool) string {
	if b {
		return "Y"
	}
	return "N"
}

// runStatusAdd adds a stage (reference bitrix24, 6.7): the funnel's prefix is put before the code, there is one
// success stage only, and failure stages come last.
func runStatusAdd(c *call) (any, *restError) {
	if !c.user.admin {
		return nil, refuse(http.StatusBadRequest, "", "Access denied.")
	}
	fields := c.args.get("fields")
	st := &status{
		entityID: fields.get("ENTITY_ID").str(), name: fields.get("NAME").str(), color: fields.get("COLOR").str(),
		semantics: fields.get("SEMANTICS").str(),
	}
	model := c.p.entityModel(st.entityID)
	code := fields.get("STATUS_ID").str()
	if model == nil || st.name == "" || code == "" {
		return nil, breach(http.StatusBadRequest, "ERROR_CORE", "ENTITY_ID, STATUS_ID and NAME are required", "status fields")
	}
	st.typeID, st.category = model.typeID, model.category
	st.code = stagePrefix(model.code) + strings.TrimPrefix(code, stagePrefix(model.code))
	st.sort, _ = fields.get("SORT").number()
	for _, other := range c.p.stages(st.typeID, st.category) {
		if other.code == st.code {
			return nil, refuse(http.StatusBadRequest, "ERROR_CORE", "status ID already exists")
		}
		if other.semantics == "S" && st.semantics == "S" {
			return nil, refuse(http.StatusBadRequest, "ERROR_CORE", "There can be only one success stage")
		}
	}
	st.id = c.p.nextID("status")
	c.p.statuses = append(c.p.statuses, st)
	c.s.touch()
	return st.id, nil
}

// entityModel is any stage of the directory, from which a new one takes type, funnel and prefix.
func (p *portal) entityModel(entityID string) *status {
	for _, st := range p.statuses {
		if st.entityID == entityID {
			return st
		}
	}
	return nil
}

// stagePrefix is "DT31_3:" of "DT31_3:N", empty for plain codes.
func stagePrefix(code string) string {
	prefix, _, found := strings.Cut(code, ":")
	if !found {
		return ""
	}
	return prefix + ":"
}
