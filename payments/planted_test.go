package payments

import (
	"context"
	"errors"
	"strings"
	"time"
)

// The planted bugs: for each rule of evidence, mistakes that somebody could
// make, most of them made by integrations of others (reference linkly 9.5).

// misread is a provider whose answers are read wrongly on the way.
type misread struct {
	Gateway
	wrong func(Answer, error) (Answer, error)
}

func (m misread) Ask(ctx context.Context, p Payment) (Answer, error) {
	return m.wrong(m.Gateway.Ask(ctx, p))
}

func (h *heart) misreads(wrong func(Answer, error) (Answer, error)) {
	h.gateways["linkly"] = misread{h.gateways["linkly"], wrong}
}

func plantedSuccess() map[string]func(*heart) {
	reads := func(success func(Result) bool) func(*heart) {
		return func(h *heart) {
			h.misreads(func(a Answer, err error) (Answer, error) {
				if a.Result != nil {
					r := *a.Result
					r.Success = success(r)
					a.Result = &r
				}
				return a, err
			})
		}
	}
	return map[string]func(*heart){
		"success is read from the code": reads(func(r Result) bool { return r.Code == "00" }),
		"success is read from the text": reads(func(r Result) bool { return r.Success || strings.Contains(r.Text, "APPROVED") }),
		"no answer is taken for a no": func(h *heart) {
			h.misreads(func(a Answer, err error) (Answer, error) {
				if err != nil {
					return decline(), nil //nolint:nilerr // that is the bug
				}
				return a, nil
			})
		},
		"silence is taken for a no": func(h *heart) {
			h.misreads(func(a Answer, err error) (Answer, error) {
				if a.Kind == Decided && a.Result == nil {
					a.Result = &Result{}
				}
				return a, err
			})
		},
	}
}

// plantedAbsent has no plant that forgets what was seen: apply looks at that
// once more, on the fresh row, so one mistake alone changes nothing.
func plantedAbsent() map[string]func(*heart) {
	counts := func(forget func(t *Timing, p *Payment, asked, now *time.Time)) func(*heart) {
		return func(h *heart) {
			h.rules.counts = func(t Timing, p Payment, a Answer, asked, now time.Time) bool {
				forget(&t, &p, &asked, &now)
				return t.countsAsAbsent(p, a, asked, now)
			}
		}
	}
	return map[string]func(*heart){
		"believed at once":                         counts(func(t *Timing, _ *Payment, _, _ *time.Time) { t.SendTimeout, t.NeverSeenAfter = 0, 0 }),
		"the grace is forgotten":                   counts(func(t *Timing, _ *Payment, _, _ *time.Time) { t.NeverSeenAfter = 0 }),
		"a sender that died is taken for returned": counts(func(t *Timing, _ *Payment, _, _ *time.Time) { t.SendTimeout = 0 }),
		"the ten minutes are forgotten":            counts(func(_ *Timing, p *Payment, _, now *time.Time) { *now = *p.SentAt }),
		"one answer is enough":                     func(h *heart) { h.rules.proves = func(Payment, time.Time) bool { return true } },
		"two answers at once are two": func(h *heart) {
			h.rules.proves = func(p Payment, _ time.Time) bool { return p.AbsentCount > 0 }
		},
	}
}

func plantedNotStarted() map[string]func(*heart) {
	return map[string]func(*heart){
		"every failed call is taken for not started": func(h *heart) { h.rules.notStarted = func(error) bool { return true } },
		"a timeout is taken for not started": func(h *heart) {
			h.rules.notStarted = func(err error) bool { return errors.Is(err, context.DeadlineExceeded) || errors.Is(err, ErrNotStarted) }
		},
		"an unclear end is taken for not started": func(h *heart) {
			h.rules.table[standing{State: Sent}][Unclear] = move{To: NeverStarted}
		},
		"what certainly did not start stays open": func(h *heart) { h.rules.notStarted = func(error) bool { return false } },
	}
}

func plantedOnce() map[string]func(*heart) {
	return map[string]func(*heart){
		"an unclear end is sent again": func(h *heart) {
			h.rules.table[standing{State: Sent}][Unclear] = move{To: Created}
		},
		"an unknown payment is sent again": func(h *heart) {
			h.rules.table[standing{State: Sent}][FellSilent] = move{To: Created}
		},
	}
}

func plantedQuestion() map[string]func(*heart) {
	reads := func(as Answer) func(*heart) {
		return func(h *heart) {
			h.misreads(func(a Answer, err error) (Answer, error) {
				if a.Kind == BadQuestion {
					return as, nil
				}
				return a, err
			})
		}
	}
	return map[string]func(*heart){
		"it is taken for a decline":  reads(decline()),
		"it is taken for an absence": reads(Answer{Kind: Absent, Status: 400}),
		"it is passed over":          reads(Answer{Kind: Pending, Status: 400}),
	}
}

func plantedPairing() map[string]func(*heart) {
	return map[string]func(*heart){
		"who answered is forgotten": func(h *heart) {
			h.rules.counts = func(t Timing, p Payment, a Answer, asked, now time.Time) bool {
				a.OtherPairing = false
				return t.countsAsAbsent(p, a, asked, now)
			}
		},
	}
}

func plantedAmount() map[string]func(*heart) {
	books := func(amount func(p Payment, r Result) int64) func(*heart) {
		return func(h *heart) {
			h.rules.record = func(p *Payment, r Result, source Source, now time.Time) {
				record(p, r, source, now)
				if r.Success {
					n := amount(*p, r)
					p.ApprovedAmount = &n
				}
			}
		}
	}
	return map[string]func(*heart){
		"what was asked for is booked": books(func(p Payment, _ Result) int64 { return p.Amount }),
		"a missing amount is nothing":  books(func(_ Payment, r Result) int64 { return value(r.Amount) }),
		"the smaller is booked": books(func(p Payment, r Result) int64 {
			if n := value(r.Amount); n > 0 {
				return min(p.Amount, n)
			}
			return p.Amount
		}),
	}
}

func plantedProof() map[string]func(*heart) {
	return map[string]func(*heart){
		"one secret for all": func(h *heart) {
			proof, hash := NewProof()
			h.rules.proof = func() (string, string) { return proof, hash }
		},
		"the secret is stored": func(h *heart) {
			h.rules.proof = func() (string, string) { proof, _ := NewProof(); return proof, proof }
		},
		"no secret": func(h *heart) { h.rules.proof = func() (string, string) { return "", HashProof("") } },
	}
}

func plantedCurrency() map[string]func(*heart) {
	return map[string]func(*heart){
		"nobody compares": func(h *heart) { h.rules.sameCurrency = func(...string) bool { return true } },
		"the document is not compared": func(h *heart) {
			h.rules.sameCurrency = func(codes ...string) bool { return sameCurrency(codes[:2]...) }
		},
	}
}

// plantedWhole books a refund as asked for, whatever the bank says it moved.
func plantedWhole(p *Payment, r Result, source Source, now time.Time) {
	record(p, r, source, now)
	if r.Success && p.Kind == Refund {
		recordAmounts(p, Result{})
	}
}
