package web

import (
	"receivepayment/payments"
)

// mailed is a payment whose receipt was sent, is on its way, and was refused.
func mailed(d *payments.Detail) {
	sent := payments.Mailing{Address: "wiremu.clarke@pelorus.example", State: payments.MailingSent, SentAt: at(noon())}
	waits := payments.Mailing{Address: "accounts@pelorus.example", State: payments.MailingWaiting, Attempts: 2, LastError: "451 4.7.1 greylisted, come back later"}
	failed := payments.Mailing{
		Address: "wirmeu@pelorus.example", State: payments.MailingFailed, Trouble: "The mail server refuses it.", LastError: "550 5.1.1 no such user",
	}
	d.Mailings = []payments.Mailing{sent, waits, failed}
}

func mailStories() map[string]story {
	letter := func(f letterForm) func(caller) any { return func(caller) any { return f } }
	return map[string]story{
		"receipt-mailed":  {page: "receive-page", data: panel(payments.Approved, payments.Purchase, mailed), as: cashierOf},
		"receipt-address": {piece: "letter", data: letter(letterForm{RequestID: "m-1", Payment: "p_1", Slip: "s1", Address: "wiremu.clarke@pelorus.example"})},
		"receipt-no-mail": {piece: "letter", data: letter(letterForm{Off: mailOff})},
		"live-no-mail": {piece: "live", data: func(who caller) any {
			v := liveOf(payments.Approved, payments.Purchase, who)
			v.MailOff = mailOff
			return v
		}, as: adminOf},
		"receipt-anonymous": {piece: "letter", data: letter(letterForm{RequestID: "m-2", Payment: "p_1", Slip: "s2"})},
	}
}
