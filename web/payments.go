package web

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/labstack/echo/v4"

	"receivepayment/invoices"
	"receivepayment/payments"
)

type newPaymentIn struct {
	RequestID           string `json:"requestId" form:"requestId"`
	Document            string `json:"document" form:"document"`
	Terminal            string `json:"terminal" form:"terminal"`
	Amount              string `json:"amount" form:"amount"`
	Currency            string `json:"currency" form:"currency"`
	ExpectedOutstanding string `json:"expectedOutstanding" form:"expectedOutstanding"`
	Tip                 string `json:"tip" form:"tip"`
	CashOut             string `json:"cashOut" form:"cashOut"`
	Surcharge           bool   `json:"surcharge" form:"surcharge"`
	MOTO                bool   `json:"moto" form:"moto"`
	Method              string `json:"method" form:"method"`
	AskTip              bool   `json:"askTip" form:"askTip"`
}

func parseAmount(text, code string) (payments.Money, error) {
	amount, err := payments.ParseMoney(text, code)
	switch {
	case errors.Is(err, payments.ErrCurrency):
		return amount, payments.Invalid("currency", "This is no currency.")
	case err != nil:
		return amount, payments.Invalid("amount", "Enter an amount like 42.50, with no more decimals than the currency has.")
	case amount.Minor == 0:
		return amount, payments.Invalid("amount", "Enter an amount above zero.")
	}
	return amount, nil
}

// startPayment sends a payment to a terminal. A repeated request is answered
// before anything else is looked at.
func (s *Server) startPayment(c echo.Context, who caller) error {
	var in newPaymentIn
	if err := decode(c, &in); err != nil {
		return err
	}
	if err := invoices.CheckRequestID(in.RequestID); err != nil {
		return s.formError(c, err)
	}
	amount, extras, err := in.check()
	if err != nil {
		return s.formError(c, s.unlessReused(c.Request().Context(), who, in.RequestID, err))
	}
	order := payments.Order{
		PortalID: who.PortalID, RequestID: in.RequestID, Amount: amount, Extras: extras, By: who.Person, Method: in.Method,
		Document: payments.Owed{ID: in.Document}, Terminal: payments.Terminal{ID: in.Terminal},
	}
	p, repeated, err := s.Payments.Repeated(c.Request().Context(), who.PortalID, in.RequestID, order.Hash())
	if err == nil && !repeated {
		p, err = s.order(c, who, in, order)
	}
	if err != nil {
		return s.formError(c, err)
	}
	return s.accepted(c, who, p)
}

// unlessReused says what is wrong with a request's content, unless its id is
// known: then this is other content under a used id, whatever else it is.
func (s *Server) unlessReused(ctx context.Context, who caller, requestID string, wrong error) error {
	if _, _, err := s.Payments.Repeated(ctx, who.PortalID, requestID, ""); err != nil {
		return err
	}
	return wrong
}

// order checks document and terminal at this moment, and starts.
func (s *Server) order(c echo.Context, who caller, in newPaymentIn, o payments.Order) (payments.Payment, error) {
	if !who.mayAsk(o.Extras) {
		return payments.Payment{}, errForbidden
	}
	ctx := c.Request().Context()
	document, err := s.Invoices.Owed(ctx, who.PortalID, who.Person.ID, in.Document)
	if err != nil {
		return payments.Payment{}, err
	}
	if o.Expected, err = expected(in.ExpectedOutstanding, document.Total.Currency); err != nil {
		return payments.Payment{}, err
	}
	terminal, err := s.Terminals.Usable(ctx, who.PortalID, who.Person.ID, in.Terminal, who.Admin)
	if err != nil {
		return payments.Payment{}, err
	}
	if err := terminal.CheckMethod(in.Method); err != nil {
		return payments.Payment{}, err
	}
	o.Document, o.Terminal = document, terminal.In(document.Total.Currency).ForPayment()
	p, err := s.Payments.Start(ctx, o)
	return p, s.offerAnother(ctx, who, err)
}

