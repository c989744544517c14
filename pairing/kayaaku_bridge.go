package pairing

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"

	"receivepayment/db"
	"receivepayment/kayaaku"
	"receivepayment/kayaaku/link"
)

// bridgeRow is the till's program of one device.
type bridgeRow struct {
	TerminalID string `gorm:"primaryKey"`
	CodeHash   string
	CodeUntil  *time.Time
	TokenHash  string
	Version    string
	System     string
	Journal    string
	Port       link.Port `gorm:"serializer:json"`
	PairedAt   *time.Time
	SeenAt     *time.Time
}

func (bridgeRow) TableName() string { return "kayaaku_bridges" }

const (
	// codeFor is how long a one-time code is good.
	codeFor = 15 * time.Minute
	// bridgeAway is after how much silence a bridge counts as offline.
	bridgeAway = link.Dead
)

// ErrBridge means that no bridge of ours speaks.
var ErrBridge = errors.New("this bridge is not known")

func (k *Kayaaku) bridge(ctx context.Context, terminalID string) (bridgeRow, error) {
	var b bridgeRow
	err := k.DB.WithContext(ctx).Where("terminal_id = ?", terminalID).Take(&b).Error
	if err != nil {
		return b, fmt.Errorf("read bridge of terminal %s: %w", terminalID, db.NotFound(err))
	}
	return b, nil
}

// newCode makes a one-time code for a device's bridge, in place of any former
// one. A bridge that is paired stays so until the code is used.
func (k *Kayaaku) newCode(ctx context.Context, tx *gorm.DB, terminalID string) (string, error) {
	raw := make([]byte, 10)
	_, _ = rand.Read(raw) // never fails (crypto/rand)
	text := strings.ToUpper(letters.EncodeToString(raw))
	code := text[:4] + "-" + text[4:8] + "-" + text[8:12] + "-" + text[12:]
	until := k.Clock().Add(codeFor)
	row := bridgeRow{TerminalID: terminalID, CodeHash: hashCode(code), CodeUntil: &until}
	err := tx.WithContext(ctx).Clauses(clause.OnConflict{
		Columns: []clause.Column{{Name: "terminal_id"}}, DoUpdates: clause.AssignmentColumns([]string{"code_hash", "code_until"}),
	}).Create(&row).Error
	if err != nil {
		return "", fmt.Errorf("make a code: %w", err)
	}
	return code, nil
}

func hashCode(code string) string {
	plain := strings.NewReplacer("-", "", " ", "").Replace(strings.ToUpper(code))
	return hashSecret("code " + plain)
}

func hashSecret(s string) string {
	sum := sha256.Sum256([]byte(s))
	return hex.EncodeToString(sum[:])
}

// Revoke takes the bridge's token away; its connection ends at the next beat.
func (k *Kayaaku) Revoke(ctx context.Context, terminalID string) error {
	if err := revokeIn(k.DB.WithContext(ctx), terminalID); err != nil {
		return err
	}
	k.Bell.Ring(ctx, bridgeBell(terminalID))
	return nil
}

func revokeIn(tx *gorm.DB, terminalID string) error {
	err := tx.Model(&bridgeRow{}).Where("terminal_id = ?", terminalID).
		Updates(map[string]any{"token_hash": "", "code_hash": "", "code_until": nil, "paired_at": nil, "seen_at": nil}).Error
	if err != nil {
		return fmt.Errorf("revoke bridge of terminal %s: %w", terminalID, err)
	}
	return nil
}

