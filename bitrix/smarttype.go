package bitrix

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
)

// SmartType is a smart process: a kind of item that customers or applications add to the CRM
// (reference bitrix24 6.1 and 9.3).
type SmartType struct {
	// ID names its custom fields (CRM_<ID>, UF_CRM_<ID>_…), EntityTypeID its items.
	ID           int64
	EntityTypeID int
	Title        string
}

// FieldsOf is the entity of its custom fields.
func (t SmartType) FieldsOf() string { return fmt.Sprintf("CRM_%d", t.ID) }

// FieldName is the full code of one of its custom fields.
func (t SmartType) FieldName(code string) string { return fmt.Sprintf("UF_CRM_%d_%s", t.ID, code) }

type smartTypeWire struct {
	ID           FlexInt    `json:"id"`
	EntityTypeID FlexInt    `json:"entityTypeId"`
	Title        FlexString `json:"title"`
}

func (w smartTypeWire) smartType() SmartType {
	return SmartType{ID: int64(w.ID), EntityTypeID: int(w.EntityTypeID), Title: string(w.Title)}
}

// SmartTypes lists the portal's smart processes, oldest first; administrators of the CRM only.
func (p *Portal) SmartTypes(ctx context.Context) ([]SmartType, error) {
	const method = "crm.type.list"

	params := map[string]any{"order": map[string]any{"id": "ASC"}}

	return collect(ctx, p, method, params, 0, func(raw json.RawMessage) ([]SmartType, error) {
		var got struct {
			Types List[smartTypeWire] `json:"types"`
		}
		if err := decodeResult(method, http.StatusOK, raw, &got); err != nil {
			return nil, err
		}
		all := make([]SmartType, 0, len(got.Types))
		for _, w := range got.Types {
			if t := w.smartType(); t.EntityTypeID > 0 {
				all = append(all, t)
			}
		}

		return all, nil
	})
}

// AddSmartType makes a smart process without stages and clients. It is not idempotent: look with
// SmartTypes first.
func (p *Portal) AddSmartType(ctx context.Context, title string) (SmartType, error) {
	const method = "crm.type.add"

	var got struct {
		Type smartTypeWire `json:"type"`
	}
	_, err := p.Call(ctx, method, map[string]any{"fields": map[string]any{
		"title": title, "isStagesEnabled": "N", "isClientEnabled": "N", "isCategoriesEnabled": "N",
		"isUseInUserfieldEnabled": "Y", "isSetOpenPermissions": "Y",
	}}, &got)
	if err != nil {
		return SmartType{}, err
	}
	if err := wrongItem(method, got.Type.EntityTypeID, 0); err != nil {
		return SmartType{}, err
	}

	return got.Type.smartType(), nil
}
