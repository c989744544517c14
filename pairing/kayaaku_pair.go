package pairing

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"gorm.io/gorm"

	"receivepayment/audit"
	"receivepayment/db"
	"receivepayment/kayaaku"
	"receivepayment/payments"
)

// KayaakuCard is what a Kayaaku device's card shows besides.
type KayaakuCard struct {
	Transport string
	HasHost   bool // enquiries and refunds can be made
	// Of the till's bridge; empty for a device that the host reaches.
	Paired  bool
	Offline string // why the bridge cannot take a payment now
	Version string
	System  string
	Port    string
	SeenAt  *time.Time
}

// checkedKayaaku is [NewTerminal.checked] for a Kayaaku device, which takes
// ringgit only (reference kayaaku 3.2).
func (n NewTerminal) checkedKayaaku() (NewTerminal, error) {
	if n.Currency == "" {
		n.Currency = kayaaku.MYR
	}
	if n.Currency = strings.ToUpper(n.Currency); n.Currency != kayaaku.MYR {
		return n, payments.Invalid("currency", "A Kayaaku device takes MYR only.")
	}
	var err error
	n.Kayaaku, err = n.Kayaaku.checked()
	return n, err
}

// secret is what is sealed with a pairing: the provider's secret, or the
// merchant's key for Finexus' host.
func (s *Terminals) secret(ctx context.Context, t *Terminal, n NewTerminal) (string, error) {
	if n.Provider != KayaakuProvider {
		return s.Linkly.secret(ctx, *t, n.Credentials)
	}
	t.Facts = n.Kayaaku.facts(t.Facts)
	if n.Kayaaku.PrivateKey == "" {
		return noKey, nil
	}
	return n.Kayaaku.PrivateKey, nil
}

// storeKayaaku keeps a device's settings and makes its bridge's first code.
func (s *Terminals) storeKayaaku(ctx context.Context, tx *gorm.DB, t Terminal, n NewTerminal) (string, error) {
	if n.Provider != KayaakuProvider {
		return "", nil
	}
	if err := n.Kayaaku.store(tx, t.ID); err != nil {
		return "", err
	}
	if n.Kayaaku.Transport != USBBridge {
		return "", nil
	}
	return s.Kayaaku.newCode(ctx, tx, t.ID)
}

// BridgeCode makes a new one-time code for the bridge of a device. The bridge
// in force stays until the code is used.
func (s *Terminals) BridgeCode(ctx context.Context, portalID, id string) (Card, error) {
	t, err := s.kayaakuOf(ctx, portalID, id)
	if err != nil {
		return Card{}, err
	}
	code := ""
	err = s.DB.InTx(ctx, func(tx *gorm.DB) (err error) {
		if code, err = s.Kayaaku.newCode(ctx, tx, id); err != nil {
			return err
		}
		return s.audit(tx, t, audit.TerminalChanged, t.Name+": code for a bridge")
	})
	if err != nil {
		return Card{}, err
	}
	card, err := s.Get(ctx, portalID, "", id)
	card.Code = code
	return card, err
}

// RevokeBridge takes the token of a device's bridge away.
func (s *Terminals) RevokeBridge(ctx context.Context, portalID, id string) error {
	t, err := s.kayaakuOf(ctx, portalID, id)
	if err != nil {
		return err
	}
	err = s.DB.InTx(ctx, func(tx *gorm.DB) error {
		if err := revokeIn(tx, t.ID); err != nil {
			return err
		}
		return s.audit(tx, t, audit.TerminalChanged, t.Name+": bridge revoked")
	})
	if err != nil {
		return err
	}
	s.Bell.Ring(ctx, bridgeBell(t.ID))
	s.Bell.Ring(ctx, t.ID)
	return nil
}

