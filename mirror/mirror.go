package mirror

import (
	"context"
	"fmt"
	"log/slog"
	"time"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"

	"receivepayment/audit"
	"receivepayment/bitrix"
	"receivepayment/db"
	"receivepayment/echoes"
	"receivepayment/jobs"
	"receivepayment/pairing"
	"receivepayment/words"
)

// CRM hands out clients of a portal and its language.
type CRM interface {
	AsAdmin(ctx context.Context, portalID string) (*bitrix.Portal, error)
	Voice(ctx context.Context, portalID string) *words.Voice
}

// Mirror keeps the cards of terminals. Safe for concurrent use, and by many
// processes.
type Mirror struct {
	DB        *db.DB
	Clock     db.Clock
	CRM       CRM
	Terminals *pairing.Terminals
	Echoes    *echoes.Echoes
	Queue     *jobs.Queue
	// May tells an employee's name, and whether they look after terminals.
	May func(ctx context.Context, portalID, userID string) (name string, may bool, err error)
	Log *slog.Logger
}

// State is where the mirror of one portal stands.
type State struct {
	PortalID     string `gorm:"primaryKey"`
	Wanted       bool
	TypeID       int64 // of the smart process, 0: not made yet
	EntityTypeID int
	Failures     int
	Trouble      string // why the last look did not work, empty when it did
	Revision     int64
	DueAt        *time.Time
	ClaimedUntil *time.Time
}

// TableName is the table of mirrors.
func (State) TableName() string { return "mirrors" }

func (s State) process() bitrix.SmartType {
	return bitrix.SmartType{ID: s.TypeID, EntityTypeID: s.EntityTypeID}
}

// Read answers where the mirror of a portal stands; one that nobody wished is
// off.
func (m *Mirror) Read(ctx context.Context, portalID string) (State, error) {
	var rows []State
	if err := m.DB.WithContext(ctx).Where("portal_id = ?", portalID).Limit(1).Find(&rows).Error; err != nil {
		return State{}, fmt.Errorf("read the mirror: %w", err)
	}
	if len(rows) == 0 {
		return State{PortalID: portalID}, nil
	}
	return rows[0], nil
}

// Switch turns the mirror on or off. Turned on, it looks at once, so that
// whoever did it sees whether the portal lets us.
func (m *Mirror) Switch(ctx context.Context, portalID string, on bool) (State, error) {
	now, err := m.Read(ctx, portalID)
	if err != nil || now.Wanted == on {
		return now, err
	}
	row := State{PortalID: portalID, Wanted: on}
	if on {
		at := m.Clock()
		row.DueAt = &at
	}
	err = m.DB.InTx(ctx, func(tx *gorm.DB) error {
		err := tx.Clauses(clause.OnConflict{
			Columns: []clause.Column{{Name: "portal_id"}},
			DoUpdates: clause.Assignments(map[string]any{
				"wanted": on, "due_at": row.DueAt, "failures": 0, "trouble": "", "revision": gorm.Expr("mirrors.revision + 1"),
			}),
		}).Create(&row).Error
		if err != nil {
			return err
		}
		return audit.Write(tx, m.Clock(), portalID, audit.SettingsChanged, "crm", fmt.Sprintf("cards of terminals: %v", on))
	})
	if err != nil {
		return State{}, fmt.Errorf("switch the mirror: %w", err)
	}
	if on {
		if err := m.Step(ctx, portalID); err != nil {
			return State{}, err
		}
	}
	return m.Read(ctx, portalID)
}

// Changed says that a terminal of the portal was changed: its card is to follow.
// It only makes the look due; a portal without a mirror costs one statement.
func (m *Mirror) Changed(ctx context.Context, portalID string) {
	if err := m.hurry(ctx, m.DB.WithContext(ctx), portalID); err != nil {
		m.Log.WarnContext(ctx, "the cards of terminals follow with the next look", "portal", portalID, "error", err)
	}
}

// Note takes an event about an item of a smart process. Those of others, and
// those that our own writes caused, are of no interest.
func (m *Mirror) Note(ctx context.Context, portalID string, entityTypeID int, id string) error {
	ours, err := m.Echoes.Heard(ctx, portalID, echo(entityTypeID), id)
	if err != nil || ours {
		return err
	}
	return m.hurry(ctx, m.DB.WithContext(ctx).Where("entity_type_id = ?", entityTypeID), portalID)
}

// echo names a smart process for [echoes.Echoes].
func echo(entityTypeID int) string { return fmt.Sprintf("type %d", entityTypeID) }

// hurry makes the look due now.
func (m *Mirror) hurry(ctx context.Context, tx *gorm.DB, portalID string) error {
	res := tx.Model(&State{}).Where("portal_id = ? AND wanted", portalID).
		Updates(map[string]any{"due_at": m.Clock(), "revision": gorm.Expr("revision + 1")})
	if res.Error != nil {
		return fmt.Errorf("look at the cards of terminals soon: %w", res.Error)
	}
	if res.RowsAffected == 0 {
		return nil
	}
	if err := m.Queue.Now(ctx, jobs.Mirror, portalID); err != nil {
		m.Log.DebugContext(ctx, "the janitor will look at the cards", "error", err)
	}
	return nil
}

// Due lists portals whose cards are to be looked at, for the janitor.
func (m *Mirror) Due(ctx context.Context, limit int) ([]jobs.Due, error) {
	return jobs.Rows{Kind: jobs.Mirror, Key: "portal_id"}.Overdue(m.DB.WithContext(ctx).Model(&State{}), m.Clock(), limit)
}
