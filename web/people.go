package web

import (
	"context"
	"net/http"
	"slices"

	"github.com/labstack/echo/v4"

	"receivepayment/pairing"
	"receivepayment/payments"
)

type peopleJSON struct {
	Items []personBoardJSON `json:"items"`
	Next  *string           `json:"next"`
	// Everybodys is how many terminals all may use; Without how many people would
	// find none.
	Everybodys int64 `json:"everybodys"`
	Without    int64 `json:"without"`
}

// personBoardJSON is a person with the terminals that they find beside those
// that are everybody's.
type personBoardJSON struct {
	ID       string        `json:"id"`
	Name     string        `json:"name"`
	Position string        `json:"position"`
	Admin    bool          `json:"admin"`
	Entered  bool          `json:"entered"` // has opened the app
	ByName   []namedJSON   `json:"byName"`
	ByGroup  []namedJSON   `json:"byGroup"`
	Default  *string       `json:"default"`
	Without  bool          `json:"without"` // would find no terminal
	user     pairing.User  `json:"-"`
	reach    pairing.Reach `json:"-"`
}

// board is the people beside the terminals that they find.
func (s *Server) board(ctx context.Context, who caller, q pairing.PeopleQuery) (peopleJSON, error) {
	if len(q.Text) > 100 {
		return peopleJSON{}, payments.Invalid("q", "Search for at most 100 characters.")
	}
	people, next, err := s.Portals.People(ctx, who.PortalID, q)
	if err != nil {
		return peopleJSON{}, err
	}
	out := peopleJSON{Items: make([]personBoardJSON, len(people)), Next: textOrNil(next)}
	if _, out.Everybodys, err = s.Terminals.Everybodys(ctx, who.PortalID, 0); err != nil {
		return out, err
	}
	if out.Without, err = s.Portals.Unserved(ctx, who.PortalID); err != nil {
		return out, err
	}
	ids := make([]string, len(people))
	for i, p := range people {
		ids[i] = p.UserID
	}
	reached, err := s.Terminals.Reached(ctx, who.PortalID, ids)
	for i, p := range people {
		r := reached[p.UserID]
		out.Items[i] = personBoardJSON{
			ID: p.UserID, Name: p.Name, Position: p.Position, Admin: p.Admin, Entered: p.Entered,
			ByName: namedOf(r.ByName), ByGroup: namedOf(r.ByGroup), Default: textOrNil(r.Default),
			Without: !p.Admin && out.Everybodys == 0 && len(r.ByName)+len(r.ByGroup) == 0, user: p, reach: r,
		}
	}
	return out, err
}

func namedOf(rows []pairing.Named) []namedJSON {
	out := make([]namedJSON, len(rows))
	for i, r := range rows {
		out[i] = namedJSON(r)
	}
	return out
}

func (s *Server) listPeople(c echo.Context, who caller) error {
	q := pairing.PeopleQuery{Text: c.QueryParam("q"), Cursor: c.QueryParam("cursor"), Without: c.QueryParam("without") != ""}
	if !wantsJSON(c) {
		q.Limit = peopleShown
	}
	board, err := s.board(c.Request().Context(), who, q)
	if err != nil {
		return err
	}
	if wantsJSON(c) {
		return c.JSON(http.StatusOK, board)
	}
	view := peopleView{deskTabs: deskTabs{Who: who, Tab: "people"}, Board: board, Query: q}
	if q.Cursor != "" {
		return s.fragment(c, http.StatusOK, "people-rows", view)
	}
	return s.fragment(c, http.StatusOK, "people-tab", view)
}

// peopleShown is how many people one piece of the page shows.
const peopleShown = 20

type personIn struct {
	Terminals *[]string `json:"terminals" form:"terminals"`
	Default   *string   `json:"default" form:"default"`
}

// putPerson gives terminals to a person: the assignment from their side.
func (s *Server) putPerson(c echo.Context, who caller) error {
	var in personIn
	if err := decode(c, &in); err != nil {
		return err
	}
	if in.Terminals != nil && !wantsJSON(c) {
		*in.Terminals = slices.DeleteFunc(*in.Terminals, func(id string) bool { return id == "" })
	}
	if err := s.Terminals.GiveTo(c.Request().Context(), who.PortalID, c.Param("user"), in.Terminals, in.Default); err != nil {
		return s.formError(c, err)
	}
	if !wantsJSON(c) {
		saved(c, who, closeDialog, peopleChanged)
	}
	return c.NoContent(http.StatusNoContent)
}

// showPerson is the form that gives terminals to a person.
func (s *Server) showPerson(c echo.Context, who caller) error {
	ctx, id := c.Request().Context(), c.Param("user")
	user, err := s.Portals.User(ctx, who.PortalID, id)
	if err != nil {
		return err
	}
	reached, err := s.Terminals.Reached(ctx, who.PortalID, []string{id})
	if err != nil {
		return err
	}
	text := c.QueryParam("find")
	if len(text) > 100 {
		return payments.Invalid("find", "Search for at most 100 characters.")
	}
	cards, more, err := s.Terminals.Choices(ctx, pairing.TerminalQuery{
		PortalID: who.PortalID, UserID: id, All: true, Text: text, Limit: pickLimit,
	})
	if err != nil {
		return err
	}
	view := personView{Who: who, User: user, Reach: reached[id], Find: text, More: more || text != ""}
	view.offer(cards, c.QueryParams()["terminals"], c.QueryParams().Has("find"))
	return s.fragment(c, http.StatusOK, "person-form", view)
}

// askForTerminal tells the administrators that somebody has no terminal to send
// payments to. Asking again replaces the notice.
func (s *Server) askForTerminal(c echo.Context, who caller) error {
	ctx := c.Request().Context()
	admins, err := s.Portals.Admins(ctx, who.PortalID)
	if err != nil {
		return err
	}
	portal, err := s.Portals.Portal(ctx, who.PortalID)
	if err != nil {
		return err
	}
	text := voiceFor(portal).T("%s has no card terminal to send payments to. Open Receive Payment, People, to give one.", who.Person.Name)
	if err := s.Notices.Tell(ctx, who.PortalID, admins, "no-terminal-"+who.Person.ID, text); err != nil {
		return err
	}
	if wantsJSON(c) {
		return c.NoContent(http.StatusAccepted)
	}
	trigger(c, toast("ok", who.T("Your administrators are told. They see it in Bitrix24's notifications.")))
	return c.NoContent(http.StatusNoContent)
}
