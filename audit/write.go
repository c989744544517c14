package audit

import (
	"context"
	"fmt"
	"time"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"
)

// Write adds a line in the caller's transaction, which is not to be committed
// without it. Who acts is read from the transaction's context; see [By].
//
// Call it last: from here to the commit other lines of the same portal wait, on
// both databases, and that is what keeps a chain from forking.
func Write(tx *gorm.DB, now time.Time, portalID string, action Action, subject, detail string) error {
	who := actorOf(tx.Statement.Context)
	return write(tx, Line{
		PortalID: portalID, At: now, ActorID: who.id, ActorName: who.name,
		Action: action, Subject: subject, Detail: detail,
	})
}

func write(tx *gorm.DB, l Line) error {
	head, err := next(tx, l.PortalID)
	if err != nil {
		return fmt.Errorf("write audit: %w", err)
	}
	l.Seq, l.Prev = head.Seq, head.Hash
	l = l.covered()
	l.Hash = l.sum()
	if err := tx.Create(&l).Error; err != nil {
		return fmt.Errorf("write audit: %w", err)
	}
	err = tx.Model(&Head{}).Where("portal_id = ?", l.PortalID).Update("hash", l.Hash).Error
	if err != nil {
		return fmt.Errorf("write audit: %w", err)
	}
	return nil
}

// next takes the next number and locks the chain: whoever comes next waits for
// the commit. It answers the new number with the hash of the line before.
func next(tx *gorm.DB, portalID string) (Head, error) {
	first := Head{PortalID: portalID}
	if err := tx.Clauses(clause.OnConflict{DoNothing: true}).Create(&first).Error; err != nil {
		return Head{}, err
	}
	err := tx.Model(&Head{}).Where("portal_id = ?", portalID).Update("seq", gorm.Expr("seq + 1")).Error
	if err != nil {
		return Head{}, err
	}
	var head Head
	err = tx.Where("portal_id = ?", portalID).Take(&head).Error
	return head, err
}

// Note adds a line for something that changes no other row: an export.
func (l *Log) Note(ctx context.Context, now time.Time, portalID string, action Action, subject, detail string) error {
	return l.DB.InTx(ctx, func(tx *gorm.DB) error { return Write(tx, now, portalID, action, subject, detail) })
}
