package pairing

import (
	"context"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"time"

	"gorm.io/gorm"

	"receivepayment/db"
	"receivepayment/secrets"
	"receivepayment/words"
)

// Vault knows every column that holds something sealed: it counts by key, brings
// values under the key that seals now, and says whose key is gone.
type Vault struct {
	DB   *db.DB
	Keys *secrets.Keys
	Log  *slog.Logger
}

// sealedColumn is a column with sealed text, and how a row names itself when it
// seals.
type sealedColumn struct {
	table, column string
	key           []string
	name          func(key []string) string
}

// sealedColumns are all of them; a test seals one of each and looks.
func sealedColumns() []sealedColumn {
	token := func(kind string) func([]string) string {
		return func(key []string) string { return tokenName(kind, key[0], key[1]) }
	}
	return []sealedColumn{
		{"pairings", "secret", []string{"id"}, func(key []string) string { return secretOf(key[0]) }},
		{"portals", "application_token", []string{"id"}, func(key []string) string { return applicationTokenOf(key[0]) }},
		{"portal_tokens", "access", []string{"portal_id", "user_id"}, token("access")},
		{"portal_tokens", "refresh", []string{"portal_id", "user_id"}, token("refresh")},
	}
}

// sealedValue is one sealed cell.
type sealedValue struct {
	key    []string
	sealed string
}

// batchOfSealed is how many values are read at once.
const batchOfSealed = 200

// after reads the next values behind a key, of those that another key than so
// sealed; zero means all.
func (v *Vault) after(ctx context.Context, c sealedColumn, last []string, but uint32) ([]sealedValue, error) {
	keys := strings.Join(c.key, ", ")
	tx := v.DB.WithContext(ctx).Table(c.table).Select(keys + ", " + c.column).Where(c.column + " <> ''")
	if but != 0 {
		tx = tx.Where("SUBSTR("+c.column+", 1, 6) <> ?", mark(but))
	}
	if last != nil {
		places := strings.TrimSuffix(strings.Repeat("?, ", len(last)), ", ")
		args := make([]any, len(last))
		for i, l := range last {
			args[i] = l
		}
		tx = tx.Where("("+keys+") > ("+places+")", args...)
	}
	rows, err := tx.Order(keys).Limit(batchOfSealed).Rows()
	if err != nil {
		return nil, fmt.Errorf("read what is sealed in %s: %w", c.table, err)
	}
	defer func() { _ = rows.Close() }()
	var out []sealedValue
	for rows.Next() {
		one := sealedValue{key: make([]string, len(c.key))}
		into := make([]any, 0, len(c.key)+1)
		for i := range one.key {
			into = append(into, &one.key[i])
		}
		if err := rows.Scan(append(into, &one.sealed)...); err != nil {
			return nil, fmt.Errorf("read what is sealed in %s: %w", c.table, err)
		}
		out = append(out, one)
	}
	return out, rows.Err()
}

// mark is how everything begins that a key sealed: six characters of base64 hold
// the version byte and all but four bits of the key's id.
func mark(id uint32) string {
	raw := binary.BigEndian.AppendUint32([]byte{1}, id)
	return base64.StdEncoding.EncodeToString(raw)[:6]
}

// each calls do for every sealed value, of those that another key than but sealed.
func (v *Vault) each(ctx context.Context, but uint32, do func(sealedColumn, sealedValue) error) error {
	for _, c := range sealedColumns() {
		var last []string
		for {
			values, err := v.after(ctx, c, last, but)
			if err != nil {
				return err
			}
			for _, one := range values {
				if err := do(c, one); err != nil {
					return err
				}
				last = one.key
			}
			if len(values) < batchOfSealed {
				break
			}
		}
	}
	return nil
}

// Count answers how many values each key sealed, by the key's id.
func (v *Vault) Count(ctx context.Context) (map[uint32]int64, error) {
	out := map[uint32]int64{}
	err := v.each(ctx, 0, func(_ sealedColumn, one sealedValue) error {
		out[secrets.SealedBy(one.sealed)]++
		return nil
	})
	return out, err
}

// Reseal brings everything under the key that seals now and answers how many
// values it moved and how many it could not open. It may be stopped at any
// point and run again, by several processes at once: a value that somebody else
// has changed meanwhile stays as that one left it.
func (v *Vault) Reseal(ctx context.Context) (moved, lost int64, err error) {
	err = v.each(ctx, v.Keys.Primary(), func(c sealedColumn, one sealedValue) error {
		again, changed, err := v.Keys.Reseal(one.sealed, c.name(one.key))
		if errors.Is(err, secrets.ErrCannotOpen) {
			lost++
			return nil
		}
		if err != nil || !changed {
			return err
		}
		n, err := v.put(ctx, c, one, again)
		moved += n
		return err
	})
	return moved, lost, err
}

