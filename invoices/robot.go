package invoices

import (
	"receivepayment/bitrix"
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
func robot(handler string) bitrix.Robot {
	deal, invoice := bitrix.DocumentTypes()
	return bitrix.Robot{
		Code: robotCode, Handler: handler, Waits: true,
		Name:        map[string]string{"en": "Request card payment"},
		Description: map[string]string{"en": "Asks a cashier to take a card payment on a terminal, and waits for the outcome."},
		Asks: map[string]bitrix.RobotProperty{
			robotCashier: {Name: "Cashier", Type: "user"},
			robotNote:    {Name: "Note for the cashier", Type: "string"},
		},
		Returns: map[string]bitrix.RobotProperty{
			robotStatus: {Name: "Outcome: approved, declined, cancelled or expired", Type: "string"},
			robotRef:    {Name: "Reference of the payment", Type: "string"},
			robotAmount: {Name: "Amount and currency", Type: "string"},
		},
		DocumentTypes: [][]string{deal, invoice},
	}
}
