package bitrix

import "context"

// AddTrigger registers an automation trigger, which customers then tie to a stage; administrators only.
// A trigger with this code that is there already gets the name (crm.automation.trigger.add).
func (p *Portal) AddTrigger(ctx context.Context, code, name string) error {
	_, err := p.Call(ctx, "crm.automation.trigger.add", map[string]any{"CODE": code, "NAME": name}, nil)

	return err
}

// DeleteTrigger takes a trigger away. One that was not there is a success.
func (p *Portal) DeleteTrigger(ctx context.Context, code string) error {
	_, err := p.Call(ctx, "crm.automation.trigger.delete", map[string]any{"CODE": code}, nil)
	if ClassOf(err) == NotFound {
		return nil
	}

	return err
}

// FireTrigger tells the CRM's automation that something happened to an item; administrators only. The
// portal answers true whether or not a stage changed. An item that stands at the trigger's stage, or
// beyond it, stays where it is, so a trigger that is fired twice moves nothing the second time unless
// somebody moved the item back in between (crm.automation.trigger.execute).
func (p *Portal) FireTrigger(ctx context.Context, code string, entityTypeID int, id int64) error {
	_, err := p.Call(ctx, "crm.automation.trigger.execute", map[string]any{
		"CODE": code, "OWNER_TYPE_ID": entityTypeID, "OWNER_ID": id,
	}, nil)

	return err
}
