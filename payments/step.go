package payments

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"time"

	"receivepayment/internal/fault"
	"receivepayment/jobs"
	"receivepayment/words"
)

// worker is the actor of everything that nobody clicked.
const worker = "worker"

// Step takes the next step of a payment, if one is due: send it, ask about it,
// or nothing. It may be run at any time, any number of times, by any process;
// the claim on the row decides. This one function is sending, asking after
// silence, and resuming after a crash.
func (s *Service) Step(ctx context.Context, id string) error {
	p, won, err := s.claim(ctx, id)
	if err != nil || !won {
		return err
	}
	fault.Here(fault.PaymentClaimed)
	switch p.State {
	case Created:
		return ignoreStale(s.begin(ctx, p))
	case Sent, Unknown, Review, Approved, Declined, Cancelled, NeverStarted:
		if p.SentAt == nil {
			return s.rest(ctx, id) // never sent: nobody to ask
		}
		return ignoreStale(s.ask(ctx, p))
	}
	return fmt.Errorf("step payment %s: unknown state %q", id, p.State)
}

// claim moves due_at forward so that no other process takes the same step, and
// reads the row. Not won means that it is not due, or somebody else has it.
func (s *Service) claim(ctx context.Context, id string) (Payment, bool, error) {
	now := s.now()
	res := s.db.WithContext(ctx).Model(&Payment{}).
		Where("id = ? AND due_at <= ?", id, now).Update("due_at", now.Add(lease))
	if res.Error != nil {
		return Payment{}, false, fmt.Errorf("claim payment %s: %w", id, res.Error)
	}
	if res.RowsAffected == 0 {
		return Payment{}, false, nil
	}
	p, err := load(s.db.WithContext(ctx), id)
	if err != nil {
		return p, false, fmt.Errorf("read payment %s: %w", id, err)
	}
	return p, true, nil
}

// renew keeps the claim while a call runs. If this process dies, the claim
// runs out within the lease and another takes over.
func (s *Service) renew(id string) func(context.Context) {
	return func(ctx context.Context) {
		now := s.now()
		// What is due now is wanted by somebody else; what is not due at all is done.
		err := s.db.WithContext(ctx).Model(&Payment{}).Where("id = ? AND due_at > ?", id, now).
			Update("due_at", now.Add(lease)).Error
		if err != nil && ctx.Err() == nil {
			s.log.WarnContext(ctx, "could not renew the claim", "payment", id, "error", err)
		}
	}
}

// rest takes a payment that needs nothing out of what is due.
func (s *Service) rest(ctx context.Context, id string) error {
	return s.db.WithContext(ctx).Model(&Payment{}).Where("id = ?", id).Update("due_at", nil).Error
}

// begin sends the payment to its terminal, at most once in its life: the
// commit of "sent" has one winner, and only the winner calls.
func (s *Service) begin(ctx context.Context, p Payment) error {
	if s.now().Sub(p.CreatedAt) > s.timing.SendWithin {
		_, err := s.apply(ctx, p.ID, Expire, mark{actor: worker, why: words.English("not sent in time; the customer may have gone")})
		return err
	}
	if err := s.stillFits(ctx, p); err != nil {
		return err
	}
	gateway, err := s.gateway(p)
	if err != nil {
		return err
	}

	proof, hash := s.rules.proof()
	p, err = s.apply(ctx, p.ID, Send, mark{actor: worker, change: func(p *Payment) {
		now := s.now()
		p.SentAt, p.NotifyHash = &now, hash
	}})
	if err != nil {
		return err
	}

	fault.Here(fault.SentCommitted)
	// From here the call must be seen through: a shutdown that cut it would
	// only turn a certain outcome into an unknown one.
	ctx = context.WithoutCancel(ctx)
	return s.begun(ctx, p.ID, s.send(ctx, gateway, p, proof))
}

