package pairing

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"gorm.io/gorm"

	"receivepayment/payments"
)

// TerminalQuery narrows a list of terminals. Zero values do not narrow.
type TerminalQuery struct {
	PortalID string
	UserID   string // the viewer
	All      bool   // also those that the viewer may not use
	Text     string // in the name
	GroupID  string
	Status   Status
	Cursor   string // from the page before
	Limit    int
}

// ErrTerminalCursor means that the cursor is not one of this list.
var ErrTerminalCursor = errors.New("not a cursor of the list of terminals")

// Page lists terminals by name, without retired ones, and the cursor of the
// next page, empty at the end. How many queries it takes does not depend on how
// many terminals or people there are.
func (s *Terminals) Page(ctx context.Context, q TerminalQuery) ([]Card, string, error) {
	tx := q.narrow(s.DB.WithContext(ctx))
	if q.Cursor != "" {
		from, ok := readPlace(q.Cursor)
		if !ok || !strings.HasPrefix(from.id, "t_") {
			return nil, "", ErrTerminalCursor
		}
		tx = from.after(tx, "id")
	}
	var rows []Terminal
	if err := tx.Order("name, id").Limit(q.Limit + 1).Find(&rows).Error; err != nil {
		return nil, "", fmt.Errorf("list terminals: %w", err)
	}
	rows, next := cut(rows, q.Limit, func(t Terminal) place { return place{t.Name, t.ID} })
	cards, err := s.cards(ctx, q.PortalID, q.UserID, rows)
	return cards, next, err
}

// Choices are the terminals that a form offers to the viewer: their default
// first, then those that are ready, at most so many. More reports whether there
// are others, which a search finds.
func (s *Terminals) Choices(ctx context.Context, q TerminalQuery) (cards []Card, more bool, err error) {
	tx := q.narrow(s.DB.WithContext(ctx))
	var rows []Terminal
	err = tx.Joins("LEFT JOIN default_terminals chosen ON chosen.terminal_id = terminals.id AND chosen.user_id = ?", q.UserID).
		Select("terminals.*").Order("CASE WHEN chosen.user_id IS NULL THEN 1 ELSE 0 END, CASE WHEN status = 'ready' THEN 0 ELSE 1 END, name, id").
		Limit(q.Limit + 1).Find(&rows).Error
	if err != nil {
		return nil, false, fmt.Errorf("list terminals to choose from: %w", err)
	}
	if more = len(rows) > q.Limit; more {
		rows = rows[:q.Limit]
	}
	cards, err = s.cards(ctx, q.PortalID, q.UserID, rows)
	return cards, more, err
}

func (q TerminalQuery) narrow(tx *gorm.DB) *gorm.DB {
	tx = tx.Model(&Terminal{}).Where("terminals.portal_id = ? AND status <> ?", q.PortalID, Retired)
	if !q.All {
		tx = usable(tx, q.PortalID, q.UserID)
	}
	if q.Text != "" {
		tx = tx.Where("sought LIKE ? ESCAPE '!'", like(q.Text))
	}
	if q.GroupID != "" {
		tx = tx.Where("group_id = ?", q.GroupID)
	}
	if q.Status != "" {
		tx = tx.Where("status = ?", q.Status)
	}
	return tx
}

// usable keeps the terminals that a person may use: everybody's, those given to
// them by name, and those of their groups.
func usable(tx *gorm.DB, portalID, userID string) *gorm.DB {
	return tx.Where(`(terminals.shared
		OR terminals.id IN (SELECT terminal_id FROM terminal_users WHERE portal_id = ? AND user_id = ?)
		OR (terminals.group_id <> '' AND terminals.group_id IN (`+groupsOf+`)))`,
		portalID, userID, portalID, userID, portalID, userID)
}

// groupsOf are the groups that a person belongs to, by name or by department.
const groupsOf = `SELECT group_id FROM terminal_group_users WHERE portal_id = ? AND user_id = ?
	UNION SELECT g.id FROM terminal_groups g JOIN user_departments d ON d.portal_id = g.portal_id AND d.subject = g.department
	WHERE g.portal_id = ? AND d.user_id = ?`

// Free are the names of terminals that the viewer could use at this moment, at
// most three: advice for somebody whose terminal is busy.
func (s *Terminals) Free(ctx context.Context, portalID, userID string, admin bool) ([]string, error) {
	cards, _, err := s.Choices(ctx, TerminalQuery{PortalID: portalID, UserID: userID, All: admin, Status: Ready, Limit: 20})
	if err != nil {
		return nil, err
	}
	var free []string
	for _, c := range cards {
		if !c.Busy() && !c.Practice() && len(free) < 3 {
			free = append(free, c.Name)
		}
	}
	return free, nil
}

