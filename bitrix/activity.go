package bitrix

import (
	"context"
	"strconv"
)

// Originator marks the activities that this application makes, so that they can be told from those of
// people and of other applications.
const Originator = "receive-payment"

// Activity is a card in an item's timeline that the application can change later: a configurable
// activity (crm.activity.configurable.*). What it shows is in Layout.
type Activity struct {
	// EntityTypeID and EntityID name the item in whose timeline it stands; only AddActivity reads them.
	EntityTypeID int
	EntityID     int64
	// ResponsibleID is the employee whom it concerns, or empty.
	ResponsibleID string
	// Reference is our own name of the thing that it is about, by which ActivityWith finds it again.
	Reference string
	Layout    Layout
}

// fields are what both methods take. It is completed: it tells of something, and waits for nobody.
func (a Activity) fields() map[string]any {
	out := map[string]any{"completed": "Y", "originatorId": Originator, "originId": a.Reference}
	if id, err := strconv.ParseInt(a.ResponsibleID, 10, 64); err == nil && id > 0 {
		out["responsibleId"] = id
	}

	return out
}

type activityAnswer struct {
	Activity struct {
		ID FlexInt `json:"id"`
	} `json:"activity"`
}

// AddActivity puts a card into the timeline and returns its id. It is not idempotent: after an Unclear
// error look with ActivityWith. NotOffered tells of a portal that has no such activities.
func (p *Portal) AddActivity(ctx context.Context, a Activity) (int64, error) {
	const method = "crm.activity.configurable.add"

	var got activityAnswer
	_, err := p.Call(ctx, method, map[string]any{
		"ownerTypeId": a.EntityTypeID, "ownerId": a.EntityID, "fields": a.fields(), "layout": a.Layout.wire(),
	}, &got)
	if err != nil {
		return 0, err
	}
	if err := wrongItem(method, got.Activity.ID, 0); err != nil {
		return 0, err
	}

	return int64(got.Activity.ID), nil
}

// UpdateActivity changes a card in place; repeating it is harmless. NotFound means that a person deleted
// the card.
func (p *Portal) UpdateActivity(ctx context.Context, id int64, a Activity) error {
	_, err := p.Call(ctx, "crm.activity.configurable.update", map[string]any{
		"id": id, "fields": a.fields(), "layout": a.Layout.wire(),
	}, nil)

	return err
}

type activityRow struct {
	ID          FlexInt    `json:"ID"`
	Subject     FlexString `json:"SUBJECT"`
	Description FlexString `json:"DESCRIPTION"`
	Originator  FlexString `json:"ORIGINATOR_ID"`
	Origin      FlexString `json:"ORIGIN_ID"`
}

// ActivityWith finds the card that carries our reference, the oldest when there are several, or 0 when
// there certainly is none. A portal that ignores the filter costs pages, not a second card.
func (p *Portal) ActivityWith(ctx context.Context, entityTypeID int, entityID int64, reference string) (int64, error) {
	return p.findActivity(ctx, map[string]any{
		"OWNER_TYPE_ID": entityTypeID, "OWNER_ID": entityID, "ORIGINATOR_ID": Originator, "ORIGIN_ID": reference,
	}, func(row activityRow) bool {
		return string(row.Originator) == Originator && string(row.Origin) == reference
	})
}

func (p *Portal) findActivity(ctx context.Context, filter map[string]any, is func(activityRow) bool) (int64, error) {
	rows, err := collect(ctx, p, "crm.activity.list", map[string]any{
		"filter": filter, "order": map[string]any{"ID": "ASC"},
		"select": []string{"ID", "SUBJECT", "DESCRIPTION", "ORIGINATOR_ID", "ORIGIN_ID"},
	}, 0, rowsOf[activityRow]("crm.activity.list"))
	if err != nil {
		return 0, err
	}
	for _, row := range rows {
		if row.ID > 0 && is(row) {
			return int64(row.ID), nil
		}
	}

	return 0, nil
}
