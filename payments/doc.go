// Package payments is the heart: it owns money that moves over a card
// terminal, and keeps three promises: nobody is charged twice, no charge is
// forgotten, nothing is shown as paid that was not.
//
// A purchase and a refund are one type, [Payment], with one life (see
// STATES.md, drawn from the table in state.go). Three things make it safe:
//
//   - Write first, act second. [Service.Start] stores the payment with its own
//     session id; "sent" is committed before the first byte leaves; only the
//     winner of that commit may call the terminal. There is no second session.
//   - Recovery is the normal path. [Service.Step] takes the next step of a
//     payment, whatever that is: sending it, asking after silence, or picking
//     up after a crash. Each payment that still needs something is due.
//   - The provider's answer to our own question decides. A callback shows what
//     the terminal says and makes us ask at once; what the answer proves is
//     written in evidence.go, rule by rule.
//
// apply (apply.go) is the only writer of a payment's state. A provider, such
// as Linkly, is a [Gateway].
package payments
