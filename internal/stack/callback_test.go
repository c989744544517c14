package stack

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"receivepayment/cmd/app/house"
	linklysim "receivepayment/linkly/sim"
	"receivepayment/payments"
)

const proof = "Bearer what-only-the-provider-knows"

// call posts a callback as a stranger or as the provider would.
func (s *shop) call(t *testing.T, path, authorization, kind, body string) Answer {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, s.App+"/linkly/notify/"+path, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Content-Type", kind)
	if authorization != "" {
		req.Header.Set("Authorization", authorization)
	}
	return s.Anonymous().in(t).Send(req)
}

// row is the payment as it is stored.
func (s *shop) row(id string) payments.Payment {
	s.t.Helper()
	p, err := s.House.Payments.Get(s.t.Context(), id)
	if err != nil {
		s.t.Fatal(err)
	}
	return p
}

// proven replaces the proof that callbacks of the payment must carry by one
// that the test knows; the house keeps only its hash.
func (s *shop) proven(id string) {
	s.t.Helper()
	err := s.House.DB.WithContext(s.t.Context()).Model(&payments.Payment{}).Where("id = ?", id).
		Update("notify_hash", payments.HashProof(proof)).Error
	if err != nil {
		s.t.Fatal(err)
	}
}

// waiting is a shop whose terminal waits for the customer's card, and with it
// the session of its payment. Nothing of it changes by itself.
func waiting(t *testing.T) (s *shop, id, session string) {
	t.Helper()
	s = openShop(t, Options{Change: func(c *house.Config) {
		c.SilenceAfter, c.UnknownAfter, c.ReviewAfter = time.Hour, 2*time.Hour, 3*time.Hour
	}})
	id = s.taken(s.order("p-1", s.invoice("i-1", "187.00"), "187.00"))
	s.awaitDisplay(id, "cancel")
	s.proven(id)
	return s, id, s.row(id).SessionID
}

func approvalOf(session, ref string) string {
	return fmt.Sprintf(`{"SessionId":%q,"ResponseType":"transaction","Response":{"TxnType":"P","TxnRef":%q,"Success":true,`+
		`"ResponseCode":"00","ResponseText":"APPROVED","AmtPurchase":18700,"RFN":"1"}}`, session, ref)
}

func displayOf(session, line string) string {
	return fmt.Sprintf(`{"SessionId":%q,"ResponseType":"display","Response":{"NumberOfLines":1,"LineLength":20,"DisplayText":[%q],"CancelKeyFlag":true}}`, session, line)
}

func TestCallbackThatIsNotTheProvidersChangesNothing(t *testing.T) {
	t.Parallel()
	s, id, session := waiting(t)
	before, rows := s.row(id), s.dump(t).counts()
	ref := before.TxnRef
	const json = "application/json; charset=utf-8"
	big := `{"SessionId":"` + session + `","Response":{"DisplayText":["` + strings.Repeat("x", 2<<20) + `"]}}`
	for _, one := range []struct {
		name, path, proof, kind, body string
		status                        int
		code                          string
	}{
		{"no header", id + "/display", "", json, displayOf(session, "HELLO"), 401, "unauthenticated"},
		{"a wrong header", id + "/display", "Bearer nonsense", json, displayOf(session, "HELLO"), 401, "unauthenticated"},
		{"the proof without its scheme", id + "/display", strings.TrimPrefix(proof, "Bearer "), json, displayOf(session, "HELLO"), 401, "unauthenticated"},
		{"the hash for the proof", id + "/display", before.NotifyHash, json, displayOf(session, "HELLO"), 401, "unauthenticated"},
		{"a page token for the proof", id + "/transaction", "Bearer " + s.admin.Token, json, approvalOf(session, ref), 401, "unauthenticated"},
		{"an unknown session", "p_nowhere/display", proof, json, displayOf(session, "HELLO"), 404, "not_found"},
		{"the session's id in the address", session + "/display", proof, json, displayOf(session, "HELLO"), 404, "not_found"},
		{"the body of another session", id + "/transaction", proof, json, approvalOf("3b1c0f6e-7a40-4f9f-8a51-0f5a6f0c2b11", ref), 422, "invalid"},
		{"a body without a session", id + "/transaction", proof, json, approvalOf("", ref), 422, "invalid"},
		{"a result with another reference", id + "/transaction", proof, json, approvalOf(session, "ANOTHER"), 422, "invalid"},
		{"a refund's result", id + "/transaction", proof, json, strings.Replace(approvalOf(session, ref), `"P"`, `"R"`, 1), 422, "invalid"},
		{"a web page", id + "/transaction", proof, "text/html", "<html><body>Bad Gateway</body></html>", 422, "invalid"},
		{"nothing", id + "/display", proof, json, "", 422, "invalid"},
		{"an empty object", id + "/transaction", proof, json, "{}", 422, "invalid"},
		{"half an object", id + "/transaction", proof, json, `{"SessionId":"` + session, 422, "invalid"},
		{"a list", id + "/transaction", proof, json, "[]", 422, "invalid"},
		{"null", id + "/transaction", proof, json, "null", 422, "invalid"},
		{"2 MB", id + "/display", proof, json, big, 413, "too_large"},
		{"2 MB from a stranger", id + "/display", "", json, big, 413, "too_large"},
		{"400 kB from the provider", id + "/display", proof, json, big[:400<<10], 413, "too_large"},
	} {
		t.Run(one.name, func(t *testing.T) {
			got := s.call(t, one.path, one.proof, one.kind, one.body)
			got.refused(one.status, one.code, "")
			if diff := cmp.Diff(before, s.row(id)); diff != "" {
				t.Errorf("the payment changed:\n%s", diff)
			}
			if diff := cmp.Diff(rows, s.dump(t).counts()); diff != "" {
				t.Errorf("something was stored:\n%s", diff)
			}
		})
	}
	if text := s.Log.String() + s.Tape.String(); strings.Contains(text, proof) || strings.Contains(text, "what-only-the-provider-knows") {
		t.Error("the proof is in the log or in an answer")
	}
	s.lawful()
}

