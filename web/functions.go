package web

import (
	"net/http"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/labstack/echo/v4"

	"receivepayment/access"
	"receivepayment/pairing"
	"receivepayment/payments"
)

type functionJSON struct {
	ID        string       `json:"id"`
	Terminal  string       `json:"terminal"`
	Function  string       `json:"function"`
	State     string       `json:"state"`
	Code      *string      `json:"code"`
	Text      *string      `json:"text"`
	Display   *displayJSON `json:"display"`
	Receipts  []slipJSON   `json:"receipts"`
	StartedBy *personJSON  `json:"startedBy"` // null where the chosen time began it
	CreatedAt time.Time    `json:"createdAt"`
	SentAt    *time.Time   `json:"sentAt"`
	EndedAt   *time.Time   `json:"endedAt"`
}

func functionOf(f pairing.Function) functionJSON {
	out := functionJSON{
		ID: f.ID, Terminal: f.TerminalID, Function: string(f.Kind), State: string(f.State),
		Code: textOrNil(f.Code), Text: textOrNil(f.Text), Receipts: []slipJSON{},
		CreatedAt: f.CreatedAt, SentAt: f.SentAt, EndedAt: f.EndedAt,
	}
	if f.ByID != "" {
		out.StartedBy = &personJSON{ID: f.ByID, Name: f.ByName}
	}
	if d := f.Display; !f.State.Over() && len(d.Lines) > 0 {
		out.Display = &displayJSON{Lines: d.Lines, Keys: append([]payments.Key{}, d.Keys...), Input: textOrNil(d.Input), At: d.At}
	}
	for _, slip := range f.Receipts {
		out.Receipts = append(out.Receipts, slipJSON{Type: slip.Type, Text: slip.Text})
	}
	return out
}

type functionsJSON struct {
	Items []functionJSON `json:"items"`
	Next  *string        `json:"next"`
}

// mayRun reports whether the caller may run a function: what is about the
// bank's day is for those who settle; the rest harms nobody and is for whoever
// takes payments on the terminal, and for those who look after it.
func (w caller) mayRun(k pairing.FunctionKind, card pairing.Card) bool {
	if k.Closes() {
		return w.may(access.Settle)
	}
	return w.may(access.Pair) || w.may(access.Take) && card.UsableBy(w.Person.ID)
}

// functionCard reads the terminal of the address for somebody who may see it.
func (s *Server) functionCard(c echo.Context, who caller) (pairing.Card, error) {
	card, err := s.Terminals.Get(c.Request().Context(), who.PortalID, who.Person.ID, c.Param("id"))
	if err != nil {
		return card, err
	}
	if !who.may(access.Pair) && !who.may(access.Settle) && !card.UsableBy(who.Person.ID) {
		return card, pairing.ErrForeign
	}
	return card, nil
}

func (s *Server) listFunctions(c echo.Context, who caller) error {
	card, err := s.functionCard(c, who)
	if err != nil {
		return err
	}
	rows, err := s.Terminals.Functions(c.Request().Context(), who.PortalID, card.ID)
	if err != nil {
		return err
	}
	out := functionsJSON{Items: make([]functionJSON, len(rows))}
	for i, f := range rows {
		out.Items[i] = functionOf(f)
	}
	return c.JSON(http.StatusOK, out)
}

type functionIn struct {
	Function string `json:"function" form:"function"`
}

func (s *Server) beginFunction(c echo.Context, who caller) error {
	var in functionIn
	if err := decode(c, &in); err != nil {
		return err
	}
	card, err := s.functionCard(c, who)
	if err != nil {
		return err
	}
	kind := pairing.FunctionKind(in.Function)
	if !slices.Contains(pairing.FunctionKinds(), kind) {
		return payments.Invalid("function", "There is no such function.")
	}
	if !who.mayRun(kind, card) {
		return errForbidden
	}
	f, err := s.Terminals.Begin(c.Request().Context(), who.PortalID, card.ID, kind, who.Person)
	if err != nil {
		return err
	}
	return s.answerFunction(c, who, http.StatusAccepted, f)
}

func (s *Server) showFunction(c echo.Context, who caller) error {
	f, err := s.function(c, who)
	if err != nil {
		return err
	}
	return s.answerFunction(c, who, http.StatusOK, f)
}

func (s *Server) function(c echo.Context, who caller) (pairing.Function, error) {
	card, err := s.functionCard(c, who)
	if err != nil {
		return pairing.Function{}, err
	}
	return s.Terminals.Function(c.Request().Context(), who.PortalID, card.ID, c.Param("function"))
}

func (s *Server) answerFunction(c echo.Context, who caller, status int, f pairing.Function) error {
	if wantsJSON(c) {
		return c.JSON(status, functionOf(f))
	}
	return s.fragment(c, status, "function", functionView{Function: f, Who: who, now: s.Now()})
}

func (s *Server) pressFunctionKey(c echo.Context, who caller) error {
	var in keyIn
	if err := decode(c, &in); err != nil {
		return err
	}
	if utf8.RuneCountInString(in.Data) > 60 || strings.ContainsFunc(in.Data, func(r rune) bool { return r < ' ' || r == 0x7f }) {
		return payments.Invalid("data", "Use at most 60 printable characters.")
	}
	f, err := s.function(c, who)
	if err != nil {
		return err
	}
	card, err := s.functionCard(c, who)
	if err != nil {
		return err
	}
	if !who.mayRun(f.Kind, card) {
		return errForbidden
	}
	if err := s.Terminals.PressFunction(c.Request().Context(), f, payments.Key(in.Key), in.Data); err != nil {
		return err
	}
	return s.answerFunction(c, who, http.StatusAccepted, f)
}

type settlementIn struct {
	At   string `json:"at" form:"at"`
	Zone string `json:"zone" form:"zone"`
}

// settlementJSON is when a terminal settles by itself.
type settlementJSON struct {
	At   string     `json:"at"`
	Zone string     `json:"zone"`
	Next *time.Time `json:"next"`
}

func settlementOf(t pairing.Terminal) *settlementJSON {
	if t.SettleAt == "" {
		return nil
	}
	return &settlementJSON{At: t.SettleAt, Zone: t.SettleZone, Next: t.SettleDue}
}

// chooseSettlement says when the terminal settles by itself; without a time, never.
func (s *Server) chooseSettlement(c echo.Context, who caller) error {
	var in settlementIn
	if err := decode(c, &in); err != nil {
		return err
	}
	err := s.Terminals.SettleAt(c.Request().Context(), who.PortalID, c.Param("id"), in.At, in.Zone)
	if err != nil {
		return s.formError(c, err)
	}
	if !wantsJSON(c) {
		saved(c, who, closeDialog, terminalsChanged)
		return c.NoContent(http.StatusNoContent)
	}
	card, err := s.functionCard(c, who)
	if err != nil {
		return err
	}
	return c.JSON(http.StatusOK, terminalOf(card))
}
