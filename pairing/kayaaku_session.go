package pairing

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"gorm.io/gorm"

	"receivepayment/db"
	"receivepayment/kayaaku"
)

// sessionState is how far a payment has come on its way to the device.
type sessionState string

// The states. Up to accepted nothing has reached the device, and notSent is
// proof that nothing ever will.
const (
	queued   sessionState = "queued"    // waits for the bridge
	taken    sessionState = "taken"     // handed to a connection; it may or may not have arrived
	accepted sessionState = "accepted"  // in the bridge's journal
	underWay sessionState = "under_way" // bytes may have left
	answered sessionState = "answered"
	lost     sessionState = "lost" // no answer; one may still come
	notSent  sessionState = "not_sent"
)

// session is one payment's conversation with its device. The row is written
// before anything leaves, and notSent is only ever reached by a compare-and-set
// that excludes every later sending.
type session struct {
	PaymentID  string `gorm:"primaryKey"`
	TerminalID string
	Route      string // cable, host
	Kind       string // sale, void, refund
	Command    string
	TxnID      string
	Request    string
	State      sessionState
	Why        string
	Journal    string
	Replies    string
	Enquiry    string
	Enquiries  int
	EnquireAt  *time.Time
	CreatedAt  time.Time
	TakenAt    *time.Time
}

func (session) TableName() string { return "kayaaku_sessions" }

// said are the device's or the host's answers, oldest first.
func (s session) said() []kayaaku.Reply {
	var fields []kayaaku.Message
	if err := json.Unmarshal([]byte(s.Replies), &fields); err != nil {
		return nil
	}
	out := make([]kayaaku.Reply, len(fields))
	for i, f := range fields {
		out[i] = kayaaku.ReplyOf(f)
	}
	return out
}

// mostReplies bounds what a mad device can make us keep.
const mostReplies = 20

func (k *Kayaaku) session(ctx context.Context, paymentID string) (session, error) {
	var s session
	err := k.DB.WithContext(ctx).Where("payment_id = ?", paymentID).Take(&s).Error
	if err != nil {
		return s, fmt.Errorf("read session of payment %s: %w", paymentID, db.NotFound(err))
	}
	return s, nil
}

// open stores the session before anything is sent. A session that exists means
// that somebody has already ruled that this payment is not to be sent.
func (k *Kayaaku) open(ctx context.Context, s session) error {
	s.CreatedAt, s.Replies = k.Clock(), "[]"
	if err := k.DB.WithContext(ctx).Create(&s).Error; err != nil {
		return fmt.Errorf("store session of payment %s: %w", s.PaymentID, err)
	}
	return nil
}

// move changes the state if it is one of those; false means that it is not.
func (k *Kayaaku) move(ctx context.Context, paymentID string, to sessionState, why string, from ...sessionState) (bool, error) {
	res := k.DB.WithContext(ctx).Model(&session{}).Where("payment_id = ? AND state IN ?", paymentID, from).
		Updates(map[string]any{"state": to, "why": why})
	if res.Error != nil {
		return false, fmt.Errorf("move session of payment %s: %w", paymentID, res.Error)
	}
	return res.RowsAffected == 1, nil
}

// bury makes sure that a payment which was never handed over never will be:
// true is proof. A payment whose session nobody has stored yet gets one that is
// not to be sent, so that a slow Begin finds the place taken.
func (k *Kayaaku) bury(ctx context.Context, paymentID, terminalID, why string) (bool, error) {
	s, err := k.session(ctx, paymentID)
	if errors.Is(err, db.ErrNotFound) {
		err = k.open(ctx, session{
			PaymentID: paymentID, TerminalID: terminalID, Route: "cable", Kind: "sale", State: notSent, Why: why,
		})
		if err == nil {
			return true, nil
		}
		s, err = k.session(ctx, paymentID) // Begin was quicker
	}
	if err != nil {
		return false, err
	}
	if s.State == notSent {
		return true, nil
	}
	return k.move(ctx, paymentID, notSent, why, queued)
}

// keepReply adds an answer, once, and reports whether it is new.
func (k *Kayaaku) keepReply(ctx context.Context, paymentID string, fields kayaaku.Message) (bool, error) {
	fresh := false
	err := k.DB.InTx(ctx, func(tx *gorm.DB) error {
		fresh = false
		var s session
		// The write comes first: it is the lock that both databases have.
		if err := tx.Model(&session{}).Where("payment_id = ?", paymentID).Update("state", answered).Error; err != nil {
			return err
		}
		if err := tx.Where("payment_id = ?", paymentID).Take(&s).Error; err != nil {
			return db.NotFound(err)
		}
		var all []kayaaku.Message
		if err := json.Unmarshal([]byte(s.Replies), &all); err != nil {
			return err
		}
		next := string(fields.JSON())
		for _, f := range all {
			if string(f.JSON()) == next {
				return nil
			}
		}
		if len(all) >= mostReplies {
			return nil
		}
		raw, err := json.Marshal(append(all, fields))
		if err != nil {
			return err
		}
		fresh = true
		return tx.Model(&session{}).Where("payment_id = ?", paymentID).Update("replies", string(raw)).Error
	})
	if err != nil {
		return false, fmt.Errorf("keep answer of payment %s: %w", paymentID, err)
	}
	return fresh, nil
}

// sequence is the host's sequenceNo: unique per day and sourceSystem, counting
// from one each day, 16 digits (reference kayaaku 2.1; the padding is assumed).
func (k *Kayaaku) sequence(ctx context.Context, s KayaakuSettings) (string, error) {
	day := k.Clock().In(s.zone()).Format(time.DateOnly)
	var n int64
	err := k.DB.InTx(ctx, func(tx *gorm.DB) error {
		err := tx.Exec(`INSERT INTO kayaaku_sequences (source_system, day, n) VALUES (?, ?, 1)
			ON CONFLICT (source_system, day) DO UPDATE SET n = kayaaku_sequences.n + 1`, s.SourceSystem, day).Error
		if err != nil {
			return err
		}
		return tx.Table("kayaaku_sequences").Select("n").
			Where("source_system = ? AND day = ?", s.SourceSystem, day).Scan(&n).Error
	})
	if err != nil {
		return "", fmt.Errorf("take a sequence number: %w", err)
	}
	return fmt.Sprintf("%016d", n), nil
}
