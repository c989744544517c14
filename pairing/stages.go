package pairing

import (
	"context"
	"fmt"
	"strconv"

	"receivepayment/bitrix"
)

// Stages are what an invoice funnel's stages mean, by funnel id.
type Stages map[string]bitrix.Funnel

// Funnel is an invoice funnel of the portal.
type Funnel struct {
	ID      int64  `json:"id"`
	Name    string `json:"name"`
	Default bool   `json:"default,omitempty"`
}

// learnStages reads the invoice funnels and what their stages mean. Codes
// differ from portal to portal; only the semantics can be relied on (reference
// bitrix24 6.7).
func (s *Portals) learnStages(ctx context.Context, api *bitrix.Portal, p *Portal) error {
	funnels, err := api.Categories(ctx, bitrix.TypeInvoice)
	if err != nil {
		return err
	}
	stages, named := Stages{}, make([]Funnel, 0, len(funnels))
	for _, funnel := range funnels {
		list, err := api.Stages(ctx, bitrix.TypeInvoice, funnel.ID)
		if err != nil {
			return err
		}
		stages[funnelKey(funnel.ID)] = bitrix.FunnelOf(list)
		named = append(named, Funnel{ID: funnel.ID, Name: funnel.Name, Default: funnel.IsDefault})
	}
	p.Stages, p.Funnels = stages, named
	return nil
}

// LearnStages reads again what the stages of the portal's invoices mean.
func (s *Portals) LearnStages(ctx context.Context, portalID string) error {
	api, err := s.AsAdmin(ctx, portalID)
	if err != nil {
		return err
	}
	var p Portal
	if err := s.learnStages(ctx, api, &p); err != nil {
		return fmt.Errorf("read the invoice stages: %w", err)
	}
	err = s.DB.WithContext(ctx).Model(&Portal{}).Where("id = ?", portalID).Select("Stages", "Funnels").
		Updates(&Portal{Stages: p.Stages, Funnels: p.Funnels}).Error
	if err != nil {
		return fmt.Errorf("remember the invoice stages: %w", err)
	}
	return nil
}

func funnelKey(id int64) string { return strconv.FormatInt(id, 10) }

// Funnel says what the stages of an invoice funnel mean. One that was made
// after the installation is asked for and remembered.
func (s *Portals) Funnel(ctx context.Context, portalID string, id int64) (bitrix.Funnel, error) {
	p, err := s.Portal(ctx, portalID)
	if err != nil {
		return bitrix.Funnel{}, err
	}
	return s.funnel(ctx, p, id)
}

func (s *Portals) funnel(ctx context.Context, p Portal, id int64) (bitrix.Funnel, error) {
	if f, known := p.Stages[funnelKey(id)]; known {
		return f, nil
	}
	stages, err := s.speakAs(p, p.AdminID).Stages(ctx, bitrix.TypeInvoice, id)
	if err != nil {
		return bitrix.Funnel{}, fmt.Errorf("read the stages of funnel %d: %w", id, err)
	}
	f := bitrix.FunnelOf(stages)
	if p.Stages == nil {
		p.Stages = Stages{}
	}
	p.Stages[funnelKey(id)] = f
	err = s.DB.WithContext(ctx).Model(&Portal{}).Where("id = ?", p.ID).
		Select("Stages").Updates(&Portal{Stages: p.Stages}).Error
	if err != nil {
		return f, fmt.Errorf("remember the stages of funnel %d: %w", id, err)
	}
	return f, nil
}
