package soak_test

import (
	"context"
	"fmt"
	"net/http"
	"sync"
	"testing"
	"time"

	bitrixsim "receivepayment/bitrix/sim"
	"receivepayment/internal/fault"
	linklysim "receivepayment/linkly/sim"
	"receivepayment/payments"
)

// takenUpWithin is the promise: after a crash and a restart every open payment
// is taken up again within this time.
const takenUpWithin = 10 * time.Second

// walkers is how many points are walked at a time. They wait more than they
// work.
const walkers = 8

// crash is one point and what it takes to come there.
type crash struct {
	point  fault.Point
	before func(r *running, term terminal) // makes the point likely
	face   bool                            // the process that dies is the face
	late   bool                            // what dies is a write-back, which no customer waits for
	hit    int                             // it dies when it comes there for the hit-th time
}

func crashes() []crash {
	out := make([]crash, 0, len(fault.Points()))
	for _, p := range fault.Points() {
		c := crash{point: p, before: func(*running, terminal) {}, hit: 1}
		switch p {
		case fault.PaymentStored, fault.CallbackAdmitted, fault.CallbackKept:
			c.face = true
		case fault.AbsenceNoted:
			c.before = func(r *running, _ terminal) { r.linkly.Next(linklysim.PostLost, 1) }
		case fault.WriteBackLater:
			c.before = func(r *running, _ terminal) {
				r.bitrix.Inject(bitrixsim.Fault{Kind: bitrixsim.FaultErrorBefore, Method: entryAdd, Times: 1})
			}
		case fault.TokenRenewed:
			c.before = func(r *running, _ terminal) {
				r.bitrix.Inject(bitrixsim.Fault{Kind: bitrixsim.FaultExpiredToken, Method: entryAdd, Times: 1})
			}
		case fault.PaymentClaimed, fault.SentCommitted, fault.BeforeBegin, fault.AfterBegin, fault.MoveCommitted,
			fault.BeforeAsk, fault.AfterAsk, fault.ReceiptsKept, fault.WriteBackClaimed, fault.BeforeStage,
			fault.AfterStage, fault.BeforeEntry, fault.AfterEntry, fault.WriteBackDone:
		}
		c.late = p >= fault.WriteBackClaimed
		out = append(out, c)
	}
	// The first move is "sent"; these are "accepted" and the outcome.
	for _, hit := range []int{2, 3} {
		out = append(out, crash{point: fault.MoveCommitted, before: func(*running, terminal) {}, hit: hit})
	}
	return out
}

// TestPaymentSurvivesACrashAtEachPoint lets a process die at each point of
// package fault, starts it again, and wants the provider's truth, one charge,
// and one timeline entry.
func TestPaymentSurvivesACrashAtEachPoint(t *testing.T) {
	if testing.Short() {
		t.Skip("starts processes")
	}
	t.Parallel()
	type walk struct {
		at place
		c  crash
	}
	todo := make(chan walk)
	go func() {
		defer close(todo)
		for _, at := range places() {
			for _, c := range crashes() {
				todo <- walk{at, c}
			}
		}
	}()
	var wait sync.WaitGroup
	for range walkers {
		wait.Go(func() {
			for w := range todo {
				t.Run(fmt.Sprintf("%s/%s %d", w.at, w.c.point, w.c.hit), func(t *testing.T) { w.c.walk(t, w.at) })
			}
		})
	}
	wait.Wait()
}

func (c crash) walk(t *testing.T, at place) {
	r := newRunning(t, at, int64(c.point))
	r.start(t)
	boss := r.person(admin)
	boss.install(t)
	term := r.pair(t, boss, 1)[0]
	doc := r.invoices(t, 1, 5000)[0]

	victim := r.worker()
	if c.face {
		victim = r.face()
	}
	r.onlyVictim(t, victim, c)
	c.before(r, term)
	order := object{"requestId": "r-1", "document": doc.name, "terminal": term.id, "amount": "50.00", "currency": "AUD"}
	sent := make(chan answer, 1)
	go func() { sent <- boss.sends(context.WithoutCancel(t.Context()), order) }()
	if !victim.diesWithin(2*patience) || !victim.killed() {
		r.explain(t, sent)
		t.Fatalf("%s did not die at %s", victim.name, c.point)
	}
	<-sent

	open := r.open(t)
	restarted := time.Now()
	for _, p := range r.processes {
		if !p.running() {
			if err := p.start(); err != nil {
				t.Fatal(err)
			}
		}
	}
	r.awaitFace(t)
	c.repeat(t, boss, order)
	r.wantTakenUp(t, open, restarted)
	r.wantTruth(t, boss, c, doc)
}

// sends sends a payment, and again while the terminal is still held by the
// logon that proved it: the process that made it may have been killed in the
// middle, and what it holds ends with its lease.
func (p *person) sends(ctx context.Context, order object) (a answer) {
	within(patience/2, func() bool {
		a = p.do(ctx, http.MethodPost, "/api/v1/payments", order)
		return a.code() != "terminal_busy"
	})
	return a
}

// explain says what became of the order whose process was to die.
func (r *running) explain(t *testing.T, sent <-chan answer) {
	t.Helper()
	select {
	case a := <-sent:
		t.Logf("the order was answered %s", a)
	default:
		t.Log("the order was not answered")
	}
	for _, p := range r.all(t) {
		t.Logf("payment %s: %s, version %d, due %v", p.ID, p.State, p.Version, p.DueAt)
		for _, w := range r.writeBacks(t, p.ID) {
			t.Logf("write-back of %s: %s, %d attempts, due %v, %s", w.Target, w.State, w.Attempts, w.DueAt, w.LastError)
		}
	}
}

