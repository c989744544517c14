package pairing

import (
	"context"
	"crypto/rand"
	"encoding/base32"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/bojanz/currency"
	"github.com/google/uuid"
	"gorm.io/gorm"
	"gorm.io/gorm/clause"

	"receivepayment/audit"
	"receivepayment/db"
	"receivepayment/jobs"
	"receivepayment/payments"
	"receivepayment/secrets"
)

// Terminals pairs, proves, assigns and retires terminals. Safe for concurrent
// use.
type Terminals struct {
	DB       *db.DB
	Clock    db.Clock
	Keys     *secrets.Keys
	Linkly   *Linkly
	Kayaaku  *Kayaaku
	Payments *payments.Service
	Queue    *jobs.Queue
	Bell     *jobs.Bell
	Log      *slog.Logger
}

// Credentials are what gives a secret: the provider's user name, password and
// the code that the terminal shows, or an existing secret. They are used once
// and never stored.
type Credentials struct {
	Username, Password, PairCode string
	Secret                       string
	// CodeAt is when the code was first typed, zero when nobody says: it tells an
	// expired code from a wrong one, which Linkly does not.
	CodeAt time.Time
}

// NewTerminal is what an administrator enters.
type NewTerminal struct {
	Name        string
	Provider    string
	Environment string
	Currency    string
	Credentials
	Kayaaku KayaakuSettings // of a Kayaaku device
}

// The environments of Linkly (reference linkly 1).
const (
	Sandbox    = "sandbox"
	Production = "production"
)

// LinklyProvider is the provider's name in rows and in the JSON face.
const LinklyProvider = "linkly"

// Pair gets a secret for a new terminal and stores both, all or nothing, then
// asks for the terminal to be proven. A refusal is [ErrPairingRefused].
func (s *Terminals) Pair(ctx context.Context, portalID string, n NewTerminal) (Card, error) {
	n, err := n.checked()
	if err != nil {
		return Card{}, err
	}
	now := s.Clock()
	t := Terminal{
		ID: newID("t_"), PortalID: portalID, Name: n.Name, Sought: strings.ToLower(n.Name), Provider: n.Provider, Environment: n.Environment,
		Currency: n.Currency, Status: Proving, Shared: true, RegisterID: uuid.NewString(),
		ProveFrom: &now, DueAt: &now, CreatedAt: now,
	}
	secret, err := s.secret(ctx, &t, n)
	if err != nil {
		return Card{}, err
	}
	row, err := s.seal(t.ID, secret)
	if err != nil {
		return Card{}, err
	}
	t.PairingID = row.ID
	card := Card{Users: []string{}}
	err = s.DB.InTx(ctx, func(tx *gorm.DB) error {
		if err := tx.Create(&t).Error; err != nil {
			return err
		}
		if err := tx.Create(&row).Error; err != nil {
			return err
		}
		if card.Code, err = s.storeKayaaku(ctx, tx, t, n); err != nil {
			return err
		}
		if err := s.reschedule(tx, portalID); err != nil {
			return err
		}
		return s.audit(tx, t, audit.TerminalPaired, t.Name+" ("+t.Provider+", "+t.Environment+")")
	})
	if err != nil {
		return Card{}, fmt.Errorf("store terminal: %w", err)
	}
	s.enqueue(ctx, t.ID)
	card.Terminal = t
	return card, nil
}