func (s *Terminals) kayaakuOf(ctx context.Context, portalID, id string) (Terminal, error) {
	t, err := find(s.DB.WithContext(ctx), portalID, id)
	if err != nil {
		return t, err
	}
	var row deviceRow
	err = s.DB.WithContext(ctx).Where("terminal_id = ? AND transport = ?", id, USBBridge).Take(&row).Error
	if errors.Is(db.NotFound(err), db.ErrNotFound) || t.Status == Retired {
		return t, payments.Invalid("terminal", "This terminal has no bridge at the till.")
	}
	return t, err
}

// kayaakuCard adds what is known of the way to the device. A terminal that is
// ready and whose bridge is away is shown as such before anybody tries.
func (s *Terminals) kayaakuCard(ctx context.Context, c *Card) error {
	var row deviceRow
	if err := s.DB.WithContext(ctx).Where("terminal_id = ?", c.ID).Take(&row).Error; err != nil {
		return fmt.Errorf("read device %s: %w", c.ID, err)
	}
	features := c.Facts.Features
	c.Kayaaku = &KayaakuCard{Transport: row.Transport, HasHost: slices.Contains(features, "enquiry")}
	if row.Transport != USBBridge {
		return nil
	}
	b, err := s.Kayaaku.bridge(ctx, c.ID)
	if err != nil {
		return err
	}
	c.Kayaaku.Paired, c.Kayaaku.Offline = b.TokenHash != "", b.offline(s.Clock())
	c.Kayaaku.Version, c.Kayaaku.System, c.Kayaaku.Port, c.Kayaaku.SeenAt = b.Version, b.System, b.Port.Path, b.SeenAt
	if c.Status == Ready && c.Kayaaku.Offline != "" {
		c.Status, c.StatusReason = Attention, c.Kayaaku.Offline
	}
	return nil
}

// away reports whether the way to a device is broken now.
func (k *Kayaaku) away(ctx context.Context, t Terminal) bool {
	var row deviceRow
	if err := k.DB.WithContext(ctx).Where("terminal_id = ?", t.ID).Take(&row).Error; err != nil {
		return true
	}
	return row.Transport == USBBridge && k.bridgeOffline(ctx, t.ID) != ""
}

// proveKayaaku waits for the bridge and its port, and asks the host, where one
// is configured, a question that only a good key and login get answered.
func (s *Terminals) proveKayaaku(ctx context.Context, t Terminal) error {
	settings, err := s.Kayaaku.settings(ctx, t.ID, t.PairingID)
	if err != nil {
		return err
	}
	if settings.Transport == USBBridge {
		if why := s.Kayaaku.bridgeOffline(ctx, t.ID); why != "" {
			if t.ProveFrom != nil && s.Clock().Sub(*t.ProveFrom) > codeFor {
				return s.conclude(ctx, t, Attention, "", why)
			}
			return s.later(ctx, t, proveAgain)
		}
	}
	if settings.hasHost() {
		if ok, why := s.Kayaaku.probe(ctx, settings); !ok {
			return s.conclude(ctx, t, Attention, "", why)
		}
	}
	return s.conclude(ctx, t, Ready, "", "")
}

// payable are the features as a payment must know them: what a Kayaaku device
// can only void is a refund to everybody else, and [Terminals.CanRefund] says
// what of it can be.
func (t Terminal) payable() []string {
	f := t.Facts.Features
	if t.Provider == KayaakuProvider && slices.Contains(f, "void") && !slices.Contains(f, "refund") {
		f = append(slices.Clone(f), "refund")
	}
	return f
}

// CheckMethod refuses a way of paying that the terminal does not have. Empty
// is always right: the terminal decides, and a Kayaaku device takes a card.
func (t Terminal) CheckMethod(method string) error {
	if t.Practice() {
		return checkScenario(method)
	}
	if method == "" || (t.Provider == KayaakuProvider && slices.Contains(t.Facts.Features, method)) {
		return nil
	}
	return payments.Invalid("method", "This terminal does not offer it.")
}
