package web

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/labstack/echo/v4"

	"receivepayment/access"
	"receivepayment/invoices"
	"receivepayment/payments"
	"receivepayment/words"
)

// requestJSON is a refund that somebody asked for. Its state is what was
// decided, and, once approved, how far a refund has carried it out.
type requestJSON struct {
	ID        string       `json:"id"`
	Payment   string       `json:"payment"`
	Document  string       `json:"document"`
	Terminal  namedJSON    `json:"terminal"`
	Amount    amountJSON   `json:"amount"`
	Reason    string       `json:"reason"`
	State     string       `json:"state"` // waiting, approved, sent, done, rejected
	By        personJSON   `json:"by"`
	CreatedAt time.Time    `json:"createdAt"`
	DecidedBy *personJSON  `json:"decidedBy"`
	DecidedAt *time.Time   `json:"decidedAt"`
	Answer    *string      `json:"answer"`
	Refund    *summaryJSON `json:"refund"`
}

func requestOf(r payments.RefundRequest, refund *payments.Payment) requestJSON {
	out := requestJSON{
		ID: r.ID, Payment: r.PaymentID, Document: r.Document, Terminal: namedJSON{ID: r.TerminalID, Name: r.TerminalName},
		Amount: amountOf(r.Money()), Reason: r.Reason, State: requestState(r, refund), By: personJSON{ID: r.ByID, Name: r.ByName},
		CreatedAt: r.CreatedAt, DecidedAt: r.DecidedAt, Answer: textOrNil(r.Answer),
	}
	if r.DecidedAt != nil {
		out.DecidedBy = &personJSON{ID: r.DecidedBy, Name: r.DecidedByName}
	}
	if refund != nil {
		summary := summaryOf(*refund)
		out.Refund = &summary
	}
	return out
}

func requestState(r payments.RefundRequest, refund *payments.Payment) string {
	switch {
	case refund == nil:
		return string(r.State)
	case refund.State == payments.Approved:
		return "done"
	}
	return "sent"
}

// requestsOf are the requests of a purchase with the refunds that carry them out.
func requestsOf(d payments.Detail) []requestJSON {
	out := make([]requestJSON, len(d.Requests))
	for i, r := range d.Requests {
		out[i] = requestOf(r, d.RefundFor(r))
	}
	return out
}

// requestRefund keeps a request of somebody who may not refund, or not as
// much, and tells those who can approve it.
func (s *Server) requestRefund(c echo.Context, who caller) error {
	var in refundIn
	if err := decode(c, &in); err != nil {
		return err
	}
	r, err := s.keepRequest(c.Request().Context(), who, c.Param("id"), in)
	if err != nil {
		return s.formError(c, err)
	}
	if wantsJSON(c) {
		return c.JSON(http.StatusAccepted, requestOf(r, nil))
	}
	trigger(c, closeDialog, documentsChanged, attentionChanged, toast("ok", who.T("Your request is with those who can approve it.")))
	return s.panel(c, who, http.StatusAccepted, r.PaymentID)
}

func (s *Server) keepRequest(ctx context.Context, who caller, id string, in refundIn) (payments.RefundRequest, error) {
	o, err := s.refundOrder(ctx, who, id, in)
	if err != nil {
		return payments.RefundRequest{}, err
	}
	terminal, err := s.Terminals.Usable(ctx, who.PortalID, who.Person.ID, in.Terminal, who.Admin)
	if err != nil {
		return payments.RefundRequest{}, err
	}
	o.Terminal = terminal.ForPayment()
	r, err := s.Payments.RequestRefund(ctx, o)
	if err != nil {
		return r, err
	}
	s.tellApprovers(ctx, r)
	return r, nil
}

// tellApprovers rings those who can approve. What cannot be told now is on the
// attention desk all the same.
func (s *Server) tellApprovers(ctx context.Context, r payments.RefundRequest) {
	approvers, err := s.approvers(ctx, r)
	if err == nil {
		err = s.say(ctx, r, approvers, "%s asks to refund %s of %s: %s. Open Receive Payment to approve or reject it.",
			r.ByName, r.Document, r.Reason)
	}
	if err != nil {
		s.Log.WarnContext(ctx, "nobody was told of a refund request", "request", r.ID, "error", err)
	}
}

