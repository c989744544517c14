package stack

import (
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"receivepayment/cmd/app/house"
	linklysim "receivepayment/linkly/sim"
	"receivepayment/pairing"
	"receivepayment/secrets"
)

// rotate is what `app keys rotate` does, as another process with its own
// reading of the key file.
func (s *shop) rotate() *pairing.Vault {
	s.t.Helper()
	keys, err := secrets.Load("file:" + filepath.Join(s.Config.DataDir, "keys"))
	if err != nil {
		s.t.Fatal(err)
	}
	if _, err := keys.Rotate(); err != nil {
		s.t.Fatal(err)
	}
	return &pairing.Vault{DB: s.House.DB, Keys: keys, Log: slog.New(slog.DiscardHandler)}
}

// The keys change while customers pay: a new one seals, everything is sealed
// anew beside the running sales, the old one is taken away, and no payment
// notices.
func TestKeysAreRotatedWhileCustomersPay(t *testing.T) {
	t.Parallel()
	eachShop(t, func(t *testing.T, s *shop) {
		s.Terminal.Auto(linklysim.AutoConfig{})
		pay := func(i int) {
			doc := s.invoice(fmt.Sprintf("i-%d", i), "1.00")
			p := s.AwaitPayment(s.cashier, s.taken(s.order(fmt.Sprintf("p-%d", i), doc, "1.00")), "approved")
			if attempts := len(p.List("history")); attempts == 0 {
				t.Error("a payment without a history")
			}
		}
		const sales = 7
		for i := range sales {
			pay(i)
			if i%3 != 0 {
				continue
			}
			old := s.House.Vault.Keys.Primary()
			going := s.taken(s.order(fmt.Sprintf("q-%d", i), s.invoice(fmt.Sprintf("j-%d", i), "2.00"), "2.00"))
			v := s.rotate()
			moved, lost, err := v.Reseal(t.Context())
			if err != nil || lost > 0 || moved == 0 {
				t.Fatalf("moved %d, lost %d: %v", moved, lost, err)
			}
			counts, err := v.Count(t.Context())
			if err != nil || len(counts) == 0 {
				t.Fatalf("nothing is sealed: %v", err)
			}
			s.AwaitPayment(s.cashier, going, "approved")
			s.Enter(15, "DEFAULT", 0) // seals a token with whatever key the running house holds
			// The house has met the new key by now: it opened the terminal's secret.
			if got := s.House.Vault.Keys.Primary(); got == old {
				t.Error("the running house has not met the new key")
			}
			if _, _, err := v.Reseal(t.Context()); err != nil {
				t.Fatal(err)
			}
			if counts, err = v.Count(t.Context()); err != nil || counts[old] > 0 {
				t.Fatalf("%d values are still sealed with the old key: %v", counts[old], err)
			}
			if err := v.Keys.Retire(old); err != nil {
				t.Fatal(err)
			}
		}
		s.honest() // before the restart: an event that meets a closed door is no fault of the keys
		s.Restart()
		s.Terminal.Auto(linklysim.AutoConfig{})
		s.Enter(Cashier, "CRM_DEAL_DETAIL_TAB", 512)
		s.cashier = s.Enter(Cashier, "CRM_DEAL_DETAIL_TAB", 512)
		pay(sales)
	})
}

func TestWithoutItsKeyTheProductDoesNotStartAndSaysWhy(t *testing.T) {
	t.Parallel()
	s := openShop(t, Options{})
	s.stop()
	keyFile := filepath.Join(s.Config.DataDir, "keys")
	kept, err := os.ReadFile(keyFile) // #nosec G304 -- the test's own folder
	if err != nil {
		t.Fatal(err)
	}
	other, err := secrets.Generate()
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(keyFile, []byte(other), 0o600); err != nil {
		t.Fatal(err)
	}
	if h, err := house.Open(t.Context(), s.Config, slog.New(slog.DiscardHandler)); !errors.Is(err, pairing.ErrKeysLost) ||
		!strings.Contains(err.Error(), "app keys lost") {
		if err == nil {
			h.Close()
		}
		t.Fatalf("started with a strange key: %v", err)
	}

	// The key is lost for good: everything asks to be paired and opened again, and heals so.
	d, keys, err := house.Store(t.Context(), s.Config)
	if err != nil {
		t.Fatal(err)
	}
	if err := (&pairing.Vault{DB: d, Keys: keys, Log: slog.New(slog.DiscardHandler)}).GiveUp(t.Context()); err != nil {
		t.Fatal(err)
	}
	_ = d.Close()
	s.Run()
	s.admin, s.cashier = s.Install(), s.Enter(Cashier, "CRM_DEAL_DETAIL_TAB", 512)
	card := s.admin.Do(http.MethodGet, "/api/v1/terminals/"+s.terminal, nil).Want(http.StatusOK)
	if card.Text("status") != "attention" || !strings.Contains(card.Text("statusReason"), "Pair the terminal again") {
		t.Errorf("the terminal is %s: %s", card.Text("status"), card.Text("statusReason"))
	}
	s.send(s.order("p-1", s.invoice("i-1", "10.00"), "10.00")).refused(409, "not_paired", "")
	s.admin.Do(http.MethodPost, "/api/v1/terminals/"+s.terminal+"/pair", Object{
		"username": "demo", "password": "demo", "pairCode": s.Terminal.NewPairCode(),
	}).Want(http.StatusOK)
	s.awaitTerminal("ready")
	s.paid(s.order("p-1", s.invoice("i-1", "10.00"), "10.00"))
	if strings.Contains(s.Log.String(), strings.TrimSpace(string(kept))) {
		t.Error("the log holds the keyset")
	}
}
