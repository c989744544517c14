package web

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"receivepayment/audit"
	"receivepayment/invoices"
	"receivepayment/pairing"
	"receivepayment/payments"
	"receivepayment/receipts"
	"receivepayment/words"
)

// problem is a refusal as RFC 9457 wants it, with a stable code and the field
// at fault.
type problem struct {
	Type   string  `json:"type"`
	Title  string  `json:"title"`
	Status int     `json:"status"`
	Code   string  `json:"code"`
	Detail string  `json:"detail"`
	Field  *string `json:"field"`
}

// refusal is one row of the table from errors to answers.
type refusal struct {
	err    error
	status int
	code   string
	detail words.Key
}

// refusals is that table; the first that matches wins. Errors that are not
// here are ours, are logged, and say nothing.
var refusals = []refusal{
	{errUnauthenticated, 401, "unauthenticated", "Open the app in Bitrix24 again; this page has expired."},
	{errForbidden, 403, "forbidden", "You do not have the right to do this. Ask an administrator of your Bitrix24."},
	{payments.ErrRequestReused, 409, "request_reused", "This request id was used with other content. Send a new id."},
	{payments.ErrAlreadyPaid, 409, "already_paid", "This is already paid."},
	{payments.ErrOverOutstand, 409, "over_outstanding", "The amount is more than what is left to pay."},
	{payments.ErrDocumentOpen, 409, "document_open", "A payment of this document is still open. Do not charge again before its result is known."},
	{payments.ErrTerminalBusy, 409, "terminal_busy", "The terminal is taking another payment."},
	{pairing.ErrInUse, 409, "terminal_busy", "A payment of this terminal is still open. Retire it when the result is known."},
	{payments.ErrTerminalLimit, 409, "over_refund", "It is more than this terminal refunds at once. Choose another terminal, or refund in parts."},
	{payments.ErrNeedsApproval, 403, "forbidden", "It is above what you may refund alone. Ask for it: a colleague approves."},
	{payments.ErrOwnRequest, 403, "forbidden", "Somebody else has to approve your own request."},
	{payments.ErrNoLink, 409, "wrong_state", noLinkWhy},
	{payments.ErrMoneyChanged, 409, "amount_changed", "The currency was changed in the CRM after a payment. A person has to look at it first."},
	{payments.ErrOverRefund, 409, "over_refund", "The amount is more than what can still be refunded."},
	{payments.ErrNotFinal, 409, "not_final", "The payment is not decided yet."},
	{payments.ErrKeyNotEnabled, 409, "key_not_enabled", "The terminal does not allow this key now."},
	{payments.ErrWrongState, 409, "wrong_state", "The payment's state does not allow this."},
	{invoices.ErrClosed, 409, "wrong_state", "This is closed in the CRM, as not paid or cancelled. Reopen it first."},
	{invoices.ErrReturned, 409, "wrong_state", returnedWhy},
	{payments.ErrAmountChanged, 409, "amount_changed", "The amount was changed in the CRM meanwhile. Look at it again before you charge."},
	{receipts.ErrOff, 409, "wrong_state", mailOff},
	{pairing.ErrNotPaired, 409, "not_paired", "The terminal is not ready. An administrator can test or pair it in the app's settings."},
	{pairing.ErrForeign, 403, "forbidden", "This terminal belongs to a colleague."},
	{pairing.ErrPairingRefused, 422, "pairing_refused", "Linkly refused. Check user name and password, and make a fresh pair code on the terminal: it is good for about three minutes."},
	{pairing.ErrUpstream, 503, "upstream_unavailable", "Linkly cannot be reached from here. Nothing was sent and nothing was stored: look at the network, then press Pair again."},
	{pairing.ErrNoAnswer, 503, "upstream_unavailable", "Linkly gave no clear answer. Nothing was stored. The code may be used up: make a new one on the terminal, then press Pair again."},
	{payments.ErrUpstream, 502, "upstream_refused", "The terminal did not take the key. It may have moved on; look at its display."},
	{pairing.ErrNoEntry, 422, "invalid", "Open this page inside Bitrix24."},
	{pairing.ErrUnverified, 401, "unauthenticated", "Bitrix24 does not confirm this request. Open the app in Bitrix24 again."},
	{pairing.ErrNotInstalled, 404, "not_found", "The app is not installed on this portal. Ask an administrator to install it."},
	{pairing.ErrNotAdmin, 403, "forbidden", "Only an administrator of the portal can install the app."},
	{pairing.ErrPortalOffline, 503, "upstream_unavailable", "Bitrix24 cannot be reached. Try again in a moment."},
	{pairing.ErrInstall, 502, "upstream_refused", "Bitrix24 refused a step of the installation. Try again; repeating is safe."},
	{invoices.ErrDenied, 403, "forbidden", "Bitrix24 does not let you see or change this."},
	{invoices.ErrNotFound, 404, "not_found", "Bitrix24 does not have this."},
	{invoices.ErrMismatch, 502, "upstream_refused", "Bitrix24 computes another amount than was shown. Nothing was added."},
	{invoices.ErrRefused, 502, "upstream_refused", "Bitrix24 refused."},
	{invoices.ErrUnavailable, 503, "upstream_unavailable", "Bitrix24 cannot be reached. Try again in a moment."},
	{invoices.ErrBusy, 503, "upstream_unavailable", "The same request is still under way. Look again in a moment."},
	{pairing.ErrUnknownCallback, 404, "not_found", "No session of ours has this address."},
	{pairing.ErrForgedCallback, 401, "unauthenticated", "The callback does not carry our proof."},
	{pairing.ErrBadCallback, 422, "invalid", "The callback cannot be used."},
	{payments.ErrWrongCurrency, 422, "invalid", "The terminal takes another currency."},
	{payments.ErrCursor, 422, "invalid", "This is not a cursor of the list."},
	{pairing.ErrPeopleCursor, 422, "invalid", "This is not a cursor of the list."},
	{audit.ErrCursor, 422, "invalid", "This is not a cursor of the list."},
	{pairing.ErrTerminalCursor, 422, "invalid", "This is not a cursor of the list."},
	{payments.ErrNotFound, 404, "not_found", "There is no such thing here."},
	{context.DeadlineExceeded, 503, "upstream_unavailable", "An answer took too long. Try again in a moment."},
}