// PairAgain gives a terminal a new secret after its code was reset. It is
// always allowed; payments keep the pairing that they were sent with.
func (s *Terminals) PairAgain(ctx context.Context, portalID, id string, c Credentials) error {
	t, err := find(s.DB.WithContext(ctx), portalID, id)
	if err != nil {
		return err
	}
	if t.Provider == KayaakuProvider {
		return payments.Invalid("provider", "Ask for a new code or new settings of this Kayaaku device.")
	}
	if err := c.check(); err != nil {
		return err
	}
	secret, err := s.Linkly.secret(ctx, t, c)
	if err != nil {
		return err
	}
	row, err := s.seal(t.ID, secret)
	if err != nil {
		return err
	}
	now := s.Clock()
	err = s.DB.InTx(ctx, func(tx *gorm.DB) error {
		if err := tx.Create(&row).Error; err != nil {
			return err
		}
		err := tx.Model(&pairingRow{}).Where("id = ?", t.PairingID).Update("ended_at", now).Error
		if err != nil {
			return err
		}
		err = tx.Model(&Terminal{}).Where("id = ?", t.ID).Select("Facts").Updates(&Terminal{}).Error // it may be other hardware now
		if err != nil {
			return err
		}
		err = tx.Model(&Terminal{}).Where("id = ?", t.ID).Updates(map[string]any{
			"pairing_id": row.ID, "status": Proving, "status_reason": "", "status_code": "", "prove_attempts": 0,
			"prove_from": now, "due_at": now,
		}).Error
		if err != nil {
			return err
		}
		return s.audit(tx, t, audit.TerminalAgain, t.Name)
	})
	if err != nil {
		return fmt.Errorf("store new pairing: %w", err)
	}
	s.Linkly.forget(ctx, t)
	s.enqueue(ctx, t.ID)
	return nil
}

// audit notes what was done to a terminal, in the transaction that does it.
func (s *Terminals) audit(tx *gorm.DB, t Terminal, action audit.Action, detail string) error {
	return audit.Write(tx, s.Clock(), t.PortalID, action, t.ID, detail)
}

func (s *Terminals) seal(terminalID, secret string) (pairingRow, error) {
	row := pairingRow{ID: newID("pair_"), TerminalID: terminalID, CreatedAt: s.Clock()}
	var err error
	row.Secret, err = s.Keys.Seal(secret, secretOf(row.ID))
	return row, err
}

func secretOf(pairingID string) string { return "secret of pairing " + pairingID }

func (s *Terminals) enqueue(ctx context.Context, id string) {
	s.Bell.Ring(ctx, id)
	if err := s.Queue.Now(ctx, jobs.Prove, id); err != nil {
		s.Log.WarnContext(ctx, "the janitor will prove the terminal", "terminal", id, "error", err)
	}
}

// Change is an edit of a terminal. Nil leaves alone.
type Change struct {
	Name    *string
	Shared  *bool
	Users   *[]string
	Group   *string // a group's id; empty: none
	Default *bool   // for the person who edits
}

// Personal reports whether the change concerns only the person who makes it.
func (c Change) Personal() bool {
	return c.Name == nil && c.Shared == nil && c.Users == nil && c.Group == nil
}

// words says what was changed, for the audit.
func (c Change) words(t Terminal) string {
	words := []string{t.Name}
	if c.Name != nil {
		words = append(words, "name: "+*c.Name)
	}
	if c.Shared != nil {
		words = append(words, fmt.Sprintf("shared: %v", *c.Shared))
	}
	if c.Users != nil {
		words = append(words, "people: "+strings.Join(*c.Users, " "))
	}
	if c.Group != nil {
		words = append(words, "group: "+*c.Group)
	}
	return strings.Join(words, ", ")
}

// Update edits a terminal.
func (s *Terminals) Update(ctx context.Context, portalID, userID, id string, c Change) error {
	t, err := find(s.DB.WithContext(ctx), portalID, id)
	if err != nil {
		return err
	}
	set := map[string]any{}
	if c.Name != nil {
		name, err := checkName(*c.Name)
		if err != nil {
			return err
		}
		set["name"], set["sought"] = name, strings.ToLower(name)
	}
	if c.Shared != nil {
		set["shared"] = *c.Shared
	}
	if c.Users != nil {
		if err := checkUsers(*c.Users); err != nil {
			return err
		}
	}
	if c.Group != nil {
		if err := s.checkGroup(ctx, portalID, *c.Group); err != nil {
			return err
		}
		set["group_id"] = *c.Group
	}
	err = s.DB.InTx(ctx, func(tx *gorm.DB) error {
		if len(set) > 0 {
			if err := tx.Model(&Terminal{}).Where("id = ?", id).Updates(set).Error; err != nil {
				return err
			}
		}
		if c.Group != nil {
			if err := s.reschedule(tx, portalID); err != nil {
				return err
			}
		}
		if err := assign(tx, portalID, id, c.Users); err != nil {
			return err
		}
		if err := choose(tx, portalID, userID, id, c.Default); err != nil || c.Personal() {
			return err
		}
		return s.audit(tx, t, audit.TerminalChanged, c.words(t))
	})
	if err != nil {
		return fmt.Errorf("change terminal %s: %w", id, err)
	}
	s.Bell.Ring(ctx, id)
	return nil
}

