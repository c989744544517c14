package web

import (
	"time"

	"receivepayment/payments"
	"receivepayment/words"
)

// The typed data of each page and fragment. Templates ask these for words and
// decisions; they decide nothing themselves.

// frame is what every whole page carries.
type frame struct {
	Token string
	Title words.Key
	Who   caller
	// Now is the server's time, by which the page's own clocks are set.
	Now time.Time
}

// bare is the frame of a page for somebody whom we do not know.
func bare(title words.Key) frame { return frame{Title: title} }

type receivePageView struct {
	frame
	Receive receiveView
	Live    *liveView // an open payment, shown at once
	// OpenAtStart is the dialog that whoever opened the page came for, or empty.
	OpenAtStart string
	// NoRefund tells whoever came to refund that there is nothing to refund.
	NoRefund bool
}

type settingsPageView struct {
	frame
	Attention attentionView
	Terminals terminalsView
	Portal    *connectionView // for administrators
	CRM       *crmTellingView // for administrators
}

type installPageView struct {
	frame
	Wizard wizardView
}

type outsideView struct{ frame }

type sorryView struct {
	frame
	Problem problem
}

// Next is what the reader can do now.
func (v sorryView) Next() words.Key { return nextStep(v.Problem.Code) }

// formErrorsView is a refusal inside a form. Open is the payment that stands in
// the way, so that it can be looked at instead.
type formErrorsView struct {
	Problem problem
	Open    *payments.Payment
}

// Field is the name of the input at fault, or empty.
func (v formErrorsView) Field() string {
	if v.Problem.Field == nil {
		return ""
	}
	return *v.Problem.Field
}

func (s *Server) frame(who caller, token string, title words.Key) frame {
	return frame{Token: token, Title: title, Who: who, Now: s.Now()}
}

func (s *Server) settingsPage(who caller, token string, terminals terminalsView, items []attentionItem) settingsPageView {
	return settingsPageView{
		frame: s.frame(who, token, "Terminals"), Terminals: terminals,
		Attention: attentionView{Who: who, Items: items, Now: s.Now()},
	}
}
