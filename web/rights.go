package web

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"strings"

	"github.com/labstack/echo/v4"

	"receivepayment/access"
	"receivepayment/pairing"
	"receivepayment/payments"
)

// rightFor is the right that acting on a payment of the kind needs.
func rightFor(k payments.Kind) access.Right {
	if k == payments.Refund {
		return access.Refund
	}
	return access.Take
}

type rightsJSON struct {
	Mine  []access.Right `json:"rights"`
	Items []holderJSON   `json:"items"`
	Next  *string        `json:"next"`
}

// holderJSON is a person or a department with the rights in force.
type holderJSON struct {
	grantJSON
	Name  string `json:"name"`
	Own   bool   `json:"own"` // put for this subject by name
	Admin bool   `json:"admin"`
}

// listRights answers the caller's own rights in force, and to administrators
// everybody's.
func (s *Server) listRights(c echo.Context, who caller) error {
	if !wantsJSON(c) {
		return s.showRights(c, who)
	}
	out := rightsJSON{Mine: who.Rights, Items: []holderJSON{}}
	if !who.Admin {
		out.Items = append(out.Items, holderJSON{
			grantJSON: grantJSON{Subject: who.Person.ID, Rights: who.Rights}, Name: who.Person.Name,
		})
		return c.JSON(http.StatusOK, out)
	}
	items, next, err := s.holders(c.Request().Context(), who.PortalID, c.QueryParam("q"), c.QueryParam("cursor"))
	if err != nil {
		return err
	}
	out.Items, out.Next = items, textOrNil(next)
	return c.JSON(http.StatusOK, out)
}

// holders are the people who have opened the app, by name. The first page also
// has the departments, and the people whom nobody has seen, for whom rights
// were put.
func (s *Server) holders(ctx context.Context, portalID, text, cursor string) ([]holderJSON, string, error) {
	if len(text) > 100 {
		return nil, "", payments.Invalid("q", "Search for at most 100 characters.")
	}
	people, next, err := s.Portals.People(ctx, portalID, pairing.PeopleQuery{Text: text, Entered: true, Cursor: cursor})
	if err != nil {
		return nil, "", err
	}
	admins := make(map[string]bool, len(people))
	for _, p := range people {
		admins[p.UserID] = p.Admin
	}
	inHand, err := s.Rights.Of(ctx, portalID, admins)
	if err != nil {
		return nil, "", err
	}
	items := []holderJSON{}
	if cursor == "" {
		if items, err = s.putForOthers(ctx, portalID, text); err != nil {
			return nil, "", err
		}
	}
	for _, p := range people {
		items = append(items, holderJSON{
			grantJSON: grantJSON{Subject: p.UserID, Rights: inHand[p.UserID].Rights},
			Name:      p.Name, Own: inHand[p.UserID].Own, Admin: p.Admin,
		})
	}
	return items, next, nil
}

// putForOthers is what was put for departments, and for people who have never
// opened the app.
func (s *Server) putForOthers(ctx context.Context, portalID, text string) ([]holderJSON, error) {
	grants, err := s.Rights.List(ctx, portalID)
	if err != nil {
		return nil, err
	}
	ids := make([]string, len(grants))
	for i, g := range grants {
		ids[i] = g.Subject
	}
	entered, err := s.Portals.Entered(ctx, portalID, ids)
	if err != nil {
		return nil, err
	}
	names, err := s.subjectNames(ctx, portalID, ids)
	if err != nil {
		return nil, err
	}
	out := []holderJSON{}
	for _, g := range grants {
		name := names[g.Subject]
		if entered[g.Subject] || !strings.Contains(strings.ToLower(name+" "+g.Subject), strings.ToLower(text)) {
			continue
		}
		out = append(out, holderJSON{grantJSON: grantJSON{Subject: g.Subject, Rights: g.Rights}, Name: name, Own: true})
	}
	return out, nil
}

// subjectNames are the names of people and departments, as far as known.
func (s *Server) subjectNames(ctx context.Context, portalID string, subjects []string) (map[string]string, error) {
	names, err := s.Portals.Names(ctx, portalID, subjects)
	if err != nil {
		return nil, err
	}
	departments, err := s.Portals.Departments(ctx, portalID)
	if err != nil {
		return nil, err
	}
	for _, d := range departments {
		names[d.Subject] = d.Name
	}
	return names, nil
}