func (s *Terminals) checkGroup(ctx context.Context, portalID, id string) error {
	if id == "" {
		return nil
	}
	_, err := s.Group(ctx, portalID, id)
	if errors.Is(err, db.ErrNotFound) {
		return payments.Invalid("group", "There is no such group.")
	}
	return err
}

func assign(tx *gorm.DB, portalID, id string, users *[]string) error {
	if users == nil {
		return nil
	}
	if err := tx.Where("terminal_id = ?", id).Delete(&assigned{}).Error; err != nil {
		return err
	}
	for _, u := range *users {
		row := assigned{TerminalID: id, PortalID: portalID, UserID: u}
		if err := tx.Clauses(clause.OnConflict{DoNothing: true}).Create(&row).Error; err != nil {
			return err
		}
	}
	return nil
}

func choose(tx *gorm.DB, portalID, userID, id string, on *bool) error {
	if on == nil {
		return nil
	}
	tx = tx.Where("portal_id = ? AND user_id = ?", portalID, userID)
	if !*on {
		return tx.Where("terminal_id = ?", id).Delete(&defaultTerminal{}).Error
	}
	if err := tx.Delete(&defaultTerminal{}).Error; err != nil {
		return err
	}
	return tx.Create(&defaultTerminal{PortalID: portalID, UserID: userID, TerminalID: id}).Error
}

// Retire takes a terminal out of use; refused with [ErrInUse] while a payment's
// outcome is open. Its name and history stay. The terminal is held meanwhile, so
// that no payment begins between the question and the answer.
func (s *Terminals) Retire(ctx context.Context, portalID, id string) error {
	t, err := find(s.DB.WithContext(ctx), portalID, id)
	if err != nil {
		return err
	}
	retiring := payments.Hold{TerminalID: t.ID, TerminalName: t.Name, ID: "retire " + t.ID, What: "retire"}
	if err := s.Payments.Hold(ctx, retiring, retireHold); err != nil {
		var payment *payments.Conflict
		if errors.As(err, &payment) {
			return ErrInUse
		}
		return err
	}
	err = s.retire(ctx, t)
	return errors.Join(err, s.Payments.LetGo(ctx, t.ID, retiring.ID))
}

const retireHold = 10 * time.Second

func (s *Terminals) retire(ctx context.Context, t Terminal) error {
	open, err := s.Payments.OpenOn(ctx, t.ID)
	if err != nil {
		return err
	}
	if open > 0 {
		return ErrInUse
	}
	err = s.DB.InTx(ctx, func(tx *gorm.DB) error {
		err := tx.Model(&Terminal{}).Where("id = ?", t.ID).
			Updates(map[string]any{"status": Retired, "due_at": nil, "check_at": nil}).Error
		if err != nil {
			return err
		}
		if err := tx.Where("terminal_id = ?", t.ID).Delete(&defaultTerminal{}).Error; err != nil {
			return err
		}
		return s.audit(tx, t, audit.TerminalRetired, t.Name)
	})
	if err != nil {
		return fmt.Errorf("retire terminal %s: %w", t.ID, err)
	}
	if t.Provider == KayaakuProvider {
		if err := s.Kayaaku.Revoke(ctx, t.ID); err != nil {
			return err
		}
	}
	s.Linkly.forget(ctx, t)
	s.Bell.Ring(ctx, t.ID)
	return nil
}

