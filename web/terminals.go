package web

import (
	"net/http"

	"github.com/labstack/echo/v4"

	"receivepayment/access"
	"receivepayment/pairing"
)

type credentialsIn struct {
	Username string `json:"username" form:"username"`
	Password string `json:"password" form:"password"`
	PairCode string `json:"pairCode" form:"pairCode"`
	Secret   string `json:"secret" form:"secret"`
}

func (in credentialsIn) credentials() pairing.Credentials {
	return pairing.Credentials{Username: in.Username, Password: in.Password, PairCode: in.PairCode, Secret: in.Secret}
}

type newTerminalIn struct {
	Name        string `json:"name" form:"name"`
	Provider    string `json:"provider" form:"provider"`
	Environment string `json:"environment" form:"environment"`
	Currency    string `json:"currency" form:"currency"`
	credentialsIn
}

type terminalsJSON struct {
	Items []terminalJSON `json:"items"`
	Next  *string        `json:"next"`
}

// listTerminals answers what the caller may use, and everything to those who
// pair.
func (s *Server) listTerminals(c echo.Context, who caller) error {
	cards, err := s.Terminals.List(c.Request().Context(), who.PortalID, who.Person.ID, who.may(access.Pair))
	if err != nil {
		return err
	}
	if !wantsJSON(c) {
		return s.fragment(c, http.StatusOK, "terminals", s.terminalsView(who, cards))
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
	if !wantsJSON(c) {
		return s.fragment(c, status, "terminal", s.terminalView(who, card))
	}
	return c.JSON(status, terminalOf(card))
}

func (s *Server) pairTerminal(c echo.Context, who caller) error {
	var in newTerminalIn
	if err := decode(c, &in); err != nil {
		return err
	}
	card, err := s.Terminals.Pair(c.Request().Context(), who.PortalID, pairing.NewTerminal{
		Name: in.Name, Provider: in.Provider, Environment: in.Environment, Currency: in.Currency,
		Credentials: in.credentials(),
	})
	if err != nil {
		return s.formError(c, err, "pair-errors")
	}
	if wantsJSON(c) {
		return c.JSON(http.StatusCreated, terminalOf(card))
	}
	c.Response().Header().Set("HX-Trigger", `{"terminals:changed":{},"terminal:paired":{}}`)
	return c.NoContent(http.StatusNoContent)
}

func (s *Server) pairTerminalAgain(c echo.Context, who caller) error {
	var in credentialsIn
	if err := decode(c, &in); err != nil {
		return err
	}
	err := s.Terminals.PairAgain(c.Request().Context(), who.PortalID, c.Param("id"), in.credentials())
	if err != nil {
		return s.formError(c, err, "pair-again-errors")
	}
	if !wantsJSON(c) {
		c.Response().Header().Set("HX-Trigger", `{"close-dialog":{},"terminals:changed":{}}`)
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
		return s.formError(c, err, "terminal-errors")
	}
	if !wantsJSON(c) {
		c.Response().Header().Set("HX-Trigger", `{"close-dialog":{},"terminals:changed":{}}`)
	}
	return s.answerTerminal(c, who, http.StatusOK, c.Param("id"))
}

func (s *Server) retireTerminal(c echo.Context, who caller) error {
	if err := s.Terminals.Retire(c.Request().Context(), who.PortalID, c.Param("id")); err != nil {
		return err
	}
	if !wantsJSON(c) {
		c.Response().Header().Set("HX-Trigger", `{"close-dialog":{},"terminals:changed":{}}`)
	}
	return c.NoContent(http.StatusNoContent)
}
