package invoices

import (
	"receivepayment/bitrix"
	"receivepayment/words"
)

// robotCode names our robot towards the portal; it never changes.
const robotCode = "pos_request_payment"

// What the robot asks for and gives back.
const (
	robotCashier = "cashier"
	robotNote    = "note"
	robotStatus  = "status"
	robotRef     = "reference"
	robotAmount  = "amount"
)

// robot is "Request card payment": it asks a cashier to take the payment of a
// deal or an invoice, and the workflow waits for the outcome.
func robot(v *words.Voice, handler string) bitrix.Robot {
	deal, invoice := bitrix.DocumentTypes()
	return bitrix.Robot{
		Code: robotCode, Handler: handler, Waits: true,
		Name:        words.Everywhere("Request card payment"),
		Description: words.Everywhere("Asks a cashier to take a card payment on a terminal, and waits for the outcome."),
		Asks: map[string]bitrix.RobotProperty{
			robotCashier: {Name: v.T("Cashier"), Type: "user"},
			robotNote:    {Name: v.T("Note for the cashier"), Type: "string"},
		},
		Returns: map[string]bitrix.RobotProperty{
			robotStatus: {Name: v.T("Outcome: %s", "approved, declined, cancelled, expired"), Type: "string"},
			robotRef:    {Name: v.T("Reference of the payment"), Type: "string"},
			robotAmount: {Name: v.T("Amount and currency"), Type: "string"},
		},
		DocumentTypes: [][]string{deal, invoice},
	}
}
