package audit

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"time"
)

// Filter narrows a list. Zero values do not narrow.
type Filter struct {
	Text     string // in who, what and on what
	From, To time.Time
	Cursor   string // from the page before
}

// pageSize is how many lines a list answers at once.
const pageSize = 50

// ErrCursor means that the cursor is not one of ours.
var ErrCursor = fmt.Errorf("not a cursor of the audit")

// List answers a portal's lines, newest first, and the cursor of the next page,
// empty at the end.
func (l *Log) List(ctx context.Context, portalID string, f Filter) ([]Line, string, error) {
	tx := l.DB.WithContext(ctx).Where("portal_id = ?", portalID)
	if f.Cursor != "" {
		before, err := strconv.ParseInt(f.Cursor, 10, 64)
		if err != nil || before < 1 {
			return nil, "", ErrCursor
		}
		tx = tx.Where("seq < ?", before)
	}
	if !f.From.IsZero() {
		tx = tx.Where("at >= ?", f.From.UTC())
	}
	if !f.To.IsZero() {
		tx = tx.Where("at < ?", f.To.UTC())
	}
	if f.Text != "" {
		like := "%" + strings.NewReplacer(`!`, `!!`, `%`, `!%`, `_`, `!_`).Replace(strings.ToLower(f.Text)) + "%"
		tx = tx.Where(`(LOWER(actor_name) LIKE ? ESCAPE '!' OR actor_id = ? OR LOWER(action) LIKE ? ESCAPE '!'
			OR LOWER(subject) LIKE ? ESCAPE '!' OR LOWER(detail) LIKE ? ESCAPE '!')`, like, f.Text, like, like, like)
	}
	var lines []Line
	if err := tx.Order("seq DESC").Limit(pageSize + 1).Find(&lines).Error; err != nil {
		return nil, "", fmt.Errorf("list audit: %w", err)
	}
	if len(lines) <= pageSize {
		return lines, "", nil
	}
	return lines[:pageSize], strconv.FormatInt(lines[pageSize-1].Seq, 10), nil
}
