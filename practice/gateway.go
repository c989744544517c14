package practice

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"time"

	"receivepayment/db"
	"receivepayment/payments"
)

// Gateway is the pretend terminal. Nothing leaves the process.
type Gateway struct {
	Clock db.Clock
	Beat  time.Duration // how long one beat of a script lasts; a second for people
	Log   *slog.Logger
	// Payments is set once both exist.
	Payments *payments.Service

	plays sync.WaitGroup
	quit  context.CancelFunc
	life  context.Context //nolint:containedctx // the terminal goes on after the call that began a payment
}

var _ payments.Gateway = (*Gateway)(nil)

// Start readies the terminal, which shows things until Close.
func (g *Gateway) Start() *Gateway {
	g.life, g.quit = context.WithCancel(context.Background())
	return g
}

// Close ends what is being shown. The outcomes stay: whoever asks later is told
// the same.
func (g *Gateway) Close() {
	g.quit()
	g.plays.Wait()
}

var (
	errOffline = errors.New("the practice terminal is offline")
	errLost    = errors.New("the practice terminal's answer is lost")
	errOver    = errors.New("the practice terminal has gone on")
)

// Begin takes the payment, unless its scenario has the terminal offline, or the
// connection lost on the way.
func (g *Gateway) Begin(ctx context.Context, p payments.Payment, _ string) error {
	s := scriptOf(p)
	if s.offline {
		return errors.Join(payments.ErrNotStarted, errOffline)
	}
	g.plays.Go(func() { g.play(p, s) })
	if s.lost == 0 {
		return nil
	}
	if err := g.wait(ctx, g.at(p, s.lost)); err != nil {
		return err
	}
	return errLost
}

// Ask answers from what is stored with the payment and from the clock.
func (g *Gateway) Ask(_ context.Context, p payments.Payment) (payments.Answer, error) {
	s := scriptOf(p)
	switch {
	case s.offline:
		return payments.Answer{Kind: payments.Absent, Status: 404}, nil
	case p.Told != nil:
		return payments.Answer{Kind: payments.Decided, Result: p.Told, Status: 200}, nil
	case s.decided > 0 && !g.Clock().Before(g.at(p, s.decided)):
		r := resultOf(p, s.outcome)
		return payments.Answer{Kind: payments.Decided, Result: &r, Status: 200}, nil
	case s.lost > 0 && !g.Clock().Before(g.at(p, s.lost)):
		return payments.Answer{}, errLost
	}
	return payments.Answer{Kind: payments.Pending, Status: 202}, nil
}

// Press ends the script in another way. A key that comes when the outcome is
// about to come by itself is too late.
func (g *Gateway) Press(ctx context.Context, p payments.Payment, k payments.Key, _ string) error {
	s := scriptOf(p)
	if s.decided > 0 && !g.Clock().Before(g.at(p, s.decided).Add(-g.Beat/2)) {
		return errOver
	}
	r := resultOf(p, pressed(k))
	return g.Payments.Receive(ctx, p, payments.Message{Result: &r})
}

func pressed(k payments.Key) outcome {
	switch k {
	case payments.KeyYes:
		return paid
	case payments.KeyNo:
		return unsigned
	case payments.KeyCancel, payments.KeyOK, payments.KeyAuth:
	}
	return stopped
}

// play shows the script's lines when their time comes, then tells the outcome.
// If this process ends, nothing more is shown, and asking finds the outcome.
func (g *Gateway) play(p payments.Payment, s script) {
	for _, l := range s.lines {
		if g.wait(g.life, g.at(p, l.beat)) != nil {
			return
		}
		g.tell(p, payments.Message{Display: &payments.Display{Lines: l.text, Keys: l.keys}})
	}
	if s.decided == 0 || s.lost > 0 || g.wait(g.life, g.at(p, s.decided)) != nil {
		return
	}
	r := resultOf(p, s.outcome)
	g.tell(p, payments.Message{Result: &r})
}

// tell passes a message on, unless the payment has its outcome: a key was
// pressed, or it was asked about.
func (g *Gateway) tell(p payments.Payment, m payments.Message) {
	now, err := g.Payments.Get(g.life, p.ID)
	if err == nil && now.Told == nil && !now.State.Final() {
		err = g.Payments.Receive(g.life, now, m)
	}
	if err != nil && g.life.Err() == nil {
		g.Log.WarnContext(g.life, "the practice terminal could not speak", "payment", p.ID, "error", err)
	}
}

// wait waits for a moment of the clock.
func (g *Gateway) wait(ctx context.Context, until time.Time) error {
	timer := time.NewTimer(until.Sub(g.Clock()))
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	case <-g.life.Done():
		return g.life.Err()
	}
}
