package access

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"receivepayment/db"
	"receivepayment/payments"
)

// Right is one thing that a person may be allowed to do.
type Right string

// The rights, in the words of the JSON face.
const (
	Take            Right = "take"
	Refund          Right = "refund"
	RefundUnmatched Right = "refund_unmatched"
	MOTO            Right = "moto"
	Approve         Right = "approve"
	Pair            Right = "pair"
	Settle          Right = "settle"
	Report          Right = "report"
	Resolve         Right = "resolve"
)

// All lists every right.
func All() []Right {
	return []Right{Take, Refund, RefundUnmatched, MOTO, Approve, Pair, Settle, Report, Resolve}
}

// Rights keeps who may do what. Safe for concurrent use.
type Rights struct {
	DB    *db.DB
	Clock db.Clock
}

// Grant is what one subject was given: an employee by number, or D and a
// number for a department.
type Grant struct {
	Subject string
	Rights  []Right
}

type row struct {
	PortalID string `gorm:"primaryKey"`
	Subject  string `gorm:"primaryKey"`
	Rights   string
}

func (row) TableName() string { return "rights" }

// InForce answers what an employee may do, by the rule of rule.go.
func (r *Rights) InForce(ctx context.Context, portalID, userID string, admin bool) ([]Right, error) {
	if admin {
		return All(), nil
	}
	var own []row
	err := r.DB.WithContext(ctx).Where("portal_id = ? AND subject = ?", portalID, userID).Limit(1).Find(&own).Error
	if err != nil {
		return nil, fmt.Errorf("read rights: %w", err)
	}
	if len(own) == 1 {
		return inForce(false, &own[0].Rights, nil), nil
	}
	var theirs []string
	err = r.DB.WithContext(ctx).Table("rights").
		Joins("JOIN user_departments d ON d.portal_id = rights.portal_id AND d.subject = rights.subject").
		Where("d.portal_id = ? AND d.user_id = ?", portalID, userID).Pluck("rights.rights", &theirs).Error
	if err != nil {
		return nil, fmt.Errorf("read rights of departments: %w", err)
	}
	return inForce(false, nil, theirs), nil
}

// May answers an employee's name and whether they have the right now; somebody
// whom we do not know has none.
func (r *Rights) May(ctx context.Context, portalID, userID string, right Right) (name string, may bool, err error) {
	c, err := r.Recognise(ctx, portalID, userID)
	if errors.Is(err, payments.ErrNotFound) {
		return "", false, nil
	}
	return c.Name, slices.Contains(c.Rights, right), err
}

// Colleague is an employee with what they may do now.
type Colleague struct {
	Name   string
	Admin  bool
	Rights []Right
}

// Recognise reads an employee who has opened the app, is not dismissed, and
// belongs to a portal that has the app installed, with the rights in force;
// [payments.ErrNotFound] otherwise. One query: it runs at each request. It
// answers one row for each of the person's departments.
func (r *Rights) Recognise(ctx context.Context, portalID, userID string) (Colleague, error) {
	var rows []struct {
		Name        string
		Admin       bool
		Own, Theirs *string
	}
	err := r.DB.WithContext(ctx).Table("portal_users").
		Select("portal_users.name, portal_users.admin, own.rights AS own, theirs.rights AS theirs").
		Joins("JOIN portals ON portals.id = portal_users.portal_id AND portals.installed").
		Joins("LEFT JOIN rights own ON own.portal_id = portal_users.portal_id AND own.subject = portal_users.user_id").
		Joins("LEFT JOIN user_departments d ON d.portal_id = portal_users.portal_id AND d.user_id = portal_users.user_id").
		Joins("LEFT JOIN rights theirs ON theirs.portal_id = d.portal_id AND theirs.subject = d.subject").
		Where("portal_users.portal_id = ? AND portal_users.user_id = ? AND portal_users.entered AND portal_users.active", portalID, userID).
		Find(&rows).Error
	if err != nil {
		return Colleague{}, fmt.Errorf("recognise employee: %w", err)
	}
	if len(rows) == 0 {
		return Colleague{}, fmt.Errorf("recognise employee: %w", payments.ErrNotFound)
	}
	var departments []string
	for _, one := range rows {
		if one.Theirs != nil {
			departments = append(departments, *one.Theirs)
		}
	}
	first := rows[0]
	return Colleague{Name: first.Name, Admin: first.Admin, Rights: inForce(first.Admin, first.Own, departments)}, nil
}

func words(s string) []Right {
	out := []Right{}
	for _, w := range strings.Fields(s) {
		out = append(out, Right(w))
	}
	return out
}

func text(rights []Right) string {
	out := make([]string, len(rights))
	for i, r := range rights {
		out[i] = string(r)
	}
	return strings.Join(out, " ")
}
