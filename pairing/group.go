package pairing

import (
	"context"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"

	"gorm.io/gorm"

	"receivepayment/audit"
	"receivepayment/db"
	"receivepayment/payments"
)

// Group is a shop, or a part of it: terminals, and the people who may use them.
type Group struct {
	ID         string `gorm:"primaryKey"`
	PortalID   string
	Name       string
	Department string // whose people belong to it, as D5; empty: only its members
	OpensAt    string // as 08:30; empty: when the portal says
	TimeZone   string
}

// TableName is the table of groups.
func (Group) TableName() string { return "terminal_groups" }

// member is a person who belongs to a group by name.
type member struct {
	GroupID  string `gorm:"primaryKey"`
	PortalID string
	UserID   string `gorm:"primaryKey"`
}

func (member) TableName() string { return "terminal_group_users" }

// GroupCard is a group with its members by name and how many terminals it has.
type GroupCard struct {
	Group
	Members   []string
	Terminals int64
}

// Groups lists the portal's groups by name.
func (s *Terminals) Groups(ctx context.Context, portalID string) ([]GroupCard, error) {
	tx := s.DB.WithContext(ctx)
	var groups []Group
	if err := tx.Where("portal_id = ?", portalID).Order("name, id").Find(&groups).Error; err != nil {
		return nil, fmt.Errorf("list groups: %w", err)
	}
	var members []member
	if err := tx.Where("portal_id = ?", portalID).Order("user_id").Find(&members).Error; err != nil {
		return nil, fmt.Errorf("list members of groups: %w", err)
	}
	var counts []struct {
		GroupID string
		N       int64
	}
	err := tx.Model(&Terminal{}).Select("group_id, COUNT(*) AS n").
		Where("portal_id = ? AND group_id <> '' AND status <> ?", portalID, Retired).Group("group_id").Scan(&counts).Error
	if err != nil {
		return nil, fmt.Errorf("count terminals of groups: %w", err)
	}
	out := make([]GroupCard, len(groups))
	at := map[string]*GroupCard{}
	for i, g := range groups {
		out[i] = GroupCard{Group: g, Members: []string{}}
		at[g.ID] = &out[i]
	}
	for _, m := range members {
		if g := at[m.GroupID]; g != nil {
			g.Members = append(g.Members, m.UserID)
		}
	}
	for _, c := range counts {
		if g := at[c.GroupID]; g != nil {
			g.Terminals = c.N
		}
	}
	return out, nil
}

// GroupChange is what a group is made of, or an edit of it. Nil leaves alone.
type GroupChange struct {
	Name, Department, OpensAt, TimeZone *string
	Members                             *[]string
}

var departmentText = regexp.MustCompile(`^(D[1-9][0-9]{0,18})?$`)

func (c GroupChange) columns() (map[string]any, error) {
	set := map[string]any{}
	if c.Name != nil {
		name, err := checkName(*c.Name)
		if err != nil {
			return nil, err
		}
		set["name"] = name
	}
	if c.Department != nil {
		if !departmentText.MatchString(*c.Department) {
			return nil, payments.Invalid("department", "Name a department like D5, or none.")
		}
		set["department"] = *c.Department
	}
	if c.OpensAt != nil {
		zone := ""
		if c.TimeZone != nil {
			zone = *c.TimeZone
		}
		if err := checkOpening(*c.OpensAt, zone); err != nil {
			return nil, err
		}
		set["opens_at"], set["time_zone"] = *c.OpensAt, zone
	}
	if c.Members == nil {
		return set, nil
	}
	return set, checkUsers(*c.Members)
}

// AddGroup makes a group; a name is required.
func (s *Terminals) AddGroup(ctx context.Context, portalID string, c GroupChange) (string, error) {
	if c.Name == nil {
		empty := ""
		c.Name = &empty
	}
	set, err := c.columns()
	if err != nil {
		return "", err
	}
	id := newID("g_")
	err = s.DB.InTx(ctx, func(tx *gorm.DB) error {
		if err := tx.Create(&Group{ID: id, PortalID: portalID, Name: set["name"].(string)}).Error; err != nil { //nolint:forcetypeassert // checked above
			return err
		}
		return s.fill(tx, portalID, id, set, c.Members)
	})
	if err != nil {
		return "", fmt.Errorf("add group: %w", err)
	}
	return id, nil
}

// ChangeGroup edits a group.
func (s *Terminals) ChangeGroup(ctx context.Context, portalID, id string, c GroupChange) error {
	set, err := c.columns()
	if err != nil {
		return err
	}
	if _, err := s.Group(ctx, portalID, id); err != nil {
		return err
	}
	err = s.DB.InTx(ctx, func(tx *gorm.DB) error { return s.fill(tx, portalID, id, set, c.Members) })
	if err != nil {
		return fmt.Errorf("change group %s: %w", id, err)
	}
	return nil
}

func (s *Terminals) fill(tx *gorm.DB, portalID, id string, set map[string]any, members *[]string) error {
	if len(set) > 0 {
		if err := tx.Model(&Group{}).Where("id = ?", id).Updates(set).Error; err != nil {
			return err
		}
	}
	if _, opens := set["opens_at"]; opens {
		if err := s.reschedule(tx, portalID); err != nil {
			return err
		}
	}
	if err := audit.Write(tx, s.Clock(), portalID, audit.SettingsChanged, "group "+id, setWords(set, members)); err != nil {
		return err
	}
	if members == nil {
		return nil
	}
	if err := tx.Where("group_id = ?", id).Delete(&member{}).Error; err != nil {
		return err
	}
	seen := map[string]bool{}
	for _, u := range *members {
		if seen[u] {
			continue
		}
		seen[u] = true
		if err := tx.Create(&member{GroupID: id, PortalID: portalID, UserID: u}).Error; err != nil {
			return err
		}
	}
	return nil
}

// setWords says what was changed, for the audit.
func setWords(set map[string]any, members *[]string) string {
	var out []string
	for _, column := range slices.Sorted(maps.Keys(set)) {
		out = append(out, fmt.Sprintf("%s: %v", column, set[column]))
	}
	if members != nil {
		out = append(out, "people: "+strings.Join(*members, " "))
	}
	return strings.Join(out, ", ")
}

// Group reads one; [db.ErrNotFound] for another portal's.
func (s *Terminals) Group(ctx context.Context, portalID, id string) (Group, error) {
	var g Group
	err := s.DB.WithContext(ctx).Where("id = ? AND portal_id = ?", id, portalID).Take(&g).Error
	if err != nil {
		return g, fmt.Errorf("read group: %w", db.NotFound(err))
	}
	return g, nil
}

// DropGroup takes a group away. Its terminals stay, without a group; whoever
// could use them only through it can no longer.
func (s *Terminals) DropGroup(ctx context.Context, portalID, id string) error {
	if _, err := s.Group(ctx, portalID, id); err != nil {
		return err
	}
	err := s.DB.InTx(ctx, func(tx *gorm.DB) error {
		if err := tx.Model(&Terminal{}).Where("group_id = ?", id).Update("group_id", "").Error; err != nil {
			return err
		}
		if err := tx.Where("group_id = ?", id).Delete(&member{}).Error; err != nil {
			return err
		}
		if err := tx.Where("id = ?", id).Delete(&Group{}).Error; err != nil {
			return err
		}
		if err := s.reschedule(tx, portalID); err != nil {
			return err
		}
		return audit.Write(tx, s.Clock(), portalID, audit.SettingsChanged, "group "+id, "taken away")
	})
	if err != nil {
		return fmt.Errorf("drop group %s: %w", id, err)
	}
	return nil
}
