package payments

import (
	"context"
	"fmt"
	"net/mail"
	"strings"
	"time"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"

	"receivepayment/jobs"
)

// Mailing is one receipt on its way to a customer's e-mail address. Like a
// [WriteBack] it is a row of its own; package receipts sends it.
type Mailing struct {
	ID          string `gorm:"primaryKey"`
	PortalID    string
	RequestID   string
	RequestHash string
	PaymentID   string
	Slip        string // the receipt's hash
	Duplicate   bool   // the slip was handed out before
	Address     string
	State       MailingState
	Attempts    int64
	Trouble     string // why it failed, a sentence for people
	LastError   string // what the mail server said
	DueAt       *time.Time
	ByID        string
	ByName      string
	CreatedAt   time.Time
	SentAt      *time.Time
}

// TableName is the table of mailings.
func (Mailing) TableName() string { return "receipt_mailings" }

// MailingState is where a mailing stands.
type MailingState string

// The states of a mailing. Sent means that the mail server took it.
const (
	MailingWaiting MailingState = "waiting"
	MailingSent    MailingState = "sent"
	MailingFailed  MailingState = "failed"
)

// MailOrder asks for a receipt to be sent.
type MailOrder struct {
	RequestID string // names the click: the same one again sends nothing again
	Slip      string
	Address   string
	By        Person
}

// Merchant is the type of the slip that stays in the shop.
const Merchant = "merchant"

// longestAddress is what SMTP carries (RFC 5321 4.5.3.1.3, without brackets).
const longestAddress = 254

// MailReceipt stores that a slip of the payment is to be sent, and has it sent
// soon. The same request again is answered with the same mailing.
func (s *Service) MailReceipt(ctx context.Context, p Payment, o MailOrder) (Mailing, error) {
	o.Address = strings.TrimSpace(o.Address)
	m := Mailing{
		ID: newID("m_"), PortalID: p.PortalID, RequestID: o.RequestID, PaymentID: p.ID, Slip: o.Slip, Address: o.Address,
		State: MailingWaiting, ByID: o.By.ID, ByName: o.By.Name, CreatedAt: s.now(),
	}
	m.DueAt = &m.CreatedAt
	m.RequestHash = hash("mailing", p.ID, o.Slip, o.Address)
	if err := checkAddress(o.Address); err != nil {
		return m, err
	}
	err := s.db.InTx(ctx, func(tx *gorm.DB) error { return s.keepMailing(tx, &m) })
	if err != nil {
		return m, fmt.Errorf("mail a receipt of payment %s: %w", p.ID, err)
	}
	s.queue.Soon(ctx, jobs.Mailing, m.ID, func(err error) {
		s.log.WarnContext(ctx, "the janitor will send this receipt", "mailing", m.ID, "error", err)
	})
	s.bell.Ring(ctx, p.ID)
	return m, nil
}

// keepMailing adds the row, or reads the one that the same request added. The
// slip counts as handed out from then on.
func (s *Service) keepMailing(tx *gorm.DB, m *Mailing) error {
	var slip Receipt
	if err := tx.Where("payment_id = ? AND hash = ?", m.PaymentID, m.Slip).Limit(1).Find(&slip).Error; err != nil {
		return err
	}
	switch slip.Type {
	case "":
		return ErrNotFound
	case Merchant:
		return Invalid("slip", "This copy stays in the shop. Send the customer's.")
	}
	first, err := handOut(tx, m.PaymentID, m.Slip, m.CreatedAt)
	if err != nil {
		return err
	}
	m.Duplicate = !first
	added := tx.Clauses(clause.OnConflict{
		Columns: []clause.Column{{Name: "portal_id"}, {Name: "request_id"}}, DoNothing: true,
	}).Create(m)
	if added.Error != nil || added.RowsAffected == 1 {
		return added.Error
	}
	wanted := m.RequestHash
	*m = Mailing{PortalID: m.PortalID, RequestID: m.RequestID}
	if err := tx.Where("portal_id = ? AND request_id = ?", m.PortalID, m.RequestID).Take(m).Error; err != nil {
		return err
	}
	if m.RequestHash != wanted {
		return ErrRequestReused
	}
	return nil
}

// checkAddress takes one plain address that every mail server understands.
func checkAddress(text string) error {
	got, err := mail.ParseAddress(text)
	plain := err == nil && got.Address == text && len(text) <= longestAddress &&
		!strings.ContainsFunc(text, func(r rune) bool { return r <= ' ' || r > '~' })
	_, host, _ := strings.Cut(text, "@")
	if !plain || !strings.Contains(host, ".") {
		return Invalid("address", "Enter one e-mail address, like name@example.com.")
	}
	return nil
}

// mailingsOf are the mailings of a payment, oldest first.
func mailingsOf(tx *gorm.DB, paymentID string) ([]Mailing, error) {
	var rows []Mailing
	err := tx.Where("payment_id = ?", paymentID).Order("created_at, id").Find(&rows).Error
	return rows, err
}
