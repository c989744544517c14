package main

import (
	"context"
	"fmt"
	"os"

	"github.com/kardianos/service"
)

// program is the bridge as the system's service manager sees it.
type program struct {
	dir   string
	ctx   context.Context //nolint:containedctx // the service manager starts and stops without one
	stop  context.CancelFunc
	ended chan error
}

// Start begins to work and returns at once, as service managers want it.
func (p *program) Start(service.Service) error {
	ctx, stop := context.WithCancel(p.ctx)
	p.stop, p.ended = stop, make(chan error, 1)
	go func() { p.ended <- work(ctx, p.dir) }()
	return nil
}

// Stop sees the work through.
func (p *program) Stop(service.Service) error {
	p.stop()
	return <-p.ended
}

func newService(ctx context.Context, dir string) (service.Service, error) {
	return service.New(&program{dir: dir, ctx: ctx}, &service.Config{
		Name: "receive-payment-bridge", DisplayName: "Receive Payment till bridge",
		Description: "Carries payments from the server to the Kayaaku device at this till.",
		Arguments:   []string{"--dir", dir, "run"},
		Option:      service.KeyValue{"Restart": "always", "OnFailure": "restart", "KeepAlive": true, "RunAtLoad": true},
	})
}

// runAsService works under a service manager, or by hand until interrupted.
func runAsService(ctx context.Context, dir string) error {
	if service.Interactive() {
		return work(ctx, dir)
	}
	s, err := newService(ctx, dir)
	if err != nil {
		return fmt.Errorf("service: %w", err)
	}
	return s.Run()
}

type serviceCmd struct {
	Do string `arg:"" enum:"install,start,stop,restart,uninstall,status" help:"install, start, stop, restart, uninstall or status."`
}

// Run asks systemd, launchd or Windows.
func (c serviceCmd) Run(ctx context.Context, all *commands) error {
	s, err := newService(ctx, all.Dir)
	if err != nil {
		return fmt.Errorf("service: %w", err)
	}
	if c.Do != "status" {
		return service.Control(s, c.Do)
	}
	status, err := s.Status()
	if err != nil {
		return err
	}
	words := map[service.Status]string{service.StatusRunning: "running", service.StatusStopped: "stopped", service.StatusUnknown: "unknown"}
	_, err = fmt.Fprintln(os.Stdout, words[status])
	return err
}
