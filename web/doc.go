// Package web is the face: routes on one screen, short handlers that answer
// HTML to the page and JSON to programs (same handler, same rules), and the
// live stream of a payment.
//
// A handler reads what was sent, asks one feature, and renders. It returns
// errors; problem.go is the one place that turns them into status, code and
// sentence. There are no cookies: the frame's page carries a short-lived
// signed token, event streams a one-time ticket.
package web
