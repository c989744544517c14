package payments

import (
	"context"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/hex"
	"fmt"

	"gorm.io/gorm/clause"

	"receivepayment/words"
)

// callback is the actor of what the provider told us by itself.
const callbackActor = "callback"

// Message is what a provider's callback said about one session, already
// authenticated and decoded. Exactly one of the three is set.
type Message struct {
	Display *Display
	Receipt *Receipt
	Result  *Result
}

// Authentic reports whether a callback for the payment carries the secret that
// was handed out for its session. Compared in constant time.
func (p Payment) Authentic(authorization string) bool {
	return p.NotifyHash != "" &&
		subtle.ConstantTimeCompare([]byte(HashProof(authorization)), []byte(p.NotifyHash)) == 1
}

// Receive takes a callback in: it shows displays, keeps receipts, and lets a
// result ring so that we ask. It decides nothing. Doubled, late and reordered
// messages are harmless.
func (s *Service) Receive(ctx context.Context, p Payment, m Message) error {
	switch {
	case m.Display != nil:
		return s.hearDisplay(ctx, p, *m.Display)
	case m.Receipt != nil:
		return s.hearReceipt(ctx, p, *m.Receipt)
	case m.Result != nil:
		return s.hearResult(ctx, p, *m.Result)
	}
	return s.hearSign(ctx, p)
}

func (s *Service) hearDisplay(ctx context.Context, p Payment, d Display) error {
	now := s.now()
	d.At = &now
	return s.hear(ctx, p, func(p *Payment) {
		if p.Told == nil { // the result is on its way: an older display says nothing
			p.Display = d
		}
	})
}

func (s *Service) hearSign(ctx context.Context, p Payment) error {
	return s.hear(ctx, p, func(*Payment) {})
}

func (s *Service) hearReceipt(ctx context.Context, p Payment, r Receipt) error {
	if err := s.keepReceipts(ctx, p.ID, []Receipt{r}); err != nil {
		return err
	}
	return s.hearSign(ctx, p)
}

// hear notes that the terminal is alive. On a decided payment a late display
// or receipt reopens nothing.
func (s *Service) hear(ctx context.Context, p Payment, change func(*Payment)) error {
	if p.State == NeverStarted && !p.Seen {
		if err := s.alert(ctx, p.ID, Alert{
			Code: AlertContradiction,
			Text: words.English("This payment was taken for never started, and now the terminal speaks of it."),
		}); err != nil {
			return err
		}
	}
	_, err := s.note(ctx, p.ID, func(p *Payment) bool {
		now := s.now()
		if p.State.Final() {
			if p.Seen {
				return false
			}
			p.Seen, p.DueAt = true, at(now)
			return true
		}
		p.Seen, p.LastEventAt, p.Asks = true, &now, 0
		change(p)
		if p.Told != nil {
			p.DueAt = at(now) // keep asking until the result is confirmed
		}
		return true
	})
	return err
}

// hearResult keeps the first result that a callback reports and asks at once.
// A later, different one, or one that contradicts what is decided, is an alert.
func (s *Service) hearResult(ctx context.Context, p Payment, r Result) error {
	if err := s.keepReceipts(ctx, p.ID, r.Receipts); err != nil {
		return err
	}
	differs := false
	fresh, err := s.note(ctx, p.ID, func(p *Payment) bool {
		if p.State.Final() {
			return false
		}
		now := s.now()
		differs = p.Told != nil && p.Told.Success != r.Success
		if p.Told == nil {
			p.Told, p.ToldAt = &r, &now
		}
		p.Seen, p.LastEventAt, p.Asks = true, &now, 0
		p.DueAt = at(now)
		return true
	})
	if err != nil {
		return err
	}
	if fresh.State.Final() {
		return s.hearLate(ctx, fresh, r)
	}
	if differs {
		return s.alert(ctx, p.ID, Alert{
			Code: AlertContradiction,
			Text: words.English("Two callbacks reported different results; our own question decides."),
		})
	}
	return nil
}

// hearLate weighs a callback's result against a decided payment. The table
// raises the alert; nothing else changes, but an outcome without proof is
// asked about again.
func (s *Service) hearLate(ctx context.Context, p Payment, r Result) error {
	_, err := s.apply(ctx, p.ID, r.told(), mark{
		actor: callbackActor, why: words.English("a callback for a decided payment"), evidence: evidenceOfCallback(r),
	})
	if err != nil {
		return ignoreStale(err)
	}
	if !p.Unproven() {
		return nil
	}
	_, err = s.note(ctx, p.ID, func(p *Payment) bool {
		p.Seen, p.DueAt = true, at(s.now())
		return true
	})
	return err
}

// keepReceipts stores slips once each, by type and text: the terminal sends
// them by themselves and again with the result (reference linkly 8).
func (s *Service) keepReceipts(ctx context.Context, id string, receipts []Receipt) error {
	fresh := false
	for _, r := range receipts {
		sum := sha256.Sum256([]byte(r.Type + "\x00" + r.Text))
		r.PaymentID, r.Hash, r.At = id, hex.EncodeToString(sum[:]), s.now()
		res := s.db.WithContext(ctx).Clauses(clause.OnConflict{DoNothing: true}).Create(&r)
		if res.Error != nil {
			return fmt.Errorf("keep receipt of payment %s: %w", id, res.Error)
		}
		fresh = fresh || res.RowsAffected > 0
	}
	if !fresh {
		return nil
	}
	return s.showReceipts(ctx, id)
}
