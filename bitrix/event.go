package bitrix

import "context"

// EventBinding is one subscription of our application (reference bitrix24 10).
type EventBinding struct {
	// Event is the name in upper case, Handler the address that is told.
	Event, Handler string
	// AuthType is the user whose token accompanies the event, 0 for whoever caused it.
	AuthType int64
	// Offline events wait in a queue on the portal instead of being posted.
	Offline bool
}

// Events lists the names that can be bound on this portal.
func (p *Portal) Events(ctx context.Context) ([]string, error) {
	var got List[string]
	if _, err := p.Call(ctx, "events", nil, &got); err != nil {
		return nil, err
	}

	return got, nil
}

// EventBindings lists what our application is subscribed to.
func (p *Portal) EventBindings(ctx context.Context) ([]EventBinding, error) {
	var got List[struct {
		Event    FlexString `json:"event"`
		Handler  FlexString `json:"handler"`
		AuthType FlexInt    `json:"auth_type"`
		Offline  FlexBool   `json:"offline"`
	}]
	if _, err := p.Call(ctx, "event.get", nil, &got); err != nil {
		return nil, err
	}

	all := make([]EventBinding, 0, len(got))
	for _, g := range got {
		all = append(all, EventBinding{
			Event: string(g.Event), Handler: string(g.Handler), AuthType: int64(g.AuthType), Offline: bool(g.Offline),
		})
	}

	return all, nil
}

// BindEvent subscribes the handler to an event. A subscription that exists already is a success.
func (p *Portal) BindEvent(ctx context.Context, event, handler string) error {
	return p.bind(ctx, "event.bind", map[string]any{"event": event, "handler": handler})
}

// UnbindEvent ends a subscription. One that did not exist is a success.
func (p *Portal) UnbindEvent(ctx context.Context, event, handler string) error {
	_, err := p.Call(ctx, "event.unbind", map[string]any{"event": event, "handler": handler}, nil)

	return err
}
