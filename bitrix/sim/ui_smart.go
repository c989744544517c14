package sim

import (
	"net/http"
	"strings"
)

// smartNav is a smart process in the menu.
type smartNav struct {
	Title, Path string
	Here        bool
}

// smartBody is the list of a smart process's cards, with all of their own fields: a smart process here is small.
type smartBody struct {
	Type    int
	Columns []string
	Rows    []smartRow
}

// smartRow is one card; Cells are the values of its own fields.
type smartRow struct {
	ID    int
	Title string
	Cells []string
}

// smartMenu lists the smart processes of the portal.
func (v *visit) smartMenu() []smartNav {
	var all []smartNav
	for _, t := range v.p.smartTypes {
		path := "/crm/type/" + itoa(t.typeID) + "/list/category/0/"
		all = append(all, smartNav{Title: t.title, Path: path, Here: v.r.URL.Path == path})
	}
	return all
}

// smartList shows the cards of a smart process, each with a name that can be changed as in its card.
func smartList(v *visit) (string, pageData) {
	t := v.p.smartType(numberOr(v.r.PathValue("type")))
	if t == nil || !v.u.may(canRead) {
		return v.missing("smart process")
	}
	body := smartBody{Type: t.typeID}
	var fields []*userField
	for _, f := range v.p.userFields {
		if f.typeID == t.typeID {
			fields = append(fields, f)
			body.Columns = append(body.Columns, f.label)
		}
	}
	for _, it := range v.p.sorted(t.typeID) {
		row := smartRow{ID: it.id, Title: displayTitle(it)}
		for _, f := range fields {
			row.Cells = append(row.Cells, v.p.cell(it.vals[f.name]))
		}
		body.Rows = append(body.Rows, row)
	}
	return "smart", pageData{Title: t.title, Body: body}
}

// cell is a value for people; numbers in a list are users.
func (p *portal) cell(value any) string {
	ids, isList := value.([]int)
	if !isList {
		text, _ := value.(string)
		return text
	}
	var names []string
	for _, id := range ids {
		if u := p.user(id); u != nil {
			names = append(names, u.fullName())
		}
	}
	return strings.Join(names, ", ")
}

// portalRename changes the name of a smart process's card as the person at the screen.
func (s *Sim) portalRename(w http.ResponseWriter, r *http.Request) {
	var sent struct {
		Type  int    `json:"type"`
		ID    int    `json:"id"`
		Title string `json:"title"`
	}
	if !readControl(w, r, &sent) {
		return
	}
	s.mu.Lock()
	refusal := s.visit(r).rename(sent.Type, sent.ID, sent.Title)
	s.unlock()
	if refusal != nil {
		http.Error(w, refusal.text, http.StatusForbidden)
		return
	}
	w.WriteHeader(http.StatusNoContent)
}

// rename uses the path of crm.item.update, so that the right to write holds in the browser too.
func (v *visit) rename(typeID, id int, title string) *restError {
	it := v.p.item(typeID, id)
	if it == nil || v.p.smartType(typeID) == nil || !v.u.may(canWrite) {
		return errDenied()
	}
	c := &call{s: v.s, p: v.p, user: v.u, method: "portal", now: v.s.now()}
	fields := newArray()
	fields.put("title", newText(title))
	return c.write(it, fields)
}