// explain finds the answer to an error; false means that it is a fault of ours.
func (s *Server) explain(w *words.Voice, err error) (problem, bool) {
	var invalid *payments.InvalidError
	if errors.As(err, &invalid) {
		return newProblem(http.StatusUnprocessableEntity, "invalid", w.T(invalid.Text, invalid.Args...), invalid.Field), true
	}
	var http *echo.HTTPError
	if errors.As(err, &http) {
		return httpProblem(w, http.Code), true
	}
	for _, r := range refusals {
		if errors.Is(err, r.err) {
			p := newProblem(r.status, r.code, w.T(r.detail), fieldOf(r.err))
			s.sharpen(w, &p, err)
			return p, true
		}
	}
	if payments.IsAway(err) {
		return newProblem(503, "upstream_unavailable",
			w.T("Our database cannot be reached. Try again in a moment; the same request is never carried out twice."), ""), true
	}
	return newProblem(500, "internal",
		w.T("Something went wrong on our side. Sending the same request again is safe; look at the document before you charge anew."), ""), false
}

// fieldOf names the field at fault where the refusal alone tells it.
func fieldOf(err error) string {
	for known, field := range map[error]string{
		payments.ErrWrongCurrency: "currency", payments.ErrCursor: "cursor", pairing.ErrPeopleCursor: "cursor",
		pairing.ErrTerminalCursor: "cursor", audit.ErrCursor: "cursor",
		payments.ErrOverOutstand: "amount", payments.ErrOverRefund: "amount", payments.ErrTerminalLimit: "amount",
	} {
		if errors.Is(err, known) {
			return field
		}
	}
	return ""
}

