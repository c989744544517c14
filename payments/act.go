package payments

import (
	"context"
	"errors"
	"fmt"

	"receivepayment/words"
)

// Press passes a key to the terminal if its latest display enables it. It is a
// wish: only the terminal's answer ends the payment. A payment that was not
// sent yet is withdrawn instead, which is certain.
func (s *Service) Press(ctx context.Context, p Payment, k Key, data string, by Person) error {
	if p.State == Created && k == KeyCancel {
		_, err := s.apply(ctx, p.ID, Withdraw, mark{actor: by.ID, why: words.English("cancelled before it was sent")})
		if !errors.Is(err, ErrWrongState) {
			return err
		}
		return fmt.Errorf("press %s on payment %s: %w", k, p.ID, ErrKeyNotEnabled) // sent meanwhile; the display will offer the key
	}
	if p.State.Final() || p.State == Review || !p.Display.Allows(k) {
		return fmt.Errorf("press %s on payment %s: %w", k, p.ID, ErrKeyNotEnabled)
	}
	gateway, err := s.gateway(p)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, askTimeout)
	defer cancel()
	if err := gateway.Press(ctx, p, k, data); err != nil {
		return fmt.Errorf("press %s on payment %s: %w", k, p.ID, errors.Join(ErrUpstream, err))
	}
	return nil
}

// Check asks the provider now, whatever the state.
func (s *Service) Check(ctx context.Context, id string) error {
	_, err := s.note(ctx, id, func(p *Payment) bool {
		if p.SentAt == nil {
			return false
		}
		p.DueAt = at(s.now())
		return true
	})
	return err
}

// Release frees the terminal for the next customer while the payment goes on
// being asked about. From sent or unknown only.
func (s *Service) Release(ctx context.Context, id string, by Person) (Payment, error) {
	return s.apply(ctx, id, Release, mark{
		actor: by.ID, why: words.English("terminal released; still asking"),
		change: func(p *Payment) { p.Released = true },
	})
}

// Resolve records a person's decision about a payment whose outcome cannot be
// learnt. From unknown or review only, and not while a callback's result is
// being confirmed; proof that comes later still wins.
func (s *Service) Resolve(ctx context.Context, id string, paid bool, reason string, by Person) (Payment, error) {
	event := ResolveNotPaid
	if paid {
		event = ResolvePaid
	}
	p, err := s.apply(ctx, id, event, mark{
		actor: by.ID, why: reason,
		still: func(p Payment) bool { return p.Told == nil },
		change: func(p *Payment) {
			p.Source = Manual
			if paid {
				recordAmounts(p, Result{}) // as asked for: nobody reported anything
			}
		},
	})
	if errors.Is(err, errStale) {
		return p, fmt.Errorf("resolve payment %s: %w", id, ErrWrongState)
	}
	return p, err
}
