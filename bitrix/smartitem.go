package bitrix

import (
	"context"
	"encoding/json"
	"maps"
	"net/http"
	"time"
)

// SmartItem is a card of a smart process.
type SmartItem struct {
	ID int64
	// Title and XMLID, our own reference on it.
	Title, XMLID string
	// Custom holds custom fields by their full codes, as they came.
	Custom      map[string]json.RawMessage
	UpdatedTime time.Time
	UpdatedBy   int64 // who changed it last
}

// Text reads a custom field as text, a list's first value for one that holds several.
func (i SmartItem) Text(field string) string {
	var text FlexString
	if json.Unmarshal(i.Custom[field], &text) != nil {
		return ""
	}

	return string(text)
}

// Texts reads a custom field that holds several values.
func (i SmartItem) Texts(field string) []string {
	var list List[FlexString]
	if json.Unmarshal(i.Custom[field], &list) != nil {
		if one := i.Text(field); one != "" {
			return []string{one}
		}

		return nil
	}
	texts := make([]string, 0, len(list))
	for _, text := range list {
		if text != "" {
			texts = append(texts, string(text))
		}
	}

	return texts
}

// UnmarshalJSON keeps what begins with UF_ apart.
func (i *SmartItem) UnmarshalJSON(raw []byte) error {
	var wire struct {
		ID      FlexInt    `json:"id"`
		Title   FlexString `json:"title"`
		XMLID   FlexString `json:"xmlId"`
		Updated flexTime   `json:"updatedTime"`
		By      FlexInt    `json:"updatedBy"`
	}
	if err := json.Unmarshal(raw, &wire); err != nil {
		return err
	}
	var all map[string]json.RawMessage
	if err := json.Unmarshal(raw, &all); err != nil {
		return err
	}
	maps.DeleteFunc(all, func(name string, _ json.RawMessage) bool { return len(name) < 3 || name[:3] != "UF_" })
	*i = SmartItem{
		ID: int64(wire.ID), Title: string(wire.Title), XMLID: string(wire.XMLID), Custom: all, UpdatedTime: time.Time(wire.Updated),
		UpdatedBy: int64(wire.By),
	}

	return nil
}

// SmartItems lists all cards of a smart process by id.
func (p *Portal) SmartItems(ctx context.Context, entityTypeID int) ([]SmartItem, error) {
	const method = "crm.item.list"

	params := map[string]any{
		"entityTypeId": entityTypeID, "order": map[string]any{"id": "ASC"}, "select": []string{"*"}, "useOriginalUfNames": "Y",
	}

	return collect(ctx, p, method, params, 0, func(raw json.RawMessage) ([]SmartItem, error) {
		var got struct {
			Items List[SmartItem] `json:"items"`
		}
		if err := decodeResult(method, http.StatusOK, raw, &got); err != nil {
			return nil, err
		}

		return got.Items, nil
	})
}

// AddSmartItem adds a card. It is not idempotent: give it an xmlId, and after an Unclear error look with
// SmartItems.
func (p *Portal) AddSmartItem(ctx context.Context, entityTypeID int, fields map[string]any) (SmartItem, error) {
	return p.oneSmartItem(ctx, "crm.item.add", map[string]any{
		"entityTypeId": entityTypeID, "fields": fields, "useOriginalUfNames": "Y",
	}, 0)
}

// UpdateSmartItem changes the given fields of a card.
func (p *Portal) UpdateSmartItem(ctx context.Context, entityTypeID int, id int64, fields map[string]any) (SmartItem, error) {
	params := itemParams(entityTypeID, id)
	params["fields"] = fields

	return p.oneSmartItem(ctx, "crm.item.update", params, id)
}

func (p *Portal) oneSmartItem(ctx context.Context, method string, params map[string]any, want int64) (SmartItem, error) {
	var got itemAnswer[SmartItem]
	if _, err := p.Call(ctx, method, params, &got); err != nil {
		return SmartItem{}, err
	}

	return got.Item, wrongItem(method, FlexInt(got.Item.ID), want)
}