func (v *Vault) put(ctx context.Context, c sealedColumn, one sealedValue, sealed string) (int64, error) {
	tx := v.DB.WithContext(ctx).Table(c.table).Where(c.column+" = ?", one.sealed)
	for i, name := range c.key {
		tx = tx.Where(name+" = ?", one.key[i])
	}
	res := tx.Update(c.column, sealed)
	if res.Error != nil {
		return 0, fmt.Errorf("seal %s anew: %w", c.table, res.Error)
	}
	return res.RowsAffected, nil
}

// watchKeys is how often a running program looks whether the key file changed.
const watchKeys = 10 * time.Second

// Run brings everything under the key that seals, at once and after each change
// of the key file, until ctx ends.
func (v *Vault) Run(ctx context.Context) {
	tick := time.NewTicker(watchKeys)
	defer tick.Stop()
	for pending := true; ; {
		if pending {
			pending = !v.sweep(ctx)
		}
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		changed, err := v.Keys.Reload()
		if err != nil {
			v.Log.ErrorContext(ctx, "the key file cannot be read; working on with the keys in hand", "error", err)
		}
		pending = pending || changed
	}
}

// sweep reseals and reports whether it came to the end.
func (v *Vault) sweep(ctx context.Context) bool {
	moved, lost, err := v.Reseal(ctx)
	switch {
	case ctx.Err() != nil:
		return false
	case err != nil:
		v.Log.WarnContext(ctx, "sealing anew goes on later", "moved", moved, "error", err)
		return false
	case moved > 0 || lost > 0:
		v.Log.InfoContext(ctx, "sealed anew", "key", v.Keys.Primary(), "moved", moved, "cannot be opened", lost)
	}
	return true
}

// ErrKeysLost means that nothing that the database holds sealed can be opened
// with the keys in hand.
var ErrKeysLost = errors.New("SECRET_KEYS does not hold the key that sealed this database. " +
	"Bring that key back. If it is lost for good, run `app keys lost` once: " +
	"an administrator of each portal then opens the app, and each terminal is paired again")

// Check refuses to begin with keys that open nothing, with [ErrKeysLost]. Where
// only some values cannot be opened, their terminals and portals ask to be
// paired and opened again.
func (v *Vault) Check(ctx context.Context) error {
	counts, err := v.Count(ctx)
	if err != nil {
		return err
	}
	var opens, lost int64
	for id, n := range counts {
		if slices.Contains(v.Keys.IDs(), id) {
			opens += n
		} else {
			lost += n
		}
	}
	switch {
	case lost > 0 && opens == 0:
		return fmt.Errorf("%w (%d values)", ErrKeysLost, lost)
	case lost > 0:
		v.Log.WarnContext(ctx, "some sealed values cannot be opened: their terminals and portals ask to be paired again", "values", lost)
		return v.giveUp(ctx, false)
	}
	return nil
}

// GiveUp forgets for good what cannot be opened.
func (v *Vault) GiveUp(ctx context.Context) error { return v.giveUp(ctx, true) }

// giveUp marks the terminals and tokens whose key is gone. With forget the
// useless values go too, so that the next start finds none.
func (v *Vault) giveUp(ctx context.Context, forget bool) error {
	known := v.Keys.IDs()
	return v.each(ctx, 0, func(c sealedColumn, one sealedValue) error {
		if slices.Contains(known, secrets.SealedBy(one.sealed)) {
			return nil
		}
		return v.DB.InTx(ctx, func(tx *gorm.DB) error {
			if err := markLost(tx, c, one); err != nil || !forget {
				return err
			}
			row := tx.Table(c.table)
			for i, name := range c.key {
				row = row.Where(name+" = ?", one.key[i])
			}
			return row.Update(c.column, "").Error
		})
	})
}

func markLost(tx *gorm.DB, c sealedColumn, one sealedValue) error {
	switch c.table {
	case "pairings":
		return tx.Model(&Terminal{}).Where("pairing_id = ? AND status <> ?", one.key[0], Retired).
			Updates(map[string]any{"status": Attention, "status_reason": words.English(keyLostReason), "status_code": codeUnpaired, "due_at": nil}).Error
	case "portal_tokens":
		return tx.Model(&tokenRow{}).Where("portal_id = ? AND user_id = ?", one.key[0], one.key[1]).Update("dead", true).Error
	}
	return nil // an administrator's next visit brings the application's token
}

// keyLostReason is what a terminal says whose secret nobody can open any more.
const keyLostReason words.Key = "The key that sealed this terminal's secret is gone. Pair the terminal again."
