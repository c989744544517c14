package pairing

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
