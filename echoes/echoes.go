package echoes

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"time"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"

	"receivepayment/bitrix"
	"receivepayment/db"
)

// hearWithin is how long after a write its event is still taken for an echo.
// Bitrix24 sends events at once or never (reference bitrix24 10).
const hearWithin = time.Minute

// Echoes keeps which events of our own writes are still to come, for all
// processes. Safe for concurrent use.
type Echoes struct {
	DB    *db.DB
	Clock db.Clock
}

// awaited is how many events about one thing are still to come.
type awaited struct {
	PortalID string `gorm:"primaryKey"`
	Entity   string `gorm:"primaryKey"`
	EntityID string `gorm:"primaryKey"`
	Events   int
	Until    time.Time
}

func (awaited) TableName() string { return "echoes" }

// Around runs a write of ours to one thing of the CRM, whose event is an echo. A
// write that the CRM refused makes no event; of one without an answer an event
// may come.
func (e *Echoes) Around(ctx context.Context, portalID, entity string, id int64, write func() error) error {
	key := awaited{PortalID: portalID, Entity: entity, EntityID: strconv.FormatInt(id, 10)}
	if err := e.expect(ctx, key); err != nil {
		return err
	}
	err := write()
	if !refused(err) {
		return err
	}
	_, undo := e.take(context.WithoutCancel(ctx), key)
	return errors.Join(err, undo)
}

// Heard reports whether an event about the thing is one of our own writes, and
// takes it for that one.
func (e *Echoes) Heard(ctx context.Context, portalID, entity, id string) (bool, error) {
	return e.take(ctx, awaited{PortalID: portalID, Entity: entity, EntityID: id})
}

func (e *Echoes) expect(ctx context.Context, key awaited) error {
	now := e.Clock()
	key.Events, key.Until = 1, now.Add(hearWithin)
	err := e.DB.InTx(ctx, func(tx *gorm.DB) error {
		err := tx.Where("portal_id = ? AND until <= ?", key.PortalID, now).Delete(&awaited{}).Error
		if err != nil {
			return err
		}
		return tx.Clauses(clause.OnConflict{
			Columns: []clause.Column{{Name: "portal_id"}, {Name: "entity"}, {Name: "entity_id"}},
			DoUpdates: clause.Assignments(map[string]any{
				"events": gorm.Expr("echoes.events + 1"), "until": key.Until,
			}),
		}).Create(&key).Error
	})
	if err != nil {
		return fmt.Errorf("await the echo of %s %s: %w", key.Entity, key.EntityID, err)
	}
	return nil
}

func (e *Echoes) take(ctx context.Context, key awaited) (bool, error) {
	res := e.DB.WithContext(ctx).Model(&awaited{}).
		Where("portal_id = ? AND entity = ? AND entity_id = ? AND events > 0 AND until > ?", key.PortalID, key.Entity, key.EntityID, e.Clock()).
		Update("events", gorm.Expr("events - 1"))
	if res.Error != nil {
		return false, fmt.Errorf("take the echo of %s %s: %w", key.Entity, key.EntityID, res.Error)
	}
	return res.RowsAffected == 1, nil
}

// refused reports whether the CRM certainly did not do what it was told.
func refused(err error) bool {
	switch bitrix.ClassOf(err) {
	case bitrix.Denied, bitrix.NotFound, bitrix.Invalid, bitrix.Auth, bitrix.Gone, bitrix.Limited:
		return true
	case bitrix.Moved, bitrix.Unavailable, bitrix.Unclear:
		return false
	}
	return false
}