// say tells people about a request in the portal's language. The key's holes
// are filled with a name, the amount, the document and a reason.
func (s *Server) say(ctx context.Context, r payments.RefundRequest, people []string, key words.Key, name, document, reason string) error {
	portal, err := s.Portals.Portal(ctx, r.PortalID)
	if err != nil {
		return err
	}
	voice := words.In(portal.Language)
	text := voice.T(key, name, moneyText(voice, r.Money()), document, reason)
	return s.Notices.Tell(ctx, r.PortalID, people, "refund-request-"+r.ID, text)
}

// approvers are the people whom we have seen and who may approve the request,
// without the one who asks.
func (s *Server) approvers(ctx context.Context, r payments.RefundRequest) ([]string, error) {
	people, err := s.Portals.Users(ctx, r.PortalID)
	if err != nil {
		return nil, err
	}
	var out []string
	for _, u := range people {
		rights, err := s.Rights.InForce(ctx, r.PortalID, u.UserID, u.Admin)
		if err != nil {
			return nil, err
		}
		if u.UserID != r.ByID && mayApprove(caller{Admin: u.Admin, Rights: rights}, r) {
			out = append(out, u.UserID)
		}
	}
	return out, nil
}

func (s *Server) listRequests(c echo.Context, who caller) error {
	rows, err := s.Payments.OpenRequests(c.Request().Context(), who.PortalID)
	if err != nil {
		return err
	}
	out := struct {
		Items []requestJSON `json:"items"`
		Next  *string       `json:"next"`
	}{Items: make([]requestJSON, len(rows))}
	for i, r := range rows {
		out.Items[i] = requestOf(r.RefundRequest, r.Refund)
	}
	return c.JSON(http.StatusOK, out)
}

func (s *Server) showRequest(c echo.Context, who caller) error {
	r, err := s.Payments.FindRequest(c.Request().Context(), who.PortalID, c.Param("id"))
	if err != nil {
		return err
	}
	return s.answerRequest(c, r)
}

func (s *Server) answerRequest(c echo.Context, r payments.RefundRequest) error {
	refund, err := s.Payments.RefundFor(c.Request().Context(), r)
	if err != nil {
		return err
	}
	return c.JSON(http.StatusOK, requestOf(r, refund))
}

type answerIn struct {
	Reason string `json:"reason" form:"reason"`
}

func (s *Server) approveRequest(c echo.Context, who caller) error {
	return s.decideRequest(c, who, true)
}

func (s *Server) rejectRequest(c echo.Context, who caller) error {
	return s.decideRequest(c, who, false)
}

// decideRequest answers a request, with a reason. Who asked may take the
// request back; everything else needs the right to approve.
func (s *Server) decideRequest(c echo.Context, who caller, approve bool) error {
	var in answerIn
	if err := decode(c, &in); err != nil {
		return err
	}
	ctx := c.Request().Context()
	if approve && !who.may(access.Approve) {
		return errForbidden
	}
	r, err := s.Payments.FindRequest(ctx, who.PortalID, c.Param("id"))
	if err != nil {
		return err
	}
	if approve && !mayApprove(who, r) || !who.may(access.Approve) && r.ByID != who.Person.ID {
		return errForbidden
	}
	reason := strings.TrimSpace(in.Reason)
	if n := utf8.RuneCountInString(reason); n < 1 || n > 200 {
		return s.formError(c, payments.Invalid("reason", "Give a reason of 1 to 200 characters."))
	}
	if r, err = s.Payments.DecideRequest(ctx, r, approve, reason, who.Person); err != nil {
		return s.formError(c, err)
	}
	s.tellAsker(ctx, who, r)
	if wantsJSON(c) {
		return s.answerRequest(c, r)
	}
	trigger(c, closeDialog, documentsChanged, attentionChanged)
	return s.panel(c, who, http.StatusOK, r.PaymentID)
}

// mayApprove reports whether somebody may approve the request: one without a
// link to its sale needs the right to such refunds too.
func mayApprove(who caller, r payments.RefundRequest) bool {
	return who.may(access.Approve) && (!r.Unmatched || who.may(access.RefundUnmatched))
}

