package pairing

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"time"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"

	"receivepayment/jobs"
	"receivepayment/linkly"
	"receivepayment/payments"
	"receivepayment/secrets"
	"receivepayment/words"
)

// ended is how a function ended.
type ended struct {
	state      FunctionState
	code, text string
	slips      []payments.Receipt
	facts      *Facts
}

// StepFunction takes the next step of a function: sends it once, or gives up
// waiting. It is the job's handler and may be run again at any time.
func (s *Terminals) StepFunction(ctx context.Context, id string) error {
	f, won, err := s.claimFunction(ctx, id)
	if err != nil || !won {
		return err
	}
	t, err := find(s.DB.WithContext(ctx), f.PortalID, f.TerminalID)
	if err != nil {
		return err
	}
	if f.State == FunctionSent { // the process that sent it died, or only a callback can tell
		return s.await(ctx, f)
	}
	renew := func(ctx context.Context) {
		_ = s.DB.WithContext(ctx).Model(&Function{}).Where("id = ? AND due_at IS NOT NULL", id).
			Update("due_at", s.Clock().Add(functionLease)).Error
		_, _ = s.Payments.KeepHold(ctx, f.TerminalID, f.ID, functionLease*2)
	}
	return jobs.Keep(ctx, functionLease/3, renew, func(ctx context.Context) error { return s.send(ctx, t, f) })
}

func (s *Terminals) claimFunction(ctx context.Context, id string) (Function, bool, error) {
	var f Function
	now := s.Clock()
	tx := s.DB.WithContext(ctx)
	res := tx.Model(&Function{}).Where("id = ? AND due_at <= ?", id, now).Update("due_at", now.Add(functionLease))
	if res.Error != nil || res.RowsAffected == 0 {
		return f, false, res.Error
	}
	err := tx.Where("id = ?", id).Take(&f).Error
	return f, err == nil, err
}

// await gives a sent function its time for a callback, and then says that
// nobody knows. Nothing is ever sent twice: a settlement closes a day.
func (s *Terminals) await(ctx context.Context, f Function) error {
	if s.Clock().Before(f.SentAt.Add(functionWait)) {
		_, err := s.Payments.KeepHold(ctx, f.TerminalID, f.ID, functionLease*2)
		return err // the lease of the claim is the pause until the next look
	}
	return s.endFunction(ctx, f, ended{
		state: FunctionUnknown, text: words.English("No answer came. It may have happened: look at the terminal."),
	})
}

// send marks it sent, which only one process can, and calls the terminal.
func (s *Terminals) send(ctx context.Context, t Terminal, f Function) error {
	authorization, hash := payments.NewProof()
	now := s.Clock()
	res := s.DB.WithContext(ctx).Model(&Function{}).Where("id = ? AND state = ?", f.ID, FunctionCreated).
		Updates(map[string]any{"state": FunctionSent, "sent_at": now, "notify_hash": hash})
	if res.Error != nil || res.RowsAffected == 0 {
		return res.Error
	}
	f.State, f.SentAt = FunctionSent, &now
	s.Bell.Ring(ctx, f.ID)
	end, err := s.Linkly.function(ctx, t, f, authorization)
	switch {
	case err == nil:
		return s.endFunction(ctx, f, end)
	case ctx.Err() != nil:
		return ctx.Err()
	}
	s.Log.InfoContext(ctx, "function without an answer", "function", f.ID, "kind", f.Kind, "error", err)
	if text, certain := neverBegan(err); certain {
		return s.endFunction(ctx, f, ended{state: FunctionFailed, text: text})
	}
	return nil // a callback may still tell; await looks
}

// neverBegan says why a function certainly did not begin, and whether that is so.
func neverBegan(err error) (string, bool) {
	switch {
	case errors.Is(err, secrets.ErrCannotOpen):
		return words.English(keyLostReason), true
	case linkly.IsUnpaired(err):
		return words.English(unpairedReason), true
	}
	switch linkly.ClassOf(err) {
	case linkly.NotStarted:
		return words.English("Linkly could not be reached. Nothing has happened."), true
	case linkly.Refused:
		return words.English("Linkly refused the request. Nothing has happened."), true
	case linkly.Unpaired, linkly.Unclear:
		return "", false
	}
	return "", false
}

// function makes the one call.
func (l *Linkly) function(ctx context.Context, t Terminal, f Function, authorization string) (ended, error) {
	pad, err := l.bind(ctx, t, f.PairingID)
	if err != nil {
		return ended{}, err
	}
	n := linkly.Notification{}
	to := l.notify(f.ID, authorization)
	switch f.Kind {
	case Logon:
		n.Logon, err = pad.Logon(ctx, f.SessionID, to)
	case StatusCheck:
		n.Status, err = pad.Status(ctx, f.SessionID, to)
	case Reprint:
		n.Reprint, err = pad.Reprint(ctx, f.SessionID, to)
	case Settlement:
		n.Settlement, err = pad.Settle(ctx, f.SessionID, linkly.Settle, to)
	case PreSettlement:
		n.Settlement, err = pad.Settle(ctx, f.SessionID, linkly.PreSettle, to)
	case Totals:
		n.Settlement, err = pad.Settle(ctx, f.SessionID, linkly.Totals, to)
	}
	if linkly.IsUnpaired(err) {
		l.lost(ctx, t, f.PairingID, unpairedReason)
	}
	if err != nil {
		return ended{}, err
	}
	end, _ := endOf(n, t.Currency)
	return end, nil
}

