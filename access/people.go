package access

import (
	"context"
	"fmt"
	"slices"
)

// InHand is what somebody may do now, and whether it was put for them by name.
type InHand struct {
	Rights []Right
	Own    bool
}

// Of answers what each of the people may do now; the map says who is an
// administrator. Two queries, however many people.
func (r *Rights) Of(ctx context.Context, portalID string, people map[string]bool) (map[string]InHand, error) {
	ids := make([]string, 0, len(people))
	for id := range people {
		ids = append(ids, id)
	}
	var own []row
	err := r.DB.WithContext(ctx).Where("portal_id = ? AND subject IN ?", portalID, ids).Find(&own).Error
	if err != nil {
		return nil, fmt.Errorf("read rights: %w", err)
	}
	var theirs []struct{ UserID, Rights string }
	err = r.DB.WithContext(ctx).Table("user_departments d").Select("d.user_id, rights.rights").
		Joins("JOIN rights ON rights.portal_id = d.portal_id AND rights.subject = d.subject").
		Where("d.portal_id = ? AND d.user_id IN ?", portalID, ids).Find(&theirs).Error
	if err != nil {
		return nil, fmt.Errorf("read rights of departments: %w", err)
	}
	said := map[string]*string{}
	for i := range own {
		said[own[i].Subject] = &own[i].Rights
	}
	departments := map[string][]string{}
	for _, one := range theirs {
		departments[one.UserID] = append(departments[one.UserID], one.Rights)
	}
	out := make(map[string]InHand, len(people))
	for id, admin := range people {
		out[id] = InHand{Rights: inForce(admin, said[id], departments[id]), Own: said[id] != nil && !admin}
	}
	return out, nil
}

// With lists who may do the thing now: employees of the portal who have opened
// the app and are not dismissed, by number. It is for telling them.
func (r *Rights) With(ctx context.Context, portalID string, right Right) ([]string, error) {
	var seen []struct {
		UserID string
		Admin  bool
	}
	err := r.DB.WithContext(ctx).Table("portal_users").Select("user_id, admin").
		Where("portal_id = ? AND entered AND active", portalID).Order("user_id").Find(&seen).Error
	if err != nil {
		return nil, fmt.Errorf("list employees: %w", err)
	}
	people := make(map[string]bool, len(seen))
	for _, one := range seen {
		people[one.UserID] = one.Admin
	}
	rights, err := r.Of(ctx, portalID, people)
	if err != nil {
		return nil, err
	}
	var out []string
	for _, one := range seen {
		if slices.Contains(rights[one.UserID].Rights, right) {
			out = append(out, one.UserID)
		}
	}
	return out, nil
}
