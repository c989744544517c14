package pairing

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"gorm.io/gorm"

	"receivepayment/payments"
)

// PeopleQuery narrows a list of people. Zero values do not narrow.
type PeopleQuery struct {
	Text    string // in the name, or the whole user id
	Entered bool   // only who has opened the app
	Without bool   // only who would find no terminal
	Cursor  string // from the page before
	Limit   int    // zero means 50
}

// ErrPeopleCursor means that the cursor is not one of this list.
var ErrPeopleCursor = errors.New("not a cursor of the list of people")

const peoplePage = 50

// People lists a portal's people by name, and the cursor of the next page,
// empty at the end. Those who were dismissed are not among them.
func (s *Portals) People(ctx context.Context, portalID string, q PeopleQuery) ([]User, string, error) {
	if q.Limit == 0 {
		q.Limit = peoplePage
	}
	tx := s.DB.WithContext(ctx).Where("portal_id = ? AND active", portalID)
	if q.Entered {
		tx = tx.Where("entered")
	}
	if q.Text != "" {
		tx = tx.Where("(sought LIKE ? ESCAPE '!' OR user_id = ?)", like(q.Text), q.Text)
	}
	if q.Without {
		all, err := s.forAll(ctx, portalID)
		if err != nil || all {
			return []User{}, "", err
		}
		tx = unserved(tx)
	}
	if q.Cursor != "" {
		from, ok := readPlace(q.Cursor)
		if !ok || strings.Trim(from.id, "0123456789") != "" {
			return nil, "", ErrPeopleCursor
		}
		tx = from.after(tx, "user_id")
	}
	var rows []User
	if err := tx.Order("name, user_id").Limit(q.Limit + 1).Find(&rows).Error; err != nil {
		return nil, "", fmt.Errorf("list people: %w", err)
	}
	rows, next := cut(rows, q.Limit, func(u User) place { return place{u.Name, u.UserID} })
	return rows, next, nil
}

// like is a pattern for text that is looked for anywhere, in small letters.
func like(text string) string {
	return "%" + strings.NewReplacer(`!`, `!!`, `%`, `!%`, `_`, `!_`).Replace(strings.ToLower(strings.TrimSpace(text))) + "%"
}

// forAll reports whether a terminal is everybody's.
func (s *Portals) forAll(ctx context.Context, portalID string) (bool, error) {
	var found []string
	err := s.DB.WithContext(ctx).Model(&Terminal{}).Where("portal_id = ? AND status <> ? AND shared AND provider <> ?", portalID, Retired, payments.PracticeProvider).
		Limit(1).Pluck("id", &found).Error
	if err != nil {
		return false, fmt.Errorf("look for a shared terminal: %w", err)
	}
	return len(found) > 0, nil
}

// unserved keeps the people who would find no terminal where none is
// everybody's: none is theirs by name, and no group of theirs has one.
// A practice terminal serves nobody. Administrators find all of them. The words about group_id let SQLite use the
// index of terminals that have one; it would walk through all of them for each
// person otherwise.
func unserved(tx *gorm.DB) *gorm.DB {
	return tx.Where("NOT admin").
		Where(`NOT EXISTS (SELECT 1 FROM terminal_users a JOIN terminals t ON t.id = a.terminal_id AND t.status <> 'retired' AND t.provider <> 'practice'
			WHERE a.portal_id = portal_users.portal_id AND a.user_id = portal_users.user_id)`).
		Where(`NOT EXISTS (SELECT 1 FROM terminal_group_users m JOIN terminals t ON t.group_id = m.group_id AND t.group_id <> '' AND t.status <> 'retired' AND t.provider <> 'practice'
			WHERE m.portal_id = portal_users.portal_id AND m.user_id = portal_users.user_id)`).
		Where(`NOT EXISTS (SELECT 1 FROM user_departments d JOIN terminal_groups g ON g.portal_id = d.portal_id AND g.department = d.subject
			JOIN terminals t ON t.group_id = g.id AND t.group_id <> '' AND t.status <> 'retired' AND t.provider <> 'practice'
			WHERE d.portal_id = portal_users.portal_id AND d.user_id = portal_users.user_id)`)
}

// Unserved counts the people who would find no terminal.
func (s *Portals) Unserved(ctx context.Context, portalID string) (int64, error) {
	all, err := s.forAll(ctx, portalID)
	if err != nil || all {
		return 0, err
	}
	var n int64
	err = unserved(s.DB.WithContext(ctx).Model(&User{}).Where("portal_id = ? AND active", portalID)).Count(&n).Error
	if err != nil {
		return 0, fmt.Errorf("count people without a terminal: %w", err)
	}
	return n, nil
}

// Names are the names of these people, by id; whom we do not know is left out.
func (s *Portals) Names(ctx context.Context, portalID string, ids []string) (map[string]string, error) {
	out := map[string]string{}
	for part := range chunks(ids) {
		var rows []User
		err := s.DB.WithContext(ctx).Select("UserID", "Name").Where("portal_id = ? AND user_id IN ?", portalID, part).Find(&rows).Error
		if err != nil {
			return nil, fmt.Errorf("read names: %w", err)
		}
		for _, u := range rows {
			out[u.UserID] = u.Name
		}
	}
	return out, nil
}

// Entered says which of these people have opened the app and still work here.
func (s *Portals) Entered(ctx context.Context, portalID string, ids []string) (map[string]bool, error) {
	out := map[string]bool{}
	for part := range chunks(ids) {
		var found []string
		err := s.DB.WithContext(ctx).Model(&User{}).
			Where("portal_id = ? AND user_id IN ? AND entered AND active", portalID, part).Pluck("user_id", &found).Error
		if err != nil {
			return nil, fmt.Errorf("read who has opened the app: %w", err)
		}
		for _, id := range found {
			out[id] = true
		}
	}
	return out, nil
}

// Department is one unit of the company, named as rights name it.
type Department struct{ Subject, Name string }

// Departments lists the portal's structure by name; empty when the portal does
// not tell us.
func (s *Portals) Departments(ctx context.Context, portalID string) ([]Department, error) {
	var rows []department
	err := s.DB.WithContext(ctx).Where("portal_id = ?", portalID).Order("name, subject").Find(&rows).Error
	if err != nil {
		return nil, fmt.Errorf("list departments: %w", err)
	}
	out := make([]Department, len(rows))
	for i, d := range rows {
		out[i] = Department{Subject: d.Subject, Name: d.Name}
	}
	return out, nil
}