// send calls the terminal, within the time that others allow it: they count
// from SentAt, so a commit that was slow to answer uses that time up, and when
// nothing is left the call must not be made (rule of evidence 2).
func (s *Service) send(ctx context.Context, gateway Gateway, p Payment, proof string) error {
	left := p.SentAt.Add(s.timing.SendTimeout).Sub(s.now())
	if left <= 0 {
		return fmt.Errorf("no time left to send in: %w", ErrNotStarted)
	}
	return jobs.Keep(ctx, lease/3, s.renew(p.ID), func(ctx context.Context) error {
		ctx, cancel := context.WithTimeout(ctx, left)
		defer cancel()
		return gateway.Begin(ctx, p, proof)
	})
}

// stillFits looks once more, at the last moment, whether the money is still
// owed: a payment that was taken for dead may have proved to be approved since
// the click. If not, the payment ends and its step is stale.
func (s *Service) stillFits(ctx context.Context, p Payment) error {
	tx := s.db.WithContext(ctx)
	var err error
	if p.Kind == Refund {
		err = s.refundFits(tx, p)
	} else {
		err = owed(tx, p, false, nil)
	}
	if !noLongerOwed(err) {
		return err
	}
	if _, err := s.apply(ctx, p.ID, Expire, mark{actor: worker, why: words.English("not sent: %s", err.Error())}); err != nil {
		return err
	}
	return errStale
}

func noLongerOwed(err error) bool {
	for _, refusal := range []error{ErrAlreadyPaid, ErrOverOutstand, ErrOverRefund, ErrMoneyChanged} {
		if errors.Is(err, refusal) {
			return true
		}
	}
	return false
}

// begun records what the sending call proved (rules of evidence 3 and 4).
func (s *Service) begun(ctx context.Context, id string, sendErr error) error {
	over := func(p *Payment) {
		now := s.now()
		p.BeginOverAt = &now
	}
	if sendErr == nil {
		_, err := s.apply(ctx, id, Accepted, mark{actor: worker, change: func(p *Payment) {
			over(p)
			p.Seen = true
			if p.LastEventAt == nil {
				p.LastEventAt = p.BeginOverAt
			}
		}})
		return err
	}

	ev := evidence{Asked: "to take the payment", Answer: sendErr.Error()}
	if s.rules.notStarted(sendErr) {
		_, err := s.apply(ctx, id, NotStarted, mark{
			actor: worker, why: words.English("certainly not started"), evidence: ev, change: over,
			still: func(p Payment) bool { return !p.Seen }, // something spoke of it: then it did start
		})
		if !errors.Is(err, errStale) {
			return err
		}
	}
	_, err := s.apply(ctx, id, Unclear, mark{
		actor: worker, why: words.English("the sending call ended without a certain answer"), evidence: ev, change: over,
	})
	return err
}

// ignoreStale: that the row moved on is not an error of the step.
func ignoreStale(err error) error {
	if errors.Is(err, errStale) || errors.Is(err, ErrWrongState) {
		return nil
	}
	return err
}

func (s *Service) gateway(p Payment) (Gateway, error) {
	g, ok := s.gateways[p.Provider]
	if !ok {
		return nil, fmt.Errorf("payment %s: no gateway for provider %q", p.ID, p.Provider)
	}
	return g, nil
}

// NewProof makes the secret that callbacks of one session must carry, and the
// hash that is all the database knows of it.
func NewProof() (authorization, hash string) {
	raw := make([]byte, 32)
	_, _ = rand.Read(raw) // never fails (crypto/rand)
	authorization = "Bearer " + base64.RawURLEncoding.EncodeToString(raw)
	return authorization, HashProof(authorization)
}

// HashProof is what the database keeps of a callback's Authorization header.
func HashProof(authorization string) string {
	sum := sha256.Sum256([]byte(authorization))
	return hex.EncodeToString(sum[:])
}

// askTimeout bounds one question; the next comes soon.
const askTimeout = 10 * time.Second