// sharpen adds what people want to know: who holds the terminal, or what the
// CRM said.
func (s *Server) sharpen(w *words.Voice, p *problem, err error) {
	var conflict *payments.Conflict
	var held *payments.Held
	var busy *busyError
	if errors.As(err, &conflict) && p.Code == "terminal_busy" {
		with := conflict.With
		p.Detail = w.T("%s is taking a payment for %s (%s, %s).", with.TerminalName, documentWords(w, with.Document),
			with.StartedByName, age(w, s.Now().Sub(with.CreatedAt)))
	}
	if errors.As(err, &held) {
		with := held.With
		p.Detail = w.T("%s is busy: %s (%s).", with.TerminalName, heldWords(w, with), age(w, s.Now().Sub(with.Since)))
	}
	if errors.As(err, &busy) && len(busy.free) > 0 {
		p.Detail = w.Join(p.Detail, w.T("Free now: %s.", w.List(busy.free...)))
	}
	var pair *pairing.Refusal
	if errors.As(err, &pair) {
		field := pair.Field()
		p.Detail, p.Field = w.T(pairingWords(pair.Why)), &field
	}
	var required *invoices.RequiredError
	if errors.As(err, &required) {
		p.Detail = w.T("Your Bitrix24 wants the field “%s” of every invoice to be filled. Add this invoice in Bitrix24 itself, or ask an administrator to make the field optional.", required.Title)
		p.Field = &required.Field
		return
	}
	if said := invoices.RefusedBecause(err); said != "" && p.Code == "upstream_refused" {
		p.Detail = w.Join(p.Detail, w.T("It says: %s", said))
	}
}

// documentWords names a document inside a sentence.
func documentWords(w *words.Voice, document string) string {
	if number, found := strings.CutPrefix(document, "SI:"); found {
		return w.T("invoice %s", number)
	}
	if number, found := strings.CutPrefix(document, "O:"); found {
		return w.T("order payment %s", number)
	}
	if payments.Practised(document) != "" {
		return w.T("practice")
	}
	if payments.IsTest(document) {
		return w.T("a test")
	}
	return document
}

// pairingWords says why Linkly gave no secret, and what to do.
func pairingWords(why pairing.Why) words.Key {
	switch why {
	case pairing.WrongLogin:
		return "Linkly does not know this user name with this password. Compare both with the letter from your bank; small and capital letters count."
	case pairing.ExpiredCode:
		return "This pair code has expired: it is good for about three minutes. Make a new one on the terminal and enter it here."
	case pairing.WrongSecret:
		return "Linkly does not accept this secret. It may belong to an earlier pairing: pair with a code instead."
	case pairing.WrongCode:
	}
	return "Linkly does not accept this pair code. Compare it with the terminal, or make a new one there; if that does not help, compare user name and password."
}

func age(w *words.Voice, d time.Duration) string {
	if d < time.Minute {
		return w.T("%d s", int(d.Seconds()))
	}
	return w.T("%d min", int(d.Minutes()))
}

func httpProblem(w *words.Voice, status int) problem {
	code, sentence := httpRefusal(status)
	if code == "invalid" {
		status = http.StatusUnprocessableEntity
	}
	return newProblem(status, code, w.T(sentence), "")
}

func httpRefusal(status int) (string, words.Key) {
	switch status {
	case http.StatusNotFound:
		return "not_found", "There is no such address."
	case http.StatusMethodNotAllowed:
		return "method_not_allowed", "This address does not take this method."
	case http.StatusRequestEntityTooLarge:
		return "too_large", "What you sent is too large."
	case http.StatusUnsupportedMediaType:
		return "unsupported_media", "Send JSON or a form."
	case http.StatusTooManyRequests:
		return "too_many", "Too many requests. Wait a moment."
	case http.StatusUnauthorized:
		return "unauthenticated", "Open the app in Bitrix24 again."
	}
	if status >= 500 {
		return "internal", "Something went wrong on our side."
	}
	return "invalid", "This request cannot be read."
}

func newProblem(status int, code, detail, field string) problem {
	p := problem{Type: "about:blank", Title: http.StatusText(status), Status: status, Code: code, Detail: detail}
	if field != "" {
		p.Field = &field
	}
	return p
}

// fail is the one place where an error becomes an answer.
func (s *Server) fail(err error, c echo.Context) {
	if c.Response().Committed {
		return
	}
	p, known := s.explain(voiceOf(c), err)
	if !known {
		s.Log.ErrorContext(c.Request().Context(), "request failed", "route", c.Path(), "error", err,
			"request", c.Response().Header().Get(echo.HeaderXRequestID))
	} else {
		s.Log.InfoContext(c.Request().Context(), "request refused", "route", c.Path(), "code", p.Code, "error", err)
	}
	if p.Status == http.StatusUnauthorized {
		c.Response().Header().Set(echo.HeaderWWWAuthenticate, "Bearer")
	}
	if wantsPage(c) {
		if err := s.sorry(c, p); err == nil {
			return
		}
	}
	raw, _ := json.Marshal(p) // strings and numbers always marshal
	_ = c.Blob(p.Status, "application/problem+json", raw)
}