// Sick lists the portal's terminals that need a person, at most fifty.
func (s *Terminals) Sick(ctx context.Context, portalID, userID string, all bool) ([]Terminal, error) {
	q := TerminalQuery{PortalID: portalID, UserID: userID, All: all, Status: Attention}
	var rows []Terminal
	if err := q.narrow(s.DB.WithContext(ctx)).Order("name, id").Limit(50).Find(&rows).Error; err != nil {
		return nil, fmt.Errorf("list terminals that need attention: %w", err)
	}
	return rows, nil
}

// cards adds to terminals who may use them and who uses them now.
func (s *Terminals) cards(ctx context.Context, portalID, userID string, rows []Terminal) ([]Card, error) {
	if len(rows) == 0 {
		return []Card{}, nil
	}
	ids := make([]string, len(rows))
	for i, t := range rows {
		ids[i] = t.ID
	}
	holders, err := s.Payments.Holders(ctx, ids)
	if err != nil {
		return nil, err
	}
	holds, err := s.Payments.Holds(ctx, ids)
	if err != nil {
		return nil, err
	}
	more, err := s.around(ctx, portalID, userID, ids)
	if err != nil {
		return nil, err
	}
	cards := make([]Card, len(rows))
	for i, t := range rows {
		cards[i] = Card{Terminal: t, Users: more.users[t.ID], Default: more.chosen == t.ID, Group: more.groups[t.GroupID], Mine: more.mine[t.GroupID]}
		if cards[i].Users == nil {
			cards[i].Users = []string{}
		}
		if p, held := holders[t.ID]; held {
			cards[i].Holder = &p
		}
		if h, held := holds[t.ID]; held {
			cards[i].Held = &h
		}
		if t.Provider == KayaakuProvider {
			if err := s.kayaakuCard(ctx, &cards[i]); err != nil {
				return nil, err
			}
		}
	}
	return cards, nil
}

// surroundings is what cards need beside the terminals' own rows.
type surroundings struct {
	users  map[string][]string // by terminal
	chosen string              // the viewer's default
	groups map[string]string   // names
	mine   map[string]bool     // the groups that the viewer belongs to
}

func (s *Terminals) around(ctx context.Context, portalID, userID string, ids []string) (surroundings, error) {
	out := surroundings{users: map[string][]string{}, groups: map[string]string{}, mine: map[string]bool{}}
	tx := s.DB.WithContext(ctx)
	var users []assigned
	if err := tx.Where("terminal_id IN ?", ids).Order("user_id").Find(&users).Error; err != nil {
		return out, fmt.Errorf("read who uses terminals: %w", err)
	}
	for _, u := range users {
		out.users[u.TerminalID] = append(out.users[u.TerminalID], u.UserID)
	}
	var chosen []defaultTerminal
	if err := tx.Where("portal_id = ? AND user_id = ?", portalID, userID).Limit(1).Find(&chosen).Error; err != nil {
		return out, fmt.Errorf("read default terminal: %w", err)
	}
	if len(chosen) == 1 {
		out.chosen = chosen[0].TerminalID
	}
	var groups []struct {
		ID, Name string
		Mine     bool
	}
	err := tx.Raw("SELECT id, name, id IN ("+groupsOf+") AS mine FROM terminal_groups WHERE portal_id = ?",
		portalID, userID, portalID, userID, portalID).Scan(&groups).Error
	if err != nil {
		return out, fmt.Errorf("read groups: %w", err)
	}
	for _, g := range groups {
		out.groups[g.ID], out.mine[g.ID] = g.Name, g.Mine
	}
	return out, nil
}

// Count is how many terminals the portal has, without retired ones.
func (s *Terminals) Count(ctx context.Context, portalID string) (int64, error) {
	var n int64
	err := s.DB.WithContext(ctx).Model(&Terminal{}).Where("portal_id = ? AND status <> ?", portalID, Retired).Count(&n).Error
	if err != nil {
		return 0, fmt.Errorf("count terminals: %w", err)
	}
	return n, nil
}

// Busy reports whether the terminal is in use at this moment.
func (c Card) Busy() bool { return c.Holder != nil || c.Held != nil }

// Card is a terminal with who may use it and who uses it now.
type Card struct {
	Terminal
	Users   []string // by name
	Default bool     // for the viewer
	Group   string   // its name, empty when it has none
	Mine    bool     // the viewer belongs to the group
	Holder  *payments.Payment
	Held    *payments.Hold // for something that is no payment
	Kayaaku *KayaakuCard   // of a Kayaaku device
	Code    string         // the one-time code for its bridge, when it was just made
}
