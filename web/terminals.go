package web

import (
	"context"
	"net/http"
	"slices"
	"time"

	"github.com/labstack/echo/v4"

	"receivepayment/access"
	"receivepayment/pairing"
	"receivepayment/payments"
)

// CredentialsIn is exported because the form binder skips embedded structs
// that are not.
type CredentialsIn struct {
	Username string `json:"username" form:"username"`
	Password string `json:"password" form:"password"`
	PairCode string `json:"pairCode" form:"pairCode"`
	Secret   string `json:"secret" form:"secret"`
	// CodeAt is when the code was first typed; it tells an expired code from a
	// wrong one. What is no time is nobody's word.
	CodeAt string `json:"codeAt" form:"codeAt"`
}

func (in CredentialsIn) credentials() pairing.Credentials {
	at, err := time.Parse(time.RFC3339, in.CodeAt)
	if err != nil {
		at = time.Time{}
	}
	return pairing.Credentials{
		Username: in.Username, Password: in.Password, PairCode: in.PairCode, Secret: in.Secret, CodeAt: at.UTC(),
	}
}

type newTerminalIn struct {
	Name        string `json:"name" form:"name"`
	Provider    string `json:"provider" form:"provider"`
	Environment string `json:"environment" form:"environment"`
	Currency    string `json:"currency" form:"currency"`
	CredentialsIn
	KayaakuIn
}

type terminalsJSON struct {
	Items []terminalJSON `json:"items"`
	Next  *string        `json:"next"`
}

const (
	listLimit  = 100 // terminals in one answer to a program
	cardsLimit = 12  // cards in one piece of the page
	pickLimit  = 12  // choices that a form shows; a search finds the others
)

// terminalsIn narrows the list of terminals.
type terminalsIn struct{ Text, Group, Cursor string }

func terminalsFrom(c echo.Context) (terminalsIn, error) {
	in := terminalsIn{Text: c.QueryParam("q"), Group: c.QueryParam("group"), Cursor: c.QueryParam("cursor")}
	if len(in.Text) > 100 {
		return in, payments.Invalid("q", "Search for at most 100 characters.")
	}
	return in, nil
}

func (in terminalsIn) query(who caller, limit int) pairing.TerminalQuery {
	return pairing.TerminalQuery{
		PortalID: who.PortalID, UserID: who.Person.ID, All: who.may(access.Pair),
		Text: in.Text, GroupID: in.Group, Cursor: in.Cursor, Limit: limit,
	}
}

// listTerminals answers what the caller may use, and everything to those who
// pair.
func (s *Server) listTerminals(c echo.Context, who caller) error {
	in, err := terminalsFrom(c)
	if err != nil {
		return err
	}
	ctx := c.Request().Context()
	if wantsJSON(c) {
		cards, next, err := s.Terminals.Page(ctx, in.query(who, listLimit))
		if err != nil {
			return err
		}
		out := terminalsJSON{Items: make([]terminalJSON, len(cards)), Next: textOrNil(next)}
		for i, card := range cards {
			out.Items[i] = terminalOf(card)
		}
		return c.JSON(http.StatusOK, out)
	}
	if c.QueryParam("pick") != "" {
		return s.pickTerminals(c, who)
	}
	view, err := s.terminalsOf(ctx, who, in)
	if err != nil {
		return err
	}
	switch {
	case c.QueryParam("tab") != "":
		return s.fragment(c, http.StatusOK, "terminals-tab", view)
	case in.Cursor != "":
		return s.fragment(c, http.StatusOK, "terminal-cards", view)
	}
	return s.fragment(c, http.StatusOK, "terminals", view)
}

// terminalsOf is a piece of the list of cards.
func (s *Server) terminalsOf(ctx context.Context, who caller, in terminalsIn) (terminalsView, error) {
	view := terminalsView{deskTabs: deskTabs{Who: who, Tab: "terminals"}, In: in}
	cards, next, err := s.Terminals.Page(ctx, in.query(who, cardsLimit))
	if err != nil {
		return view, err
	}
	view.Next = next
	if view.Many, err = s.Terminals.Count(ctx, who.PortalID); err != nil {
		return view, err
	}
	around, err := s.aroundCards(ctx, who, cards)
	for _, card := range cards {
		view.Cards = append(view.Cards, terminalView{Card: card, Who: who, around: around})
	}
	return view, err
}

// aroundCards reads what the cards say beside the terminals' own rows.
func (s *Server) aroundCards(ctx context.Context, who caller, cards []pairing.Card) (around, error) {
	var ids []string
	for _, card := range cards {
		ids = append(ids, card.Users...)
	}
	var out around
	var err error
	if out.names, err = s.Portals.Names(ctx, who.PortalID, ids); err != nil || !who.may(access.Pair) {
		return out, err
	}
	out.groups, err = s.Terminals.Groups(ctx, who.PortalID)
	return out, err
}

func (s *Server) showTerminal(c echo.Context, who caller) error {
	return s.answerTerminal(c, who, http.StatusOK, c.Param("id"))
}

func (s *Server) answerTerminal(c echo.Context, who caller, status int, id string) error {
	card, err := s.Terminals.Get(c.Request().Context(), who.PortalID, who.Person.ID, id)
	if err != nil {
		return err
	}
	if !who.may(access.Pair) && !card.UsableBy(who.Person.ID) {
		return pairing.ErrForeign
	}
	if wantsJSON(c) {
		return c.JSON(status, terminalOf(card))
	}
	if step := c.FormValue("wizard"); step != "" {
		return s.wizardStep(c, who, status, step, card)
	}
	around, err := s.aroundCards(c.Request().Context(), who, []pairing.Card{card})
	if err != nil {
		return err
	}
	view := terminalView{Card: card, Who: who, around: around}
	if c.QueryParam("proving") != "" && !view.Proving() {
		trigger(c, provenToast(who, card))
	}
	return s.fragment(c, status, "terminal", view)
}

