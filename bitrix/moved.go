package bitrix

import "context"

// Mover is a [Tokens] that wants to know where its portal lives now.
type Mover interface {
	// Moved stores the portal's new REST root, as the authorisation server names it. A failure
	// costs the next caller the same question.
	Moved(ctx context.Context, endpoint string)
}

// rehoused asks the authorisation server where the portal lives, and reports whether that is
// elsewhere than from, where the call went. A redirect is only a claim and never followed by itself:
// it could lure a token away (reference bitrix24 2.5).
func (p *Portal) rehoused(ctx context.Context, t Token, from string) bool {
	id, err := p.client.Verify(ctx, t.Server, t.Access)
	if err != nil || id.MemberID != p.memberID || id.Endpoint == from {
		return false
	}
	p.endpoint.Store(&id.Endpoint)
	if m, wants := p.tokens.(Mover); wants {
		m.Moved(ctx, id.Endpoint)
	}

	return true
}
