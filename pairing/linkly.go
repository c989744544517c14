package pairing

import (
	"context"
	"fmt"
	"log/slog"
	"strings"

	"receivepayment/db"
	"receivepayment/internal/fault"
	"receivepayment/linkly"
	"receivepayment/payments"
	"receivepayment/secrets"
	"receivepayment/words"
)

// Linkly makes Linkly Cloud a payments.Gateway: it finds the payment's own
// pairing, opens its secret, and translates. It decides nothing.
type Linkly struct {
	DB        *db.DB
	Clock     db.Clock
	Keys      *secrets.Keys
	Clients   map[string]*linkly.Client // by environment
	PublicURL string                    // how Linkly reaches us
	Log       *slog.Logger
}

var _ payments.Gateway = (*Linkly)(nil)

// pad is a client bound to one terminal's one pairing.
type pad struct {
	*linkly.Terminal
	terminal Terminal
}

func (l *Linkly) open(ctx context.Context, terminalID, pairingID string) (pad, error) {
	var t Terminal
	if err := l.DB.WithContext(ctx).Where("id = ?", terminalID).Take(&t).Error; err != nil {
		return pad{}, fmt.Errorf("read terminal %s: %w", terminalID, db.NotFound(err))
	}
	return l.bind(ctx, t, pairingID)
}

func (l *Linkly) bind(ctx context.Context, t Terminal, pairingID string) (pad, error) {
	var row pairingRow
	if err := l.DB.WithContext(ctx).Where("id = ?", pairingID).Take(&row).Error; err != nil {
		return pad{}, fmt.Errorf("read pairing of terminal %s: %w", t.ID, db.NotFound(err))
	}
	secret, err := l.Keys.Open(row.Secret, secretOf(row.ID))
	if err == nil && secret == "" { // given up by `app keys lost`
		err = secrets.ErrCannotOpen
	}
	if err != nil {
		l.lost(ctx, t, pairingID, keyLostReason)
		return pad{}, fmt.Errorf("terminal %s: %w", t.ID, err)
	}
	client, err := l.client(t.Environment)
	if err != nil {
		return pad{}, err
	}
	return pad{Terminal: client.Terminal(linkly.Secret(secret), t.RegisterID), terminal: t}, nil
}

func (l *Linkly) client(environment string) (*linkly.Client, error) {
	c, ok := l.Clients[environment]
	if !ok {
		return nil, fmt.Errorf("no Linkly environment %q", environment)
	}
	return c, nil
}

func (l *Linkly) notify(id, authorization string) linkly.Notify {
	return linkly.Notify{URI: l.PublicURL + "/linkly/notify/" + id + "/{{type}}", Authorization: authorization}
}

// forget drops the tokens of a terminal's former pairing.
func (l *Linkly) forget(ctx context.Context, t Terminal) {
	var row pairingRow
	if err := l.DB.WithContext(ctx).Where("id = ?", t.PairingID).Take(&row).Error; err != nil {
		return
	}
	secret, err := l.Keys.Open(row.Secret, secretOf(row.ID))
	client := l.Clients[t.Environment]
	if err == nil && client != nil {
		client.Forget(linkly.Secret(secret))
	}
}

// Begin submits the payment. What the client proves not to have started is
// payments.ErrNotStarted; everything else is left open.
func (l *Linkly) Begin(ctx context.Context, p payments.Payment, authorization string) error {
	terminal, err := l.open(ctx, p.TerminalID, p.PairingID)
	if err != nil {
		return fmt.Errorf("%w: %w", payments.ErrNotStarted, err)
	}
	fault.Here(fault.BeforeBegin)
	err = terminal.Begin(ctx, p.SessionID, transactionOf(p), l.notify(p.ID, authorization))
	fault.Here(fault.AfterBegin)
	if linkly.IsUnpaired(err) {
		l.lost(ctx, terminal.terminal, p.PairingID, unpairedReason)
	}
	switch linkly.ClassOf(err) {
	case linkly.Refused, linkly.NotStarted, linkly.Unpaired:
		return fmt.Errorf("%w: %w", payments.ErrNotStarted, err)
	case linkly.Unclear:
		return err
	}
	return err
}

func transactionOf(p payments.Payment) linkly.Transaction {
	tx := linkly.Transaction{
		Type: linkly.Purchase, TxnRef: p.TxnRef, AmtPurchase: p.Asked(), AmtCash: p.WantCashOut, Currency: p.Currency,
		PAD: linkly.PAD{
			OPR: linkly.Operator(p.StartedBy, p.StartedByName), UID: strings.ReplaceAll(p.SaleUID, "-", ""),
		},
	}
	switch {
	case p.Kind == payments.Refund:
		tx.Type, tx.PAD.RFN, tx.PAD.AMT, tx.Unmatched = linkly.Refund, p.Link, p.Asked(), p.Unmatched
	case p.CashOnly:
		tx.Type, tx.AmtPurchase, tx.PAD.AMT = linkly.CashOut, 0, p.WantCashOut
	default:
		extrasOf(p, &tx)
	}
	return tx
}

// maxSale is the largest whole sale that AMT can say (reference linkly 5.1). A
// larger one is told as what this tender takes.
const maxSale = 999_999_999

