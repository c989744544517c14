package pairing

import (
	"context"
	"slices"

	"receivepayment/bitrix"
)

// events are what we want to be told of: our own life on the portal, and
// changes of what is paid with us. Those that the portal does not know are left
// out; none of them is relied on, because none is sent twice (reference
// bitrix24 10).
func events() []string {
	return []string{
		"ONAPPUNINSTALL", "ONAPPUPDATE", "ONAPPPAYMENT",
		"ONCRMDYNAMICITEMUPDATE", "ONCRMDYNAMICITEMDELETE", "ONCRMDEALDELETE",
		"ONSALEORDERSAVED", "ONORDERDELETED",
	}
}

// bindEvents subscribes us to each of our events once; what is bound to an
// earlier address of ours, or no longer used, is unbound.
func (s *Portals) bindEvents(ctx context.Context, api *bitrix.Portal, _ *Portal) error {
	known, err := api.Events(ctx)
	if err != nil {
		return err
	}
	bound, err := api.EventBindings(ctx)
	if err != nil {
		return err
	}
	have := map[string]bool{}
	for _, b := range bound {
		if b.Handler == s.EventHandler && slices.Contains(events(), b.Event) && !have[b.Event] {
			have[b.Event] = true
			continue
		}
		if err := api.UnbindEvent(ctx, b.Event, b.Handler); err != nil {
			return err
		}
		if b.Handler == s.EventHandler {
			have[b.Event] = false // the twins share the address, and went with it
		}
	}
	for _, event := range events() {
		if have[event] || !slices.Contains(known, event) {
			continue
		}
		if err := api.BindEvent(ctx, event, s.EventHandler); err != nil {
			return err
		}
	}
	return nil
}
