package web

import (
	"net/http"
	"slices"
	"time"

	"github.com/google/uuid"
	"github.com/labstack/echo/v4"

	"receivepayment/invoices"
	"receivepayment/payments"
	"receivepayment/words"
)

// mailingJSON is a receipt on its way to an address.
type mailingJSON struct {
	ID        string     `json:"id"`
	Slip      string     `json:"slip"`
	Address   string     `json:"address"`
	State     string     `json:"state"`
	Attempts  int64      `json:"attempts"`
	Trouble   *string    `json:"trouble"`   // why it failed
	LastError *string    `json:"lastError"` // what the mail server said
	By        personJSON `json:"by"`
	CreatedAt time.Time  `json:"createdAt"`
	SentAt    *time.Time `json:"sentAt"`
}

func mailingsOf(rows []payments.Mailing) []mailingJSON {
	out := make([]mailingJSON, len(rows))
	for i, m := range rows {
		out[i] = mailingJSON{
			ID: m.ID, Slip: m.Slip, Address: m.Address, State: string(m.State), Attempts: m.Attempts,
			Trouble: textOrNil(m.Trouble), LastError: textOrNil(m.LastError),
			By: personJSON{ID: m.ByID, Name: m.ByName}, CreatedAt: m.CreatedAt, SentAt: m.SentAt,
		}
	}
	return out
}

// letterJSON is what a form for a mailing begins with.
type letterJSON struct {
	Address string  `json:"address"` // of the CRM's contact, empty when it has none
	Off     *string `json:"off"`     // why nothing can be sent
}

// letterForm is that form.
type letterForm struct {
	RequestID string
	Payment   string
	Slip      string
	Address   string
	Off       words.Key
}

// mailOff says why receipts are not sent here.
const mailOff words.Key = "Receipts are not e-mailed: no mail server is set for this app."

// showLetter proposes the address of the CRM's contact. A CRM that does not
// answer leaves the field empty: the customer is standing there and knows it.
func (s *Server) showLetter(c echo.Context, who caller) error {
	p, err := s.mine(c, who)
	if err != nil {
		return err
	}
	ctx := c.Request().Context()
	if _, err := s.Payments.Slip(ctx, p, c.Param("slip")); err != nil {
		return err
	}
	form := letterForm{RequestID: uuid.NewString(), Payment: p.ID, Slip: c.Param("slip")}
	if !s.Receipts.On() {
		form.Off = mailOff
	} else if form.Address, err = s.Invoices.CustomerEmail(ctx, who.PortalID, who.Person.ID, p.Document); err != nil {
		s.Log.WarnContext(ctx, "the customer's address cannot be proposed", "payment", p.ID, "error", err)
	}
	if wantsJSON(c) {
		return c.JSON(http.StatusOK, letterJSON{Address: form.Address, Off: textOrNil(who.T(form.Off))})
	}
	return s.fragment(c, http.StatusOK, "letter", form)
}

type mailIn struct {
	RequestID string `json:"requestId" form:"requestId"`
	Address   string `json:"address" form:"address"`
}

// mailReceipt sends a slip to an address, once however often the click comes.
func (s *Server) mailReceipt(c echo.Context, who caller) error {
	var in mailIn
	if err := decode(c, &in); err != nil {
		return err
	}
	p, err := s.mine(c, who)
	if err != nil {
		return err
	}
	if err := invoices.CheckRequestID(in.RequestID); err != nil {
		return s.formError(c, err)
	}
	_, err = s.Receipts.Mail(c.Request().Context(), p, payments.MailOrder{
		RequestID: in.RequestID, Slip: c.Param("slip"), Address: in.Address, By: who.Person,
	})
	if err != nil {
		return s.formError(c, err)
	}
	if wantsJSON(c) {
		return s.answerPayment(c, who, http.StatusAccepted, p.ID)
	}
	return s.panel(c, who, http.StatusAccepted, p.ID)
}

// mailingView is a mailing in the panel of its payment.
type mailingView struct {
	payments.Mailing
	Mark  string // as the tells are marked: done, waiting, attention
	Words string
}

// Letters are the mailings of the payment, in sentences.
func (v liveView) Letters() []mailingView {
	out := make([]mailingView, len(v.Mailings))
	for i, m := range v.Mailings {
		out[i] = mailingView{Mailing: m, Mark: "waiting"}
		switch m.State {
		case payments.MailingSent:
			out[i].Mark, out[i].Words = "done", v.T("The receipt was sent to %s.", m.Address)
		case payments.MailingFailed:
			out[i].Mark, out[i].Words = "attention", v.Who.Join(v.T("The receipt could not be sent to %s.", m.Address), v.Who.Stored(m.Trouble))
		case payments.MailingWaiting:
			out[i].Words = v.T("The receipt is on its way to %s.", m.Address)
			if m.Attempts > 1 {
				out[i].Words = v.T("The mail server did not take the receipt for %s yet; it is tried again.", m.Address)
			}
		}
	}
	return out
}

// Mailable is the slip that a button offers to send. Where no mail server is
// set there is the reason in the button's place.
func (v liveView) Mailable() *slipView {
	if v.MailOff != "" {
		return nil
	}
	return v.MailSlip()
}

// MailSlip is the slip that the customer would be sent: the last one that is
// theirs. Nil where there is none, and for who may not act on the payment.
func (v liveView) MailSlip() *slipView {
	if v.Test() || !v.MayAct() {
		return nil
	}
	for i, r := range slices.Backward(v.Receipts) {
		if r.Type != payments.Merchant {
			slip := v.Slips()[i]
			return &slip
		}
	}
	return nil
}