// extrasOf adds what goes with a purchase. AMT is the whole sale, of which
// AmtPurchase is this tender (reference linkly 12).
func extrasOf(p payments.Payment, tx *linkly.Transaction) {
	if whole := p.DocumentTotal + p.WantCashOut; whole <= maxSale {
		tx.PAD.AMT = whole
	}
	tx.EnableTip, tx.PAD.TipChoices, tx.PAD.TIP = p.AskTip, p.TipChoices, p.WantTip
	for _, r := range p.SurchargeRules {
		tx.PAD.Surcharge = append(tx.PAD.Surcharge, linkly.SurchargeRule{BIN: r.BIN, BasisPoints: r.BasisPoints, Cents: r.Amount})
	}
	if p.MOTO {
		tx.PanSource = linkly.CardNotPresent
	}
}

// Ask looks the session up with the payment's own pairing. When that is dead
// and the terminal was paired again, the new pairing is asked: it may know the
// outcome, but its "never seen" proves nothing (rule of evidence 6).
func (l *Linkly) Ask(ctx context.Context, p payments.Payment) (payments.Answer, error) {
	terminal, err := l.open(ctx, p.TerminalID, p.PairingID)
	if err != nil {
		return payments.Answer{}, err
	}
	want := linkly.Expect{TxnRef: p.TxnRef, Type: transactionOf(p).Type}
	fault.Here(fault.BeforeAsk)
	answer, err := terminal.Ask(ctx, p.SessionID, want)
	fault.Here(fault.AfterAsk)
	other := false
	if linkly.IsUnpaired(err) {
		l.lost(ctx, terminal.terminal, p.PairingID, unpairedReason)
		if terminal.terminal.PairingID != p.PairingID {
			other = true
			answer, err = l.askNewer(ctx, terminal.terminal, p.SessionID, want)
		}
	}
	if err != nil {
		return payments.Answer{}, err
	}
	out := payments.Answer{Kind: kindOf(answer.Kind), Status: answer.HTTPStatus, OtherPairing: other}
	if answer.Result != nil {
		r := resultOf(answer.Result)
		out.Result = &r
		l.approved(ctx, p, r)
	}
	return out, nil
}

func (l *Linkly) askNewer(ctx context.Context, t Terminal, session string, want linkly.Expect) (linkly.Answer, error) {
	newer, err := l.bind(ctx, t, t.PairingID)
	if err != nil {
		return linkly.Answer{}, err
	}
	return newer.Ask(ctx, session, want)
}

// approved keeps the terminal's card current: when it last worked.
func (l *Linkly) approved(ctx context.Context, p payments.Payment, r payments.Result) {
	if !r.Success {
		return
	}
	if err := seen(ctx, l.DB, p.TerminalID, "last_approved_at", l.Clock()); err != nil {
		l.Log.WarnContext(ctx, "terminal card is out of date", "terminal", p.TerminalID, "error", err)
	}
}

func kindOf(k linkly.AnswerKind) payments.AnswerKind {
	switch k {
	case linkly.Pending:
		return payments.Pending
	case linkly.Decided:
		return payments.Decided
	case linkly.NotFound:
		return payments.Absent
	case linkly.BadQuestion:
		return payments.BadQuestion
	}
	return payments.BadQuestion
}

// Press passes a key on.
func (l *Linkly) Press(ctx context.Context, p payments.Payment, k payments.Key, data string) error {
	terminal, err := l.open(ctx, p.TerminalID, p.PairingID)
	if err != nil {
		return err
	}
	return terminal.SendKey(ctx, p.SessionID, keyOf(k), data)
}

func keyOf(k payments.Key) linkly.Key {
	switch k {
	case payments.KeyCancel, payments.KeyOK:
		return linkly.KeyCancelOK
	case payments.KeyYes:
		return linkly.KeyYes
	case payments.KeyNo:
		return linkly.KeyNo
	case payments.KeyAuth:
		return linkly.KeyAuth
	}
	return linkly.KeyCancelOK
}

// lost marks a terminal whose pairing is of no more use, if it is the one in
// force: Linkly refuses it, or its secret cannot be opened.
func (l *Linkly) lost(ctx context.Context, t Terminal, pairingID string, reason words.Key) {
	err := l.DB.WithContext(ctx).Model(&Terminal{}).
		Where("id = ? AND pairing_id = ? AND status <> ?", t.ID, pairingID, Retired).
		Updates(map[string]any{"status": Attention, "status_reason": words.English(reason), "status_code": codeUnpaired, "due_at": nil}).Error
	if err != nil {
		l.Log.WarnContext(ctx, "could not mark a lost pairing", "terminal", t.ID, "error", err)
	}
}

// check runs one logon or status and waits for its answer.
func (l *Linkly) check(ctx context.Context, t Terminal, c check, authorization string) (outcome, error) {
	terminal, err := l.bind(ctx, t, c.PairingID)
	if err != nil {
		return outcome{}, err
	}
	var logon *linkly.LogonResult
	var status *linkly.StatusResult
	if c.Kind == "logon" {
		logon, err = terminal.Logon(ctx, c.SessionID, l.notify(c.ID, authorization))
	} else {
		status, err = terminal.Status(ctx, c.SessionID, l.notify(c.ID, authorization))
	}
	if err != nil {
		return outcome{}, err
	}
	o, _ := outcomeOf(logon, status, t.Currency)
	return o, nil
}
