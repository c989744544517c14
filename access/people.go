package access

import (
	"context"
	"fmt"
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
