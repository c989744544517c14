package pairing

import (
	"context"
	"fmt"

	"receivepayment/words"
)

// Registered lists all terminals of a portal, oldest first and retired ones too,
// with who may use them by name.
func (s *Terminals) Registered(ctx context.Context, portalID string) ([]Card, error) {
	tx := s.DB.WithContext(ctx)
	var rows []Terminal
	if err := tx.Where("portal_id = ?", portalID).Order("created_at, id").Find(&rows).Error; err != nil {
		return nil, fmt.Errorf("list all terminals: %w", err)
	}
	var users []assigned
	if err := tx.Where("portal_id = ?", portalID).Order("user_id").Find(&users).Error; err != nil {
		return nil, fmt.Errorf("read who uses terminals: %w", err)
	}
	cards := make([]Card, len(rows))
	at := make(map[string]int, len(rows))
	for i, t := range rows {
		cards[i], at[t.ID] = Card{Terminal: t, Users: []string{}}, i
	}
	for _, u := range users {
		if i, known := at[u.TerminalID]; known {
			cards[i].Users = append(cards[i].Users, u.UserID)
		}
	}
	return cards, nil
}

// Words says the status for people.
func (s Status) Words() words.Key {
	switch s {
	case Proving:
		return "Being tested"
	case Ready:
		return "Ready"
	case Attention:
		return "Needs attention"
	case Retired:
		return "Retired"
	}
	return words.Key(s)
}