func (n NewTerminal) checked() (NewTerminal, error) {
	var err error
	if n.Name, err = checkName(n.Name); err != nil {
		return n, err
	}
	if n.Provider == "" {
		n.Provider = LinklyProvider
	}
	if n.Provider != LinklyProvider && n.Provider != KayaakuProvider {
		return n, payments.Invalid("provider", "Choose linkly or kayaaku.")
	}
	if n.Environment == "" {
		n.Environment = Production
	}
	if n.Environment != Sandbox && n.Environment != Production {
		return n, payments.Invalid("environment", "Choose sandbox or production.")
	}
	if n.Provider == KayaakuProvider {
		return n.checkedKayaaku()
	}
	if n.Currency == "" {
		n.Currency = "AUD" // Linkly's home; the wizard proposes the portal's own
	}
	n.Currency = strings.ToUpper(n.Currency)
	if !currency.IsValid(n.Currency) {
		return n, payments.Invalid("currency", "This is no ISO currency code.")
	}
	return n, n.check()
}

func (c Credentials) check() error {
	if c.Secret != "" {
		return checkText("secret", c.Secret, 4096)
	}
	for _, f := range []struct{ field, value string }{
		{"username", c.Username}, {"password", c.Password}, {"pairCode", c.PairCode},
	} {
		if err := checkText(f.field, f.value, 200); err != nil {
			return err
		}
	}
	return nil
}

func checkText(field, value string, most int) error {
	switch {
	case strings.TrimSpace(value) == "":
		return payments.Invalid(field, "Fill this in.")
	case len(value) > most:
		return payments.Invalid(field, "This is too long.")
	case strings.ContainsFunc(value, unicode.IsControl):
		return payments.Invalid(field, "This holds characters that cannot be typed.")
	}
	return nil
}

func checkName(name string) (string, error) {
	name = strings.TrimSpace(name)
	if err := checkText("name", name, 200); err != nil {
		return name, err
	}
	if utf8.RuneCountInString(name) > 60 {
		return name, payments.Invalid("name", "Use at most 60 characters.")
	}
	return name, nil
}

func checkUsers(users []string) error {
	if len(users) > 500 {
		return payments.Invalid("users", "Choose at most 500 people.")
	}
	for _, u := range users {
		if u == "" || len(u) > 20 || strings.Trim(u, "0123456789") != "" {
			return payments.Invalid("users", "A user id is a number.")
		}
	}
	return nil
}

// letters is Crockford's alphabet in lower case, for ids in addresses.
var letters = base32.NewEncoding("0123456789abcdefghjkmnpqrstvwxyz").WithPadding(base32.NoPadding)

func newID(prefix string) string {
	raw := make([]byte, 16)
	_, _ = rand.Read(raw) // never fails (crypto/rand)
	return prefix + letters.EncodeToString(raw)
}

// Due lists terminals that wait to be proven, for the janitor.
func (s *Terminals) Due(ctx context.Context, limit int) ([]jobs.Due, error) {
	var ids []string
	err := s.DB.WithContext(ctx).Model(&Terminal{}).Where("due_at <= ?", s.Clock()).
		Order("due_at").Limit(limit).Pluck("id", &ids).Error
	due := make([]jobs.Due, len(ids))
	for i, id := range ids {
		due[i] = jobs.Due{Kind: jobs.Prove, ID: id}
	}
	return due, err
}

// seen notes that the terminal gave a sign of life, at most every ten seconds:
// the row must not be written with each display.
func seen(ctx context.Context, d *db.DB, id, column string, now time.Time) error {
	err := d.WithContext(ctx).Model(&Terminal{}).
		Where("id = ? AND ("+column+" IS NULL OR "+column+" < ?)", id, now.Add(-10*time.Second)).
		Updates(map[string]any{column: now, "last_seen_at": now}).Error
	if err != nil && !errors.Is(err, context.Canceled) {
		return fmt.Errorf("note sign of life of terminal %s: %w", id, err)
	}
	return nil
}