// offerAnother adds to "the terminal is busy" which other one is free.
func (s *Server) offerAnother(ctx context.Context, who caller, err error) error {
	if !errors.Is(err, payments.ErrTerminalBusy) {
		return err
	}
	free, listErr := s.Terminals.Free(ctx, who.PortalID, who.Person.ID, who.Admin)
	if listErr != nil {
		return err // the refusal matters more than the advice
	}
	return &busyError{error: err, free: free}
}

// busyError is a busy terminal with the names of those that are free.
type busyError struct {
	error
	free []string
}

func (b *busyError) Unwrap() error { return b.error }

func expected(text, currency string) (*int64, error) {
	if text == "" {
		return nil, nil //nolint:nilnil // nothing was expected
	}
	want, err := payments.ParseMoney(text, currency)
	if err != nil {
		return nil, payments.Invalid("expectedOutstanding", "Send an amount like 42.50.")
	}
	return &want.Minor, nil
}

// accepted answers a payment that was taken on.
func (s *Server) accepted(c echo.Context, who caller, p payments.Payment) error {
	d, err := s.Payments.DetailOf(c.Request().Context(), p)
	if err != nil {
		return err
	}
	if wantsJSON(c) {
		return c.JSON(http.StatusAccepted, paymentOf(d))
	}
	trigger(c, closeDialog, documentsChanged)
	return s.fragment(c, http.StatusAccepted, "live", s.liveView(who, d))
}

// panel answers the live panel with the element that follows the stream.
func (s *Server) panel(c echo.Context, who caller, status int, id string) error {
	d, err := s.Payments.Detail(c.Request().Context(), who.PortalID, id)
	if err != nil {
		return err
	}
	return s.fragment(c, status, "live", s.liveView(who, d))
}

// answerPayment reads the payment as it is now and shows it.
func (s *Server) answerPayment(c echo.Context, who caller, status int, id string) error {
	d, err := s.Payments.Detail(c.Request().Context(), who.PortalID, id)
	if err != nil {
		return err
	}
	if wantsJSON(c) {
		return c.JSON(status, paymentOf(d))
	}
	return s.fragment(c, status, "live-inner", s.liveView(who, d))
}

// showPayment answers one payment; the page asks for the whole panel when it
// opens one, and for what is inside while it polls.
func (s *Server) showPayment(c echo.Context, who caller) error {
	if !wantsJSON(c) && c.QueryParam("panel") != "" {
		return s.panel(c, who, http.StatusOK, c.Param("id"))
	}
	return s.answerPayment(c, who, http.StatusOK, c.Param("id"))
}

type keyIn struct {
	Key  string `json:"key" form:"key"`
	Data string `json:"data,omitempty" form:"data"`
	// Shown is the text that the one who presses has before the eyes; given, the
	// key counts only while the terminal still shows it.
	Shown string `json:"shown,omitempty" form:"shown"`
}

func (s *Server) pressKey(c echo.Context, who caller) error {
	var in keyIn
	if err := decode(c, &in); err != nil {
		return err
	}
	key := payments.Key(in.Key)
	known := []payments.Key{payments.KeyCancel, payments.KeyOK, payments.KeyYes, payments.KeyNo, payments.KeyAuth}
	if !slices.Contains(known, key) {
		return payments.Invalid("key", "Choose cancel, ok, yes, no or auth.")
	}
	if utf8.RuneCountInString(in.Data) > 60 || strings.ContainsFunc(in.Data, func(r rune) bool { return r < ' ' || r == 0x7f }) {
		return payments.Invalid("data", "Use at most 60 printable characters.")
	}
	p, err := s.mine(c, who)
	if err != nil {
		return err
	}
	if in.Shown != "" && in.Shown != displayText(p) {
		return fmt.Errorf("a key for an older display: %w", payments.ErrKeyNotEnabled)
	}
	if err := s.Payments.Press(c.Request().Context(), p, key, in.Data, who.Person); err != nil {
		return err
	}
	if wantsJSON(c) {
		return s.answerPayment(c, who, http.StatusAccepted, p.ID)
	}
	if key == payments.KeyCancel && p.State != payments.Created {
		trigger(c, toast("info", who.T("Asked %s to cancel. If the card was approved already, the payment stands.", p.TerminalName)))
	}
	return c.NoContent(http.StatusNoContent) // the stream shows what the terminal makes of it
}

