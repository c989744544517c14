package web

import (
	"net/url"
	"slices"

	"receivepayment/access"
	"receivepayment/pairing"
	"receivepayment/words"
)

// peopleView is the board of people and terminals.
type peopleView struct {
	deskTabs
	Board peopleJSON
	Query pairing.PeopleQuery
}

// Source is the address from which the board is read again.
func (v peopleView) Source() string { return "/api/v1/people?" + v.values("").Encode() }

// More is the address of the next piece, empty at the end.
func (v peopleView) More() string {
	if v.Board.Next == nil {
		return ""
	}
	return "/api/v1/people?" + v.values(*v.Board.Next).Encode()
}

func (v peopleView) values(cursor string) url.Values {
	out := url.Values{}
	if v.Query.Text != "" {
		out.Set("q", v.Query.Text)
	}
	if v.Query.Without {
		out.Set("without", "1")
	}
	if cursor != "" {
		out.Set("cursor", cursor)
	}
	return out
}

// Warning says how many people would find no terminal; empty when everybody
// finds one.
func (v peopleView) Warning() string {
	if v.Board.Without == 0 {
		return ""
	}
	return v.Who.T("%d people would find no terminal when they want to take a payment.", int(v.Board.Without))
}

// boardRow is one person on the board.
type boardRow struct {
	personBoardJSON
	Who  caller
	many int64
}

// Rows are the people.
func (v peopleView) Rows() []boardRow {
	out := make([]boardRow, len(v.Board.Items))
	for i, p := range v.Board.Items {
		out[i] = boardRow{personBoardJSON: p, Who: v.Who, many: v.Board.Everybodys}
	}
	return out
}

// Title is the person's name, or their number when nobody told us.
func (r boardRow) Title() string {
	if r.Name == "" {
		return r.Who.T("Employee %s", r.ID)
	}
	return r.Name
}

// Note is what else is known of them.
func (r boardRow) Note() string {
	role := ""
	if r.Admin {
		role = r.Who.T("administrator")
	}
	never := ""
	if !r.Entered {
		never = r.Who.T("has not opened the app yet")
	}
	return r.Who.List(r.Position, role, never)
}

// Shared says how many terminals are theirs because they are everybody's.
func (r boardRow) Shared() string {
	switch {
	case r.Admin:
		return r.Who.T("All terminals, as an administrator")
	case r.many > 0:
		return r.Who.T("%d terminals for everybody", int(r.many))
	}
	return ""
}

// IsDefault reports whether the terminal is the person's default.
func (r boardRow) IsDefault(id string) bool { return r.Default != nil && *r.Default == id }

// personView is the form that gives terminals to a person.
type personView struct {
	Who     caller
	User    pairing.User
	Reach   pairing.Reach
	Options []terminalOption
	Find    string
	More    bool
}

type terminalOption struct {
	pairing.Named
	On, Default bool
	Note        words.Key
}

// offer fills the options: what is chosen already, then what the search found.
// Searched says that what is chosen stands in the form and not in the database.
func (v *personView) offer(cards []pairing.Card, inForm []string, searched bool) {
	names := map[string]string{}
	for _, n := range v.Reach.ByName {
		names[n.ID] = n.Name
	}
	on := func(id string) bool {
		if searched {
			return slices.Contains(inForm, id)
		}
		_, has := names[id]
		return has
	}
	add := func(n pairing.Named, note words.Key) {
		if !slices.ContainsFunc(v.Options, func(o terminalOption) bool { return o.ID == n.ID }) {
			v.Options = append(v.Options, terminalOption{Named: n, On: on(n.ID), Default: v.Reach.Default == n.ID, Note: note})
		}
	}
	for _, n := range v.Reach.ByName {
		if on(n.ID) {
			add(n, "")
		}
	}
	for _, c := range cards {
		note := words.Key("")
		switch {
		case c.Shared:
			note = "everybody's"
		case slices.ContainsFunc(v.Reach.ByGroup, func(n pairing.Named) bool { return n.ID == c.ID }):
			note = "by their group"
		}
		add(pairing.Named{ID: c.ID, Name: c.Name}, note)
	}
}

// groupsView is shops and groups.
type groupsView struct {
	deskTabs
	Portal      pairing.Portal
	Groups      []groupView
	Departments []pairing.Department
	Zone        string // the viewer's own, proposed
}

type groupView struct {
	pairing.GroupCard
	People      []userView
	Who         caller
	Departments []pairing.Department
	Zone        string
}

