package web

import (
	"net/http"
	"slices"

	"github.com/labstack/echo/v4"

	"receivepayment/pairing"
	"receivepayment/words"
)

type groupJSON struct {
	ID         string   `json:"id"`
	Name       string   `json:"name"`
	Department *string  `json:"department"`
	Members    []string `json:"members"`
	OpensAt    *string  `json:"opensAt"`
	TimeZone   *string  `json:"timeZone"`
	Terminals  int64    `json:"terminals"`
}

func groupOf(g pairing.GroupCard) groupJSON {
	return groupJSON{
		ID: g.ID, Name: g.Name, Department: textOrNil(g.Department), Members: g.Members,
		OpensAt: textOrNil(g.OpensAt), TimeZone: textOrNil(g.TimeZone), Terminals: g.Terminals,
	}
}

type groupsJSON struct {
	Items []groupJSON `json:"items"`
	Next  *string     `json:"next"`
}

func (s *Server) listGroups(c echo.Context, who caller) error {
	groups, err := s.Terminals.Groups(c.Request().Context(), who.PortalID)
	if err != nil {
		return err
	}
	if !wantsJSON(c) {
		return s.groupsTab(c, who, groups)
	}
	out := groupsJSON{Items: make([]groupJSON, len(groups))}
	for i, g := range groups {
		out.Items[i] = groupOf(g)
	}
	return c.JSON(http.StatusOK, out)
}

type groupIn struct {
	Name       *string   `json:"name" form:"name"`
	Department *string   `json:"department" form:"department"`
	Members    *[]string `json:"members" form:"members"`
	OpensAt    *string   `json:"opensAt" form:"opensAt"`
	TimeZone   *string   `json:"timeZone" form:"timeZone"`
}

func (in groupIn) change() pairing.GroupChange {
	if in.Members != nil { // a form sends an empty value so that nobody can be chosen too
		*in.Members = slices.DeleteFunc(*in.Members, func(id string) bool { return id == "" })
	}
	return pairing.GroupChange{
		Name: in.Name, Department: in.Department, Members: in.Members, OpensAt: in.OpensAt, TimeZone: in.TimeZone,
	}
}

func (s *Server) addGroup(c echo.Context, who caller) error {
	var in groupIn
	if err := decode(c, &in); err != nil {
		return err
	}
	id, err := s.Terminals.AddGroup(c.Request().Context(), who.PortalID, in.change())
	if err != nil {
		return s.formError(c, err)
	}
	return s.answerGroup(c, who, http.StatusCreated, id)
}

func (s *Server) changeGroup(c echo.Context, who caller) error {
	var in groupIn
	if err := decode(c, &in); err != nil {
		return err
	}
	if err := s.Terminals.ChangeGroup(c.Request().Context(), who.PortalID, c.Param("id"), in.change()); err != nil {
		return s.formError(c, err)
	}
	return s.answerGroup(c, who, http.StatusOK, c.Param("id"))
}

func (s *Server) answerGroup(c echo.Context, who caller, status int, id string) error {
	if !wantsJSON(c) {
		saved(c, who, closeDialog, groupsChanged)
		return c.NoContent(http.StatusNoContent)
	}
	groups, err := s.Terminals.Groups(c.Request().Context(), who.PortalID)
	if err != nil {
		return err
	}
	for _, g := range groups {
		if g.ID == id {
			return c.JSON(status, groupOf(g))
		}
	}
	return c.JSON(status, groupJSON{ID: id, Members: []string{}}) // taken away meanwhile
}

func (s *Server) dropGroup(c echo.Context, who caller) error {
	if err := s.Terminals.DropGroup(c.Request().Context(), who.PortalID, c.Param("id")); err != nil {
		return s.formError(c, err)
	}
	if !wantsJSON(c) {
		trigger(c, closeDialog, groupsChanged)
	}
	return c.NoContent(http.StatusNoContent)
}

type openingJSON struct {
	OpensAt  *string `json:"opensAt"`
	TimeZone *string `json:"timeZone"`
}

func (s *Server) showOpening(c echo.Context, who caller) error {
	portal, err := s.Portals.Portal(c.Request().Context(), who.PortalID)
	if err != nil {
		return err
	}
	return c.JSON(http.StatusOK, openingJSON{OpensAt: textOrNil(portal.OpensAt), TimeZone: textOrNil(portal.TimeZone)})
}

type openingIn struct {
	OpensAt  string `json:"opensAt" form:"opensAt"`
	TimeZone string `json:"timeZone" form:"timeZone"`
}

func (s *Server) putOpening(c echo.Context, who caller) error {
	var in openingIn
	if err := decode(c, &in); err != nil {
		return err
	}
	if err := s.Terminals.SetOpening(c.Request().Context(), who.PortalID, in.OpensAt, in.TimeZone); err != nil {
		return s.formError(c, err)
	}
	if !wantsJSON(c) {
		saved(c, who, closeDialog, groupsChanged)
		return c.NoContent(http.StatusNoContent)
	}
	return s.showOpening(c, who)
}

// groupsTab shows shops and groups, and when they open.
func (s *Server) groupsTab(c echo.Context, who caller, groups []pairing.GroupCard) error {
	ctx := c.Request().Context()
	portal, err := s.Portals.Portal(ctx, who.PortalID)
	if err != nil {
		return err
	}
	departments, err := s.Portals.Departments(ctx, who.PortalID)
	if err != nil {
		return err
	}
	me, err := s.Portals.User(ctx, who.PortalID, who.Person.ID)
	if err != nil {
		return err
	}
	var people []string
	for _, g := range groups {
		people = append(people, g.Members...)
	}
	names, err := s.Portals.Names(ctx, who.PortalID, people)
	if err != nil {
		return err
	}
	return s.fragment(c, http.StatusOK, "groups-tab", newGroupsView(who, groups, portal, departments, names, me.TimeZone))
}

// voiceFor is the language in which a portal's people are told something.
func voiceFor(p pairing.Portal) *words.Voice { return words.In(p.Language) }
