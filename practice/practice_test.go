package practice

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"receivepayment/payments"
)

// at is a terminal whose clock stands so long after a payment was sent.
func at(since time.Duration, p *payments.Payment) *Gateway {
	sent := time.Date(2026, 11, 21, 10, 0, 0, 0, time.UTC)
	p.SentAt = &sent
	return &Gateway{Clock: func() time.Time { return sent.Add(since) }, Beat: time.Second}
}

func sale(scenario string) payments.Payment {
	return payments.Payment{
		ID: "p_1", Kind: payments.Purchase, Method: scenario, Provider: payments.PracticeProvider,
		Amount: 18700, Currency: "AUD", TxnRef: "B24K7Q2M9X4T1A01",
	}
}

// TestEachScenarioAnswersFromTheClockAlone: what is asked after a restart, by
// whichever process, gets the answer that it would have got before.
func TestEachScenarioAnswersFromTheClockAlone(t *testing.T) {
	t.Parallel()
	for scenario, want := range map[string]map[time.Duration]string{
		Approved:    {0: "pending", 4 * time.Second: "pending", 5 * time.Second: "approved", 48 * time.Hour: "approved"},
		Declined:    {4 * time.Second: "pending", 5 * time.Second: "declined"},
		Signature:   {10 * time.Second: "pending", 65 * time.Second: "declined"},
		Cancelled:   {3 * time.Second: "pending", 4 * time.Second: "cancelled"},
		Slow:        {44 * time.Second: "pending", 45 * time.Second: "approved"},
		Offline:     {0: "absent"},
		LostAnswer:  {4 * time.Second: "pending", 5 * time.Second: "nothing", 209 * time.Second: "nothing", 210 * time.Second: "approved"},
		NeverSaying: {4 * time.Second: "pending", 5 * time.Second: "nothing", 48 * time.Hour: "nothing"},
	} {
		got := map[time.Duration]string{}
		for since := range want {
			p := sale(scenario)
			got[since] = wordOf(at(since, &p).Ask(t.Context(), p))
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", scenario, diff)
		}
	}
	if unknown := payments.DefaultTiming().UnknownAfter; found*time.Second <= unknown {
		t.Errorf("a lost answer is found before anybody is told that it is not known, which takes %s", unknown)
	}
	if n := len(Scenarios()); n != 8 {
		t.Errorf("%d scenarios, and this test has 8", n)
	}
}

func wordOf(a payments.Answer, err error) string {
	switch {
	case err != nil:
		return "nothing"
	case a.Result == nil:
		return string(a.Kind)
	case a.Result.Success:
		return "approved"
	case a.Result.CancelledByKey:
		return "cancelled"
	}
	return "declined"
}

// TestAKeyThatWasPressedIsRememberedWithThePayment, and nowhere else.
func TestAKeyThatWasPressedIsRememberedWithThePayment(t *testing.T) {
	t.Parallel()
	p := sale(Approved)
	g := at(time.Hour, &p)
	told := resultOf(p, stopped)
	p.Told = &told
	if got := wordOf(g.Ask(t.Context(), p)); got != "cancelled" {
		t.Errorf("asked after a cancel, it says %s", got)
	}
	p.Told = nil
	if err := g.Press(t.Context(), p, payments.KeyCancel, ""); !errors.Is(err, errOver) {
		t.Errorf("a cancel long after the outcome: %v", err)
	}
}

// TestAnOfflineTerminalCertainlyStartsNothing.
func TestAnOfflineTerminalCertainlyStartsNothing(t *testing.T) {
	t.Parallel()
	p := sale(Offline)
	if err := at(0, &p).Begin(t.Context(), p, ""); !errors.Is(err, payments.ErrNotStarted) {
		t.Errorf("begin: %v", err)
	}
}

// TestEverySlipSaysTwiceThatItIsPractice, fits the paper, and is the same
// whenever it is made.
func TestEverySlipSaysTwiceThatItIsPractice(t *testing.T) {
	t.Parallel()
	p := sale(Approved)
	at(0, &p)
	for _, o := range []outcome{paid, refused, stopped, unsigned} {
		slips := resultOf(p, o).Receipts
		if len(slips) == 0 {
			t.Errorf("outcome %d prints nothing", o)
		}
		for _, r := range slips {
			if n := strings.Count(r.Text, "*** PRACTICE ***"); n != 2 {
				t.Errorf("a slip says %d times that it is practice:\n%s", n, r.Text)
			}
			for _, line := range strings.Split(r.Text, "\n") {
				if len(line) > slipWidth {
					t.Errorf("wider than the paper: %q", line)
				}
			}
		}
		if diff := cmp.Diff(slips, resultOf(p, o).Receipts); diff != "" {
			t.Error(diff)
		}
	}
}
