package sim

import (
	"slices"
	"strings"
)

// runProfile needs no scope; apps learn here whether the viewer is an administrator. The id is a text.
func runProfile(c *call) (any, *restError) {
	return map[string]any{
		"ID": c.user.idText(), "ADMIN": c.user.admin, "NAME": c.user.name, "LAST_NAME": c.user.lastName,
		"PERSONAL_GENDER": "", "TIME_ZONE": "Pacific/Auckland",
	}, nil
}

// runUserAdmin is user.admin.
func runUserAdmin(c *call) (any, *restError) { return c.user.admin, nil }

// runUserCurrent is user.current.
func runUserCurrent(c *call) (any, *restError) { return c.user.output(), nil }

// output has the fields that the narrowest user scope grants.
func (u *user) output() map[string]any {
	return map[string]any{
		"ID": u.idText(), "ACTIVE": !u.dismissed, "NAME": u.name, "LAST_NAME": u.lastName, "SECOND_NAME": "",
		"WORK_POSITION": u.position, "UF_DEPARTMENT": append([]int{}, u.departments...), "USER_TYPE": "employee",
	}
}

// runUserGet filters by ID only, the one filter that the narrow scope is good for.
func runUserGet(c *call) (any, *restError) {
	filter := c.args.get("FILTER")
	if filter == nil {
		filter = c.args.get("filter")
	}
	ids := filter.get("ID")
	if ids == nil {
		ids = c.args.get("ID")
	}
	found := slices.DeleteFunc(slices.Clone(c.p.users), func(u *user) bool {
		return ids != nil && !slices.ContainsFunc(ids.items(), func(v *value) bool { return v.str() == u.idText() })
	})
	rows, total, next := page(found, c.args.get("start"), pageSize)
	out := make([]any, 0, len(rows))
	for _, u := range rows {
		out = append(out, u.output())
	}
	return list{result: out, total: total, next: next}, nil
}

// runDepartmentGet lists the company's structure (reference bitrix24, 9.1).
func runDepartmentGet(c *call) (any, *restError) {
	rows, total, next := page(c.p.departments, c.args.get("start"), pageSize)
	out := make([]any, 0, len(rows))
	for _, d := range rows {
		row := map[string]any{"ID": itoa(d.ID), "NAME": d.Name, "SORT": 500}
		if d.Parent != 0 {
			row["PARENT"] = itoa(d.Parent)
		}
		out = append(out, row)
	}
	return list{result: out, total: total, next: next}, nil
}

// Department is one unit of the company's structure; Parent 0 is the top.
type Department struct {
	ID, Parent int
	Name       string
}

// SetDepartments puts a user into departments, and only those.
func (s *Sim) SetDepartments(userID int, departments ...int) {
	s.mu.Lock()
	defer s.unlock()
	if u := s.portals[0].user(userID); u != nil {
		u.departments = departments
	}
}

// Dismiss ends a user's employment, or with false takes it up again.
func (s *Sim) Dismiss(userID int, dismissed bool) {
	s.mu.Lock()
	defer s.unlock()
	if u := s.portals[0].user(userID); u != nil {
		u.dismissed = dismissed
		u.rights.App = !dismissed
	}
}

// AddEmployees hires n people for a department and answers the first one's id.
func (s *Sim) AddEmployees(n, department int) (first int) {
	s.mu.Lock()
	defer s.unlock()
	p := s.portals[0]
	first = p.users[len(p.users)-1].id + 1
	for i := range n {
		p.users = append(p.users, &user{
			id: first + i, name: "Person", lastName: "No " + itoa(first+i), position: "Cashier", departments: []int{department},
			rights: Rights{Read: true, Write: true, MoveStage: true, App: true},
		})
	}
	return first
}

// runScope lists what was granted; apps decide by it which features to offer.
func runScope(c *call) (any, *restError) { return c.p.app.scopes, nil }

// runAppInfo is the portal's app.info, of another shape than the authorisation server's (reference bitrix24, 9.2).
func runAppInfo(c *call) (any, *restError) {
	return map[string]any{
		"ID": c.p.app.id, "CODE": c.s.cfg.AppCode, "VERSION": c.p.app.version, "STATUS": c.p.app.status,
		"INSTALLED": c.p.app.finished, "PAYMENT_EXPIRED": yesNo(c.p.app.expired), "DAYS": nil, "LANGUAGE_ID": "en",
		"LICENSE": "nz_std", "LICENSE_TYPE": "std", "LICENSE_FAMILY": "std",
	}, nil
}

// runMethodGet is method.get.
func runMethodGet(c *call) (any, *restError) {
	m, known := c.s.methods[strings.ToLower(c.args.get("name").str())]
	available := known && (m.scope == "" || c.p.app.granted(m.scope))
	return map[string]any{"isExisting": known, "isAvailable": available}, nil
}

// runServerTime is server.time.
func runServerTime(c *call) (any, *restError) { return portalTime(c.now), nil }

// granted says whether a scope was given; the three user scopes contain each other as far as we go.
func (a *installation) granted(scope string) bool {
	return slices.ContainsFunc(a.scopes, func(s string) bool {
		return s == scope || scope == "user_brief" && strings.HasPrefix(s, "user")
	})
}
