package pairing

import (
	"context"
	"fmt"
	"strings"
	"time"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"

	"receivepayment/bitrix"
)

// User is an employee of a portal, as the portal described them.
type User struct {
	PortalID string `gorm:"primaryKey"`
	UserID   string `gorm:"primaryKey"`
	Name     string
	Sought   string // the name in small letters, for looking it up
	Position string
	Admin    bool
	Entered  bool // has opened the app; otherwise known from the directory
	Active   bool // not dismissed
	TimeZone string
	SeenAt   time.Time
	PlacedAt *time.Time // when the portal last named the departments

	// departments are what the portal has just said; nil means that it was not
	// asked.
	departments []string
}

// TableName is the table of employees.
func (User) TableName() string { return "portal_users" }

// department is one unit of the company. Its subject is D and its id, the name
// under which rights are put for it.
type department struct {
	PortalID string `gorm:"primaryKey"`
	Subject  string `gorm:"primaryKey"`
	Name     string
	Parent   string // the subject above it
}

func (department) TableName() string { return "departments" }

// belongs says that a person is in a department, or in one below it.
type belongs struct {
	PortalID string `gorm:"primaryKey"`
	UserID   string `gorm:"primaryKey"`
	Subject  string `gorm:"primaryKey"`
}

func (belongs) TableName() string { return "user_departments" }

const (
	placedFor = 15 * time.Minute // how long a person's departments are believed without asking
	placeWait = 3 * time.Second  // how long somebody who opens the app waits for that question
)

// place asks the portal for the person's departments, with the token that was
// just verified. It may fail, or be refused where the scope was not granted:
// then what was known stays.
func (s *Portals) place(ctx context.Context, u User, api *bitrix.Portal) User {
	var known []User
	err := s.DB.WithContext(ctx).Where("portal_id = ? AND user_id = ?", u.PortalID, u.UserID).Limit(1).Find(&known).Error
	if err != nil {
		return u
	}
	if len(known) == 1 {
		u.PlacedAt, u.Position = known[0].PlacedAt, known[0].Position
		if u.PlacedAt != nil && s.Clock().Sub(*u.PlacedAt) < placedFor {
			return u
		}
	}
	ctx, cancel := context.WithTimeout(ctx, placeWait)
	defer cancel()
	me, err := api.Me(ctx)
	if err != nil || me.ID != u.UserID {
		return u
	}
	now := s.Clock()
	u.PlacedAt, u.Position, u.departments = &now, me.Position, subjects(me.Departments)
	return u
}

// subjects are departments as rights name them; never nil.
func subjects(ids []string) []string {
	out := make([]string, len(ids))
	for i, id := range ids {
		out[i] = "D" + id
	}
	return out
}

// storeVisitor keeps who has opened the app, with their departments and token.
func storeVisitor(tx *gorm.DB, u User, token tokenRow) error {
	u.Entered, u.Active, u.Sought = true, true, strings.ToLower(u.Name)
	err := tx.Clauses(clause.OnConflict{
		Columns: []clause.Column{{Name: "portal_id"}, {Name: "user_id"}},
		DoUpdates: clause.AssignmentColumns([]string{
			"name", "sought", "position", "admin", "entered", "active", "time_zone", "seen_at", "placed_at",
		}),
	}).Create(&u).Error
	if err != nil {
		return fmt.Errorf("remember employee: %w", err)
	}
	if u.departments != nil {
		if err := putDepartments(tx, u.PortalID, map[string][]string{u.UserID: u.departments}); err != nil {
			return err
		}
	}
	return putToken(tx, token)
}

// putDepartments replaces where people belong: their own departments and those
// above, as far as the structure is known.
func putDepartments(tx *gorm.DB, portalID string, of map[string][]string) error {
	var all []department
	if err := tx.Where("portal_id = ?", portalID).Find(&all).Error; err != nil {
		return fmt.Errorf("read departments: %w", err)
	}
	parent := make(map[string]string, len(all))
	for _, d := range all {
		parent[d.Subject] = d.Parent
	}
	var people []string
	var rows []belongs
	for user, own := range of {
		people = append(people, user)
		for _, subject := range withAbove(own, parent) {
			rows = append(rows, belongs{PortalID: portalID, UserID: user, Subject: subject})
		}
	}
	for part := range chunks(people) {
		if err := tx.Where("portal_id = ? AND user_id IN ?", portalID, part).Delete(&belongs{}).Error; err != nil {
			return fmt.Errorf("forget departments: %w", err)
		}
	}
	if len(rows) == 0 {
		return nil
	}
	if err := tx.CreateInBatches(&rows, 200).Error; err != nil {
		return fmt.Errorf("store departments: %w", err)
	}
	return nil
}

// withAbove adds the departments above, each once. A structure that bites its
// own tail ends where it began.
func withAbove(own []string, parent map[string]string) []string {
	var out []string
	seen := map[string]bool{}
	for _, subject := range own {
		for subject != "" && !seen[subject] {
			seen[subject] = true
			out = append(out, subject)
			subject = parent[subject]
		}
	}
	return out
}

// chunks hands out at most 400 at a time: a statement takes a limited number of
// values.
func chunks(all []string) func(yield func([]string) bool) {
	return func(yield func([]string) bool) {
		for len(all) > 0 {
			n := min(len(all), 400)
			if !yield(all[:n]) {
				return
			}
			all = all[n:]
		}
	}
}
