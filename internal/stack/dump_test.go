package stack

import (
	"fmt"
	"strings"
	"testing"
)

// rows is the whole database as text: one line for each row, by table.
type rows map[string][]string

// dump reads every column of every table. What we look after by ourselves is
// left out: it may change at any moment.
func (s *Stack) dump(t *testing.T) rows {
	t.Helper()
	tables, err := s.House.DB.WithContext(t.Context()).Migrator().GetTables()
	if err != nil {
		t.Fatal(err)
	}
	out := rows{}
	for _, table := range tables {
		if strings.HasPrefix(table, "goose") || strings.HasPrefix(table, "sqlite") || strings.HasSuffix(table, "departments") || table == "portal_changes" {
			continue
		}
		var found []map[string]any
		if err := s.House.DB.WithContext(t.Context()).Table(table).Find(&found).Error; err != nil {
			t.Fatal(err)
		}
		for _, row := range found {
			if table == "portals" {
				delete(row, "due_at")
				delete(row, "seen_at")
				delete(row, "people_due_at")
				delete(row, "updated_at")
			}
			if table == "terminals" { // what a callback under way may still change
				delete(row, "last_seen_at")
				delete(row, "last_callback_at")
			}
			for column, value := range row {
				if raw, isBytes := value.([]byte); isBytes {
					row[column] = string(raw)
				}
			}
			out[table] = append(out[table], fmt.Sprint(row))
		}
	}
	return out
}

// counts is how many rows each table holds; empty tables are left out.
func (r rows) counts() map[string]int {
	out := map[string]int{}
	for table, lines := range r {
		out[table] = len(lines)
	}
	return out
}

// String is everything, for looking for what must not be there.
func (r rows) String() string {
	var b strings.Builder
	for table, lines := range r {
		fmt.Fprintf(&b, "%s:\n%s\n", table, strings.Join(lines, "\n"))
	}
	return b.String()
}

// still leaves out whom the directory names: it is read in the background.
func (r rows) still() rows {
	delete(r, "portal_users")
	return r
}
