package pairing

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"

	"receivepayment/audit"
	"receivepayment/db"
	"receivepayment/payments"
)

// Change is an edit of a terminal. Nil leaves alone.
type Change struct {
	Name    *string
	Shared  *bool
	Users   *[]string
	Group   *string // a group's id; empty: none
	Default *bool   // for the person who edits
}

// Personal reports whether the change concerns only the person who makes it.
func (c Change) Personal() bool {
	return c.Name == nil && c.Shared == nil && c.Users == nil && c.Group == nil
}

// words says what was changed, for the audit.
func (c Change) words(t Terminal) string {
	words := []string{t.Name}
	if c.Name != nil {
		words = append(words, "name: "+*c.Name)
	}
	if c.Shared != nil {
		words = append(words, fmt.Sprintf("shared: %v", *c.Shared))
	}
	if c.Users != nil {
		words = append(words, "people: "+strings.Join(*c.Users, " "))
	}
	if c.Group != nil {
		words = append(words, "group: "+*c.Group)
	}
	return strings.Join(words, ", ")
}

// Update edits a terminal.
func (s *Terminals) Update(ctx context.Context, portalID, userID, id string, c Change) error {
	t, err := find(s.DB.WithContext(ctx), portalID, id)
	if err != nil {
		return err
	}
	set := map[string]any{}
	if c.Name != nil {
		name, err := checkName(*c.Name)
		if err != nil {
			return err
		}
		set["name"], set["sought"] = name, strings.ToLower(name)
	}
	if c.Shared != nil {
		set["shared"] = *c.Shared
	}
	if c.Default != nil && *c.Default && t.Practice() {
		return errPracticeDefault
	}
	if c.Users != nil {
		if err := checkUsers(*c.Users); err != nil {
			return err
		}
	}
	if c.Group != nil {
		if err := s.checkGroup(ctx, portalID, *c.Group); err != nil {
			return err
		}
		set["group_id"] = *c.Group
	}
	err = s.DB.InTx(ctx, func(tx *gorm.DB) error {
		if len(set) > 0 {
			if err := tx.Model(&Terminal{}).Where("id = ?", id).Updates(set).Error; err != nil {
				return err
			}
		}
		if c.Group != nil {
			if err := s.reschedule(tx, portalID); err != nil {
				return err
			}
		}
		if err := assign(tx, portalID, id, c.Users); err != nil {
			return err
		}
		if err := choose(tx, portalID, userID, id, c.Default); err != nil || c.Personal() {
			return err
		}
		return s.audit(tx, t, audit.TerminalChanged, c.words(t))
	})
	if err != nil {
		return fmt.Errorf("change terminal %s: %w", id, err)
	}
	s.Bell.Ring(ctx, id)
	s.changed(ctx, portalID)
	return nil
}

func (s *Terminals) checkGroup(ctx context.Context, portalID, id string) error {
	if id == "" {
		return nil
	}
	_, err := s.Group(ctx, portalID, id)
	if errors.Is(err, db.ErrNotFound) {
		return payments.Invalid("group", "There is no such group.")
	}
	return err
}

func assign(tx *gorm.DB, portalID, id string, users *[]string) error {
	if users == nil {
		return nil
	}
	if err := tx.Where("terminal_id = ?", id).Delete(&assigned{}).Error; err != nil {
		return err
	}
	for _, u := range *users {
		row := assigned{TerminalID: id, PortalID: portalID, UserID: u}
		if err := tx.Clauses(clause.OnConflict{DoNothing: true}).Create(&row).Error; err != nil {
			return err
		}
	}
	return nil
}

func choose(tx *gorm.DB, portalID, userID, id string, on *bool) error {
	if on == nil {
		return nil
	}
	tx = tx.Where("portal_id = ? AND user_id = ?", portalID, userID)
	if !*on {
		return tx.Where("terminal_id = ?", id).Delete(&defaultTerminal{}).Error
	}
	if err := tx.Delete(&defaultTerminal{}).Error; err != nil {
		return err
	}
	return tx.Create(&defaultTerminal{PortalID: portalID, UserID: userID, TerminalID: id}).Error
}
