package bitrix

import (
	"context"
	"strconv"
	"strings"
	"time"
)

// Todo is a to-do for a person in an item's timeline (crm.activity.todo.add, reference bitrix24 8).
type Todo struct {
	EntityTypeID int
	EntityID     int64
	// ResponsibleID is who shall do it; empty leaves it to the portal, which takes the token's owner.
	ResponsibleID string
	// Title is a few words; Text says what to do, and holds Reference.
	Title, Text string
	// Reference is our own name of the matter, by which TodoWith finds the to-do again.
	Reference string
	Deadline  time.Time
}

// AddTodo writes a to-do and returns its id. It is not idempotent: after an Unclear error look with
// TodoWith.
func (p *Portal) AddTodo(ctx context.Context, t Todo) (int64, error) {
	const method = "crm.activity.todo.add"

	params := map[string]any{
		"ownerTypeId": t.EntityTypeID, "ownerId": t.EntityID, "title": t.Title,
		"description": t.Text, "deadline": t.Deadline.UTC().Format(time.RFC3339),
	}
	if id, err := strconv.ParseInt(t.ResponsibleID, 10, 64); err == nil && id > 0 {
		params["responsibleId"] = id
	}
	var got struct {
		ID FlexInt `json:"id"`
	}
	if _, err := p.Call(ctx, method, params, &got); err != nil {
		return 0, err
	}
	if err := wrongItem(method, got.ID, 0); err != nil {
		return 0, err
	}

	return int64(got.ID), nil
}

// TodoWith finds the to-do whose text holds our reference, or 0 when there certainly is none.
func (p *Portal) TodoWith(ctx context.Context, entityTypeID int, entityID int64, reference string) (int64, error) {
	return p.findActivity(ctx, map[string]any{"OWNER_TYPE_ID": entityTypeID, "OWNER_ID": entityID},
		func(row activityRow) bool { return strings.Contains(string(row.Description), reference) })
}
