package bitrix

import "context"

// Profile is the token's owner (reference bitrix24 9.1).
type Profile struct {
	// ID is the user's id on the portal.
	ID string
	// Name and LastName are as the user wrote them, possibly empty.
	Name, LastName string
	// Admin is true for administrators of the portal.
	Admin bool
	// TimeZone is an IANA name, or empty.
	TimeZone string
}

// Profile tells who the token's owner is; it needs no scope. Never take the id or the administrator's
// flag from anywhere else.
func (p *Portal) Profile(ctx context.Context) (Profile, error) {
	var got profileWire
	if _, err := p.Call(ctx, "profile", nil, &got); err != nil {
		return Profile{}, err
	}

	return got.profile()
}

type profileWire struct {
	ID       FlexString `json:"ID"`
	Name     FlexString `json:"NAME"`
	LastName FlexString `json:"LAST_NAME"`
	Admin    FlexBool   `json:"ADMIN"`
	TimeZone FlexString `json:"TIME_ZONE"`
}

func (got profileWire) profile() (Profile, error) {
	if got.ID == "" {
		return Profile{}, &Error{Method: "profile", Class: Unclear, Err: errNoContent}
	}

	return Profile{
		ID: string(got.ID), Name: string(got.Name), LastName: string(got.LastName),
		Admin: bool(got.Admin), TimeZone: string(got.TimeZone),
	}, nil
}
