package payments

import (
	"encoding/json"
	"strings"
	"testing"
	"time"
)

func TestReportTellsReferencesAndTimingsAndNobody(t *testing.T) {
	t.Parallel()
	at := time.Date(2026, 11, 21, 10, 0, 0, 0, time.UTC)
	report := Report(Detail{
		Payment: Payment{
			ID: "p_1", Kind: Purchase, Document: "SI:77", DocumentTitle: "Pump kit for Mr Brown", Amount: 1000, Currency: "AUD",
			State: Approved, Source: Asked, SessionID: "3b1c0f6e", TxnRef: "B24K7Q2M9X4T1A01", RRN: "624100318842",
			Last4: "1142", StartedBy: "14", StartedByName: "Mere Tane", CreatedAt: at, NotifyHash: "hash-of-a-proof",
		},
		History: []Entry{
			{At: at, FromState: Created, ToState: Created, Event: "click", Actor: "14", Why: "asked by Mere"},
			{
				At: at.Add(1234 * time.Millisecond), FromState: Created, ToState: Sent, Event: "send", Actor: worker,
				Evidence: json.RawMessage(`{"text":"card 4111111111111111"}`),
			},
		},
		Alerts:     []Alert{{At: at, Code: "contradiction", Text: "two\nstories"}},
		WriteBacks: []WriteBack{{Target: "invoice", State: Done, Attempts: 2, LastError: "timeout 12345678901"}},
		Receipts:   []Receipt{{Text: "ACME CAFE"}},
	})
	for _, want := range []string{"p_1", "SI:77", "10.00 AUD", "3b1c0f6e", "B24K7Q2M9X4T1A01", "624100318842", "+1.234s send", "by worker", "two stories", "2 attempts"} {
		if !strings.Contains(report, want) {
			t.Errorf("the report does not tell %q:\n%s", want, report)
		}
	}
	for _, secret := range []string{"Mere", "Brown", "4111111111111111", "12345678901", "hash-of-a-proof", "ACME", "1142"} {
		if strings.Contains(report, secret) {
			t.Errorf("the report tells %q:\n%s", secret, report)
		}
	}
}
