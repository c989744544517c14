// Command app is the product: Receive Payment for Bitrix24.
//
//	app serve       everything in one process (the default)
//	app web         the face only; needs DATABASE_URL and REDIS_URL
//	app worker      the work only; likewise
//	app migrate     bring the database's schema up to date
//	app demo        the app beside a pretend portal and a virtual PIN pad
//	app doctor      check the configuration and say what to mend
//	app healthcheck ask the running process whether it is alive
//	app keys        print a new keyset for SECRET_KEYS; rotate, retire, count
//	app audit       verify the record of who did what
package main

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/signal"
	"syscall"

	"github.com/alecthomas/kong"

	"receivepayment/cmd/app/house"
)

// version is set by the build.
var version = "dev"

type cli struct {
	house.Config `embed:""`

	Serve       serveCmd       `cmd:"" default:"1" help:"Run everything in one process."`
	Web         webCmd         `cmd:"" help:"Run the face only."`
	Worker      workerCmd      `cmd:"" help:"Run the work only."`
	Migrate     migrateCmd     `cmd:"" help:"Bring the database's schema up to date."`
	Demo        demoCmd        `cmd:"" help:"Run the app beside a pretend portal and a virtual PIN pad."`
	Doctor      doctorCmd      `cmd:"" help:"Check the configuration and say what to mend."`
	Healthcheck healthcheckCmd `cmd:"" help:"Ask the running process whether it is alive."`
	Keys        keysCmd        `cmd:"" help:"Make, rotate and retire the keys that seal secrets."`
	Audit       auditCmd       `cmd:"" help:"Look after the record of who did what."`

	Version kong.VersionFlag `help:"Print the version."`
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	var c cli
	parsed := kong.Parse(&c, kong.Name("app"), kong.Vars{"version": version},
		kong.Description("Receive card payments inside Bitrix24."))
	parsed.BindTo(ctx, (*context.Context)(nil))
	err := parsed.Run(c.Config)
	parsed.FatalIfErrorf(err)
}

// logger writes to standard error in the configured form.
func logger(c house.Config, out io.Writer) *slog.Logger {
	var level slog.Level
	_ = level.UnmarshalText([]byte(c.LogLevel)) // kong has checked it
	o := &slog.HandlerOptions{Level: level}
	if c.LogFormat == "json" {
		return slog.New(slog.NewJSONHandler(out, o))
	}
	return slog.New(slog.NewTextHandler(out, o))
}

func run(ctx context.Context, c house.Config, m house.Mode) error {
	log := logger(c, os.Stderr)
	if err := m.Check(c); err != nil {
		return err
	}
	h, err := house.Open(ctx, c, log)
	if err != nil {
		return err
	}
	defer h.Close()
	return h.Run(ctx, m, func(addr string) {
		log.InfoContext(ctx, "running", "version", version, "addr", addr, "public", c.PublicURL,
			"web", m.Web, "worker", m.Worker)
	})
}

type serveCmd struct{}

func (serveCmd) Run(ctx context.Context, c house.Config) error { return run(ctx, c, house.Serve) }

type webCmd struct{}

func (webCmd) Run(ctx context.Context, c house.Config) error { return run(ctx, c, house.WebOnly) }

type workerCmd struct{}

func (workerCmd) Run(ctx context.Context, c house.Config) error { return run(ctx, c, house.WorkerOnly) }

type migrateCmd struct{}

func (migrateCmd) Run(ctx context.Context, c house.Config) error {
	h, err := house.Open(ctx, c, logger(c, os.Stderr))
	if err != nil {
		return err
	}
	h.Close()
	return nil
}

type doctorCmd struct{}

func (doctorCmd) Run(ctx context.Context, c house.Config) error {
	if !house.Doctor(ctx, c, os.Stdout) {
		return fmt.Errorf("something needs mending")
	}
	return nil
}
