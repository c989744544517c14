package pairing

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"gorm.io/gorm"

	"receivepayment/db"
	"receivepayment/payments"
)

// Status is whether a terminal can be used.
type Status string

// The statuses of a terminal.
const (
	Proving   Status = "proving"   // logon and status are under way
	Ready     Status = "ready"     // proven
	Attention Status = "attention" // a person must look
	Retired   Status = "retired"   // no longer ours; kept for its history
)

// Terminal is an EFTPOS terminal of a portal. Its secret is kept apart, sealed,
// with the pairing that gave it.
type Terminal struct {
	ID             string `gorm:"primaryKey"`
	PortalID       string
	Name           string
	Provider       string
	Environment    string
	Currency       string
	Status         Status
	StatusReason   string
	StatusCode     string // what StatusReason means: Linkly's response code, or a word of ours
	Sought         string // the name in small letters, for looking it up
	GroupID        string // empty: of no group
	Shared         bool
	RegisterID     string // Linkly's posId: one per till, made once (reference linkly 3)
	PairingID      string
	Facts          Facts `gorm:"serializer:json"`
	LastSeenAt     *time.Time
	LastApprovedAt *time.Time
	LastCallbackAt *time.Time
	ProveAttempts  int
	ProveFrom      *time.Time
	CheckAt        *time.Time // the next opening check; nil: none
	DueAt          *time.Time
	CreatedAt      time.Time
	SettleAt       string // when it settles by itself, as 23:30; empty: never
	SettleZone     string
	SettleDue      *time.Time
}

// TableName is the table of terminals.
func (Terminal) TableName() string { return "terminals" }

// Facts is what the terminal says of itself. Limits are decimal text in the
// terminal's currency.
type Facts struct {
	MerchantName string   `json:"merchantName,omitempty"`
	Bank         string   `json:"bank,omitempty"`
	TerminalID   string   `json:"terminalId,omitempty"`
	MerchantID   string   `json:"merchantId,omitempty"`
	Serial       string   `json:"serial,omitempty"`
	Software     string   `json:"software,omitempty"`
	RefundLimit  string   `json:"refundLimit,omitempty"`
	CashOutLimit string   `json:"cashOutLimit,omitempty"`
	Features     []string `json:"features,omitempty"`
}

// pairingRow is one pairing: payments remember theirs, because what a later
// one answers is no proof about them.
type pairingRow struct {
	ID         string `gorm:"primaryKey"`
	TerminalID string
	Secret     string // sealed
	CreatedAt  time.Time
	EndedAt    *time.Time
}

func (pairingRow) TableName() string { return "pairings" }

// Assigned is who may use a terminal that is not shared.
type assigned struct {
	TerminalID string `gorm:"primaryKey"`
	PortalID   string
	UserID     string `gorm:"primaryKey"`
}

func (assigned) TableName() string { return "terminal_users" }

type defaultTerminal struct {
	PortalID   string `gorm:"primaryKey"`
	UserID     string `gorm:"primaryKey"`
	TerminalID string
}

func (defaultTerminal) TableName() string { return "default_terminals" }

// Refusals.
var (
	ErrNotPaired      = errors.New("the terminal is not ready: pair or test it")
	ErrForeign        = errors.New("the terminal belongs to a colleague")
	ErrPairingRefused = errors.New("the pairing was refused")
	ErrInUse          = errors.New("a payment of the terminal is still open")
)

// ForPayment is what a payment must know of the terminal.
func (t Terminal) ForPayment() payments.Terminal {
	return payments.Terminal{
		ID: t.ID, Name: t.Name, Provider: t.Provider, PairingID: t.PairingID, Currency: t.Currency, Features: t.payable(),
		CashOutLimit: t.limit(t.Facts.CashOutLimit), RefundLimit: t.limit(t.Facts.RefundLimit),
	}
}

// limit reads one of the terminal's own limits; zero when it has told none.
func (t Terminal) limit(text string) int64 {
	m, err := payments.ParseMoney(text, t.Currency)
	if err != nil {
		return 0
	}
	return m.Minor
}

// UsableBy reports whether the viewer may use the terminal: it is shared, theirs
// by name, or one of their group.
func (c Card) UsableBy(userID string) bool {
	return c.Shared || c.Mine || slices.Contains(c.Users, userID)
}

// Get reads one terminal of a portal with its card. Retired ones are found too.
func (s *Terminals) Get(ctx context.Context, portalID, userID, id string) (Card, error) {
	var t Terminal
	err := s.DB.WithContext(ctx).Where("id = ? AND portal_id = ?", id, portalID).Take(&t).Error
	if err != nil {
		return Card{}, fmt.Errorf("read terminal: %w", db.NotFound(err))
	}
	cards, err := s.cards(ctx, portalID, userID, []Terminal{t})
	if err != nil {
		return Card{}, err
	}
	return cards[0], nil
}

// forPayment are the columns that decide whether a terminal can be used, and
// those that a payment remembers.
var forPayment = []string{"ID", "PortalID", "Name", "Provider", "PairingID", "Currency", "Shared", "Status", "Facts"}

// Usable reads of a terminal what a payment by this employee needs: [db.ErrNotFound] for
// another portal's, [ErrForeign] for a colleague's, [ErrNotPaired] for one that
// is not ready.
func (s *Terminals) Usable(ctx context.Context, portalID, userID, id string, admin bool) (Terminal, error) {
	t, err := find(s.DB.WithContext(ctx).Select(forPayment), portalID, id)
	if err != nil {
		return t, err
	}
	if !t.Shared && !admin {
		mine, err := mayUse(s.DB.WithContext(ctx), portalID, id, userID)
		if err != nil {
			return t, err
		}
		if !mine {
			return t, ErrForeign
		}
	}
	if t.Status != Ready || (t.Provider == KayaakuProvider && s.Kayaaku.away(ctx, t)) {
		return t, ErrNotPaired
	}
	return t, nil
}

func find(tx *gorm.DB, portalID, id string) (Terminal, error) {
	var t Terminal
	err := tx.Where("id = ? AND portal_id = ?", id, portalID).Take(&t).Error
	if err != nil {
		return t, fmt.Errorf("read terminal: %w", db.NotFound(err))
	}
	return t, nil
}

func mayUse(tx *gorm.DB, portalID, terminalID, userID string) (bool, error) {
	var n int64
	err := usable(tx.Model(&Terminal{}).Where("terminals.id = ?", terminalID), portalID, userID).Count(&n).Error
	if err != nil {
		return false, fmt.Errorf("read who uses the terminal: %w", err)
	}
	return n > 0, nil
}

// Can reports whether the terminal said that it does this; of one that has not
// been proven nothing is known, and nothing is ruled out.
func (t Terminal) Can(feature string) bool {
	return len(t.Facts.Features) == 0 || slices.Contains(t.Facts.Features, feature)
}
