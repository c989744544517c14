package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"slices"

	"gorm.io/gorm"

	"receivepayment/audit"
	"receivepayment/cmd/app/house"
	"receivepayment/db"
	"receivepayment/pairing"
	"receivepayment/secrets"
)

type keysCmd struct {
	New    keysNewCmd    `cmd:"" default:"1" help:"Print a new keyset for SECRET_KEYS."`
	Status keysStatusCmd `cmd:"" help:"Say which key sealed how much."`
	Rotate keysRotateCmd `cmd:"" help:"Let a new key seal from now on; what the old ones sealed is sealed anew in the background."`
	Retire keysRetireCmd `cmd:"" help:"Take away the keys that nothing is sealed with any more."`
	Lost   keysLostCmd   `cmd:"" help:"Give up what no key at hand can open: portals are opened and terminals paired again."`
}

type keysNewCmd struct{}

// Run prints a keyset.
func (keysNewCmd) Run() error {
	text, err := secrets.Generate()
	if err != nil {
		return err
	}
	fmt.Println(text)
	return nil
}

// vault opens what the commands about keys need, whether the keys open anything
// or not.
func vault(ctx context.Context, c house.Config) (*pairing.Vault, func(), error) {
	d, keys, err := house.Store(ctx, c)
	if err != nil {
		return nil, nil, err
	}
	v := &pairing.Vault{DB: d, Keys: keys, Log: slog.New(slog.DiscardHandler)}
	return v, func() { _ = d.Close() }, nil
}

type keysStatusCmd struct{}

// Run prints a line for each key.
func (keysStatusCmd) Run(ctx context.Context, c house.Config) error {
	v, done, err := vault(ctx, c)
	if err != nil {
		return err
	}
	defer done()
	counts, err := v.Count(ctx)
	if err != nil {
		return err
	}
	for _, id := range v.Keys.IDs() {
		word := "opens"
		if id == v.Keys.Primary() {
			word = "seals"
		}
		fmt.Printf("key %d %s, sealed %d values\n", id, word, counts[id])
		delete(counts, id)
	}
	for id, n := range counts {
		fmt.Printf("key %d is not at hand, sealed %d values\n", id, n)
	}
	return nil
}

type keysRotateCmd struct{}

// Run adds a key. In a file it seals at once: running programs read the file
// when they meet it. In the environment it takes two steps, so that no process
// meets a value that it cannot open.
func (keysRotateCmd) Run(ctx context.Context, c house.Config) error {
	v, done, err := vault(ctx, c)
	if err != nil {
		return err
	}
	defer done()
	id, err := v.Keys.Rotate()
	if errors.Is(err, secrets.ErrNotAFile) {
		return nextKeyset(c)
	}
	if err != nil {
		return err
	}
	if err := noted(ctx, v.DB, audit.KeysRotated, id); err != nil {
		return err
	}
	moved, lost, err := v.Reseal(ctx)
	fmt.Printf("key %d seals from now on; %d values are sealed anew, %d cannot be opened\n", id, moved, lost)
	return err
}

func nextKeyset(c house.Config) error {
	next, seals, err := secrets.Next(c.SecretKeys)
	if err != nil {
		return err
	}
	fmt.Fprintln(os.Stderr, "SECRET_KEYS is in the environment. Put this value there, for every process, and restart them:")
	fmt.Println(next)
	if seals {
		fmt.Fprintln(os.Stderr, "The new key seals then. `app keys status` says when the old one may be taken away by `app keys retire`.")
	} else {
		fmt.Fprintln(os.Stderr, "Every process can then open what the new key seals. Run `app keys rotate` again to let it seal.")
	}
	return nil
}

// noted writes a line of the installation's own chain.
func noted(ctx context.Context, d *db.DB, action audit.Action, id uint32) error {
	return d.InTx(audit.By(ctx, "command", "app keys"), func(tx *gorm.DB) error {
		return audit.Write(tx, db.Now(), audit.House, action, fmt.Sprint(id), "")
	})
}

type keysRetireCmd struct{}

// Run refuses as long as anything is sealed with a key that would go.
func (keysRetireCmd) Run(ctx context.Context, c house.Config) error {
	v, done, err := vault(ctx, c)
	if err != nil {
		return err
	}
	defer done()
	if _, _, err := v.Reseal(ctx); err != nil {
		return err
	}
	counts, err := v.Count(ctx)
	if err != nil {
		return err
	}
	text := c.SecretKeys
	for _, id := range slices.DeleteFunc(v.Keys.IDs(), func(id uint32) bool { return id == v.Keys.Primary() }) {
		if counts[id] > 0 {
			return fmt.Errorf("%d values are still sealed with key %d", counts[id], id)
		}
		if err := retire(v, id, &text); err != nil {
			return err
		}
		if err := noted(ctx, v.DB, audit.KeysRetired, id); err != nil {
			return err
		}
		fmt.Fprintf(os.Stderr, "key %d is gone\n", id)
	}
	if text != c.SecretKeys {
		fmt.Fprintln(os.Stderr, "SECRET_KEYS is in the environment. Put this value there, for every process:")
		fmt.Println(text)
	}
	return nil
}

func retire(v *pairing.Vault, id uint32, text *string) error {
	err := v.Keys.Retire(id)
	if errors.Is(err, secrets.ErrNotAFile) {
		*text, err = secrets.Without(*text, id)
	}
	return err
}

type keysLostCmd struct{}

// Run forgets what cannot be opened.
func (keysLostCmd) Run(ctx context.Context, c house.Config) error {
	v, done, err := vault(ctx, c)
	if err != nil {
		return err
	}
	defer done()
	return v.GiveUp(ctx)
}
