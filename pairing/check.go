package pairing

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/google/uuid"
	"gorm.io/gorm"

	"receivepayment/db"
	"receivepayment/linkly"
	"receivepayment/payments"
	"receivepayment/secrets"
	"receivepayment/words"
)

// check is one logon or status request, with its own session and proof, so
// that the answer may come over the line or as a callback.
type check struct {
	ID         string `gorm:"primaryKey"`
	TerminalID string
	PairingID  string
	Kind       string // logon, status
	SessionID  string
	NotifyHash string
	State      string // sent, passed, failed
	Text       string
	StartedAt  time.Time
	EndedAt    *time.Time
}

const (
	checkSent   = "sent"
	checkPassed = "passed"
	checkFailed = "failed"
)

func (check) TableName() string { return "terminal_checks" }

func (s *Terminals) lastCheck(ctx context.Context, t Terminal, kind string) (check, error) {
	var rows []check
	tx := s.DB.WithContext(ctx).Where("terminal_id = ? AND pairing_id = ? AND kind = ?", t.ID, t.PairingID, kind)
	if t.ProveFrom != nil {
		tx = tx.Where("started_at >= ?", *t.ProveFrom)
	}
	if err := tx.Order("started_at DESC").Limit(1).Find(&rows).Error; err != nil {
		return check{}, fmt.Errorf("read checks of terminal %s: %w", t.ID, err)
	}
	if len(rows) == 0 {
		return check{}, nil
	}
	return rows[0], nil
}

// run makes one check. Passed false with no error means that the row says what
// comes next.
func (s *Terminals) run(ctx context.Context, t Terminal, kind string) (passed bool, err error) {
	if t.ProveAttempts >= proveTries {
		return false, s.conclude(ctx, t, Attention, codeSilent, words.English(silentReason))
	}
	authorization, hash := payments.NewProof()
	c := check{
		ID: newID("c_"), TerminalID: t.ID, PairingID: t.PairingID, Kind: kind,
		SessionID: uuid.NewString(), NotifyHash: hash, State: checkSent, StartedAt: s.Clock(),
	}
	if err := s.DB.WithContext(ctx).Create(&c).Error; err != nil {
		return false, fmt.Errorf("store check: %w", err)
	}
	outcome, err := s.Linkly.check(ctx, t, c, authorization)
	switch {
	case err == nil:
		return outcome.passed, s.finishCheck(ctx, t, c, outcome)
	case ctx.Err() != nil:
		return false, ctx.Err()
	case errors.Is(err, linkly.ErrPending):
		return false, s.later(ctx, t, proveAgain)
	case linkly.IsUnpaired(err):
		return false, s.conclude(ctx, t, Attention, codeUnpaired, words.English(unpairedReason))
	case errors.Is(err, secrets.ErrCannotOpen):
		return false, s.conclude(ctx, t, Attention, codeUnpaired, words.English(keyLostReason))
	}
	s.Log.InfoContext(ctx, "check without an answer", "terminal", t.ID, "kind", kind, "error", err)
	return false, s.tryAgain(ctx, t, c)
}

func (s *Terminals) tryAgain(ctx context.Context, t Terminal, c check) error {
	if err := s.DB.WithContext(ctx).Where("id = ?", c.ID).Delete(&check{}).Error; err != nil {
		return fmt.Errorf("drop check: %w", err)
	}
	err := s.DB.WithContext(ctx).Model(&Terminal{}).Where("id = ?", t.ID).
		Updates(map[string]any{"prove_attempts": t.ProveAttempts + 1, "due_at": s.Clock().Add(proveAgain)}).Error
	if err != nil {
		return fmt.Errorf("postpone proving terminal %s: %w", t.ID, err)
	}
	return nil
}

// outcome is what a check learnt.
type outcome struct {
	passed bool
	busy   bool // another request holds the terminal: no verdict
	text   string
	facts  *Facts
}

// finishCheck records a check's answer, however it came: over the line, as a
// callback, or as both, of which the first counts.
func (s *Terminals) finishCheck(ctx context.Context, t Terminal, c check, o outcome) error {
	if o.busy {
		return s.tryAgain(ctx, t, c)
	}
	var first bool
	err := s.DB.InTx(ctx, func(tx *gorm.DB) (err error) {
		first, err = c.end(tx, o, s.Clock())
		return err
	})
	switch {
	case err != nil:
		return fmt.Errorf("record check of terminal %s: %w", t.ID, err)
	case !first:
		return nil
	case !o.passed:
		return s.conclude(ctx, t, Attention, codeOf(o.text), o.text)
	}
	s.enqueue(ctx, t.ID)
	return nil
}

