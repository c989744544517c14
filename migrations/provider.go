package migrations

import (
	"fmt"

	"github.com/pressly/goose/v3"
	"github.com/pressly/goose/v3/lock"

	"receivepayment/db"
)

func provider(d *db.DB) (*goose.Provider, error) {
	pool, err := d.DB.DB()
	if err != nil {
		return nil, fmt.Errorf("migrate database: %w", err)
	}
	opts := []goose.ProviderOption{}
	if d.Dialect == db.Postgres {
		// web and worker may start together; one migrates, the others look
		// every second, for five minutes, whether it is done.
		locker, err := lock.NewPostgresSessionLocker(lock.WithLockTimeout(1, 300))
		if err != nil {
			return nil, fmt.Errorf("migrate database: %w", err)
		}
		opts = append(opts, goose.WithSessionLocker(locker))
	}
	p, err := goose.NewProvider(goose.Dialect(d.Dialect), pool, files, opts...)
	if err != nil {
		return nil, fmt.Errorf("read migrations: %w", err)
	}
	return p, nil
}
