package payments

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"time"

	"receivepayment/internal/fault"
	"receivepayment/jobs"
	"receivepayment/words"
)

// ask asks the provider about the session and records what the answer proves;
// where it proves nothing, the clocks decide (silence, review, giving up).
func (s *Service) ask(ctx context.Context, p Payment) error {
	gateway, err := s.gateway(p)
	if err != nil {
		s.log.ErrorContext(ctx, "nobody to ask", "payment", p.ID, "error", err)
		return s.learntNothing(ctx, p, false) // the clocks run all the same
	}
	asked := s.now()
	var answer Answer
	err = jobs.Keep(ctx, lease/3, s.renew(p.ID), func(ctx context.Context) error {
		ctx, cancel := context.WithTimeout(ctx, s.patience(p))
		defer cancel()
		var err error
		answer, err = gateway.Ask(ctx, p)
		return err
	})
	if ctx.Err() != nil {
		return ctx.Err() // shutting down: the claim runs out, another asks
	}
	if err != nil {
		s.log.InfoContext(ctx, "asked without an answer", "payment", p.ID, "error", err)
		return s.learntNothing(ctx, p, false)
	}
	return s.learn(ctx, p, answer, asked)
}

// patience bounds one question. While a callback's result waits for
// confirmation, a provider that hangs must not stretch the wait.
func (s *Service) patience(p Payment) time.Duration {
	if p.Told == nil || p.State.Final() {
		return askTimeout
	}
	return max(min(askTimeout, p.ToldAt.Add(confirmWithin).Sub(s.now())), time.Second)
}

func (s *Service) learn(ctx context.Context, p Payment, a Answer, asked time.Time) error {
	switch a.Kind {
	case Decided:
		return s.learnOutcome(ctx, p, a)
	case Pending:
		return s.learntNothing(ctx, p, true)
	case Absent:
		return s.learnAbsent(ctx, p, a, asked)
	case BadQuestion:
		// Rule of evidence 5: it speaks of our question, not of the sale.
		if err := s.alert(ctx, p.ID, Alert{Code: AlertQuestion, Text: words.English(
			"The provider refused our question about this payment (HTTP %s). It says nothing about the sale.", strconv.Itoa(a.Status))}); err != nil {
			return err
		}
		return s.learntNothing(ctx, p, false)
	}
	s.log.ErrorContext(ctx, "asked and did not understand", "payment", p.ID, "answer", a.Kind)
	return s.learntNothing(ctx, p, false)
}

func (s *Service) learnOutcome(ctx context.Context, p Payment, a Answer) error {
	if a.Result == nil {
		return s.learntNothing(ctx, p, true)
	}
	r := *a.Result
	// First the slips: once the outcome is recorded nobody asks again.
	if err := s.keepReceipts(ctx, p.ID, r.Receipts); err != nil {
		return err
	}
	fault.Here(fault.ReceiptsKept)
	_, err := s.apply(ctx, p.ID, r.found(), mark{
		actor: worker, why: outcomeWhy(r), evidence: evidenceOf(a), alerts: amountAlerts(p, r),
		change: func(p *Payment) { s.rules.record(p, r, Asked, s.now()) },
	})
	if err != nil {
		return err
	}
	return s.settle(ctx, p.ID)
}

// settle makes sure that a decided payment which needs nothing is no longer
// due: the claim had put a time there, and a confirming answer may change
// nothing else. What the answer sent to review rests already, for a person.
func (s *Service) settle(ctx context.Context, id string) error {
	_, err := s.note(ctx, id, func(p *Payment) bool {
		p.Asks++
		return p.State.Final()
	})
	return err
}

// learnAbsent is rule of evidence 2.
func (s *Service) learnAbsent(ctx context.Context, p Payment, a Answer, asked time.Time) error {
	now := s.now()
	if p.State.Final() || p.State == Review || !s.rules.counts(s.timing, p, a, asked, now) {
		return s.learntNothing(ctx, p, false)
	}
	if s.rules.proves(p, asked) {
		_, err := s.apply(ctx, p.ID, FoundAbsent, mark{
			actor: worker, why: words.English("asked twice after sending was over: never submitted"), evidence: evidenceOf(a),
			still:  func(fresh Payment) bool { return !fresh.Seen && fresh.Told == nil },
			change: func(p *Payment) { p.AbsentCount++; p.AbsentAt = &now },
		})
		return err
	}
	if p.AbsentCount > 0 {
		return s.learntNothing(ctx, p, false) // too soon after the first
	}
	_, err := s.note(ctx, p.ID, func(p *Payment) bool {
		p.AbsentCount, p.AbsentAt = 1, &now
		p.Asks++
		p.DueAt = at(now.Add(absentApart)) // from then on a second look counts
		return true
	})
	if err != nil {
		return err
	}
	fault.Here(fault.AbsenceNoted)
	return s.clocks(ctx, p.ID)
}