// mine reads a payment on which the caller may act: with the right for its
// kind.
func (s *Server) mine(c echo.Context, who caller) (payments.Payment, error) {
	p, err := s.Payments.Find(c.Request().Context(), who.PortalID, c.Param("id"))
	if err != nil {
		return p, err
	}
	if !who.may(rightFor(p.Kind)) {
		return p, errForbidden
	}
	return p, nil
}

func (s *Server) checkPayment(c echo.Context, who caller) error {
	p, err := s.Payments.Find(c.Request().Context(), who.PortalID, c.Param("id"))
	if err != nil {
		return err
	}
	if err := s.Payments.Check(c.Request().Context(), p.ID); err != nil {
		return err
	}
	return s.answerPayment(c, who, http.StatusAccepted, p.ID)
}

func (s *Server) releasePayment(c echo.Context, who caller) error {
	p, err := s.mine(c, who)
	if err != nil {
		return err
	}
	if _, err := s.Payments.Release(c.Request().Context(), p.ID, who.Person); err != nil {
		return err
	}
	return s.answerPayment(c, who, http.StatusOK, p.ID)
}

type resolveIn struct {
	Outcome string `json:"outcome" form:"outcome"`
	Reason  string `json:"reason" form:"reason"`
}

func (s *Server) resolvePayment(c echo.Context, who caller) error {
	var in resolveIn
	if err := decode(c, &in); err != nil {
		return err
	}
	if in.Outcome != "paid" && in.Outcome != "not_paid" {
		return s.formError(c, payments.Invalid("outcome", "Choose paid or not_paid."))
	}
	reason := strings.TrimSpace(in.Reason)
	if n := utf8.RuneCountInString(reason); n < 1 || n > 200 {
		return s.formError(c, payments.Invalid("reason", "Give a reason of 1 to 200 characters."))
	}
	p, err := s.Payments.Find(c.Request().Context(), who.PortalID, c.Param("id"))
	if err != nil {
		return err
	}
	pending, err := s.decide(c.Request().Context(), who, p, in.Outcome == "paid", reason)
	if err != nil {
		return s.formError(c, err)
	}
	if pending {
		return s.answerPayment(c, who, http.StatusAccepted, p.ID)
	}
	return s.answerPayment(c, who, http.StatusOK, p.ID)
}

// decide carries a decision out, or keeps it for a second person when the
// amount is above the portal's limit.
func (s *Server) decide(ctx context.Context, who caller, p payments.Payment, paid bool, reason string) (pending bool, err error) {
	portal, err := s.Portals.Portal(ctx, who.PortalID)
	if err != nil {
		return false, err
	}
	if !p.Practice() && portal.NeedsSecond(payments.Money{Minor: p.Amount, Currency: p.Currency}) {
		_, pending, err = s.Payments.Propose(ctx, p.ID, paid, reason, who.Person)
		return pending, err
	}
	_, err = s.Payments.Resolve(ctx, p.ID, paid, reason, who.Person)
	return false, err
}

func (s *Server) retryWriteBack(c echo.Context, who caller) error {
	p, err := s.Payments.Find(c.Request().Context(), who.PortalID, c.Param("id"))
	if err != nil {
		return err
	}
	if err := s.WriteBacks.Retry(c.Request().Context(), p.ID, c.Param("target")); err != nil {
		return err
	}
	return s.answerPayment(c, who, http.StatusAccepted, p.ID)
}
