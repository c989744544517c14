package invoices

import (
	"context"
	"fmt"
	"strconv"
	"time"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"

	"receivepayment/audit"
	"receivepayment/bitrix"
)

// Settings is what a portal's administrator wants to be told to the CRM, and
// how. Without any, the paid stage is the funnel's own and people are notified.
type Settings struct {
	PortalID   string              `gorm:"primaryKey"`
	Stages     map[string]StageMap `gorm:"serializer:json"` // by funnel
	Fields     bool                // our own custom fields on invoices are filled
	Notices    bool
	Automation bool // triggers are fired, the robot is offered
	AppCode    string
	UpdatedAt  time.Time
}

// TableName is the table of settings.
func (Settings) TableName() string { return "crm_settings" }

// StageMap says to which stage of a funnel an invoice goes. Paid empty means
// the funnel's own success stage; the others empty mean that the stage is left
// alone.
type StageMap struct {
	Paid       string `json:"paid,omitempty"`
	PartlyPaid string `json:"partlyPaid,omitempty"`
	Refunded   string `json:"refunded,omitempty"`
}

// readSettings answers the settings of a portal, or those of one that has
// chosen nothing.
func readSettings(tx *gorm.DB, portalID string) (Settings, error) {
	var rows []Settings
	if err := tx.Where("portal_id = ?", portalID).Limit(1).Find(&rows).Error; err != nil {
		return Settings{}, fmt.Errorf("read the CRM settings: %w", err)
	}
	if len(rows) == 0 {
		return Settings{PortalID: portalID, Notices: true, Stages: map[string]StageMap{}}, nil
	}
	if rows[0].Stages == nil {
		rows[0].Stages = map[string]StageMap{}
	}
	return rows[0], nil
}

// change reads, changes and stores the settings of a portal, and says so in the
// audit; nothing is said of what nobody chose.
func (s *Wishes) change(ctx context.Context, portalID, said string, change func(*Settings)) error {
	return s.DB.InTx(ctx, func(tx *gorm.DB) error {
		now, err := readSettings(tx, portalID)
		if err != nil {
			return err
		}
		change(&now)
		now.UpdatedAt = s.Clock()
		err = tx.Clauses(clause.OnConflict{Columns: []clause.Column{{Name: "portal_id"}}, UpdateAll: true}).Create(&now).Error
		if err != nil {
			return fmt.Errorf("store the CRM settings: %w", err)
		}
		if said == "" {
			return nil
		}
		return audit.Write(tx, s.Clock(), portalID, audit.SettingsChanged, "crm", said)
	})
}

// stageFor says which stage means what in a funnel: the administrator's choice,
// and for paid the funnel's own where none was made.
func (s Settings) stageFor(categoryID int64, funnel bitrix.Funnel) StageMap {
	m := s.Stages[strconv.FormatInt(categoryID, 10)]
	if m.Paid == "" {
		m.Paid = funnel.Paid
	}
	return m
}
