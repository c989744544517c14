package receipts_test

import (
	"context"
	"errors"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/emersion/go-smtp"
	"github.com/hibiken/asynq"
	"github.com/redis/go-redis/v9"

	"receivepayment/db"
	"receivepayment/internal/testkit"
	"receivepayment/jobs"
	"receivepayment/payments"
	"receivepayment/receipts"
	"receivepayment/words"
)

// desk sends the receipt of one payment, with a clock that we move and a queue
// that nobody works at: the janitor does it all.
type desk struct {
	*receipts.Service
	t    *testing.T
	now  time.Time
	mail *server
	sale payments.Payment
}

func openDesk(t *testing.T, d *db.DB) *desk {
	t.Helper()
	k := &desk{t: t, now: time.Date(2026, 11, 21, 10, 0, 0, 0, time.UTC), mail: listen(t)}
	clock := func() time.Time { return k.now }
	for _, sql := range []string{
		`INSERT INTO portals (id, domain, endpoint, server, created_at, updated_at) VALUES ('p', 'd', 'e', 's', ?, ?)`,
		`INSERT INTO terminals (id, portal_id, name, provider, environment, currency, status, register_id, created_at)
			SELECT 't', 'p', 'Counter 1', 'linkly', 'sandbox', 'AUD', 'ready', 'r', created_at FROM portals WHERE created_at = ? AND updated_at = ?`,
		`INSERT INTO payments (id, portal_id, request_id, request_hash, kind, document, document_title, document_total, terminal_id, terminal_name,
			provider, pairing_id, session_id, txn_ref, sale_uid, amount, currency, state, version, started_by, started_by_name, created_at, sent_at,
			decided_at, source, approved_amount)
			SELECT 'p_1', 'p', 'r', 'h', 'purchase', 'SI:77', 'Wharf pump kit', 100, 't', 'Counter 1', 'linkly', 'x', 's', 'x', 'u', 100, 'AUD',
			'approved', 2, '14', 'Mere', created_at, created_at, created_at, 'asked', 100 FROM portals WHERE created_at = ? AND updated_at = ?`,
		`INSERT INTO payment_receipts (payment_id, hash, type, text, at)
			SELECT 'p_1', 'h', 'customer', '  APPROVED', created_at FROM portals WHERE created_at = ? AND updated_at = ?`,
	} {
		if err := d.WithContext(t.Context()).Exec(sql, k.now, k.now).Error; err != nil {
			t.Fatal(err)
		}
	}
	nobody := asynq.RedisClientOpt{Addr: "127.0.0.1:1"}
	queue, client := jobs.NewQueue(nobody), redis.NewClient(&redis.Options{Addr: nobody.Addr, MaxRetries: -1})
	t.Cleanup(func() { _ = queue.Close(); _ = client.Close() })
	log := slog.New(slog.DiscardHandler)
	bell := jobs.NewBell(client, log)
	service := payments.New(payments.Config{DB: d, Clock: clock, Timing: payments.DefaultTiming(), Queue: queue, Bell: bell, Log: log})
	var err error
	if k.sale, err = service.Get(t.Context(), "p_1"); err != nil {
		t.Fatal(err)
	}
	k.Service = &receipts.Service{
		DB: d, Clock: clock, Queue: queue, Bell: bell, Payments: service, Post: k.mail.post(t), Log: log,
		Voice: func(context.Context, string) *words.Voice { return words.In("de") },
	}
	return k
}

// ask has the slip sent.
func (k *desk) ask(request string) {
	k.t.Helper()
	_, err := k.Mail(k.t.Context(), k.sale, payments.MailOrder{RequestID: request, Slip: "h", Address: "w@pelorus.example", By: payments.Person{ID: "14", Name: "Mere"}})
	if err != nil {
		k.t.Fatal(err)
	}
}

// sweep is the janitor after a while; it answers how much was due.
func (k *desk) sweep(after time.Duration) int {
	k.t.Helper()
	k.now = k.now.Add(after)
	due, err := k.Due(k.t.Context(), 100)
	if err != nil {
		k.t.Fatal(err)
	}
	for _, one := range due {
		for range 2 { // a task that comes twice
			if err := k.Step(k.t.Context(), one.ID); err != nil {
				k.t.Fatal(err)
			}
		}
	}
	return len(due)
}