// onlyVictim starts the victim anew with its order to die, and stops the
// worker that would do its work meanwhile.
func (r *running) onlyVictim(t *testing.T, victim *process, c crash) {
	t.Helper()
	for _, p := range r.processes {
		if p == victim || p != r.face() {
			p.kill()
		}
	}
	if err := victim.start(orders(c.point, c.hit)...); err != nil {
		t.Fatal(err)
	}
	for _, p := range r.processes[1:min(2, len(r.processes))] {
		if p != victim {
			if err := p.start(); err != nil { // the face dies: somebody must do the work
				t.Fatal(err)
			}
		}
	}
	r.awaitFace(t)
}

// repeat sends the same request again, as the till does that got no answer:
// it must find the same payment.
func (c crash) repeat(t *testing.T, boss *person, order object) {
	t.Helper()
	a := boss.do(t.Context(), http.MethodPost, "/api/v1/payments", order)
	if a.status != http.StatusAccepted {
		t.Fatalf("the repeated request is answered %s", a)
	}
}

// open lists payments that wait for something.
func (r *running) open(t testing.TB) []payments.Payment {
	t.Helper()
	var rows []payments.Payment
	err := r.db.Where("state IN ?", []payments.State{payments.Created, payments.Sent, payments.Unknown}).Find(&rows).Error
	if err != nil {
		t.Fatal(err)
	}
	return rows
}

// wantTakenUp measures how long it takes until somebody works on each payment.
func (r *running) wantTakenUp(t *testing.T, open []payments.Payment, restarted time.Time) {
	t.Helper()
	for _, p := range open {
		taken := within(bound(takenUpWithin)+5*time.Second, func() bool { return r.takenUp(t, p, restarted) })
		took := time.Since(restarted)
		t.Logf("taken up after %s", took.Round(time.Millisecond))
		if !taken || took > bound(takenUpWithin) {
			t.Errorf("a payment in state %s was taken up after %s (ever: %v)", p.State, took, taken)
		}
	}
}

// takenUp reports whether the app has spoken of the payment to the provider
// since, or has moved it on.
func (r *running) takenUp(t testing.TB, p payments.Payment, since time.Time) bool {
	t.Helper()
	if r.spokenOf(p.SessionID).After(since) {
		return true
	}
	var now payments.Payment
	if err := r.db.Where("id = ?", p.ID).Take(&now).Error; err != nil {
		t.Fatal(err)
	}
	return now.Version > p.Version
}

// wantTruth waits until the payment is decided and compares it with the money.
func (r *running) wantTruth(t *testing.T, boss *person, c crash, doc invoice) {
	t.Helper()
	var p payments.Payment
	await(t, "the payment is decided", func() bool {
		rows := r.all(t)
		if len(rows) != 1 {
			t.Fatalf("%d payments for one request", len(rows))
		}
		p = rows[0]
		return p.State.Final()
	})
	moved := 0
	for _, charge := range r.linkly.Charges() {
		if charge.Approved {
			moved++
		}
		if charge.Session != p.SessionID {
			t.Errorf("a charge of a session that is not the payment's: %+v", charge)
		}
	}
	if paid := p.State == payments.Approved; moved > 1 || paid != (moved == 1) {
		t.Errorf("the payment is %s, and %d charges were approved", p.State, moved)
	}
	if p.State == payments.Approved {
		r.wantTold(t, boss, c, p, doc)
	}
}

// wantTold waits for the write-backs. A try that died keeps its claim for a
// quarter of a minute, and a dead token waits for the administrator: there a
// person presses Retry, after the time in which the dead call could still
// have been carried out.
func (r *running) wantTold(t *testing.T, boss *person, c crash, p payments.Payment, doc invoice) {
	t.Helper()
	if c.late {
		boss.enter(t.Context())
	}
	await(t, "the CRM knows", func() bool {
		done := true
		for _, w := range r.writeBacks(t, p.ID) {
			if w.State == payments.Done {
				continue
			}
			done = false
			if c.late {
				boss.do(t.Context(), http.MethodPost, "/api/v1/payments/"+p.ID+"/write-backs/"+string(w.Target)+"/retry", nil)
			}
		}
		return done
	})
	for _, owner := range [][2]int{{31, doc.id}, {2, doc.deal}} {
		if n := told(r.bitrix.Timeline(owner[0], owner[1])); n != 1 {
			t.Errorf("%d timeline entries of %v for one approval", n, owner)
		}
	}
	if inv, ok := r.bitrix.Invoice(doc.id); !ok || inv.Semantics != "S" {
		t.Errorf("the invoice is not paid in the CRM: %+v", inv)
	}
}

func (r *running) all(t testing.TB) []payments.Payment {
	t.Helper()
	var rows []payments.Payment
	if err := r.db.Order("created_at").Find(&rows).Error; err != nil {
		t.Fatal(err)
	}
	return rows
}

func (r *running) writeBacks(t testing.TB, payment string) []payments.WriteBack {
	t.Helper()
	var rows []payments.WriteBack
	if err := r.db.Where("payment_id = ?", payment).Find(&rows).Error; err != nil {
		t.Fatal(err)
	}
	return rows
}
