package bitrix

import (
	"context"
	"errors"
	"strings"
)

// PaySystem is one way in which orders of one kind of buyer are paid (reference bitrix24 7).
type PaySystem struct {
	ID           int64
	Name, XMLID  string
	Active       bool
	PersonTypeID int64
}

type paySystemWire struct {
	ID           FlexInt    `json:"ID"`
	Name         FlexString `json:"NAME"`
	XMLID        FlexString `json:"XML_ID"`
	Active       FlexBool   `json:"ACTIVE"`
	PersonTypeID FlexInt    `json:"PERSON_TYPE_ID"`
}

// PaySystems lists the pay systems that carry our reference. A portal that ignores the filter is read
// with care: those of others are left out.
func (p *Portal) PaySystems(ctx context.Context, xmlID string) ([]PaySystem, error) {
	var got List[paySystemWire]
	_, err := p.Call(ctx, "sale.paysystem.list", map[string]any{
		"SELECT": []string{"ID", "NAME", "XML_ID", "ACTIVE", "PERSON_TYPE_ID"}, "FILTER": map[string]any{"XML_ID": xmlID},
	}, &got)
	if err != nil {
		return nil, err
	}
	var all []PaySystem
	for _, w := range got {
		if string(w.XMLID) != xmlID {
			continue
		}
		all = append(all, PaySystem{
			ID: int64(w.ID), Name: string(w.Name), XMLID: string(w.XMLID), Active: bool(w.Active),
			PersonTypeID: int64(w.PersonTypeID),
		})
	}

	return all, nil
}

// PersonTypes lists the kinds of buyers that the store knows.
func (p *Portal) PersonTypes(ctx context.Context) ([]int64, error) {
	var got struct {
		Types List[struct {
			ID FlexInt `json:"id"`
		}] `json:"personTypes"`
	}
	if _, err := p.Call(ctx, "sale.persontype.list", nil, &got); err != nil {
		return nil, err
	}
	var ids []int64
	for _, t := range got.Types {
		ids = append(ids, int64(t.ID))
	}

	return ids, nil
}

// AddPaySystemHandler registers what our pay systems run on; a handler that exists already is a success.
// formURL is where a buyer who chose it in a web shop would be sent.
func (p *Portal) AddPaySystemHandler(ctx context.Context, name, code, formURL string) error {
	_, err := p.Call(ctx, "sale.paysystem.handler.add", map[string]any{
		"NAME": name, "CODE": code, "SORT": 500,
		"SETTINGS": map[string]any{
			"CLIENT_TYPE": "b2c",
			"FORM_DATA":   map[string]any{"ACTION_URI": formURL, "METHOD": "POST"},
			"CODES":       map[string]any{},
		},
	}, nil)
	var e *Error
	if errors.As(err, &e) && strings.Contains(strings.ToUpper(e.Code), "ALREADY_EXIST") {
		return nil
	}

	return err
}

// AddPaySystem makes a pay system for orders of one kind of buyer and returns its id. It is not
// idempotent: look with PaySystems first.
func (p *Portal) AddPaySystem(ctx context.Context, s PaySystem, handlerCode string) (int64, error) {
	const method = "sale.paysystem.add"

	var id FlexInt
	_, err := p.Call(ctx, method, map[string]any{
		"NAME": s.Name, "PERSON_TYPE_ID": s.PersonTypeID, "BX_REST_HANDLER": handlerCode,
		"ACTIVE": yesNo(s.Active), "ENTITY_REGISTRY_TYPE": "ORDER", "XML_ID": s.XMLID,
	}, &id)
	if err != nil {
		return 0, err
	}

	return int64(id), wrongItem(method, id, 0)
}
