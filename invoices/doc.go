// Package invoices knows what is owed: the invoices of a deal, what our
// payments have collected of them, and how the CRM is told.
//
// The CRM is read at each request with the viewer's own token, so that its
// rights hold; amounts are never kept here. Telling the CRM ([WriteBacks]) is
// a row of its own per thing to tell, retried until done, and looked at before
// it is repeated, because Bitrix24 has no idempotency keys.
package invoices