// end closes the check and writes what it learnt in the same transaction: who
// sees that it passed may conclude at once, and must not be able to do so
// before the facts are there.
func (c check) end(tx *gorm.DB, o outcome, now time.Time) (first bool, err error) {
	state := checkFailed
	if o.passed {
		state = checkPassed
	}
	res := tx.Model(&check{}).Where("id = ? AND state = ?", c.ID, checkSent).
		Updates(map[string]any{"state": state, "text": o.text, "ended_at": now})
	if res.Error != nil || res.RowsAffected == 0 {
		return false, res.Error
	}
	var t Terminal
	if err := tx.Where("id = ?", c.TerminalID).Take(&t).Error; err != nil {
		return false, err
	}
	set := Terminal{Facts: t.Facts, LastSeenAt: &now, DueAt: &now}
	if o.facts != nil {
		set.Facts = mergeFacts(t.Facts, *o.facts)
	}
	err = tx.Model(&Terminal{}).Where("id = ? AND status = ?", t.ID, Proving).Select("Facts", "LastSeenAt", "DueAt").Updates(&set).Error
	if err != nil || set.Facts.Serial == "" {
		return true, err
	}
	return true, tx.Model(&pairingRow{}).Where("id = ?", c.PairingID).Update("serial", set.Facts.Serial).Error
}

func factsOf(r *linkly.StatusResult, currency string) *Facts {
	f := &Facts{
		MerchantName: r.Retailer, Bank: r.Bank, TerminalID: r.CatID, MerchantID: r.CaID,
		Serial: firstOf(r.SerialNumber, r.Hardware), Software: r.Version,
		RefundLimit: limit(r.RefundLimit, currency), CashOutLimit: limit(r.CashoutLimit, currency),
	}
	for _, o := range []struct {
		on   bool
		name string
	}{
		{r.Options.Refund, "refund"},
		{r.Options.Tipping, "tipping"},
		{r.Options.CashOut, "cashOut"},
		{r.Options.MOTO, "moto"},
		{r.Options.PreAuth, "preAuth"},
		{r.Options.Training, "training"},
	} {
		if o.on {
			f.Features = append(f.Features, o.name)
		}
	}
	return f
}

func limit(minor *int64, currency string) string {
	if minor == nil {
		return ""
	}
	return payments.Money{Minor: *minor, Currency: currency}.String()
}

func firstOf(a, b string) string {
	if a != "" {
		return a
	}
	return b
}

// mergeFacts keeps what an earlier check learnt and a later one left out.
func mergeFacts(old, fresh Facts) Facts {
	fresh.MerchantName = firstOf(fresh.MerchantName, old.MerchantName)
	fresh.Bank = firstOf(fresh.Bank, old.Bank)
	fresh.TerminalID = firstOf(fresh.TerminalID, old.TerminalID)
	fresh.MerchantID = firstOf(fresh.MerchantID, old.MerchantID)
	fresh.Serial = firstOf(fresh.Serial, old.Serial)
	fresh.Software = firstOf(fresh.Software, old.Software)
	fresh.RefundLimit = firstOf(fresh.RefundLimit, old.RefundLimit)
	fresh.CashOutLimit = firstOf(fresh.CashOutLimit, old.CashOutLimit)
	if len(fresh.Features) == 0 {
		fresh.Features = slices.Clone(old.Features)
	}
	return fresh
}

// takeCheck records the callback of a check that was only accepted at first.
func (s *Terminals) takeCheck(ctx context.Context, c check, n linkly.Notification) error {
	var t Terminal
	if err := s.DB.WithContext(ctx).Where("id = ?", c.TerminalID).Take(&t).Error; err != nil {
		return fmt.Errorf("read terminal: %w", db.NotFound(err))
	}
	o, decided := outcomeOf(n.Logon, n.Status, t.Currency)
	if !decided || c.State != checkSent {
		return nil
	}
	return s.finishCheck(ctx, t, c, o)
}

func outcomeOf(logon *linkly.LogonResult, status *linkly.StatusResult, currency string) (outcome, bool) {
	switch {
	case logon != nil:
		return outcome{
			passed: logon.Success, busy: logon.ResponseCode == "BY", text: said(logon.ResponseCode, logon.ResponseText),
			facts: &Facts{TerminalID: logon.CatID, MerchantID: logon.CaID, Software: logon.Version},
		}, true
	case status != nil:
		return outcome{
			passed: status.Success, busy: status.ResponseCode == "BY",
			text: said(status.ResponseCode, status.ResponseText), facts: factsOf(status, currency),
		}, true
	}
	return outcome{}, false
}

// said is what a check's answer says: in plain words where they are known,
// otherwise the terminal's own with its code.
func said(code, text string) string {
	if key, known := reasons[code]; known {
		return words.English(key)
	}
	if text == "" {
		return code
	}
	return text + " (" + code + ")"
}
