package bitrix_test

import (
	"context"
	"testing"

	"receivepayment/bitrix"
)

// calls are all typed calls by the method that each begins with.
func calls() map[string]func(context.Context, *bitrix.Portal) error {
	return map[string]func(context.Context, *bitrix.Portal) error{
		"profile":  func(ctx context.Context, p *bitrix.Portal) error { _, err := p.Profile(ctx); return err },
		"app.info": func(ctx context.Context, p *bitrix.Portal) error { _, err := p.AppInfo(ctx); return err },
		"scope":    func(ctx context.Context, p *bitrix.Portal) error { _, err := p.Scope(ctx); return err },
		"placement.list": func(ctx context.Context, p *bitrix.Portal) error {
			_, err := p.Placements(ctx)
			return err
		},
		"placement.get": func(ctx context.Context, p *bitrix.Portal) error {
			_, err := p.PlacementBindings(ctx)
			return err
		},
		"placement.unbind": func(ctx context.Context, p *bitrix.Portal) error { return p.UnbindPlacement(ctx, "X", "") },
		"events":           func(ctx context.Context, p *bitrix.Portal) error { _, err := p.Events(ctx); return err },
		"event.get":        func(ctx context.Context, p *bitrix.Portal) error { _, err := p.EventBindings(ctx); return err },
		"event.unbind":     func(ctx context.Context, p *bitrix.Portal) error { return p.UnbindEvent(ctx, "X", "h") },
		"crm.item.list":    func(ctx context.Context, p *bitrix.Portal) error { _, err := p.InvoicesOfDeal(ctx, 512); return err },
		"crm.item.get":     func(ctx context.Context, p *bitrix.Portal) error { _, err := p.Invoice(ctx, 77); return err },
		"crm.item.productrow.list": func(ctx context.Context, p *bitrix.Portal) error {
			_, err := p.ProductRows(ctx, bitrix.OwnerDeal, 512)
			return err
		},
		"crm.item.productrow.set": func(ctx context.Context, p *bitrix.Portal) error {
			_, err := p.SetProductRows(ctx, bitrix.OwnerInvoice, 77, nil)
			return err
		},
		"crm.category.list": func(ctx context.Context, p *bitrix.Portal) error {
			_, err := p.Categories(ctx, bitrix.TypeInvoice)
			return err
		},
		"crm.status.list": func(ctx context.Context, p *bitrix.Portal) error {
			_, err := p.Stages(ctx, bitrix.TypeInvoice, 3)
			return err
		},
		"crm.timeline.logmessage.add": func(ctx context.Context, p *bitrix.Portal) error {
			_, err := p.AddLogMessage(ctx, bitrix.LogMessage{EntityTypeID: 31, EntityID: 77})
			return err
		},
		"crm.timeline.logmessage.list": func(ctx context.Context, p *bitrix.Portal) error {
			return p.LogMessages(ctx, 31, 77, func(bitrix.LogMessage) bool { return true })
		},
	}
}

func TestEveryCallPassesTheRefusalOn(t *testing.T) {
	t.Parallel()
	for method, call := range calls() {
		t.Run(method, func(t *testing.T) {
			t.Parallel()
			s := newScript(t).on(method, refuses(403, "user_access_error"), refuses(401, "NO_AUTH_FOUND"), refuses(500, "PORTAL_DELETED"))

			for _, want := range []bitrix.Class{bitrix.Denied, bitrix.Auth, bitrix.Gone} {
				class(t, call(t.Context(), s.portal()), want)
			}
		})
	}
}

func TestNoCallTakesAnUnreadableResultForAnEmptyOne(t *testing.T) {
	t.Parallel()
	for method, call := range calls() {
		if method == "placement.unbind" || method == "event.unbind" {
			continue // their results are not looked at
		}
		t.Run(method, func(t *testing.T) {
			t.Parallel()
			s := newScript(t).on(method, result(`"something else"`))

			class(t, call(t.Context(), s.portal()), bitrix.Unclear)
		})
	}
}