// A callback shows and rings; it never decides. Here the provider's own answer
// is that the customer has not even tapped.
func TestApprovalByCallbackAloneApprovesNothing(t *testing.T) {
	t.Parallel()
	s, id, session := waiting(t)
	got := s.call(t, id+"/display", proof, "application/json", displayOf(session, "HELLO OPERATOR"))
	if got.Status != http.StatusOK || len(got.Body) != 0 {
		t.Fatalf("a good callback is answered %d %s", got.Status, got.Body)
	}
	if lines, _ := s.show(id).at("display", "lines").([]any); len(lines) == 0 || lines[0] != "HELLO OPERATOR" {
		t.Errorf("the display shows %v", lines)
	}
	if got := s.call(t, id+"/transaction", proof, "application/json", approvalOf(session, s.row(id).TxnRef)); got.Status != http.StatusOK {
		t.Fatalf("answered %d %s", got.Status, got.Body)
	}
	if p := s.show(id); p.Text("state") != "sent" || p["approved"] != nil {
		t.Errorf("on a callback's word alone the payment is %s", p.Text("state"))
	}
	s.Terminal.Auto(linklysim.AutoConfig{Card: "nofunds"})
	p := s.AwaitPayment(s.cashier, id, "declined")
	if alerts := p.List("alerts"); len(alerts) != 1 || alerts[0].Text("code") != "contradiction" {
		t.Errorf("that two things were said raises %v", alerts)
	}
	s.honest()
}

// Letters, order and number of callbacks promise nothing.
func TestCallbacksMayComeDoubledAndLate(t *testing.T) {
	t.Parallel()
	s, id, session := waiting(t)
	s.Terminal.Auto(linklysim.AutoConfig{})
	s.Await("our own question is answered", func() bool { // the provider's callbacks carry the old proof
		return act(s.cashier, id, "check", nil).Want(http.StatusAccepted).Text("state") == "approved"
	})
	s.awaitWriteBacks(s.cashier, id)
	before := s.show(id)
	for range 2 {
		for path, body := range map[string]string{
			"/transaction": approvalOf(session, s.row(id).TxnRef), "/display": displayOf(session, "LATE"),
			"/Display": strings.ToLower(displayOf(session, "LATE")),
		} {
			if got := s.call(t, id+path, proof, "application/json", body); got.Status != http.StatusOK {
				t.Errorf("%s: %d %s", path, got.Status, got.Body)
			}
		}
	}
	if diff := cmp.Diff(before, s.show(id)); diff != "" {
		t.Errorf("late callbacks changed the payment:\n%s", diff)
	}
	s.told(t)
	s.honest()
}
