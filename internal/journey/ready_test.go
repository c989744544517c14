package journey_test

import (
	"net/http"
	"testing"

	"receivepayment/internal/stack"
)

// open starts a product that is installed and paired, with one invoice of the
// amount in the deal, whose last digits choose what the bank says. It answers
// a client of the administrator too.
func open(t testing.TB, amount string) (*stack.Stack, stack.Client) {
	t.Helper()
	return opened(t, amount, stack.Options{Timing: calm()})
}

// opened is the same with options of the caller's.
func opened(t testing.TB, amount string, o stack.Options) (*stack.Stack, stack.Client) {
	t.Helper()
	s := stack.Start(t, o)
	admin := s.Install()
	s.Pair(admin)
	deal := s.Enter(stack.Admin, "CRM_DEAL_DETAIL_TAB", 512)
	deal.Do(http.MethodPost, "/api/v1/invoices", stack.Object{
		"requestId": "one", "deal": "512", "title": "Deposit", "amount": amount, "currency": "AUD",
	}).Want(http.StatusCreated)
	return s, admin
}

// cashier opens the deal as the person in a browser of its own.
func cashier(t testing.TB, s *stack.Stack, user string) (tab, frame page) {
	t.Helper()
	tab = browse(t, s)
	tab.signIn(user)
	return tab, openDeal(tab)
}