func (k *desk) is(state payments.MailingState, trouble string, attempts int64) {
	k.t.Helper()
	d, err := k.Payments.Detail(k.t.Context(), "p", "p_1")
	if err != nil {
		k.t.Fatal(err)
	}
	m := d.Mailings[len(d.Mailings)-1]
	if m.State != state || m.Trouble != trouble || m.Attempts != attempts {
		k.t.Errorf("the mailing is %s, %q, after %d tries; want %s, %q, %d", m.State, m.Trouble, m.Attempts, state, trouble, attempts)
	}
	if d.Settled() == (state == payments.MailingWaiting) {
		k.t.Errorf("a mailing is %s, and nothing more happens: %v", state, d.Settled())
	}
}

func TestAReceiptIsSentOnceInTheShopsLanguage(t *testing.T) {
	t.Parallel()
	testkit.EachDatabase(t, func(t *testing.T, d *db.DB) {
		k := openDesk(t, d)
		k.ask("m-1")
		k.ask("m-1")
		k.is(payments.MailingWaiting, "", 0)
		k.sweep(0)
		k.sweep(time.Hour)
		k.is(payments.MailingSent, "", 1)
		letters := k.mail.got()
		if len(letters) != 1 {
			t.Fatalf("%d letters arrived", len(letters))
		}
		if want := "Beleg: Wharf pump kit"; !strings.Contains(letters[0], want) {
			t.Errorf("the letter lacks %q: %s", want, letters[0])
		}
	})
}

func TestAReceiptWaitsForTheMailServerForADay(t *testing.T) {
	t.Parallel()
	testkit.EachDatabase(t, func(t *testing.T, d *db.DB) {
		k := openDesk(t, d)
		k.mail.answer(errors.New("come back later"))
		k.ask("m-1")
		k.sweep(0)
		if n := k.sweep(time.Second); n != 0 {
			t.Errorf("%d mailings are due a second after a failure", n)
		}
		k.sweep(10 * time.Second)
		k.is(payments.MailingWaiting, "", 2)
		k.mail.answer(nil)
		k.sweep(time.Hour)
		k.is(payments.MailingSent, "", 3)

		k.mail.answer(errors.New("come back later"))
		k.ask("m-2")
		k.sweep(0)
		k.sweep(25 * time.Hour)
		k.is(payments.MailingFailed, "It could not be sent within a day.", 2)
		k.mail.answer(nil)
		if n := k.sweep(time.Hour); n != 0 {
			t.Errorf("%d mailings are still due", n)
		}
	})
}

func TestAReceiptThatIsRefusedIsNotTriedAgain(t *testing.T) {
	t.Parallel()
	testkit.EachDatabase(t, func(t *testing.T, d *db.DB) {
		k := openDesk(t, d)
		k.mail.answer(&smtp.SMTPError{Code: 550, Message: "no such user"})
		k.ask("m-1")
		k.sweep(0)
		k.is(payments.MailingFailed, "The mail server refuses it.", 1)
		k.mail.answer(nil)
		if n := k.sweep(48 * time.Hour); n != 0 || len(k.mail.got()) != 0 {
			t.Errorf("%d are due, %d arrived", n, len(k.mail.got()))
		}
	})
}

func TestWithoutAMailServerNothingIsTaken(t *testing.T) {
	t.Parallel()
	testkit.EachDatabase(t, func(t *testing.T, d *db.DB) {
		k := openDesk(t, d)
		k.ask("m-1")
		k.Post = nil // it was taken out of the settings
		if n := k.sweep(time.Hour); n != 0 {
			t.Errorf("%d mailings are due without a mail server", n)
		}
		k.is(payments.MailingWaiting, "", 0)
		_, err := k.Mail(t.Context(), k.sale, payments.MailOrder{RequestID: "m-2", Slip: "h", Address: "w@pelorus.example"})
		if !errors.Is(err, receipts.ErrOff) {
			t.Errorf("taken: %v", err)
		}
	})
}
