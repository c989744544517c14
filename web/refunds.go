package web

import (
	"context"
	"strings"
	"unicode/utf8"

	"github.com/labstack/echo/v4"

	"receivepayment/access"
	"receivepayment/invoices"
	"receivepayment/pairing"
	"receivepayment/payments"
)

type refundIn struct {
	RequestID string `json:"requestId" form:"requestId"`
	Terminal  string `json:"terminal" form:"terminal"`
	Amount    string `json:"amount" form:"amount"`
	Reason    string `json:"reason" form:"reason"`
	Unmatched bool   `json:"unmatched" form:"unmatched"`
}

// startRefund pays back an approved purchase over a terminal.
func (s *Server) startRefund(c echo.Context, who caller) error {
	var in refundIn
	if err := decode(c, &in); err != nil {
		return err
	}
	p, err := s.refund(c, who, in)
	if err != nil {
		return s.formError(c, err)
	}
	return s.accepted(c, who, p)
}

func (s *Server) refund(c echo.Context, who caller, in refundIn) (payments.Payment, error) {
	ctx := c.Request().Context()
	o, err := s.refundOrder(ctx, who, c.Param("id"), in)
	if err != nil {
		return payments.Payment{}, s.unlessReused(ctx, who, in.RequestID, err)
	}
	p, repeated, err := s.Payments.Repeated(ctx, who.PortalID, in.RequestID, o.Hash())
	if err != nil || repeated {
		return p, err
	}
	if in.Unmatched && !who.may(access.RefundUnmatched) {
		return payments.Payment{}, errForbidden
	}
	terminal, err := s.Terminals.Usable(ctx, who.PortalID, who.Person.ID, in.Terminal, who.Admin)
	if err != nil {
		return payments.Payment{}, err
	}
	if err := s.refundableOn(ctx, who, o, terminal); err != nil {
		return payments.Payment{}, err
	}
	o.Terminal = terminal.In(o.Amount.Currency).ForPayment()
	p, err = s.Payments.StartRefund(ctx, o)
	return p, s.offerAnother(ctx, who, err)
}

// refundableOn refuses a way back that the provider does not have.
func (s *Server) refundableOn(ctx context.Context, who caller, o payments.RefundOrder, t pairing.Terminal) error {
	purchase, err := s.Payments.Find(ctx, who.PortalID, o.Purchase)
	if err != nil {
		return err
	}
	return s.Terminals.CanRefund(ctx, purchase, t, o.Amount.Minor)
}

// refundOrder reads what was sent, as far as it can be understood without
// asking whether it may be done.
func (s *Server) refundOrder(ctx context.Context, who caller, id string, in refundIn) (payments.RefundOrder, error) {
	if err := invoices.CheckRequestID(in.RequestID); err != nil {
		return payments.RefundOrder{}, err
	}
	if in.Terminal == "" || len(in.Terminal) > 100 {
		return payments.RefundOrder{}, payments.Invalid("terminal", "Choose a terminal.")
	}
	reason := strings.TrimSpace(in.Reason)
	if n := utf8.RuneCountInString(reason); n < 1 || n > 200 {
		return payments.RefundOrder{}, payments.Invalid("reason", "Give a reason of 1 to 200 characters.")
	}
	purchase, err := s.Payments.Find(ctx, who.PortalID, id)
	if err != nil {
		return payments.RefundOrder{}, err
	}
	amount, err := parseAmount(in.Amount, purchase.Currency)
	return payments.RefundOrder{
		PortalID: who.PortalID, RequestID: in.RequestID, Purchase: purchase.ID, Amount: amount, Reason: reason,
		By: who.Person, Unmatched: in.Unmatched, Unlimited: who.Admin, Terminal: payments.Terminal{ID: in.Terminal},
	}, err
}
