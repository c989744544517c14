package web

import (
	"context"
	"net/http"
	"slices"

	"github.com/labstack/echo/v4"

	"receivepayment/access"
	"receivepayment/pairing"
)

// CredentialsIn is exported because the form binder skips embedded structs
// that are not.
type CredentialsIn struct {
	Username string `json:"username" form:"username"`
	Password string `json:"password" form:"password"`
	PairCode string `json:"pairCode" form:"pairCode"`
	Secret   string `json:"secret" form:"secret"`
}

func (in CredentialsIn) credentials() pairing.Credentials {
	return pairing.Credentials{Username: in.Username, Password: in.Password, PairCode: in.PairCode, Secret: in.Secret}
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

// listTerminals answers what the caller may use, and everything to those who
// pair.
func (s *Server) listTerminals(c echo.Context, who caller) error {
	if !wantsJSON(c) && c.QueryParam("pick") != "" {
		return s.pickTerminals(c, who)
	}
	cards, err := s.Terminals.List(c.Request().Context(), who.PortalID, who.Person.ID, who.may(access.Pair))
	if err != nil {
		return err
	}
	if !wantsJSON(c) {
		names, err := s.names(c.Request().Context(), who.PortalID)
		if err != nil {
			return err
		}
		return s.fragment(c, http.StatusOK, "terminals", s.terminalsView(who, cards, names))
	}
	out := terminalsJSON{Items: make([]terminalJSON, len(cards))}
	for i, card := range cards {
		out.Items[i] = terminalOf(card)
	}
	return c.JSON(http.StatusOK, out)
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
	names, err := s.names(c.Request().Context(), who.PortalID)
	if err != nil {
		return err
	}
	view := terminalView{Card: card, Who: who, names: names}
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

// names are the portal's employees whom we know, by id.
func (s *Server) names(ctx context.Context, portalID string) (map[string]string, error) {
	users, err := s.Portals.Users(ctx, portalID)
	if err != nil {
		return nil, err
	}
	out := make(map[string]string, len(users))
	for _, u := range users {
		out[u.UserID] = u.Name
	}
	return out, nil
}

// pickTerminals answers the choices of a form as they are at this moment: the
// page asks when the form is opened.
func (s *Server) pickTerminals(c echo.Context, who caller) error {
	cards, err := s.Terminals.List(c.Request().Context(), who.PortalID, who.Person.ID, who.Admin)
	if err != nil {
		return err
	}
	pick := newPick(who.Voice, c.QueryParam("pick"), c.QueryParam("currency"), ranked(cards), c.QueryParam("terminal"))
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
	trigger(c, closeDialog, terminalsChanged, toast("ok", who.T("%s is paired. It is being tested now.", card.Name)))
	return c.NoContent(http.StatusNoContent)
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
	if !wantsJSON(c) {
		trigger(c, closeDialog, terminalsChanged)
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
	change := pairing.Change{Name: in.Name, Shared: in.Shared, Users: in.Users, Default: in.Default}
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
	if !wantsJSON(c) {
		trigger(c, closeDialog, terminalsChanged)
	}
	return s.answerTerminal(c, who, http.StatusOK, c.Param("id"))
}

func (s *Server) retireTerminal(c echo.Context, who caller) error {
	if err := s.Terminals.Retire(c.Request().Context(), who.PortalID, c.Param("id")); err != nil {
		return s.formError(c, err)
	}
	if !wantsJSON(c) {
		trigger(c, closeDialog, terminalsChanged)
	}
	return c.NoContent(http.StatusNoContent)
}
