package pairing

import (
	"context"
	"errors"
	"fmt"
	"time"

	"receivepayment/db"
	"receivepayment/kayaaku"
	"receivepayment/payments"
)

// way is how money goes back (reference kayaaku 4.5).
type way string

const (
	voidByCable  way = "void over the cable"
	voidByHost   way = "void by the host"
	refundByHost way = "refund by the host"
)

// wayBack chooses: a card sale is voided whole on its own day before
// settlement; everything else is refunded by the host.
func (k *Kayaaku) wayBack(ctx context.Context, sale payments.Payment, of kayaaku.References, amount int64, settings KayaakuSettings) (way, error) {
	if k.voidable(sale, amount, settings) && !k.reversed(ctx, sale.ID) {
		if settings.Transport == USBBridge && of.STAN != "" && of.AuthIDResp != "" && of.RRN != "" && of.MRN != "" {
			return voidByCable, nil
		}
		if settings.Transport == HTTPSigned && of.HTR != "" && settings.MID != "" {
			return voidByHost, nil
		}
	}
	switch {
	case !settings.hasHost() || settings.MID == "":
		return "", payments.Invalid("terminal", "This can only be refunded through Finexus' host, which is not configured for this device. Refund it on the device.")
	case of.HTR == "":
		return "", payments.Invalid("terminal", "The sale came back without the host's reference (HTR), so it cannot be refunded from here. Refund it on the device.")
	}
	return refundByHost, nil
}

// voidable: QR payments never are (reference kayaaku 3.1).
func (k *Kayaaku) voidable(sale payments.Payment, amount int64, settings KayaakuSettings) bool {
	if sale.Entry == "qr" || methodOf(sale.Method).QR() || sale.DecidedAt == nil || amount != sale.Collected() {
		return false
	}
	until, err := time.Parse("15:04", settings.VoidUntil)
	if err != nil {
		return false
	}
	then, now := sale.DecidedAt.In(settings.zone()), k.Clock().In(settings.zone())
	closing := time.Date(then.Year(), then.Month(), then.Day(), until.Hour(), until.Minute(), 0, 0, settings.zone())
	return then.Before(closing) && now.Before(closing)
}

// reversed reports whether part of the sale has gone back already.
func (k *Kayaaku) reversed(ctx context.Context, saleID string) bool {
	var n int64
	err := k.DB.WithContext(ctx).Model(&payments.Payment{}).
		Where("refund_of = ? AND state = ?", saleID, payments.Approved).Count(&n).Error
	return err != nil || n > 0
}

// references are what the sale's answers left behind.
func (k *Kayaaku) references(ctx context.Context, sale payments.Payment) (kayaaku.References, error) {
	of := kayaaku.References{
		TxnID: sale.TxnRef, STAN: sale.STAN, AuthIDResp: sale.AuthCode, RRN: sale.RRN, HTR: sale.Reference,
	}
	s, err := k.session(ctx, sale.ID)
	if errors.Is(err, db.ErrNotFound) {
		return of, nil
	}
	for _, r := range s.said() {
		if r.MRN != "" && r.RRN == sale.RRN {
			of.MRN = r.MRN
		}
	}
	return of, err
}

// CanRefund says why an amount of a sale cannot go back on a terminal, before
// anything is stored, or nothing. Another provider's sale never can: what names
// it there means nothing here.
func (s *Terminals) CanRefund(ctx context.Context, sale payments.Payment, t Terminal, amount int64) error {
	if sale.Provider != t.Provider && (sale.Provider != LinklyProvider || t.Provider != LinklyProvider) {
		return payments.Invalid("terminal", "Refund it on a terminal of the kind that took it.")
	}
	if t.Provider != KayaakuProvider || sale.State != payments.Approved {
		return nil // what its state forbids is said elsewhere
	}
	settings, err := s.Kayaaku.settings(ctx, t.ID, t.PairingID)
	if err != nil {
		return err
	}
	of, err := s.Kayaaku.references(ctx, sale)
	if err != nil {
		return err
	}
	_, err = s.Kayaaku.wayBack(ctx, sale, of, amount, settings)
	return err
}

// reverse sends a refund's payment on the way that its sale allows.
func (k *Kayaaku) reverse(ctx context.Context, p payments.Payment, settings KayaakuSettings) error {
	sale, err := k.Payments.Get(ctx, p.RefundOf)
	if err != nil {
		return notStarted(fmt.Errorf("read the sale: %w", err))
	}
	if sale.Provider != KayaakuProvider {
		return notStarted(errors.New("the sale is another provider's"))
	}
	of, err := k.references(ctx, sale)
	if err != nil {
		return notStarted(err)
	}
	back, err := k.wayBack(ctx, sale, of, p.Amount, settings)
	if err != nil {
		return notStarted(err)
	}
	r := kayaaku.Reversal{TxnID: p.TxnRef, Of: of, Amount: p.Amount, At: k.Clock()}
	s := session{PaymentID: p.ID, TerminalID: p.TerminalID, Kind: "void", Command: p.TxnRef, TxnID: p.TxnRef}
	switch back {
	case voidByCable:
		message, err := settings.dialect(true).CableVoid(r)
		if err != nil {
			return notStarted(err)
		}
		return k.byCable(ctx, s, message)
	case voidByHost:
		host, err := settings.host()
		if err != nil {
			return notStarted(err)
		}
		s.TxnID = host.VoidTxnID(r)
		return k.byHost(ctx, p, s, settings, func(ctx context.Context, host *kayaaku.Host, sequence string) (kayaaku.Reply, error) {
			return host.Void(ctx, r, sequence)
		})
	case refundByHost:
	}
	s.Kind = "refund"
	return k.byHost(ctx, p, s, settings, func(ctx context.Context, host *kayaaku.Host, sequence string) (kayaaku.Reply, error) {
		return host.Refund(ctx, r, sequence)
	})
}
