package pairing

import (
	"context"
	"slices"
	"strconv"
	"strings"

	"receivepayment/bitrix"
)

// Our pay system in the portal's store. It is a label on payments that were
// taken on a terminal: nobody chooses it in a web shop (reference bitrix24 7).
const (
	paySystemCode = "eftpos_terminal"
	paySystemName = "EFTPOS terminal"
)

// PaySystems are our own pay systems' ids, by kind of buyer.
type PaySystems map[string]int64

// Store is a client that may read and write orders, which is the
// administrator's; the caller checks the viewer's right. It is nil where the
// app was not granted the store.
func (s *Portals) Store(ctx context.Context, portalID string) (*bitrix.Portal, error) {
	p, err := s.Portal(ctx, portalID)
	if err != nil || !p.granted("sale") {
		return nil, err
	}
	return s.speakAs(p, p.AdminID), nil
}

// granted reports whether the portal's administrator granted us a scope.
func (p Portal) granted(scope string) bool {
	return slices.Contains(strings.Split(p.Scope, ","), scope)
}

// PaySystem is our own pay system for one kind of buyer, 0 where there is none.
func (s *Portals) PaySystem(ctx context.Context, portalID string, personTypeID int64) (int64, error) {
	p, err := s.Portal(ctx, portalID)
	return p.PaySystems[strconv.FormatInt(personTypeID, 10)], err
}

// openStore is the installer's step for orders. Of two at the same time both
// would find no pay system of ours, so one waits for the other.
func (s *Portals) openStore(ctx context.Context, api *bitrix.Portal, p *Portal) error {
	return s.alone(ctx, p.ID, func(ctx context.Context) error {
		made, err := s.makePaySystems(ctx, api)
		if err == nil {
			p.PaySystems = made
		}
		return err
	})
}

// makePaySystems makes sure that each kind of buyer has our pay system, once.
// An answer that was lost is no matter: whoever comes next looks first.
func (s *Portals) makePaySystems(ctx context.Context, api *bitrix.Portal) (PaySystems, error) {
	have, err := api.PaySystems(ctx, paySystemCode)
	if err != nil {
		return nil, err
	}
	out := PaySystems{}
	for _, system := range have {
		key := strconv.FormatInt(system.PersonTypeID, 10)
		if first, known := out[key]; !known || system.ID < first {
			out[key] = system.ID
		}
	}
	buyers, err := api.PersonTypes(ctx)
	if err != nil {
		return nil, err
	}
	for _, buyer := range buyers {
		key := strconv.FormatInt(buyer, 10)
		if out[key] != 0 {
			continue
		}
		if err := api.AddPaySystemHandler(ctx, paySystemName, paySystemCode, s.Handler); err != nil {
			return nil, err
		}
		out[key], err = api.AddPaySystem(ctx, bitrix.PaySystem{
			Name: paySystemName, XMLID: paySystemCode, Active: true, PersonTypeID: buyer,
		}, paySystemCode)
		if err != nil {
			return nil, err
		}
	}
	return out, nil
}
