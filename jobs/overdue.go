package jobs

import (
	"fmt"
	"time"

	"gorm.io/gorm"
)

// Rows are the work of one kind that waits in a table: whose column has passed
// is overdue. Every such table has an index on it.
type Rows struct {
	Kind   Kind
	Column string // due_at when empty
	Key    string // id when empty
}

// Overdue lists what is overdue at a time, the longest waiting first. The query
// names the table, and may narrow it.
func (r Rows) Overdue(query *gorm.DB, now time.Time, limit int) ([]Due, error) {
	column, key := r.Column, r.Key
	if column == "" {
		column = "due_at"
	}
	if key == "" {
		key = "id"
	}
	var ids []string
	if err := query.Where(column+" <= ?", now).Order(column).Limit(limit).Pluck(key, &ids).Error; err != nil {
		return nil, fmt.Errorf("list what is overdue of %s: %w", r.Kind, err)
	}
	due := make([]Due, len(ids))
	for i, id := range ids {
		due[i] = Due{Kind: r.Kind, ID: id}
	}
	return due, nil
}
