package access

import (
	"context"
	"fmt"
	"regexp"
	"slices"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"

	"receivepayment/audit"
	"receivepayment/payments"
)

// List answers every grant of the portal.
func (r *Rights) List(ctx context.Context, portalID string) ([]Grant, error) {
	var rows []row
	err := r.DB.WithContext(ctx).Where("portal_id = ?", portalID).Order("subject").Find(&rows).Error
	if err != nil {
		return nil, fmt.Errorf("list rights: %w", err)
	}
	out := make([]Grant, len(rows))
	for i, one := range rows {
		out[i] = Grant{Subject: one.Subject, Rights: words(one.Rights)}
	}
	return out, nil
}

var subjectText = regexp.MustCompile(`^D?[1-9][0-9]{0,18}$`)

// CheckSubject refuses what names neither an employee nor a department.
func CheckSubject(subject string) error {
	if !subjectText.MatchString(subject) {
		return payments.Invalid("userId", "Name an employee by number, or a department like D5.")
	}
	return nil
}

// Put replaces what a subject may do. An empty list means nothing at all.
func (r *Rights) Put(ctx context.Context, portalID, subject string, rights []string) (Grant, error) {
	if err := CheckSubject(subject); err != nil {
		return Grant{}, err
	}
	given := Grant{Subject: subject, Rights: []Right{}}
	for _, word := range rights {
		right := Right(word)
		if !slices.Contains(All(), right) {
			return Grant{}, payments.Invalid("rights", "Unknown right: %s", shown(word))
		}
		if !slices.Contains(given.Rights, right) {
			given.Rights = append(given.Rights, right)
		}
	}
	one := row{PortalID: portalID, Subject: subject, Rights: text(given.Rights)}
	err := r.DB.InTx(ctx, func(tx *gorm.DB) error {
		err := tx.Clauses(clause.OnConflict{
			Columns:   []clause.Column{{Name: "portal_id"}, {Name: "subject"}},
			DoUpdates: clause.AssignmentColumns([]string{"rights"}),
		}).Create(&one).Error
		if err != nil {
			return err
		}
		return audit.Write(tx, r.Clock(), portalID, audit.RightsChanged, subject, "may now: "+one.Rights)
	})
	if err != nil {
		return Grant{}, fmt.Errorf("store rights: %w", err)
	}
	return given, nil
}

// Withdraw takes back what was put for a subject: what holds without it counts
// again. Nothing put is no error.
func (r *Rights) Withdraw(ctx context.Context, portalID, subject string) error {
	if err := CheckSubject(subject); err != nil {
		return err
	}
	return r.DB.InTx(ctx, func(tx *gorm.DB) error {
		if err := forget(tx, portalID, subject); err != nil {
			return err
		}
		return audit.Write(tx, r.Clock(), portalID, audit.RightsChanged, subject, "what was put is withdrawn")
	})
}

// Forget drops, inside another transaction, what was put for somebody who was
// dismissed: who is hired again begins anew.
func Forget(tx *gorm.DB, portalID, userID string) error { return forget(tx, portalID, userID) }

func forget(tx *gorm.DB, portalID, subject string) error {
	if err := tx.Where("portal_id = ? AND subject = ?", portalID, subject).Delete(&row{}).Error; err != nil {
		return fmt.Errorf("withdraw rights: %w", err)
	}
	return nil
}

// shown cuts what somebody sent to a length that fits a sentence.
func shown(s string) string {
	runes := []rune(s)
	return string(runes[:min(len(runes), 30)])
}