// learntNothing counts the question, remembers whether the provider showed
// that it knows the session, and lets the clocks decide.
func (s *Service) learntNothing(ctx context.Context, p Payment, seen bool) error {
	wasAbsent := p.State == NeverStarted && seen && !p.Seen
	_, err := s.note(ctx, p.ID, func(p *Payment) bool {
		p.Asks++
		p.Seen = p.Seen || seen
		return true
	})
	if err != nil {
		return err
	}
	if wasAbsent {
		if err := s.alert(ctx, p.ID, Alert{
			Code: AlertContradiction,
			Text: words.English("The provider said that it never saw this payment, and now works on it."),
		}); err != nil {
			return err
		}
	}
	return s.clocks(ctx, p.ID)
}

// clocks moves a payment on when a time has passed without an answer.
func (s *Service) clocks(ctx context.Context, id string) error {
	p, err := s.Get(ctx, id)
	if err != nil {
		return err
	}
	now, quiet := s.now(), s.timing.quietSince(p)
	switch {
	case p.Told != nil && !p.State.Final() && !now.Before(p.ToldAt.Add(confirmWithin)):
		return s.believe(ctx, p)
	case p.State == Sent && !now.Before(quiet.Add(s.timing.UnknownAfter)):
		_, err = s.apply(ctx, id, FellSilent, mark{actor: worker, why: words.English("no word from the terminal within the time allowed")})
	case p.State == Unknown && !now.Before(quiet.Add(s.timing.ReviewAfter)):
		_, err = s.apply(ctx, id, AskedEnough, mark{actor: worker, why: words.English("asked long enough; a person decides, a late answer still wins")})
	case p.Unproven() && p.BlocksDocument() && !now.Before(p.SentAt.Add(s.timing.AskFor)):
		_, err = s.apply(ctx, id, GaveUp, mark{actor: worker, why: words.English("never confirmed by our own question")})
	}
	return ignoreStale(err)
}

// believe records a callback's result on its own word, after our question
// could not be answered for a while.
func (s *Service) believe(ctx context.Context, p Payment) error {
	r := *p.Told
	_, err := s.apply(ctx, p.ID, r.told(), mark{
		actor: worker, why: words.English("on the callback's word; not confirmed by our own question yet"),
		evidence: evidenceOfCallback(r), alerts: amountAlerts(p, r),
		change: func(p *Payment) { s.rules.record(p, r, Callback, s.now()) },
	})
	return ignoreStale(err)
}

func outcomeWhy(r Result) string {
	if r.Text == "" {
		return r.Code
	}
	return r.Code + " " + r.Text
}

// alert keeps something that a person must see.
func (s *Service) alert(ctx context.Context, id string, a Alert) error {
	if err := insertAlerts(s.db.WithContext(ctx), id, []Alert{a}, s.now()); err != nil {
		return fmt.Errorf("alert about payment %s: %w", id, err)
	}
	s.bell.Ring(ctx, id)
	return nil
}

// note writes columns other than the state, by compare-and-set, and sets
// due_at anew. change returns false to write nothing.
func (s *Service) note(ctx context.Context, id string, change func(*Payment) bool) (Payment, error) {
	for range contended {
		p, err := s.noteOnce(ctx, id, change)
		if !errors.Is(err, errLost) {
			return p, err
		}
	}
	return Payment{}, fmt.Errorf("note payment %s: %w", id, errLost)
}

func (s *Service) noteOnce(ctx context.Context, id string, change func(*Payment) bool) (Payment, error) {
	tx := s.db.WithContext(ctx)
	old, err := load(tx, id)
	if err != nil {
		return old, fmt.Errorf("read payment %s: %w", id, err)
	}
	p := old
	if !change(&p) {
		return old, nil
	}
	p.State = old.State
	if p.DueAt == old.DueAt {
		p.DueAt = s.timing.next(p, s.now())
	}
	if err := update(tx, old, &p); err != nil {
		return old, err
	}
	s.ring(ctx, p)
	return p, nil
}
