package migrations_test

import (
	"testing"

	"receivepayment/db"
	"receivepayment/internal/testkit"
)

// refused asserts that each change of a good row is refused by the database
// itself, and that the good row is taken.
func refused(t *testing.T, d *db.DB, table string, good row, changes map[string]row) {
	t.Helper()
	for name, change := range changes {
		if err := insert(t, d, table, good.with(change)); err == nil {
			t.Errorf("%s took %s", table, name)
			must(t, d.WithContext(t.Context()).Exec("DELETE FROM "+table+" WHERE id = ?", good.with(change)["id"]).Error)
		} else if db.IsDuplicate(err) {
			t.Errorf("%s is refused for another reason: %v", name, err)
		}
	}
	must(t, insert(t, d, table, good))
}

func TestDatabaseRefusesRefundsAndExtrasThatCannotBe(t *testing.T) {
	t.Parallel()
	testkit.EachDatabase(t, func(t *testing.T, d *db.DB) {
		stage(t, d)
		refused(t, d, "payments", payment(1), map[string]row{
			"a purchase that returns surcharge": {"want_surcharge": 1},
			"a purchase without a link":         {"unmatched": true},
			"a purchase that was asked for":     {"refund_request": "rr_1"},
			"a tip below nothing":               {"want_tip": -1},
			"cash-out below nothing":            {"want_cash_out": -1},
			"cash alone of another amount":      {"cash_only": true, "want_cash_out": 99},
			"cash alone without cash":           {"cash_only": true},
		})
		must(t, d.WithContext(t.Context()).Exec("UPDATE payments SET state = 'cancelled'").Error)
		back := payment(2).with(row{"kind": "refund", "refund_of": "p_1"})
		refused(t, d, "payments", back, map[string]row{
			"a refund that hands out cash":       {"want_cash_out": 1},
			"a refund by telephone":              {"moto": true},
			"a refund that returns less than no": {"want_surcharge": -1},
		})
	})
}

// One refund at a time carries a request out.
func TestDatabaseRefusesASecondRefundForOneRequest(t *testing.T) {
	t.Parallel()
	testkit.EachDatabase(t, func(t *testing.T, d *db.DB) {
		stage(t, d)
		for state, again := range map[string]bool{"created": false, "sent": false, "unknown": false, "review": false, "declined": true, "cancelled": true} {
			first := payment(1).with(row{"kind": "refund", "refund_request": "rr_1"})
			switch state {
			case "sent", "unknown", "review":
				first = first.with(open(state))
			case "declined", "cancelled":
				first = first.with(told(state))
			}
			must(t, insert(t, d, "payments", first))
			err := insert(t, d, "payments", payment(2).with(row{"kind": "refund", "refund_request": "rr_1"}))
			if (err == nil) != again || err != nil && !db.IsDuplicate(err) {
				t.Errorf("a second refund while the first is %s: %v", state, err)
			}
			must(t, d.WithContext(t.Context()).Exec("DELETE FROM payments").Error)
		}
	})
}

func TestDatabaseRefusesRequestsThatCannotBe(t *testing.T) {
	t.Parallel()
	testkit.EachDatabase(t, func(t *testing.T, d *db.DB) {
		stage(t, d)
		must(t, insert(t, d, "payments", payment(1)))
		asked := row{
			"id": "rr_1", "portal_id": "portal", "request_id": "r_1", "request_hash": "h", "payment_id": "p_1", "document": "SI:1",
			"terminal_id": "t_1", "terminal_name": "t", "amount": 100, "currency": "AUD", "reason": "broken", "state": "waiting",
			"by_id": "14", "by_name": "Mere Tane", "created_at": noon(),
		}
		decided := row{"state": "approved", "decided_at": noon(), "decided_by": "1"}
		refused(t, d, "refund_requests", asked, map[string]row{
			"an amount of nothing":        {"amount": 0},
			"an amount below nothing":     {"amount": -1},
			"a state that is none":        {"state": "perhaps"},
			"waiting, and decided":        {"decided_at": noon()},
			"approved at no time":         {"state": "approved", "decided_by": "1"},
			"rejected at no time":         {"state": "rejected", "decided_by": "1"},
			"approved by who asked":       decided.with(row{"decided_by": "14"}),
			"of a payment that is not":    {"payment_id": "none"},
			"of a portal that is not":     {"portal_id": "nobody"},
			"without a reason":            {"reason": nil},
			"on a terminal without name":  {"terminal_name": nil},
			"in no currency":              {"currency": nil},
			"that nobody asked for":       {"by_id": nil},
			"at no time":                  {"created_at": nil},
			"of a request without a name": {"request_id": nil},
		})
		if err := insert(t, d, "refund_requests", asked.with(row{"id": "rr_2"})); !db.IsDuplicate(err) {
			t.Errorf("the same request twice: %v", err)
		}
		must(t, insert(t, d, "refund_requests", asked.with(decided).with(row{"id": "rr_3", "request_id": "r_3"})))
		must(t, insert(t, d, "refund_requests", asked.with(row{ // whoever asked may take it back
			"id": "rr_4", "request_id": "r_4", "state": "rejected", "decided_at": noon(), "decided_by": "14",
		})))
	})
}

func TestDatabaseRefusesMailingsThatCannotBe(t *testing.T) {
	t.Parallel()
	testkit.EachDatabase(t, func(t *testing.T, d *db.DB) {
		stage(t, d)
		must(t, insert(t, d, "payments", payment(1)))
		must(t, insert(t, d, "payment_receipts", row{"payment_id": "p_1", "hash": "h", "type": "customer", "text": "x", "at": noon()}))
		waits := row{
			"id": "m_1", "portal_id": "portal", "request_id": "r_1", "request_hash": "h", "payment_id": "p_1", "slip": "h",
			"address": "w@b.example", "state": "waiting", "due_at": noon(), "by_id": "14", "by_name": "Mere Tane", "created_at": noon(),
		}
		refused(t, d, "receipt_mailings", waits, map[string]row{
			"waiting for nothing":      {"due_at": nil},
			"a state that is none":     {"state": "perhaps", "due_at": nil},
			"sent at no time":          {"state": "sent", "due_at": nil},
			"sent, and still due":      {"state": "sent", "sent_at": noon()},
			"failed without a word":    {"state": "failed", "due_at": nil},
			"waiting, and in trouble":  {"trouble": "x"},
			"a slip that is not there": {"slip": "none"},
			"to nobody":                {"address": nil},
		})
		if err := insert(t, d, "receipt_mailings", waits.with(row{"id": "m_2"})); !db.IsDuplicate(err) {
			t.Errorf("the same request twice: %v", err)
		}
	})
}

func TestDatabaseRefusesAPolicyThatCannotBe(t *testing.T) {
	t.Parallel()
	testkit.EachDatabase(t, func(t *testing.T, d *db.DB) {
		stage(t, d)
		must(t, insert(t, d, "till_policies", row{"portal_id": "portal"}))
		for name, bad := range map[string]row{
			"a way to refund extras that is none": {"portal_id": "other", "refund_extras": "perhaps"},
			"a portal that is not there":          {"portal_id": "nobody"},
		} {
			if err := insert(t, d, "till_policies", bad); err == nil || db.IsDuplicate(err) {
				t.Errorf("%s: %v", name, err)
			}
		}
	})
}
