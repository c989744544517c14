// Package practice plays a terminal that does not exist, for people who learn
// and for moderators who have no account anywhere. It is a provider like the
// others: a payment on it lives the whole life of a payment, and nothing of it
// is real. Package payments keeps it away from every document, report and CRM
// (see [payments.Payment.Practice]).
//
// What the terminal says follows from three things that are stored with the
// payment: its scenario, when it was sent, and which key was pressed. So the
// package keeps no state, a restart changes no answer, and every process gives
// the same one.
package practice
