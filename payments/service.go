package payments

import (
	"context"
	"crypto/rand"
	"encoding/base32"
	"log/slog"

	"receivepayment/db"
	"receivepayment/jobs"
)

// Config is what a [Service] needs. Everything is required.
type Config struct {
	DB       *db.DB
	Clock    db.Clock
	Timing   Timing
	Queue    *jobs.Queue
	Bell     *jobs.Bell
	Gateways map[string]Gateway // by the provider's name
	Log      *slog.Logger
}

// Service is the heart at work. Safe for concurrent use, by any number of
// processes on one database.
type Service struct {
	db       *db.DB
	now      db.Clock
	timing   Timing
	queue    *jobs.Queue
	bell     *jobs.Bell
	gateways map[string]Gateway
	log      *slog.Logger
	rules    rules
}

// New makes a service.
func New(c Config) *Service {
	return &Service{
		db: c.DB, now: c.Clock, timing: c.Timing, queue: c.Queue,
		bell: c.Bell, gateways: c.Gateways, log: c.Log, rules: theRules(),
	}
}

// Person is somebody who acts.
type Person struct{ ID, Name string }

// ring tells the open screens and the queue that the payment changed. Neither
// matters for correctness: screens look by themselves, the janitor too.
func (s *Service) ring(ctx context.Context, p Payment) {
	s.bell.Ring(ctx, p.ID)
	if p.DueAt == nil {
		return
	}
	kind := p.Kind.job()
	var err error
	if due := *p.DueAt; due.After(s.now()) {
		err = s.queue.At(ctx, kind, p.ID, due)
	} else {
		err = s.queue.Now(ctx, kind, p.ID)
	}
	if err != nil {
		s.log.WarnContext(ctx, "the janitor will take this step", "payment", p.ID, "error", err)
	}
}

func (k Kind) job() jobs.Kind {
	if k == Refund {
		return jobs.Refund
	}
	return jobs.Purchase
}

// Due lists payments whose next step is overdue, for the janitor.
func (s *Service) Due(ctx context.Context, limit int) ([]jobs.Due, error) {
	var rows []Payment
	err := s.db.WithContext(ctx).Select("id", "kind").
		Where("due_at <= ?", s.now()).Order("due_at").Limit(limit).Find(&rows).Error
	if err != nil {
		return nil, err
	}
	due := make([]jobs.Due, len(rows))
	for i, p := range rows {
		due[i] = jobs.Due{Kind: p.Kind.job(), ID: p.ID}
	}
	return due, nil
}

// letters is Crockford's alphabet: no letter that reads like a digit, and all
// of it allowed in Linkly's TxnRef.
var letters = base32.NewEncoding("0123456789ABCDEFGHJKMNPQRSTVWXYZ").WithPadding(base32.NoPadding)

// newID makes an unguessable id: a prefix for people and 128 bits.
func newID(prefix string) string {
	raw := make([]byte, 16)
	_, _ = rand.Read(raw) // never fails (crypto/rand)
	return prefix + letters.EncodeToString(raw)
}

// newTxnRef makes a reference of exactly 16 characters, 0-9A-Z: 80 random bits
// and a unique index against the rest (reference linkly 5.1).
func newTxnRef() string {
	raw := make([]byte, 10)
	_, _ = rand.Read(raw)
	return letters.EncodeToString(raw)
}

// Timing is the clocks by which the payments run.
func (s *Service) Timing() Timing { return s.timing }
