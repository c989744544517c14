package stack

import (
	"net/http"
	"strings"
	"testing"

	"receivepayment/audit"
)

// What an owner asks after a bad day: who did that, and is the answer whole?
func TestAuditSaysWhoDidWhatAndIsWhole(t *testing.T) {
	t.Parallel()
	s := openShop(t, Options{})
	sale := s.paid(s.order("p-1", s.invoice("i-1", "10.00"), "10.00")).Text("id")
	s.cashier.Do(http.MethodGet, "/api/v1/audit", nil).refused(403, "forbidden", "")
	s.admin.grant("14", "take", "refund", "report").Want(http.StatusOK)
	refund := s.refund("b-1", sale, "4.00").Text("id")
	s.admin.Do(http.MethodPatch, "/api/v1/terminals/"+s.terminal, Object{"name": "Counter 9"}).Want(http.StatusOK)

	lines := s.cashier.Do(http.MethodGet, "/api/v1/audit", nil).Want(http.StatusOK).List("items")
	var got []string
	for _, l := range lines {
		got = append(got, l.Text("by", "id")+" "+l.Text("action"))
	}
	want := "1 terminal.changed, 1 payment.refunded, 1 rights.changed, 1 terminal.paired, 1 portal.installed"
	if strings.Join(got, ", ") != want {
		t.Errorf("the audit says %s, want %s", strings.Join(got, ", "), want)
	}
	found := s.cashier.Do(http.MethodGet, "/api/v1/audit?q=counter+9", nil).Want(http.StatusOK).List("items")
	if len(found) != 1 || found[0].Text("subject") != s.terminal {
		t.Errorf("a search finds %v", found)
	}
	if got := lines[1].Text("subject"); got != refund {
		t.Errorf("the refund's line speaks of %q", got)
	}
	s.cashier.Do(http.MethodGet, "/api/v1/audit?cursor=x", nil).refused(422, "invalid", "cursor")
	s.cashier.Do(http.MethodGet, "/api/v1/audit?from=yesterday", nil).refused(422, "invalid", "from")

	s.admin.grant("14", "take").Want(http.StatusOK)
	s.cashier.Do(http.MethodGet, "/api/v1/audit/proof", nil).refused(403, "forbidden", "")
	proof := s.admin.Do(http.MethodGet, "/api/v1/audit/proof", nil).Want(http.StatusOK)
	if proof["lines"] != 6.0 || len(proof.List("faults")) != 0 {
		t.Errorf("the proof says %v", proof)
	}
	if _, faults, err := (&audit.Log{DB: s.House.DB}).Verify(t.Context()); err != nil || len(faults) > 0 {
		t.Errorf("the chain is broken: %v %v", faults, err)
	}
	spoil := "UPDATE audit_lines SET actor_name = 'Somebody' WHERE seq = 2 AND portal_id = ?"
	if err := s.House.DB.WithContext(t.Context()).Exec(spoil, s.Bitrix.MemberID()).Error; err != nil {
		t.Fatal(err)
	}
	faults := s.admin.Do(http.MethodGet, "/api/v1/audit/proof", nil).Want(http.StatusOK).List("faults")
	if len(faults) != 1 || faults[0]["seq"] != 2.0 || faults[0].Text("what") != "altered" {
		t.Errorf("a line was altered, and the proof says %v", faults)
	}
}
