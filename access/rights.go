package access

import (
	"context"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"gorm.io/gorm/clause"

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
type Rights struct{ DB *db.DB }

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

// InForce answers what an employee may do. Administrators may do everything;
// everybody else who may open the app may take payments until told otherwise.
func (r *Rights) InForce(ctx context.Context, portalID, userID string, admin bool) ([]Right, error) {
	if admin {
		return All(), nil
	}
	var rows []row
	err := r.DB.WithContext(ctx).Where("portal_id = ? AND subject = ?", portalID, userID).Limit(1).Find(&rows).Error
	if err != nil {
		return nil, fmt.Errorf("read rights: %w", err)
	}
	if len(rows) == 0 {
		return inForce(nil, admin), nil
	}
	return inForce(&rows[0].Rights, admin), nil
}

// inForce weighs what was granted; nil means that nobody has said anything.
func inForce(granted *string, admin bool) []Right {
	switch {
	case admin:
		return All()
	case granted == nil:
		return []Right{Take}
	}
	return words(*granted)
}

// Colleague is an employee with what they may do now.
type Colleague struct {
	Name   string
	Admin  bool
	Rights []Right
}

// Recognise reads an employee whom we have seen, of a portal that has the app
// installed, with the rights in force; [payments.ErrNotFound] otherwise. One
// query: it runs at each request.
func (r *Rights) Recognise(ctx context.Context, portalID, userID string) (Colleague, error) {
	var seen struct {
		Name   string
		Admin  bool
		Rights *string
	}
	err := r.DB.WithContext(ctx).Table("portal_users").
		Select("portal_users.name, portal_users.admin, rights.rights").
		Joins("JOIN portals ON portals.id = portal_users.portal_id AND portals.installed").
		Joins("LEFT JOIN rights ON rights.portal_id = portal_users.portal_id AND rights.subject = portal_users.user_id").
		Where("portal_users.portal_id = ? AND portal_users.user_id = ?", portalID, userID).Take(&seen).Error
	if err != nil {
		return Colleague{}, fmt.Errorf("recognise employee: %w", db.NotFound(err))
	}
	return Colleague{Name: seen.Name, Admin: seen.Admin, Rights: inForce(seen.Rights, seen.Admin)}, nil
}

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

// Put replaces what a subject may do. An empty list means nothing at all.
func (r *Rights) Put(ctx context.Context, portalID, subject string, rights []string) (Grant, error) {
	if !subjectText.MatchString(subject) {
		return Grant{}, payments.Invalid("userId", "Name an employee by number, or a department like D5.")
	}
	given := Grant{Subject: subject, Rights: []Right{}}
	for _, word := range rights {
		right := Right(word)
		if !slices.Contains(All(), right) {
			return Grant{}, payments.Invalid("rights", "Unknown right: "+shown(word))
		}
		if !slices.Contains(given.Rights, right) {
			given.Rights = append(given.Rights, right)
		}
	}
	one := row{PortalID: portalID, Subject: subject, Rights: text(given.Rights)}
	err := r.DB.WithContext(ctx).Clauses(clause.OnConflict{
		Columns:   []clause.Column{{Name: "portal_id"}, {Name: "subject"}},
		DoUpdates: clause.AssignmentColumns([]string{"rights"}),
	}).Create(&one).Error
	if err != nil {
		return Grant{}, fmt.Errorf("store rights: %w", err)
	}
	return given, nil
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

// shown cuts what somebody sent to a length that fits a sentence.
func shown(s string) string {
	runes := []rune(s)
	return string(runes[:min(len(runes), 30)])
}
