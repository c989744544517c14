package pairing

import (
	"context"
	"fmt"
	"strings"
	"time"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"

	"receivepayment/bitrix"
	"receivepayment/jobs"
)

const (
	directoryEvery = 12 * time.Hour   // who was hired, dismissed or moved is seen at the latest after that
	directoryAgain = 15 * time.Minute // after a failure
	directoryLease = time.Minute
)

// ReadDirectory reads a portal's people and departments as the administrator
// sees them: new colleagues appear on the board, those who were dismissed lose
// their terminals and rights. It is the job's handler and may run at any time.
func (s *Portals) ReadDirectory(ctx context.Context, portalID string) error {
	now := s.Clock()
	res := s.DB.WithContext(ctx).Model(&Portal{}).Where("id = ? AND installed AND people_due_at <= ?", portalID, now).
		Update("people_due_at", now.Add(directoryLease))
	if res.Error != nil || res.RowsAffected == 0 {
		return res.Error
	}
	next := directoryEvery
	err := s.readDirectory(ctx, portalID)
	if err != nil {
		next = directoryAgain
	}
	after := s.DB.WithContext(ctx).Model(&Portal{}).Where("id = ?", portalID).Update("people_due_at", s.Clock().Add(next)).Error
	if err != nil {
		return fmt.Errorf("read the directory of portal %s: %w", portalID, err)
	}
	return after
}

func (s *Portals) readDirectory(ctx context.Context, portalID string) error {
	api, err := s.AsAdmin(ctx, portalID)
	if err != nil {
		return err
	}
	departments, err := api.Departments(ctx)
	if err != nil && bitrix.ClassOf(err) != bitrix.Denied { // the scope may be missing: then own departments only
		return err
	}
	people, err := api.Employees(ctx)
	if err != nil {
		return err
	}
	return s.DB.InTx(ctx, func(tx *gorm.DB) error {
		if err := putStructure(tx, portalID, departments); err != nil {
			return err
		}
		return s.putPeople(tx, portalID, people)
	})
}

// putStructure replaces the departments. An empty answer replaces nothing: a
// company has at least one, so it is no answer.
func putStructure(tx *gorm.DB, portalID string, all []bitrix.Department) error {
	if len(all) == 0 {
		return nil
	}
	rows := make([]department, len(all))
	for i, d := range all {
		rows[i] = department{PortalID: portalID, Subject: "D" + d.ID, Name: d.Name}
		if d.Parent != "" && d.Parent != "0" {
			rows[i].Parent = "D" + d.Parent
		}
	}
	if err := tx.Where("portal_id = ?", portalID).Delete(&department{}).Error; err != nil {
		return fmt.Errorf("replace departments: %w", err)
	}
	if err := tx.Clauses(clause.OnConflict{DoNothing: true}).CreateInBatches(&rows, 200).Error; err != nil {
		return fmt.Errorf("store departments: %w", err)
	}
	return nil
}

func (s *Portals) putPeople(tx *gorm.DB, portalID string, people []bitrix.Employee) error {
	now := s.Clock()
	known, err := traces(tx, portalID)
	if err != nil {
		return err
	}
	var rows []User
	of := map[string][]string{}
	for _, e := range people {
		if e.Dismissed && !known[e.ID] {
			continue
		}
		if e.Dismissed {
			if err := s.dismiss(tx, portalID, e.ID); err != nil {
				return err
			}
			continue
		}
		name := strings.TrimSpace(e.Name + " " + e.LastName)
		rows = append(rows, User{
			PortalID: portalID, UserID: e.ID, Name: name, Sought: strings.ToLower(name), Position: e.Position,
			Active: true, SeenAt: now, PlacedAt: &now,
		})
		of[e.ID] = subjects(e.Departments)
	}
	if len(rows) == 0 {
		return nil
	}
	// Whether somebody has opened the app, and is an administrator, is learnt at
	// their entry and not here.
	err = tx.Clauses(clause.OnConflict{
		Columns:   []clause.Column{{Name: "portal_id"}, {Name: "user_id"}},
		DoUpdates: clause.AssignmentColumns([]string{"name", "sought", "position", "active", "placed_at"}),
	}).Select(directoryColumns).CreateInBatches(&rows, 100).Error
	if err != nil {
		return fmt.Errorf("store people: %w", err)
	}
	return putDepartments(tx, portalID, of)
}

// traces are the people of whom we keep anything: of those who left the company
// long ago there is nothing to drop.
func traces(tx *gorm.DB, portalID string) (map[string]bool, error) {
	var ids []string
	err := tx.Raw(`SELECT user_id FROM portal_users WHERE portal_id = ? AND active
		UNION SELECT user_id FROM terminal_users WHERE portal_id = ?
		UNION SELECT user_id FROM terminal_group_users WHERE portal_id = ?
		UNION SELECT user_id FROM default_terminals WHERE portal_id = ?`, portalID, portalID, portalID, portalID).Scan(&ids).Error
	if err != nil {
		return nil, fmt.Errorf("read whom we know: %w", err)
	}
	known := make(map[string]bool, len(ids))
	for _, id := range ids {
		known[id] = true
	}
	return known, nil
}

// directoryColumns are written with their zero values too: who is known from
// the directory has not opened the app.
var directoryColumns = []string{
	"PortalID", "UserID", "Name", "Sought", "Position", "Admin", "Entered", "Active", "TimeZone", "SeenAt", "PlacedAt",
}

// Dismiss takes somebody who left the company out: no terminal, no default, no
// right is theirs any more, and the pages that they still have open answer
// nothing. Their payments keep their name.
func (s *Portals) Dismiss(ctx context.Context, portalID, userID string) error {
	return s.DB.InTx(ctx, func(tx *gorm.DB) error { return s.dismiss(tx, portalID, userID) })
}

func (s *Portals) dismiss(tx *gorm.DB, portalID, userID string) error {
	res := tx.Model(&User{}).Where("portal_id = ? AND user_id = ? AND active", portalID, userID).Update("active", false)
	if res.Error != nil {
		return fmt.Errorf("dismiss employee: %w", res.Error)
	}
	for _, row := range []any{&assigned{}, &defaultTerminal{}, &member{}, &belongs{}, &tokenRow{}} {
		if err := tx.Where("portal_id = ? AND user_id = ?", portalID, userID).Delete(row).Error; err != nil {
			return fmt.Errorf("dismiss employee: %w", err)
		}
	}
	if s.OnDismiss == nil {
		return nil
	}
	return s.OnDismiss(tx, portalID, userID)
}

// DuePeople lists portals whose directory is to be read, for the janitor.
func (s *Portals) DuePeople(ctx context.Context, limit int) ([]jobs.Due, error) {
	return jobs.Rows{Kind: jobs.People, Column: "people_due_at"}.Overdue(s.DB.WithContext(ctx).Model(&Portal{}).Where("installed"), s.Clock(), limit)
}

// WantDirectory asks for the directory to be read soon, unless that was done
// within the hour.
func (s *Portals) WantDirectory(ctx context.Context, portalID string) error {
	now := s.Clock()
	err := s.DB.WithContext(ctx).Model(&Portal{}).
		Where("id = ? AND (people_due_at IS NULL OR (people_due_at > ? AND people_due_at < ?))",
			portalID, now, now.Add(directoryEvery-time.Hour)).
		Update("people_due_at", now).Error
	if err != nil {
		return fmt.Errorf("ask for the directory: %w", err)
	}
	return nil
}
