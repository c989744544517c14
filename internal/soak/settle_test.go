package soak_test

import (
	"net/http"
	"time"

	"receivepayment/payments"
)

const (
	// longest is how long the dust may take to settle while nobody helps.
	longest = 3 * time.Minute
	// leased is how long a try of a write-back that died keeps its claim.
	leased = 30 * time.Second
)

// settle ends the storm, starts every process anew, and waits until nothing
// moves any more.
func (s *soak) settle() {
	s.linkly.SetFaults(nil)
	s.bitrix.Heal()
	s.down.Store(false)
	if s.redis != nil {
		s.redis.mend()
		s.postgres.mend()
	}
	for _, p := range s.processes {
		p.kill()
	}
	s.start(s.t)
	s.mu.Lock()
	s.calm = time.Now()
	s.mu.Unlock()
	s.adoption.crashed(s, time.Now())
	for _, p := range s.till {
		p.enter(s.t.Context())
	}
	s.pairAgain(s.t.Context())
	within(bound(takenUpWithin)+5*time.Second, func() bool {
		s.adoption.look(s)
		return s.adoption.idle()
	})
	if !s.adoption.idle() {
		s.breach("%d payments were not taken up after the last start", len(s.adoption.waiting))
	}
	s.awaitOutcomes()
	s.awaitProof()
	s.awaitCRM()
}

// awaitOutcomes waits until every payment is decided whose outcome the
// provider still knows. A short run presses Check now, as staff would.
func (s *soak) awaitOutcomes() {
	began := time.Now()
	within(longest, func() bool {
		left := s.undecided()
		if !s.patient && time.Since(began) > 4*time.Second {
			s.check(left)
		}
		pause(s.t.Context(), time.Second)
		return len(left) == 0
	})
}

// undecided are the open payments but for those whose result the provider has
// forgotten, and those that wait for a person because it contradicted itself.
func (s *soak) undecided() []payments.Payment {
	var rows []payments.Payment
	err := s.db.Where("state IN ?", []payments.State{payments.Created, payments.Sent, payments.Unknown, payments.Review}).
		Find(&rows).Error
	if err != nil {
		s.t.Fatal(err)
	}
	left := rows[:0]
	for _, p := range rows {
		if !s.stays(p) {
			left = append(left, p)
		}
	}
	return left
}

// stays reports that the payment waits for a person, or for a result that will
// never come: the provider told two stories, lost the result, or never saw the
// payment, which could not be proved before the review.
func (s *soak) stays(p payments.Payment) bool {
	switch p.State {
	case payments.Review:
		return s.contradicted(p) || !s.remembered(p)
	case payments.Unknown:
		return s.arrived(p) && !s.remembered(p)
	case payments.Created, payments.Sent, payments.Approved, payments.Declined, payments.Cancelled, payments.NeverStarted:
		return false
	}
	return false
}

// contradicted reports whether the payment is in review because the provider
// told two stories.
func (s *soak) contradicted(p payments.Payment) bool {
	var n int64
	err := s.db.Model(&payments.Alert{}).Where("payment_id = ? AND code = ?", p.ID, payments.AlertContradiction).Count(&n).Error
	if err != nil {
		s.t.Fatal(err)
	}
	return p.State == payments.Review && n > 0
}

// remembered reports whether the provider still knows the payment's result.
func (s *soak) remembered(p payments.Payment) bool { return s.knows(s.t, s.padOf(p), p.SessionID) }

func (s *soak) padOf(p payments.Payment) string {
	for _, term := range s.everyTerminal() {
		if term.id == p.TerminalID {
			return term.pad.ID()
		}
	}
	s.t.Fatalf("payment %s ran on a terminal that is none of ours", p.ID)
	return ""
}

func (s *soak) check(rows []payments.Payment) {
	for _, p := range rows {
		s.boss.do(s.t.Context(), http.MethodPost, "/api/v1/payments/"+p.ID+"/check", nil)
	}
}

// awaitProof presses Check now on what was decided without proof: such
// payments are asked about up to ten minutes apart.
func (s *soak) awaitProof() {
	within(20*time.Second, func() bool {
		var rows []payments.Payment
		err := s.db.Where("confirmed_at IS NULL AND sent_at IS NOT NULL AND state IN ?",
			[]payments.State{payments.Approved, payments.Declined, payments.Cancelled, payments.NeverStarted}).Find(&rows).Error
		if err != nil {
			s.t.Fatal(err)
		}
		left := rows[:0]
		for _, p := range rows {
			if s.remembered(p) {
				left = append(left, p)
			}
		}
		s.check(left)
		pause(s.t.Context(), time.Second)
		return len(left) == 0
	})
}

// awaitCRM waits until the CRM knows everything. Rows that wait for longer
// than a minute, or for a person, get what a person does: Retry, but never
// while the call of a process that died could still be carried out.
func (s *soak) awaitCRM() {
	wait, retried := leased, longest // thousands of rows are told a few at a time
	if !s.patient {
		wait, retried = 3*time.Second, 30*time.Second
	}
	within(wait, func() bool {
		pause(s.t.Context(), 300*time.Millisecond)
		return len(s.untold()) == 0
	})
	within(retried, func() bool {
		left := s.untold()
		for _, w := range left {
			s.add("write-backs retried by hand")
			s.boss.do(s.t.Context(), http.MethodPost, "/api/v1/payments/"+w.PaymentID+"/write-backs/"+string(w.Target)+"/retry", nil)
		}
		pause(s.t.Context(), time.Second)
		return len(left) == 0
	})
}

func (s *soak) untold() []payments.WriteBack {
	var rows []payments.WriteBack
	if err := s.db.Where("state <> ?", payments.Done).Find(&rows).Error; err != nil {
		s.t.Fatal(err)
	}
	return rows
}
