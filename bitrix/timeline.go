package bitrix

import (
	"context"
	"encoding/json"
	"net/http"
	"time"
)

// LogMessage is an entry in an item's timeline (reference bitrix24 8).
type LogMessage struct {
	// EntityTypeID and EntityID name the item; they are not read back.
	EntityTypeID int
	EntityID     int64
	Title, Text  string
	// Icon is a code such as info; empty means info.
	Icon string
	// ID, AuthorID and Created are given by the portal.
	ID, AuthorID int64
	Created      time.Time
}

type logMessageWire struct {
	ID       FlexInt    `json:"id"`
	AuthorID FlexInt    `json:"authorId"`
	Created  flexTime   `json:"created"`
	Title    FlexString `json:"title"`
	Text     FlexString `json:"text"`
	Icon     FlexString `json:"iconCode"`
}

// AddLogMessage writes an entry and returns its id. It is not idempotent: put a reference into the
// text, and after an Unclear error look for it with LogMessages.
func (p *Portal) AddLogMessage(ctx context.Context, m LogMessage) (int64, error) {
	const method = "crm.timeline.logmessage.add"

	var got struct {
		LogMessage logMessageWire `json:"logMessage"`
	}
	_, err := p.Call(ctx, method, map[string]any{"fields": map[string]any{
		"entityTypeId": m.EntityTypeID, "entityId": m.EntityID,
		"title": m.Title, "text": m.Text, "iconCode": either(m.Icon, "info"),
	}}, &got)
	if err != nil {
		return 0, err
	}
	if err := wrongItem(method, got.LogMessage.ID, 0); err != nil {
		return 0, err
	}

	return int64(got.LogMessage.ID), nil
}

// LogMessages gives the item's entries to each, newest first, until it returns false or there are no
// more. Only entries made by AddLogMessage appear. Pages have ten entries, so a search should stop
// as soon as it has found what it looked for, or is past the time when that could have been written.
func (p *Portal) LogMessages(ctx context.Context, entityTypeID int, entityID int64, each func(LogMessage) bool) error {
	const method = "crm.timeline.logmessage.list"

	seen, start := 0, 0
	params := map[string]any{"entityTypeId": entityTypeID, "entityId": entityID, "order": map[string]any{"id": "desc"}}
	for {
		again := false
		err := p.eachPage(ctx, method, params, start, func(raw json.RawMessage, page Page) (bool, error) {
			var got List[logMessageWire]
			if err := decodeResult(method, http.StatusOK, raw, &got); err != nil {
				return false, err
			}
			for _, w := range got {
				if !each(w.message(entityTypeID, entityID)) {
					return false, nil
				}
			}
			seen += len(got)
			// The documentation shows a total but no next here; with entries missing, ask on.
			again = page.Next == nil && len(got) > 0 && seen < page.Total

			return true, nil
		})
		if err != nil || !again {
			return err
		}
		start = seen
	}
}

func (w logMessageWire) message(entityTypeID int, entityID int64) LogMessage {
	return LogMessage{
		EntityTypeID: entityTypeID, EntityID: entityID,
		Title: string(w.Title), Text: string(w.Text), Icon: string(w.Icon),
		ID: int64(w.ID), AuthorID: int64(w.AuthorID), Created: time.Time(w.Created),
	}
}
