package mirror

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"

	"receivepayment/audit"
	"receivepayment/bitrix"
	"receivepayment/pairing"
	"receivepayment/payments"
	"receivepayment/words"
)

// agreement is what both sides of one terminal said when they last said the
// same: only against it a change has a side.
type agreement struct {
	TerminalID string `gorm:"primaryKey"`
	PortalID   string
	Agreed     both `gorm:"serializer:json"`
}

func (agreement) TableName() string { return "mirror_cards" }

// look compares every terminal of the portal with its card. A look at cards that
// are as they should be costs one request for each fifty of them.
func (m *Mirror) look(ctx context.Context, row *State) error {
	api, err := m.CRM.AsAdmin(ctx, row.PortalID)
	if err != nil {
		return err
	}
	if err := m.ensure(ctx, api, row); err != nil {
		return err
	}
	process := row.process()
	cards, err := api.SmartItems(ctx, process.EntityTypeID)
	if err != nil {
		return err
	}
	if err := m.heal(ctx, api, process, cards); err != nil {
		return err
	}
	terminals, err := m.Terminals.Registered(ctx, row.PortalID)
	if err != nil {
		return err
	}
	agreed, err := m.agreements(ctx, row.PortalID)
	if err != nil {
		return err
	}
	v := m.CRM.Voice(ctx, row.PortalID)
	for _, t := range terminals {
		one := pair{voice: v, process: process, terminal: t}
		if i := slices.IndexFunc(cards, func(c bitrix.SmartItem) bool { return c.XMLID == t.ID }); i >= 0 {
			one.card = &cards[i]
		}
		if last, known := agreed[t.ID]; known {
			one.agreed = &last
		}
		if err := m.match(ctx, api, one); err != nil {
			return fmt.Errorf("card of terminal %s: %w", t.ID, err)
		}
	}
	return nil
}

// pair is one terminal with its card, nil where there is none yet.
type pair struct {
	voice    *words.Voice
	process  bitrix.SmartType
	terminal pairing.Card
	card     *bitrix.SmartItem
	agreed   *both
}

// match brings one terminal and its card together. All fields are written at
// once: what somebody changes on the card between our reading and our writing
// is then put back, and never passes for our own.
func (m *Mirror) match(ctx context.Context, api *bitrix.Portal, p pair) error {
	if p.card == nil {
		if p.terminal.Status == pairing.Retired {
			return nil // nobody misses it
		}
		_, err := api.AddSmartItem(ctx, p.process.EntityTypeID, face(p.voice, p.process, p.terminal))
		if err != nil {
			return err
		}
		return m.agree(ctx, p.terminal)
	}
	if err := m.adopt(ctx, &p); err != nil {
		return err
	}
	if want := face(p.voice, p.process, p.terminal); !shows(p.process, *p.card, want) {
		err := m.Echoes.Around(ctx, p.terminal.PortalID, echo(p.process.EntityTypeID), p.card.ID, func() error {
			_, err := api.UpdateSmartItem(ctx, p.process.EntityTypeID, p.card.ID, want)
			return err
		})
		if err != nil {
			return err
		}
	}
	if p.agreed != nil && p.agreed.equal(ofTerminal(p.terminal)) {
		return nil
	}
	return m.agree(ctx, p.terminal)
}

// adopt takes over what was changed on the card and not on our side, when
// whoever did it may. What they may not is noted, and then written over.
func (m *Mirror) adopt(ctx context.Context, p *pair) error {
	ours, theirs := ofTerminal(p.terminal), ofCard(p.process, *p.card)
	if p.agreed == nil || !p.agreed.equal(ours) || theirs.equal(ours) {
		return nil
	}
	var c pairing.Change
	if theirs.Name != ours.Name {
		c.Name = &theirs.Name
	}
	if !slices.Equal(theirs.Users, ours.Users) {
		c.Users = &theirs.Users
	}
	userID := strconv.FormatInt(p.card.UpdatedBy, 10)
	name, may, err := m.May(ctx, p.terminal.PortalID, userID)
	if err != nil {
		return err
	}
	ctx = audit.By(ctx, userID, name)
	if !may || p.terminal.Status == pairing.Retired {
		return m.refuse(ctx, p.terminal, "put back: may not change terminals")
	}
	err = m.Terminals.Update(ctx, p.terminal.PortalID, userID, p.terminal.ID, c)
	var wrong *payments.InvalidError
	if errors.As(err, &wrong) {
		return m.refuse(ctx, p.terminal, "put back: "+wrong.Error())
	}
	if err != nil {
		return err
	}
	p.terminal.Name, p.terminal.Users = theirs.Name, theirs.Users
	return nil
}

// refuse notes whose change of a card is undone.
func (m *Mirror) refuse(ctx context.Context, t pairing.Card, why string) error {
	err := m.DB.InTx(ctx, func(tx *gorm.DB) error {
		return audit.Write(tx, m.Clock(), t.PortalID, audit.CardRefused, t.ID, t.Name+", "+why)
	})
	if err != nil {
		return fmt.Errorf("note a refused change: %w", err)
	}
	return nil
}

func (m *Mirror) agreements(ctx context.Context, portalID string) (map[string]both, error) {
	var rows []agreement
	if err := m.DB.WithContext(ctx).Where("portal_id = ?", portalID).Find(&rows).Error; err != nil {
		return nil, fmt.Errorf("read what the cards said: %w", err)
	}
	out := make(map[string]both, len(rows))
	for _, row := range rows {
		out[row.TerminalID] = row.Agreed
	}
	return out, nil
}

func (m *Mirror) agree(ctx context.Context, t pairing.Card) error {
	row := agreement{TerminalID: t.ID, PortalID: t.PortalID, Agreed: ofTerminal(t)}
	err := m.DB.WithContext(ctx).Clauses(clause.OnConflict{
		Columns: []clause.Column{{Name: "terminal_id"}}, DoUpdates: clause.AssignmentColumns([]string{"agreed"}),
	}).Create(&row).Error
	if err != nil {
		return fmt.Errorf("remember what the card says: %w", err)
	}
	return nil
}
