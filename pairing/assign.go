package pairing

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"

	"receivepayment/audit"
	"receivepayment/payments"
)

// Reach is which terminals a person finds, and why.
type Reach struct {
	ByName  []Named // given to them
	ByGroup []Named // of their groups
	Default string  // a terminal's id, or empty
}

// Named is a terminal by id and name.
type Named struct{ ID, Name string }

// Reached answers for each of the people which terminals they find beside those
// that are everybody's. How many queries it takes does not depend on how many
// people there are.
func (s *Terminals) Reached(ctx context.Context, portalID string, people []string) (map[string]Reach, error) {
	out := make(map[string]Reach, len(people))
	tx := s.DB.WithContext(ctx)
	var rows []struct{ UserID, ID, Name, Why string }
	err := tx.Raw(`SELECT a.user_id, t.id, t.name, 'name' AS why FROM terminal_users a JOIN terminals t ON t.id = a.terminal_id
			WHERE a.portal_id = ? AND a.user_id IN ? AND t.status <> 'retired'
		UNION SELECT m.user_id, t.id, t.name, 'group' FROM terminal_group_users m JOIN terminals t ON t.group_id = m.group_id AND t.group_id <> ''
			WHERE m.portal_id = ? AND m.user_id IN ? AND t.status <> 'retired'
		UNION SELECT d.user_id, t.id, t.name, 'group' FROM user_departments d
			JOIN terminal_groups g ON g.portal_id = d.portal_id AND g.department = d.subject
			JOIN terminals t ON t.group_id = g.id AND t.group_id <> ''
			WHERE d.portal_id = ? AND d.user_id IN ? AND t.status <> 'retired'
		ORDER BY 3, 2`, portalID, people, portalID, people, portalID, people).Scan(&rows).Error
	if err != nil {
		return nil, fmt.Errorf("read who finds which terminal: %w", err)
	}
	for _, r := range rows {
		reach := out[r.UserID]
		if r.Why == "name" {
			reach.ByName = append(reach.ByName, Named{r.ID, r.Name})
		} else {
			reach.ByGroup = append(reach.ByGroup, Named{r.ID, r.Name})
		}
		out[r.UserID] = reach
	}
	var chosen []defaultTerminal
	if err := tx.Where("portal_id = ? AND user_id IN ?", portalID, people).Find(&chosen).Error; err != nil {
		return nil, fmt.Errorf("read default terminals: %w", err)
	}
	for _, c := range chosen {
		reach := out[c.UserID]
		reach.Default = c.TerminalID
		out[c.UserID] = reach
	}
	return out, nil
}

// Everybodys lists the terminals that all may use, at most so many, and how
// many there are.
func (s *Terminals) Everybodys(ctx context.Context, portalID string, limit int) ([]Named, int64, error) {
	tx := s.DB.WithContext(ctx).Model(&Terminal{}).Where("portal_id = ? AND shared AND status <> ? AND provider <> ?", portalID, Retired, payments.PracticeProvider).Session(&gorm.Session{})
	var n int64
	if err := tx.Count(&n).Error; err != nil {
		return nil, 0, fmt.Errorf("count shared terminals: %w", err)
	}
	var rows []Named
	if err := tx.Select("id", "name").Order("name, id").Limit(limit).Scan(&rows).Error; err != nil {
		return nil, 0, fmt.Errorf("list shared terminals: %w", err)
	}
	return rows, n, nil
}

// GiveTo replaces which terminals a person has by name, and their default: the
// assignment from the person's side. A nil list, or a nil default, is left
// alone; an empty default takes it away.
func (s *Terminals) GiveTo(ctx context.Context, portalID, userID string, terminals *[]string, chosen *string) error {
	if err := checkUsers([]string{userID}); err != nil {
		return payments.Invalid("user", "A user id is a number.")
	}
	ids := []string{}
	if terminals != nil {
		ids = append(ids, *terminals...)
	}
	if len(ids) > 500 {
		return payments.Invalid("terminals", "Choose at most 500 terminals.")
	}
	known := append([]string{}, ids...)
	if chosen != nil && *chosen != "" {
		known = append(known, *chosen)
	}
	err := s.DB.InTx(ctx, func(tx *gorm.DB) error {
		if err := allOurs(tx, portalID, known); err != nil {
			return err
		}
		if terminals != nil {
			if err := give(tx, portalID, userID, ids); err != nil {
				return err
			}
		}
		detail := "terminals: " + strings.Join(ids, " ")
		if err := audit.Write(tx, s.Clock(), portalID, audit.TerminalChanged, "user "+userID, detail); err != nil {
			return err
		}
		if chosen == nil {
			return nil
		}
		if err := tx.Where("portal_id = ? AND user_id = ?", portalID, userID).Delete(&defaultTerminal{}).Error; err != nil {
			return err
		}
		if *chosen == "" {
			return nil
		}
		if err := realTerminal(tx, *chosen); err != nil {
			return err
		}
		return tx.Create(&defaultTerminal{PortalID: portalID, UserID: userID, TerminalID: *chosen}).Error
	})
	if err != nil {
		return fmt.Errorf("give terminals to employee %s: %w", userID, err)
	}
	s.changed(ctx, portalID)
	return nil
}

func give(tx *gorm.DB, portalID, userID string, ids []string) error {
	if err := tx.Where("portal_id = ? AND user_id = ?", portalID, userID).Delete(&assigned{}).Error; err != nil {
		return err
	}
	for _, id := range ids {
		row := assigned{TerminalID: id, PortalID: portalID, UserID: userID}
		if err := tx.Clauses(clause.OnConflict{DoNothing: true}).Create(&row).Error; err != nil {
			return err
		}
	}
	return nil
}

// allOurs refuses terminals that are not the portal's.
func allOurs(tx *gorm.DB, portalID string, ids []string) error {
	slices.Sort(ids)
	ids = slices.Compact(ids)
	var n int64
	if err := tx.Model(&Terminal{}).Where("portal_id = ? AND id IN ?", portalID, ids).Count(&n).Error; err != nil {
		return err
	}
	if n != int64(len(ids)) {
		return payments.Invalid("terminals", "One of the terminals is not yours.")
	}
	return nil
}

// Admins are the administrators who have opened the app, whom a notice should
// reach.
func (s *Portals) Admins(ctx context.Context, portalID string) ([]string, error) {
	var ids []string
	err := s.DB.WithContext(ctx).Model(&User{}).Where("portal_id = ? AND admin AND entered AND active", portalID).
		Order("user_id").Pluck("user_id", &ids).Error
	if err != nil {
		return nil, fmt.Errorf("list administrators: %w", err)
	}
	return ids, nil
}
