package pairing

import (
	"context"
	"fmt"

	"gorm.io/gorm"

	"receivepayment/audit"
	"receivepayment/payments"
)

// Device is how a Kayaaku device is set up. The merchant's key is not read
// back: HasKey only says that there is one.
type Device struct {
	KayaakuSettings
	TerminalID, Name string
	HasKey           bool
}

// Device reads how a Kayaaku device is set up.
func (s *Terminals) Device(ctx context.Context, portalID, id string) (Device, error) {
	t, err := s.deviceOf(ctx, portalID, id)
	if err != nil {
		return Device{}, err
	}
	k, err := s.Kayaaku.settings(ctx, t.ID, t.PairingID)
	if err != nil {
		return Device{}, err
	}
	d := Device{KayaakuSettings: k, TerminalID: t.ID, Name: t.Name, HasKey: k.PrivateKey != ""}
	d.PrivateKey = ""
	return d, nil
}

// ChangeDevice replaces how a Kayaaku device is set up and has it proven anew.
// A key that is left out stays. It is refused with a [payments.Conflict] while a
// payment is under way, and the way to the device does not change while the
// outcome of one is open: it has to be asked for where it went.
func (s *Terminals) ChangeDevice(ctx context.Context, portalID, id string, k KayaakuSettings) error {
	t, err := s.deviceOf(ctx, portalID, id)
	if err != nil {
		return err
	}
	old, err := s.Kayaaku.settings(ctx, t.ID, t.PairingID)
	if err != nil {
		return err
	}
	if k.PrivateKey == "" {
		k.PrivateKey = old.PrivateKey
	}
	if k, err = k.checked(); err != nil {
		return err
	}
	if err := s.sameWay(ctx, t, old, k); err != nil {
		return err
	}
	row, err := s.rekeyed(t, old, k)
	if err != nil {
		return err
	}
	err = s.DB.InTx(ctx, func(tx *gorm.DB) error { return s.storeChange(tx, t, k, row) })
	if err != nil {
		return fmt.Errorf("change device %s: %w", t.ID, err)
	}
	s.enqueue(ctx, t.ID)
	s.Bell.Ring(ctx, t.ID)
	return nil
}

func (s *Terminals) deviceOf(ctx context.Context, portalID, id string) (Terminal, error) {
	t, err := find(s.DB.WithContext(ctx), portalID, id)
	if err != nil {
		return t, err
	}
	if t.Provider != KayaakuProvider || t.Status == Retired {
		return t, payments.Invalid("terminal", "This is no Kayaaku device in use.")
	}
	return t, nil
}

func (s *Terminals) sameWay(ctx context.Context, t Terminal, old, k KayaakuSettings) error {
	if old.Transport == k.Transport {
		return nil
	}
	open, err := s.Payments.OpenOn(ctx, t.ID)
	if err != nil {
		return err
	}
	if open > 0 {
		return payments.Invalid("transport", "A payment of this device is still open. Change the way when its result is known.")
	}
	return nil
}

// rekeyed is the pairing that follows when the merchant's key changes, nil when
// it stays. Payments keep the pairing that they were sent with.
func (s *Terminals) rekeyed(t Terminal, old, k KayaakuSettings) (*pairingRow, error) {
	if old.PrivateKey == k.PrivateKey {
		return nil, nil //nolint:nilnil // nothing follows
	}
	row, err := s.seal(t.ID, k.PrivateKey)
	return &row, err
}

func (s *Terminals) storeChange(tx *gorm.DB, t Terminal, k KayaakuSettings, row *pairingRow) error {
	if err := s.Payments.HoldIn(tx, proving(t), proveHold); err != nil {
		return err
	}
	if err := k.store(tx, t.ID); err != nil {
		return err
	}
	now := s.Clock()
	if row != nil {
		if err := succeed(tx, t, *row, now); err != nil {
			return fmt.Errorf("replace the pairing: %w", err)
		}
	}
	facts := Terminal{Facts: k.facts(t.Facts)}
	if err := tx.Model(&Terminal{}).Where("id = ?", t.ID).Select("Facts").Updates(&facts).Error; err != nil {
		return fmt.Errorf("store facts: %w", err)
	}
	if err := proveFrom(tx, t.ID, now); err != nil {
		return fmt.Errorf("have it proven: %w", err)
	}
	return s.audit(tx, t, audit.TerminalChanged, t.Name+": device")
}
