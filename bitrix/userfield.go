package bitrix

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"slices"
	"strings"
)

// UserField is a custom field of a kind of item (reference bitrix24 6.9).
type UserField struct {
	// Entity is the kind, such as CRM_SMART_INVOICE or CRM_9.
	Entity string
	// Name is the full code, UF_…, at most 50 capital letters, digits and underscores.
	Name string
	// Type is string, money, employee, …
	Type     string
	Multiple bool
	// Labels are for people, by Bitrix24's codes of languages.
	Labels map[string]string
}

// InvoiceFieldsOf is the entity of smart invoices' custom fields.
const InvoiceFieldsOf = "CRM_SMART_INVOICE"

// UserFieldNames lists the codes of an entity's custom fields.
func (p *Portal) UserFieldNames(ctx context.Context, entity string) ([]string, error) {
	const method = "userfieldconfig.list"

	params := map[string]any{"moduleId": "crm", "filter": map[string]any{"entityId": entity}}

	return collect(ctx, p, method, params, 0, func(raw json.RawMessage) ([]string, error) {
		var got struct {
			Fields List[struct {
				Entity FlexString `json:"entityId"`
				Name   FlexString `json:"fieldName"`
			}] `json:"fields"`
		}
		if err := decodeResult(method, http.StatusOK, raw, &got); err != nil {
			return nil, err
		}
		names := make([]string, 0, len(got.Fields))
		for _, f := range got.Fields {
			if string(f.Entity) == entity {
				names = append(names, string(f.Name))
			}
		}

		return names, nil
	})
}

// EnsureUserFields makes the custom fields that the entity lacks.
func (p *Portal) EnsureUserFields(ctx context.Context, entity string, fields []UserField) error {
	have, err := p.UserFieldNames(ctx, entity)
	if err != nil {
		return err
	}
	for _, f := range fields {
		if slices.Contains(have, f.Name) {
			continue
		}
		if err := p.AddUserField(ctx, f); err != nil {
			return err
		}
	}

	return nil
}

// AddUserField makes a custom field; needs the scope userfieldconfig and the right to change the CRM's
// settings. A field that is there already is a success.
func (p *Portal) AddUserField(ctx context.Context, f UserField) error {
	multiple := "N"
	if f.Multiple {
		multiple = "Y"
	}
	_, err := p.Call(ctx, "userfieldconfig.add", map[string]any{"moduleId": "crm", "field": map[string]any{
		"entityId": f.Entity, "fieldName": f.Name, "userTypeId": f.Type, "multiple": multiple, "mandatory": "N",
		"showFilter": "Y", "editInList": "N", "editFormLabel": f.Labels,
	}}, nil)
	var e *Error
	if errors.As(err, &e) && strings.Contains(strings.ToLower(e.Description), "already exists") {
		return nil
	}

	return err
}