// endOf reads the end of a function from an answer or a callback; false when it
// is none.
func endOf(n linkly.Notification, currency string) (ended, bool) {
	state := map[bool]FunctionState{true: FunctionDone, false: FunctionFailed}
	if o, decided := outcomeOf(n.Logon, n.Status, currency); decided {
		return ended{state: state[o.passed], text: o.text, facts: o.facts}, true
	}
	switch {
	case n.Settlement != nil:
		r := n.Settlement
		return ended{state: state[r.Success], code: r.ResponseCode, text: said(r.ResponseCode, r.ResponseText)}, true
	case n.Reprint != nil:
		r := n.Reprint
		end := ended{state: state[r.Success], code: r.ResponseCode, text: said(r.ResponseCode, r.ResponseText)}
		if r.Receipt.Text != "" {
			end.slips = []payments.Receipt{receiptOf(r.Receipt)}
		}
		return end, true
	}
	return ended{}, false
}

// endFunction records the end once, however many tell it, and lets the terminal
// go. An answer that comes after nobody knew still counts.
func (s *Terminals) endFunction(ctx context.Context, f Function, end ended) error {
	if err := s.keepSlips(ctx, f.ID, end.slips); err != nil {
		return err
	}
	now := s.Clock()
	err := s.DB.InTx(ctx, func(tx *gorm.DB) error {
		err := tx.Model(&Function{}).
			Where("id = ? AND state IN ?", f.ID, []FunctionState{FunctionCreated, FunctionSent, FunctionUnknown}).
			Updates(map[string]any{"state": end.state, "code": end.code, "text": end.text, "ended_at": now, "due_at": nil, "display": "{}"}).Error
		if err != nil {
			return err
		}
		return payments.LetGoIn(tx, f.TerminalID, f.ID)
	})
	if err != nil {
		return fmt.Errorf("end function: %w", err)
	}
	if end.state == FunctionDone || end.state == FunctionFailed && end.facts != nil {
		if err := s.learn(ctx, f, end.facts, now); err != nil {
			return err
		}
	}
	s.Bell.Ring(ctx, f.ID)
	return s.Payments.LetGo(ctx, f.TerminalID, f.ID)
}

// learn keeps the card current with what a function told of the terminal.
func (s *Terminals) learn(ctx context.Context, f Function, facts *Facts, now time.Time) error {
	tx := s.DB.WithContext(ctx)
	var t Terminal
	if err := tx.Where("id = ?", f.TerminalID).Take(&t).Error; err != nil {
		return fmt.Errorf("read terminal: %w", err)
	}
	set := Terminal{Facts: t.Facts, LastSeenAt: &now}
	if facts != nil {
		set.Facts = mergeFacts(t.Facts, *facts)
	}
	return tx.Model(&Terminal{}).Where("id = ?", t.ID).Select("Facts", "LastSeenAt").Updates(&set).Error
}

func (s *Terminals) keepSlips(ctx context.Context, id string, slips []payments.Receipt) error {
	for _, slip := range slips {
		sum := sha256.Sum256([]byte(slip.Type + "\n" + slip.Text))
		row := FunctionReceipt{FunctionID: id, Hash: hex.EncodeToString(sum[:]), Type: slip.Type, Text: slip.Text, At: s.Clock()}
		if err := s.DB.WithContext(ctx).Clauses(clause.OnConflict{DoNothing: true}).Create(&row).Error; err != nil {
			return fmt.Errorf("keep slip: %w", err)
		}
	}
	return nil
}

// takeFunction records what a callback brings: the display, a slip, or the end.
func (s *Terminals) takeFunction(ctx context.Context, f Function, n linkly.Notification) error {
	now := s.Clock()
	if err := seen(ctx, s.DB, f.TerminalID, "last_callback_at", now); err != nil {
		return err
	}
	switch {
	case n.Receipt != nil:
		slip := receiptOf(*n.Receipt)
		s.Bell.Ring(ctx, f.ID)
		return s.keepSlips(ctx, f.ID, []payments.Receipt{slip})
	case n.Display != nil:
		shown := displayOf(n.Display)
		shown.At = &now
		err := s.DB.WithContext(ctx).Model(&Function{}).Where("id = ? AND state = ?", f.ID, FunctionSent).
			Select("Display").Updates(&Function{Display: *shown}).Error
		s.Bell.Ring(ctx, f.ID)
		return err
	}
	end, decided := endOf(n, "")
	if !decided || f.State == FunctionDone || f.State == FunctionFailed {
		return nil
	}
	return s.endFunction(ctx, f, end)
}
