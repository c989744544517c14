package invoices

import (
	"receivepayment/bitrix"
	"receivepayment/payments"
	"receivepayment/words"
)

// Codes of our own fields on invoices, made on the administrator's wish.
const (
	fieldStatus   = "UF_CRM_SMART_INVOICE_POS_STATUS"
	fieldRef      = "UF_CRM_SMART_INVOICE_POS_REF"
	fieldPaid     = "UF_CRM_SMART_INVOICE_POS_PAID"
	fieldRefunded = "UF_CRM_SMART_INVOICE_POS_REFUNDED"
)

// invoiceFields are the fields as they are made.
func invoiceFields() []bitrix.UserField {
	field := func(name, kind string, label words.Key) bitrix.UserField {
		return bitrix.UserField{Entity: bitrix.InvoiceFieldsOf, Name: name, Type: kind, Labels: words.Everywhere(label)}
	}
	return []bitrix.UserField{
		field(fieldStatus, "string", "Card payment"),
		field(fieldRef, "string", "Card payment reference"),
		field(fieldPaid, "money", "Paid by card"),
		field(fieldRefunded, "money", "Refunded to card"),
	}
}

// ownFields is what they say. Money is a number and a currency with a bar
// between (reference bitrix24 6.9).
func ownFields(v *words.Voice, p payments.Payment, l payments.Ledger) map[string]any {
	money := func(minor int64) string {
		return payments.Money{Minor: minor, Currency: p.Currency}.String() + "|" + p.Currency
	}
	return map[string]any{
		fieldStatus: v.T(fieldWords(p, l)), fieldRef: p.TxnRef, fieldPaid: money(l.Paid), fieldRefunded: money(l.Refunded),
	}
}

func fieldWords(p payments.Payment, l payments.Ledger) words.Key {
	net := l.Paid - l.Refunded
	switch {
	case p.State == payments.Unknown, p.State == payments.Review:
		return "In doubt"
	case l.Paid == 0:
		return "Not paid"
	case net <= 0:
		return "Refunded"
	case l.Refunded > 0:
		return "Partly refunded"
	case net < p.DocumentTotal:
		return "Partly paid"
	}
	return "Paid"
}