// Redeem exchanges a one-time code for a token. A code that is wrong, used or
// too old is [ErrBridge].
func (k *Kayaaku) Redeem(ctx context.Context, in link.PairIn) (link.PairOut, error) {
	if len(in.Code) > 40 || len(in.Version) > 40 || len(in.System) > 40 {
		return link.PairOut{}, ErrBridge
	}
	raw := make([]byte, 32)
	_, _ = rand.Read(raw)
	token := hex.EncodeToString(raw)
	now := k.Clock()
	var b bridgeRow
	err := k.DB.WithContext(ctx).Where("code_hash = ? AND code_until > ?", hashCode(in.Code), now).Take(&b).Error
	if errors.Is(db.NotFound(err), db.ErrNotFound) {
		return link.PairOut{}, ErrBridge
	}
	if err != nil {
		return link.PairOut{}, fmt.Errorf("redeem code: %w", err)
	}
	res := k.DB.WithContext(ctx).Model(&bridgeRow{}).
		Where("terminal_id = ? AND code_hash = ?", b.TerminalID, b.CodeHash).
		Updates(map[string]any{
			"code_hash": "", "code_until": nil, "token_hash": hashSecret(token), "version": in.Version, "system": in.System,
			"paired_at": now, "seen_at": nil, "port": "{}",
		})
	if res.Error != nil {
		return link.PairOut{}, fmt.Errorf("redeem code: %w", res.Error)
	}
	if res.RowsAffected == 0 {
		return link.PairOut{}, ErrBridge // somebody was quicker
	}
	var t Terminal
	if err := k.DB.WithContext(ctx).Where("id = ?", b.TerminalID).Take(&t).Error; err != nil {
		return link.PairOut{}, fmt.Errorf("redeem code: %w", err)
	}
	return link.PairOut{Token: token, Terminal: t.Name}, nil
}

// admit finds the bridge that holds the token.
func (k *Kayaaku) admit(ctx context.Context, token string) (bridgeRow, error) {
	var b bridgeRow
	if token == "" {
		return b, ErrBridge
	}
	err := k.DB.WithContext(ctx).Where("token_hash = ?", hashSecret(token)).Take(&b).Error
	if errors.Is(db.NotFound(err), db.ErrNotFound) {
		return b, ErrBridge
	}
	return b, err
}

// hear takes in what a bridge says, and answers which events are stored. The
// bridge sends an event that is not confirmed again.
func (k *Kayaaku) hear(ctx context.Context, b bridgeRow, up link.Up) ([]int64, error) {
	var confirmed []int64
	for _, e := range up.Events {
		if err := k.happened(ctx, b, up.Journal, e); err != nil {
			return confirmed, err
		}
		if e.Happened.Final() && e.Seq > 0 {
			confirmed = append(confirmed, e.Seq)
		}
	}
	return confirmed, nil
}

// greet notes that the bridge is there, and how its port is.
func (k *Kayaaku) greet(ctx context.Context, b bridgeRow, up link.Up) error {
	port, err := json.Marshal(up.Port)
	if err != nil {
		return fmt.Errorf("note bridge: %w", err)
	}
	was := b.offline(k.Clock())
	now := k.Clock()
	err = k.DB.WithContext(ctx).Model(&bridgeRow{}).Where("terminal_id = ? AND token_hash = ?", b.TerminalID, b.TokenHash).
		Updates(map[string]any{"seen_at": now, "port": string(port), "version": clip(up.Version, 40), "journal": clip(up.Journal, 40)}).Error
	if err != nil {
		return fmt.Errorf("note bridge: %w", err)
	}
	b.SeenAt, b.Port = &now, up.Port
	if was != b.offline(now) {
		k.Bell.Ring(ctx, b.TerminalID) // its card has changed
	}
	return seen(ctx, k.DB, b.TerminalID, "last_callback_at", now)
}

func clip(s string, n int) string { return s[:min(len(s), n)] }

// happened stores one event.
func (k *Kayaaku) happened(ctx context.Context, b bridgeRow, journal string, e link.Event) error {
	var s session
	err := k.DB.WithContext(ctx).Where("command = ? AND terminal_id = ?", e.ID, b.TerminalID).Take(&s).Error
	if errors.Is(db.NotFound(err), db.ErrNotFound) {
		k.Log.WarnContext(ctx, "the bridge speaks of a payment that is not ours", "terminal", b.TerminalID)
		return nil
	}
	if err != nil {
		return fmt.Errorf("read session: %w", err)
	}
	defer k.Bell.Ring(ctx, sessionBell(s.PaymentID))
	switch e.Happened {
	case link.Accepted:
		_, err = k.move(ctx, s.PaymentID, accepted, "", taken)
	case link.Writing:
		return k.writing(ctx, s)
	case link.Shown:
		return k.shown(ctx, s, e.Fields)
	case link.Refused:
		return k.refused(ctx, s, clip(e.Why, 200))
	case link.Never:
		if journal != s.Journal {
			return nil // another journal: what it does not know proves nothing
		}
		return k.refused(ctx, s, "the till's bridge never got it")
	case link.Answered:
		return k.answered(ctx, s, e.Fields)
	case link.Lost:
		return k.lose(ctx, s, clip(e.Why, 200))
	}
	return err
}

