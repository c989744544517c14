package audit

import (
	"fmt"
	"time"

	"gorm.io/gorm"
)

// Forget takes names and words from all lines of a portal, in the caller's
// transaction; the chain stays whole. A chain with lines of earlier versions,
// whose hashes are made of the names themselves, cannot be kept without them and
// is removed.
func Forget(tx *gorm.DB, now time.Time, portalID string) error {
	var bare int64
	if err := tx.Model(&Line{}).Where("portal_id = ? AND cover = ''", portalID).Count(&bare).Error; err != nil {
		return fmt.Errorf("forget the names in the audit: %w", err)
	}
	if bare > 0 {
		return remove(tx, now, portalID)
	}
	res := tx.Model(&Line{}).Where("portal_id = ? AND salt <> ''", portalID).
		Updates(map[string]any{"actor_name": "", "detail": "", "salt": ""})
	if res.Error != nil {
		return fmt.Errorf("forget the names in the audit: %w", res.Error)
	}
	return Write(tx, now, House, PortalForgotten, portalID, fmt.Sprintf("%d lines without names", res.RowsAffected))
}

func remove(tx *gorm.DB, now time.Time, portalID string) error {
	for _, table := range []any{&Line{}, &Head{}} {
		if err := tx.Where("portal_id = ?", portalID).Delete(table).Error; err != nil {
			return fmt.Errorf("remove the audit of a portal: %w", err)
		}
	}
	return Write(tx, now, House, PortalForgotten, portalID, "removed: its lines were bound to names")
}