func newGroupsView(
	who caller, groups []pairing.GroupCard, portal pairing.Portal, departments []pairing.Department, names map[string]string, zone string,
) groupsView {
	if portal.TimeZone != "" {
		zone = portal.TimeZone
	}
	out := groupsView{deskTabs: deskTabs{Who: who, Tab: "groups"}, Portal: portal, Departments: departments, Zone: zone}
	for _, g := range groups {
		view := groupView{GroupCard: g, Who: who, Departments: departments, Zone: zone}
		if g.TimeZone != "" {
			view.Zone = g.TimeZone
		}
		for _, id := range g.Members {
			name := names[id]
			if name == "" {
				name = who.T("Employee %s", id)
			}
			view.People = append(view.People, userView{ID: id, Name: name})
		}
		out.Groups = append(out.Groups, view)
	}
	return out
}

// openingView is when a portal opens, as its form shows it.
type openingView struct{ Slug, OpensAt, Zone string }

// Opening is when the whole portal opens; a group may say otherwise.
func (v groupsView) Opening() openingView {
	return openingView{Slug: "portal", OpensAt: v.Portal.OpensAt, Zone: v.Zone}
}

// New is the form of a group that is not there yet.
func (v groupsView) New() groupView {
	return groupView{Who: v.Who, Departments: v.Departments, Zone: v.Zone, GroupCard: pairing.GroupCard{Group: pairing.Group{ID: ""}}}
}

// Slug names the group's parts in markup.
func (g groupView) Slug() string {
	if g.ID == "" {
		return "new"
	}
	return slug(g.ID)
}

// DepartmentName is the department whose people belong to the group.
func (g groupView) DepartmentName() string {
	for _, d := range g.Departments {
		if d.Subject == g.Department {
			return d.Name
		}
	}
	return g.Department
}

// rightsView is who may do what.
type rightsView struct {
	deskTabs
	Holders     []holderView
	Departments []pairing.Department
	Text, Next  string
}

// holderView is one subject with what it may do.
type holderView struct {
	holderJSON
	Who caller
}

// More is the address of the next piece, empty at the end.
func (v rightsView) More() string {
	if v.Next == "" {
		return ""
	}
	return "/api/v1/rights?" + url.Values{"q": {v.Text}, "cursor": {v.Next}}.Encode()
}

// Title is the subject's name.
func (h holderView) Title() string {
	switch {
	case h.Name != "":
		return h.Name
	case h.Subject[0] == 'D':
		return h.Who.T("Department %s", h.Subject[1:])
	}
	return h.Who.T("Employee %s", h.Subject)
}

// IsDepartment tells a department from a person.
func (h holderView) IsDepartment() bool { return h.Subject[0] == 'D' }

// Why says where the rights come from.
func (h holderView) Why() words.Key {
	switch {
	case h.Admin:
		return "Administrators may do everything."
	case h.IsDepartment():
		return "For everybody of this department, unless set by name."
	case h.Own:
		return "Set by name."
	}
	return "By department, or by default."
}

// Words name what the subject may do.
func (h holderView) Words() []words.Key {
	var out []words.Key
	for _, r := range h.Rights {
		out = append(out, rightWords(r))
	}
	return out
}

type rightOption struct {
	Right access.Right
	Name  words.Key
	Note  words.Key
	On    bool
}

// Options are all rights, as a form shows them.
func (h holderView) Options() []rightOption {
	var out []rightOption
	for _, r := range access.All() {
		out = append(out, rightOption{Right: r, Name: rightWords(r), Note: rightNote(r), On: slices.Contains(h.Rights, r)})
	}
	return out
}

func rightWords(r access.Right) words.Key {
	switch r {
	case access.Take:
		return "Take payments"
	case access.Refund:
		return "Refund"
	case access.RefundUnmatched:
		return "Refund without a sale"
	case access.MOTO:
		return "Card not present"
	case access.Approve:
		return "Approve refunds"
	case access.Pair:
		return "Terminals and settings"
	case access.Settle:
		return "Settle"
	case access.Report:
		return "See reports"
	case access.Resolve:
		return "Decide by hand"
	}
	return words.Key(r)
}

func rightNote(r access.Right) words.Key {
	switch r {
	case access.Take:
		return "Send a payment to a terminal, and cancel it."
	case access.Refund:
		return "Pay back a payment that was taken here."
	case access.RefundUnmatched:
		return "Pay money to a card without the payment that it belongs to."
	case access.MOTO:
		return "Take a card by telephone or mail."
	case access.Approve:
		return "Say yes or no when a colleague asks for a refund."
	case access.Pair:
		return "Pair, name, assign and retire terminals; opening times."
	case access.Settle:
		return "Close the day on a terminal."
	case access.Report:
		return "Figures of days, people and terminals."
	case access.Resolve:
		return "Say whether a payment of unknown outcome was paid."
	}
	return ""
}