func (k *Kayaaku) writing(ctx context.Context, s session) error {
	moved, err := k.move(ctx, s.PaymentID, underWay, "", taken, accepted)
	if err != nil || !moved {
		return err
	}
	p, err := k.Payments.Get(ctx, s.PaymentID)
	if err != nil {
		return err
	}
	return k.show(ctx, p, instructions(p))
}

// refused: nothing was written, says the journal that the command was given to.
func (k *Kayaaku) refused(ctx context.Context, s session, why string) error {
	_, err := k.move(ctx, s.PaymentID, notSent, why, queued, taken, accepted)
	return err
}

func (k *Kayaaku) answered(ctx context.Context, s session, fields kayaaku.Message) error {
	fresh, err := k.keepReply(ctx, s.PaymentID, kayaaku.ReplyOf(fields).Fields)
	if err != nil || !fresh {
		return err
	}
	if s, err = k.session(ctx, s.PaymentID); err != nil {
		return err
	}
	return k.tell(ctx, s)
}

func (k *Kayaaku) lose(ctx context.Context, s session, why string) error {
	moved, err := k.move(ctx, s.PaymentID, lost, why, queued, taken, accepted, underWay)
	if err != nil || !moved {
		return err
	}
	if s, err = k.session(ctx, s.PaymentID); err != nil {
		return err
	}
	return k.tell(ctx, s)
}

// shown puts the device's QR code on our screen too.
func (k *Kayaaku) shown(ctx context.Context, s session, fields kayaaku.Message) error {
	p, err := k.Payments.Get(ctx, s.PaymentID)
	if err != nil || p.State.Final() {
		return err
	}
	d := instructions(p)
	d.QR = kayaaku.ReplyOf(fields).QR
	return k.show(ctx, p, d)
}

// orders takes what the bridge should do now, each command for this connection
// alone: the compare-and-set from queued has one winner.
func (k *Kayaaku) orders(ctx context.Context, b bridgeRow, journal string, recalled map[string]bool) ([]link.Command, error) {
	var rows []session
	err := k.DB.WithContext(ctx).Where("terminal_id = ? AND state IN ?", b.TerminalID, []sessionState{queued, taken}).
		Where("route = ?", "cable").Order("created_at").Limit(20).Find(&rows).Error
	if err != nil {
		return nil, fmt.Errorf("read what waits for the bridge: %w", err)
	}
	var out []link.Command
	now := k.Clock()
	for _, s := range rows {
		switch {
		case s.State == queued && now.Sub(s.CreatedAt) < freshFor:
			c, err := k.hand(ctx, s, journal, now)
			if err != nil {
				return out, err
			}
			out = append(out, c...)
		case s.State == taken && s.TakenAt != nil && now.Sub(*s.TakenAt) > recallAfter && !recalled[s.Command]:
			recalled[s.Command] = true
			out = append(out, link.Command{Verb: link.Recall, ID: s.Command})
		}
	}
	return out, nil
}

// recallAfter is how long a fetched command may stay without a word.
const recallAfter = 3 * time.Second

func (k *Kayaaku) hand(ctx context.Context, s session, journal string, now time.Time) ([]link.Command, error) {
	var message kayaaku.Message
	if err := json.Unmarshal([]byte(s.Request), &message); err != nil {
		return nil, fmt.Errorf("read command: %w", err)
	}
	res := k.DB.WithContext(ctx).Model(&session{}).Where("payment_id = ? AND state = ?", s.PaymentID, queued).
		Updates(map[string]any{"state": taken, "taken_at": now, "journal": journal})
	if res.Error != nil {
		return nil, fmt.Errorf("hand over: %w", res.Error)
	}
	if res.RowsAffected == 0 {
		return nil, nil
	}
	return []link.Command{{Verb: link.Write, ID: s.Command, Message: message}}, nil
}
