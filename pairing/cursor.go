package pairing

import (
	"encoding/base64"
	"strings"

	"gorm.io/gorm"
)

// place is where a page of a list by name ends: names may be alike, so the id
// decides between them.
type place struct{ name, id string }

// after keeps what comes behind the place; column names the ids.
func (p place) after(tx *gorm.DB, column string) *gorm.DB {
	return tx.Where("(name > ? OR (name = ? AND "+column+" > ?))", p.name, p.name, p.id)
}

// cursor is the place as text for addresses.
func (p place) cursor() string {
	return base64.RawURLEncoding.EncodeToString([]byte(p.id + " " + p.name))
}

// readPlace reads a cursor; ok is false when it is none.
func readPlace(text string) (p place, ok bool) {
	raw, err := base64.RawURLEncoding.DecodeString(text)
	if err != nil {
		return place{}, false
	}
	id, name, found := strings.Cut(string(raw), " ")
	return place{name: name, id: id}, found
}

// cut keeps a page of so many rows of which one more was asked for, and answers
// the cursor of the next page, empty at the end.
func cut[T any](rows []T, limit int, placeOf func(T) place) (page []T, next string) {
	if len(rows) <= limit {
		return rows, ""
	}
	return rows[:limit], placeOf(rows[limit-1]).cursor()
}