func (s *Server) tellAsker(ctx context.Context, who caller, r payments.RefundRequest) {
	if r.ByID == who.Person.ID {
		return
	}
	key := words.Key("%s rejected the refund of %s of %s: %s.")
	if r.State == payments.RequestApproved {
		key = "%s approved the refund of %s of %s: %s. It waits for the customer's card."
	}
	if err := s.say(ctx, r, []string{r.ByID}, key, who.Person.Name, r.Document, r.Answer); err != nil {
		s.Log.WarnContext(ctx, "the asker was not told", "request", r.ID, "error", err)
	}
}

type sendIn struct {
	RequestID string `json:"requestId" form:"requestId"`
	Terminal  string `json:"terminal" form:"terminal"`
}

// sendRequest carries an approved request out: the customer is there with the
// card. Whoever may take payments or refund may do it.
func (s *Server) sendRequest(c echo.Context, who caller) error {
	var in sendIn
	if err := decode(c, &in); err != nil {
		return err
	}
	if !who.may(access.Take) && !who.may(access.Refund) {
		return errForbidden
	}
	p, err := s.carryOut(c.Request().Context(), who, c.Param("id"), in)
	if err != nil {
		return s.formError(c, err)
	}
	trigger(c, attentionChanged)
	return s.accepted(c, who, p)
}

func (s *Server) carryOut(ctx context.Context, who caller, id string, in sendIn) (payments.Payment, error) {
	if err := invoices.CheckRequestID(in.RequestID); err != nil {
		return payments.Payment{}, err
	}
	r, err := s.Payments.FindRequest(ctx, who.PortalID, id)
	if err != nil {
		return payments.Payment{}, err
	}
	if in.Terminal == "" {
		in.Terminal = r.TerminalID
	}
	o := payments.RefundOrder{
		PortalID: who.PortalID, RequestID: in.RequestID, Purchase: r.PaymentID, Terminal: payments.Terminal{ID: in.Terminal},
		Amount: r.Money(), Reason: r.Reason, By: who.Person, Request: r.ID, Unmatched: r.Unmatched,
	}
	p, repeated, err := s.Payments.Repeated(ctx, who.PortalID, in.RequestID, o.Hash())
	if err != nil || repeated {
		return p, err
	}
	terminal, err := s.Terminals.Usable(ctx, who.PortalID, who.Person.ID, in.Terminal, who.Admin)
	if err != nil {
		return payments.Payment{}, err
	}
	if err := s.refundableOn(ctx, who, o, terminal); err != nil {
		return payments.Payment{}, err
	}
	o.Terminal = terminal.ForPayment()
	p, err = s.Payments.StartRefund(ctx, o)
	return p, s.offerAnother(ctx, who, err)
}

// waitingRefunds are the requests that somebody has to answer or to send, for
// the attention desk.
func (s *Server) waitingRefunds(ctx context.Context, who caller) ([]attentionItem, error) {
	rows, err := s.Payments.OpenRequests(ctx, who.PortalID)
	if err != nil {
		return nil, err
	}
	var out []attentionItem
	for _, r := range rows {
		if r.Refund != nil {
			continue // it is on a terminal
		}
		p, err := s.Payments.Find(ctx, who.PortalID, r.PaymentID)
		if errors.Is(err, payments.ErrNotFound) {
			continue
		}
		if err != nil {
			return nil, err
		}
		out = append(out, refundItem(who, p, r.RefundRequest))
	}
	return out, nil
}

func refundItem(who caller, p payments.Payment, r payments.RefundRequest) attentionItem {
	text := who.T("%s asks to refund %s: %s", r.ByName, moneyText(who.Voice, r.Money()), r.Reason)
	item := itemOf(p, "refund_request", text, who.T("Open the payment, then approve or reject the request with a reason."), r.CreatedAt)
	if r.State == payments.RequestApproved {
		item.Code = "refund_approved"
		item.Text = who.T("The refund of %s is approved and waits for the customer's card.", moneyText(who.Voice, r.Money()))
		item.Recommended = who.T("When the customer is there, open the payment and send the refund.")
	}
	item.Type, item.Request = "refund_request", &r.ID
	return item
}
