package linkly_test

import (
	"errors"
	"strings"
	"testing"

	"receivepayment/linkly"
)

func asError(err error, target **linkly.Error) bool { return errors.As(err, target) }

func TestBeginRefusesWhatLinklyWouldRefuseAndSendsNothing(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name   string
		change func(session *string, tx *linkly.Transaction, n *linkly.Notify)
	}{
		{"session without hyphens", func(s *string, _ *linkly.Transaction, _ *linkly.Notify) { *s = strings.ReplaceAll(*s, "-", "") }},
		{"session in upper case", func(s *string, _ *linkly.Transaction, _ *linkly.Notify) { *s = strings.ToUpper(*s) }},
		{"session that is no version 4", func(s *string, _ *linkly.Transaction, _ *linkly.Notify) {
			*s = "3b1c0f6e-7a40-1f9f-8a51-0f5a6f0c2b11"
		}},
		{"session that is a path", func(s *string, _ *linkly.Transaction, _ *linkly.Notify) { *s = "../../v1" }},
		{"no type", func(_ *string, tx *linkly.Transaction, _ *linkly.Notify) { tx.Type = "" }},
		{"type that we do not send", func(_ *string, tx *linkly.Transaction, _ *linkly.Notify) { tx.Type = "A" }},
		{"cash-out that buys something", func(_ *string, tx *linkly.Transaction, _ *linkly.Notify) { tx.Type, tx.AmtCash = "C", 100 }},
		{"cash-out of nothing", func(_ *string, tx *linkly.Transaction, _ *linkly.Notify) { tx.Type, tx.AmtPurchase = "C", 0 }},
		{"tip that is fixed and asked for", func(_ *string, tx *linkly.Transaction, _ *linkly.Notify) { tx.EnableTip, tx.PAD.TIP = true, 100 }},
		{"negative tip", func(_ *string, tx *linkly.Transaction, _ *linkly.Notify) { tx.PAD.TIP = -1 }},
		{"choices of a tip that nobody asks for", func(_ *string, tx *linkly.Transaction, _ *linkly.Notify) { tx.PAD.TipChoices = []int{5} }},
		{"four choices of a tip", func(_ *string, tx *linkly.Transaction, _ *linkly.Notify) {
			tx.EnableTip, tx.PAD.TipChoices = true, []int{5, 10, 15, 20}
		}},
		{"tip of a hundred percent", func(_ *string, tx *linkly.Transaction, _ *linkly.Notify) {
			tx.EnableTip, tx.PAD.TipChoices = true, []int{100}
		}},
		{"surcharge rule for one digit", func(_ *string, tx *linkly.Transaction, _ *linkly.Notify) { surcharge(tx, "4", 150, 0) }},
		{"surcharge rule for letters", func(_ *string, tx *linkly.Transaction, _ *linkly.Notify) { surcharge(tx, "4x", 150, 0) }},
		{"surcharge of nothing", func(_ *string, tx *linkly.Transaction, _ *linkly.Notify) { surcharge(tx, "41", 0, 0) }},
		{"surcharge of a hundred percent", func(_ *string, tx *linkly.Transaction, _ *linkly.Notify) { surcharge(tx, "41", 10000, 0) }},
		{"surcharge by rate and amount", func(_ *string, tx *linkly.Transaction, _ *linkly.Notify) { surcharge(tx, "41", 150, 50) }},
		{"refund with a surcharge", func(_ *string, tx *linkly.Transaction, _ *linkly.Notify) { *tx = refund(); surcharge(tx, "41", 150, 0) }},
		{"refund by telephone", func(_ *string, tx *linkly.Transaction, _ *linkly.Notify) {
			*tx = refund()
			tx.PanSource = linkly.CardNotPresent
		}},
		{"no reference", func(_ *string, tx *linkly.Transaction, _ *linkly.Notify) { tx.TxnRef = "" }},
		{"long reference", func(_ *string, tx *linkly.Transaction, _ *linkly.Notify) { tx.TxnRef = "B24K7Q2M9X4T1A012" }},
		{"lower-case reference", func(_ *string, tx *linkly.Transaction, _ *linkly.Notify) { tx.TxnRef = "b24" }},
		{"reference with a line end", func(_ *string, tx *linkly.Transaction, _ *linkly.Notify) { tx.TxnRef = "B24\n" }},
		{"nothing to pay", func(_ *string, tx *linkly.Transaction, _ *linkly.Notify) { tx.AmtPurchase = 0 }},
		{"negative amount", func(_ *string, tx *linkly.Transaction, _ *linkly.Notify) { tx.AmtPurchase = -1 }},
		{"amount of ten digits", func(_ *string, tx *linkly.Transaction, _ *linkly.Notify) { tx.AmtPurchase = 1_000_000_000 }},
		{"negative cash", func(_ *string, tx *linkly.Transaction, _ *linkly.Notify) { tx.AmtCash = -1 }},
		{"cash of ten digits", func(_ *string, tx *linkly.Transaction, _ *linkly.Notify) { tx.AmtCash = 1_000_000_000 }},
		{"no currency", func(_ *string, tx *linkly.Transaction, _ *linkly.Notify) { tx.Currency = "" }},
		{"currency in lower case", func(_ *string, tx *linkly.Transaction, _ *linkly.Notify) { tx.Currency = "aud" }},
		{"card keyed at the POS", func(_ *string, tx *linkly.Transaction, _ *linkly.Notify) { tx.PanSource = "K" }},
		{"refund with cash", func(_ *string, tx *linkly.Transaction, _ *linkly.Notify) { *tx = refund(); tx.AmtCash = 1 }},
		{"refund without its purchase", func(_ *string, tx *linkly.Transaction, _ *linkly.Notify) { *tx = refund(); tx.PAD.RFN = " " }},
		{"refund with an endless RFN", func(_ *string, tx *linkly.Transaction, _ *linkly.Notify) {
			*tx = refund()
			tx.PAD.RFN = strings.Repeat("6", 129)
		}},
		{"purchase with an RFN", func(_ *string, tx *linkly.Transaction, _ *linkly.Notify) { tx.PAD.RFN = "1" }},
		{"sale id that is no uuid", func(_ *string, tx *linkly.Transaction, _ *linkly.Notify) { tx.PAD.UID = "17" }},
		{"negative total", func(_ *string, tx *linkly.Transaction, _ *linkly.Notify) { tx.PAD.AMT = -4250 }},
		{"matrix of three digits", func(_ *string, tx *linkly.Transaction, _ *linkly.Notify) { tx.PAD.PCM = "000" }},
		{"extra tag in lower case", func(_ *string, tx *linkly.Transaction, _ *linkly.Notify) { extra(tx, "tpo", "1") }},
		{"extra tag that is ours", func(_ *string, tx *linkly.Transaction, _ *linkly.Notify) { extra(tx, "NME", "Other") }},
		{"extra tag with a line end", func(_ *string, tx *linkly.Transaction, _ *linkly.Notify) { extra(tx, "PLB", "1\n2") }},
		{"extra tag without end", func(_ *string, tx *linkly.Transaction, _ *linkly.Notify) {
			extra(tx, "PLB", strings.Repeat("1", 1000))
		}},
		{"no address", func(_ *string, _ *linkly.Transaction, n *linkly.Notify) { *n = linkly.Notify{} }},
		{"plain address", func(_ *string, _ *linkly.Transaction, n *linkly.Notify) { n.URI = "http://pay.example.com/n" }},
		{"address without a host", func(_ *string, _ *linkly.Transaction, n *linkly.Notify) { n.URI = "/linkly/notify" }},
		{"address that is none", func(_ *string, _ *linkly.Transaction, n *linkly.Notify) { n.URI = "https://%zz" }},
		{"callbacks that anyone may send", func(_ *string, _ *linkly.Transaction, n *linkly.Notify) { n.Authorization = "" }},
		{"header that would split", func(_ *string, _ *linkly.Transaction, n *linkly.Notify) { n.Authorization = "a\r\nb: c" }},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			c := newCloud().withTokens()
			s, tx, n := session, purchase(), notify()
			tt.change(&s, &tx, &n)

			err := c.terminal(t).Begin(t.Context(), s, tx, n)

			if err == nil || linkly.ClassOf(err) != linkly.Refused {
				t.Errorf("class %v of %v, want refused", linkly.ClassOf(err), err)
			}
			if got := c.requests(""); len(got) != 0 {
				t.Errorf("sent %+v", got)
			}
		})
	}
}

