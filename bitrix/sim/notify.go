package sim

import (
	"net/http"
	"time"
)

// Notification is a message in a user's bell.
type Notification struct {
	ID       int
	UserID   int
	FromID   int // 0 for the app itself
	Message  string
	Tag      string
	At       time.Time
	Replaced int // how many earlier messages with the same tag this one took the place of
}

// runNotifySystem speaks for the app.
func runNotifySystem(c *call) (any, *restError) { return c.notify(0) }

// runNotifyPersonal speaks for the user whose token is used.
func runNotifyPersonal(c *call) (any, *restError) { return c.notify(c.user.id) }

// notify adds a message; one with the same tag is replaced (reference bitrix24, section 8).
func (c *call) notify(from int) (any, *restError) {
	userID, ok := c.args.get("USER_ID").number()
	if !ok || c.p.user(userID) == nil {
		return nil, breach(http.StatusBadRequest, "USER_ID_EMPTY", "User ID can't be empty", "missing parameter")
	}
	message := c.args.get("MESSAGE").str()
	if message == "" {
		return nil, breach(http.StatusBadRequest, "MESSAGE_EMPTY", "Message can't be empty", "missing parameter")
	}

	n := &Notification{
		ID: c.p.nextID("notification"), UserID: userID, FromID: from,
		Message: message, Tag: c.args.get("TAG").str(), At: c.now,
	}
	kept := c.p.notifications[:0]
	for _, old := range c.p.notifications {
		if n.Tag != "" && old.Tag == n.Tag && old.UserID == n.UserID {
			n.Replaced = old.Replaced + 1
			continue
		}
		kept = append(kept, old)
	}
	c.p.notifications = append(kept, n)
	c.s.touch()
	return n.ID, nil
}
