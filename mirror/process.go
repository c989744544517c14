package mirror

import (
	"context"
	"fmt"
	"slices"

	"receivepayment/bitrix"
	"receivepayment/words"
)

// title names the smart process.
const title words.Key = "EFTPOS terminals"

// Codes of the smart process's own fields.
const (
	fieldTerminal = "POS_TERMINAL"
	fieldSerial   = "POS_SERIAL"
	fieldStatus   = "POS_STATUS"
	fieldMode     = "POS_MODE"
	fieldUsers    = "POS_USERS"
)

func fieldsOf(t bitrix.SmartType) []bitrix.UserField {
	field := func(code, kind string, label words.Key) bitrix.UserField {
		return bitrix.UserField{
			Entity: t.FieldsOf(), Name: t.FieldName(code), Type: kind, Multiple: kind == "employee", Labels: words.Everywhere(label),
		}
	}
	return []bitrix.UserField{
		field(fieldTerminal, "string", "Terminal id"),
		field(fieldSerial, "string", "Serial number"),
		field(fieldStatus, "string", "Status"),
		field(fieldMode, "string", "Who may use it"),
		field(fieldUsers, "employee", "People"),
	}
}

// ensure makes the smart process when the portal has none of ours. It is found
// by its title in any of our languages, because the portal's may have changed.
func (m *Mirror) ensure(ctx context.Context, api *bitrix.Portal, row *State) error {
	if row.EntityTypeID != 0 {
		return nil
	}
	known, err := api.SmartTypes(ctx)
	if err != nil {
		return err
	}
	titles := words.Everywhere(title)
	process := bitrix.SmartType{}
	for _, t := range slices.Backward(known) { // the oldest one wins
		for _, name := range titles {
			if t.Title == name {
				process = t
			}
		}
	}
	if process.EntityTypeID == 0 {
		if process, err = api.AddSmartType(ctx, m.CRM.Voice(ctx, row.PortalID).T(title)); err != nil {
			return err
		}
	}
	if err := api.EnsureUserFields(ctx, process.FieldsOf(), fieldsOf(process)); err != nil {
		return err
	}
	row.TypeID, row.EntityTypeID = process.ID, process.EntityTypeID
	err = m.DB.WithContext(ctx).Model(&State{}).Where("portal_id = ?", row.PortalID).
		Updates(map[string]any{"type_id": process.ID, "entity_type_id": process.EntityTypeID}).Error
	if err != nil {
		return fmt.Errorf("remember the smart process: %w", err)
	}
	return nil
}

// heal makes fields again that a person took away.
func (m *Mirror) heal(ctx context.Context, api *bitrix.Portal, process bitrix.SmartType, cards []bitrix.SmartItem) error {
	if len(cards) == 0 {
		return nil
	}
	for _, f := range fieldsOf(process) {
		if _, there := cards[0].Custom[f.Name]; !there {
			return api.EnsureUserFields(ctx, process.FieldsOf(), fieldsOf(process))
		}
	}
	return nil
}