func surcharge(tx *linkly.Transaction, bin string, basisPoints, cents int64) {
	tx.PAD.Surcharge = []linkly.SurchargeRule{{BIN: bin, BasisPoints: basisPoints, Cents: cents}}
}

func extra(tx *linkly.Transaction, key, value string) {
	tx.PAD.Extra = map[string]string{key: value}
}

func TestATerminalWithoutSecretOrRegisterCallsNobody(t *testing.T) {
	t.Parallel()
	c := newCloud().withTokens()
	client := c.client(t)

	for _, tt := range []struct {
		name     string
		terminal *linkly.Terminal
		class    linkly.Class
	}{
		{"no secret", client.Terminal(" ", posID), linkly.Unpaired},
		{"no register", client.Terminal(theSecret, ""), linkly.Refused},
		{"register that is no uuid", client.Terminal(theSecret, "till-1"), linkly.Refused},
	} {
		err := tt.terminal.Begin(t.Context(), session, purchase(), notify())
		if err == nil || linkly.ClassOf(err) != tt.class {
			t.Errorf("%s: class %v of %v, want %v", tt.name, linkly.ClassOf(err), err, tt.class)
		}
	}
	if got := c.requests(""); len(got) != 0 {
		t.Errorf("sent %+v", got)
	}
}

func TestOperatorIsCutRatherThanRefused(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"":                               "",
		"17":                             "17",
		"17|Dana|K":                      "17|Dana K",
		"17|Dana\tK\x00":                 "17|Dana K",
		"17|Zoë Иванова":                 "17|Zoë Иванова",
		"17|" + strings.Repeat("é", 100): "17|" + strings.Repeat("é", 61),
	} {
		c := newCloud().withTokens().on("POST", beginURL, answer{202, ""})
		tx := purchase()
		tx.PAD.OPR = in
		if err := c.terminal(t).Begin(t.Context(), session, tx, notify()); err != nil {
			t.Errorf("operator %q: %v", in, err)
			continue
		}
		body := c.requests("/v1/sessions/")[0].Body
		if want != "" && !strings.Contains(body, `{"OPR":"`+want+`","AMT"`) {
			t.Errorf("operator %q went out as %s", in, body)
		}
		if want == "" && strings.Contains(body, "OPR") {
			t.Errorf("empty operator went out: %s", body)
		}
	}
}
