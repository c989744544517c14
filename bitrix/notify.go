package bitrix

import (
	"context"
	"strconv"
)

// Notice is a notification to one user of the portal (reference bitrix24 8).
type Notice struct {
	// UserID receives it.
	UserID string
	// Message is the text, with the portal's BB codes; MessageOut is the one for e-mail and push.
	Message, MessageOut string
	// Tag replaces an earlier notice with the same tag; SubTag groups notices.
	Tag, SubTag string
}

// NotifySystem sends a notice in the application's name and returns its id. Give it a Tag, and
// repeating it leaves one notice.
func (p *Portal) NotifySystem(ctx context.Context, n Notice) (int64, error) {
	params := map[string]any{"USER_ID": userNumber(n.UserID), "MESSAGE": n.Message}
	putText(params, "MESSAGE_OUT", n.MessageOut)
	putText(params, "TAG", n.Tag)
	putText(params, "SUB_TAG", n.SubTag)

	var id FlexInt
	if _, err := p.Call(ctx, "im.notify.system.add", params, &id); err != nil {
		return 0, err
	}

	return int64(id), nil
}

// userNumber sends a user's id as the number that the method documents.
func userNumber(id string) any {
	if n, err := strconv.ParseInt(id, 10, 64); err == nil {
		return n
	}

	return id
}