// provenToast tells the one who watched a terminal being tested how it ended.
func provenToast(who caller, card pairing.Card) event {
	if card.Status == pairing.Ready {
		return toast("ok", who.T("%s is ready.", card.Name))
	}
	return toast("warn", who.Join(who.T("%s needs attention.", card.Name), who.Stored(card.StatusReason)))
}

// pickTerminals answers the choices of a form as they are at this moment: the
// page asks when the form is opened, and when somebody searches.
func (s *Server) pickTerminals(c echo.Context, who caller) error {
	text := c.QueryParam("find")
	if len(text) > 100 {
		return payments.Invalid("find", "Search for at most 100 characters.")
	}
	cards, _, err := s.Terminals.Choices(c.Request().Context(), pairing.TerminalQuery{
		PortalID: who.PortalID, UserID: who.Person.ID, All: who.Admin, Text: text, Limit: pickLimit,
	})
	if err != nil {
		return err
	}
	pick := newPick(who.Voice, c.QueryParam("pick"), c.QueryParam("currency"), ranked(cards), c.QueryParam("terminal"))
	pick.Find, pick.More, pick.Scenario = text, pick.More || text != "", c.QueryParam("method")
	return s.fragment(c, http.StatusOK, "pick", pick)
}

func (s *Server) pairTerminal(c echo.Context, who caller) error {
	var in newTerminalIn
	if err := decode(c, &in); err != nil {
		return err
	}
	card, err := s.Terminals.Pair(c.Request().Context(), who.PortalID, pairing.NewTerminal{
		Name: in.Name, Provider: in.Provider, Environment: in.Environment, Currency: in.Currency,
		Credentials: in.credentials(), Kayaaku: in.settings(),
	})
	if err != nil {
		return s.formError(c, err)
	}
	if wantsJSON(c) {
		return c.JSON(http.StatusCreated, terminalOf(card))
	}
	if card.Code != "" {
		return s.showBridgeCode(c, card)
	}
	if card.Practice() {
		trigger(c, terminalsChanged, toast("ok", who.T("%s is ready. Choose it when you send a payment.", card.Name)))
		return c.NoContent(http.StatusNoContent)
	}
	if card.Provider != pairing.LinklyProvider { // its own form, which asks for other things
		trigger(c, closeDialog, terminalsChanged, toast("ok", who.T("%s is paired. It is being tested now.", card.Name)))
		return c.NoContent(http.StatusNoContent)
	}
	return s.wizardStep(c, who, http.StatusCreated, stepProve, card)
}

func (s *Server) pairTerminalAgain(c echo.Context, who caller) error {
	var in CredentialsIn
	if err := decode(c, &in); err != nil {
		return err
	}
	err := s.Terminals.PairAgain(c.Request().Context(), who.PortalID, c.Param("id"), in.credentials())
	if err != nil {
		return s.formError(c, err)
	}
	return s.answerTerminal(c, who, http.StatusOK, c.Param("id"))
}

func (s *Server) testTerminal(c echo.Context, who caller) error {
	if err := s.Terminals.Test(c.Request().Context(), who.PortalID, c.Param("id")); err != nil {
		return err
	}
	return s.answerTerminal(c, who, http.StatusAccepted, c.Param("id"))
}

type changeTerminalIn struct {
	Name    *string   `json:"name" form:"name"`
	Shared  *bool     `json:"shared" form:"shared"`
	Users   *[]string `json:"users" form:"users"`
	Group   *string   `json:"group" form:"group"`
	Default *bool     `json:"default" form:"default"`
}

// changeTerminal renames and assigns; a person's own default needs no right
// beyond using the terminal.
func (s *Server) changeTerminal(c echo.Context, who caller) error {
	var in changeTerminalIn
	if err := decode(c, &in); err != nil {
		return err
	}
	if in.Users != nil { // a form sends an empty value so that nobody can be chosen too
		*in.Users = slices.DeleteFunc(*in.Users, func(id string) bool { return id == "" })
	}
	ctx := c.Request().Context()
	change := pairing.Change{Name: in.Name, Shared: in.Shared, Users: in.Users, Group: in.Group, Default: in.Default}
	if !who.may(access.Pair) {
		card, err := s.Terminals.Get(ctx, who.PortalID, who.Person.ID, c.Param("id"))
		if err != nil {
			return err
		}
		if !change.Personal() || !card.UsableBy(who.Person.ID) {
			return errForbidden
		}
	}
	if err := s.Terminals.Update(ctx, who.PortalID, who.Person.ID, c.Param("id"), change); err != nil {
		return s.formError(c, err)
	}
	if !wantsJSON(c) && c.FormValue("wizard") == "" {
		saved(c, who, closeDialog, terminalsChanged)
	}
	return s.answerTerminal(c, who, http.StatusOK, c.Param("id"))
}

func (s *Server) retireTerminal(c echo.Context, who caller) error {
	if err := s.Terminals.Retire(c.Request().Context(), who.PortalID, c.Param("id")); err != nil {
		return s.formError(c, err)
	}
	if wantsJSON(c) {
		return c.NoContent(http.StatusNoContent)
	}
	if c.FormValue("wizard") == "" {
		trigger(c, closeDialog, terminalsChanged)
		return c.NoContent(http.StatusNoContent)
	}
	trigger(c, closeDialog)
	c.Response().Header().Set("HX-Retarget", "#tab")
	c.Response().Header().Set("HX-Reswap", "outerHTML")
	return s.fragment(c, http.StatusOK, "wizard", pairView{Who: who, Step: stepReady, Now: s.Now()})
}