type rightsIn struct {
	Rights []string `json:"rights" form:"rights"`
}

func (s *Server) putRights(c echo.Context, who caller) error {
	var in rightsIn
	if err := decode(c, &in); err != nil {
		return err
	}
	if in.Rights == nil {
		return payments.Invalid("rights", "Send a list of rights; an empty one takes all away.")
	}
	if !wantsJSON(c) { // a form sends an empty value so that nothing can be chosen too
		in.Rights = slices.DeleteFunc(in.Rights, func(r string) bool { return r == "" })
	}
	grant, err := s.Rights.Put(c.Request().Context(), who.PortalID, c.Param("user"), in.Rights)
	if err != nil {
		return err
	}
	if !wantsJSON(c) {
		return s.rightsChanged(c, who)
	}
	return c.JSON(http.StatusOK, grantJSON{Subject: grant.Subject, Rights: grant.Rights})
}

// withdrawRights takes back what was put for a subject, so that what holds
// without it counts again.
func (s *Server) withdrawRights(c echo.Context, who caller) error {
	if err := s.Rights.Withdraw(c.Request().Context(), who.PortalID, c.Param("user")); err != nil {
		return err
	}
	if !wantsJSON(c) {
		return s.rightsChanged(c, who)
	}
	return c.NoContent(http.StatusNoContent)
}

// showRights is the page's part about rights.
func (s *Server) showRights(c echo.Context, who caller) error {
	if !who.Admin {
		return errForbidden
	}
	view := rightsView{deskTabs: deskTabs{Who: who, Tab: "rights"}, Text: c.QueryParam("q")}
	items, next, err := s.holders(c.Request().Context(), who.PortalID, view.Text, c.QueryParam("cursor"))
	if err != nil {
		return err
	}
	view.Next = next
	for _, one := range items {
		view.Holders = append(view.Holders, holderView{holderJSON: one, Who: who})
	}
	if view.Departments, err = s.Portals.Departments(c.Request().Context(), who.PortalID); err != nil {
		return err
	}
	switch {
	case c.QueryParam("cursor") != "":
		return s.fragment(c, http.StatusOK, "rights-rows", view)
	case c.QueryParam("list") != "":
		return s.fragment(c, http.StatusOK, "rights-list", view)
	}
	return s.fragment(c, http.StatusOK, "rights-tab", view)
}

// showHolder answers what one subject may do, to people as a form.
func (s *Server) showHolder(c echo.Context, who caller) error {
	ctx, subject := c.Request().Context(), c.Param("user")
	held, err := s.holder(ctx, who.PortalID, subject)
	if err != nil {
		return err
	}
	if wantsJSON(c) {
		return c.JSON(http.StatusOK, held)
	}
	return s.fragment(c, http.StatusOK, "rights-form", holderView{holderJSON: held, Who: who})
}

func (s *Server) holder(ctx context.Context, portalID, subject string) (holderJSON, error) {
	out := holderJSON{grantJSON: grantJSON{Subject: subject}}
	if err := access.CheckSubject(subject); err != nil {
		return out, err
	}
	names, err := s.subjectNames(ctx, portalID, []string{subject})
	if err != nil {
		return out, err
	}
	out.Name = names[subject]
	user, err := s.Portals.User(ctx, portalID, subject)
	if err != nil && !errors.Is(err, payments.ErrNotFound) {
		return out, err
	}
	out.Admin = user.Admin
	inHand, err := s.Rights.Of(ctx, portalID, map[string]bool{subject: user.Admin})
	out.Rights, out.Own = inHand[subject].Rights, inHand[subject].Own
	if subject[0] == 'D' && !out.Own {
		out.Rights = []access.Right{} // nothing was put: a department has no default of its own
	}
	return out, err
}

func (s *Server) rightsChanged(c echo.Context, who caller) error {
	trigger(c, closeDialog, rightsChanged, toast("ok", who.T("Saved. It counts from now on.")))
	return c.NoContent(http.StatusNoContent)
}
