// Package receipts sends the receipts of payments to customers by e-mail.
//
// Package payments keeps what is to be sent; a mail server that is down delays
// a receipt and nothing else. A row is sent until the server took it, refuses
// it for good, or a day has passed, and each of these is shown on the payment.
//
// A server may take a message and die before it says so. The next try then
// sends it again under the same Message-ID, by which mail programs know it: a
// customer may see a receipt twice in such an hour, and never go without.
package receipts
