package pairing

import (
	"context"
	"crypto/subtle"
	"errors"
	"fmt"
	"strings"

	"receivepayment/db"
	"receivepayment/internal/fault"
	"receivepayment/linkly"
	"receivepayment/payments"
)

// Refusals of a callback.
var (
	ErrUnknownCallback = errors.New("no session of ours has this address")
	ErrForgedCallback  = errors.New("the callback does not carry our proof")
	ErrBadCallback     = errors.New("the callback cannot be used")
)

// Callbacks takes Linkly's notifications in.
type Callbacks struct {
	Terminals *Terminals
	Payments  *payments.Service
}

// Admitted is a callback whose sender proved that we gave them the address.
type Admitted struct {
	callbacks *Callbacks
	payment   *payments.Payment
	check     *check
	function  *Function
}

// Admit checks address and header before anything of the body is read
// (rule of evidence 8). id is a payment's or a check's.
func (c *Callbacks) Admit(ctx context.Context, id, authorization string) (Admitted, error) {
	p, err := c.Payments.Get(ctx, id)
	if err == nil {
		if !p.Authentic(authorization) {
			return Admitted{}, ErrForgedCallback
		}
		return Admitted{callbacks: c, payment: &p}, nil
	}
	if !errors.Is(err, db.ErrNotFound) {
		return Admitted{}, err
	}
	return c.admitCheck(ctx, id, authorization)
}

func (c *Callbacks) admitCheck(ctx context.Context, id, authorization string) (Admitted, error) {
	var rows []check
	err := c.Terminals.DB.WithContext(ctx).Where("id = ?", id).Limit(1).Find(&rows).Error
	if err != nil {
		return Admitted{}, fmt.Errorf("read check: %w", err)
	}
	if len(rows) == 0 {
		return c.admitFunction(ctx, id, authorization)
	}
	if subtle.ConstantTimeCompare([]byte(payments.HashProof(authorization)), []byte(rows[0].NotifyHash)) != 1 {
		return Admitted{}, ErrForgedCallback
	}
	return Admitted{callbacks: c, check: &rows[0]}, nil
}

func (c *Callbacks) admitFunction(ctx context.Context, id, authorization string) (Admitted, error) {
	var rows []Function
	err := c.Terminals.DB.WithContext(ctx).Where("id = ?", id).Limit(1).Find(&rows).Error
	if err != nil {
		return Admitted{}, fmt.Errorf("read function: %w", err)
	}
	if len(rows) == 0 {
		return Admitted{}, ErrUnknownCallback
	}
	if subtle.ConstantTimeCompare([]byte(payments.HashProof(authorization)), []byte(rows[0].NotifyHash)) != 1 {
		return Admitted{}, ErrForgedCallback
	}
	return Admitted{callbacks: c, function: &rows[0]}, nil
}

// Take decodes the body and hands it on. The body's session must be the one
// that the address was made for; otherwise nothing happens.
func (a Admitted) Take(ctx context.Context, pathType string, body []byte) error {
	n, err := linkly.ParseNotification(pathType, body)
	if err != nil {
		return fmt.Errorf("%w: %w", ErrBadCallback, err)
	}
	if a.check != nil {
		if !linkly.SameSession(n.Session, a.check.SessionID) {
			return fmt.Errorf("%w: it speaks of another session", ErrBadCallback)
		}
		return a.callbacks.Terminals.takeCheck(ctx, *a.check, n)
	}
	if a.function != nil {
		if !linkly.SameSession(n.Session, a.function.SessionID) {
			return fmt.Errorf("%w: it speaks of another session", ErrBadCallback)
		}
		return a.callbacks.Terminals.takeFunction(ctx, *a.function, n)
	}
	p := *a.payment
	if !linkly.SameSession(n.Session, p.SessionID) {
		return fmt.Errorf("%w: it speaks of another session", ErrBadCallback)
	}
	m, err := messageOf(p, n)
	if err != nil {
		return err
	}
	fault.Here(fault.CallbackAdmitted)
	if err := a.callbacks.Payments.Receive(ctx, p, m); err != nil {
		return err
	}
	fault.Here(fault.CallbackKept)
	t := a.callbacks.Terminals
	return seen(ctx, t.DB, p.TerminalID, "last_callback_at", t.Clock())
}

// messageOf translates. A result that names another reference or kind is not
// this payment's; it is refused loudly (complaint "previous amount").
func messageOf(p payments.Payment, n linkly.Notification) (payments.Message, error) {
	switch {
	case n.Display != nil:
		return payments.Message{Display: displayOf(n.Display)}, nil
	case n.Receipt != nil:
		r := receiptOf(*n.Receipt)
		return payments.Message{Receipt: &r}, nil
	case n.Result != nil:
		r := n.Result
		if r.TxnRef != "" && r.TxnRef != p.TxnRef {
			return payments.Message{}, fmt.Errorf("%w: it names another TxnRef", ErrBadCallback)
		}
		if r.TxnType != "" && r.TxnType != string(transactionOf(p).Type) {
			return payments.Message{}, fmt.Errorf("%w: it names another TxnType", ErrBadCallback)
		}
		result := resultOf(r)
		return payments.Message{Result: &result}, nil
	}
	return payments.Message{}, nil
}

func displayOf(d *linkly.Display) *payments.Display {
	out := &payments.Display{Lines: make([]string, 0, 2), Keys: []payments.Key{}}
	for _, line := range d.Lines {
		out.Lines = append(out.Lines, strings.TrimSpace(line))
	}
	for _, k := range []struct {
		on  bool
		key payments.Key
	}{
		{d.Cancel, payments.KeyCancel},
		{d.OK, payments.KeyOK},
		{d.Yes, payments.KeyYes},
		{d.No, payments.KeyNo},
		{d.Authorise, payments.KeyAuth},
	} {
		if k.on {
			out.Keys = append(out.Keys, k.key)
		}
	}
	if d.Authorise && d.Input != "none" {
		out.Input = d.Input
	}
	return out
}

func receiptOf(r linkly.Receipt) payments.Receipt {
	name, known := map[string]string{
		"C": "customer", "M": "merchant", "L": "logon", "S": "settlement", "R": "receipt",
	}[r.Type]
	if !known {
		name = "other"
	}
	return payments.Receipt{Type: name, Text: r.Text}
}

// operatorCancelled are the codes of a transaction that the operator or the
// customer ended before the bank was asked (reference linkly 11.1).
const operatorCancelled = "TM"

func resultOf(r *linkly.Result) payments.Result {
	out := payments.Result{
		Success: r.Success, Code: r.ResponseCode, Text: r.ResponseText,
		CancelledByKey: !r.Success && r.ResponseCode == operatorCancelled,
		CardType:       r.CardType, Last4: r.Last4, Entry: r.Entry, Account: r.Account,
		AuthCode: r.AuthCode, RRN: r.RRN, STAN: r.STAN, SettlementDate: r.SettlementDate,
		RFN: r.RFN, Reference: r.REF,
		Amount: r.AmtPurchase, CashOut: r.AmtCash, Tip: r.AmtTip, Surcharge: r.Surcharge, Total: r.TotalCharged,
	}
	for _, slip := range r.Receipts {
		out.Receipts = append(out.Receipts, receiptOf(slip))
	}
	return out
}
