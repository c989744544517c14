package house

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"sync"
	"time"

	"receivepayment/jobs"
)

// Mode says which half of the product a process is.
type Mode struct{ Web, Worker bool }

// The modes.
var (
	Serve      = Mode{Web: true, Worker: true}
	WebOnly    = Mode{Web: true}
	WorkerOnly = Mode{Worker: true}
)

// Check refuses a half of the product that has nothing to meet the other half
// in.
func (m Mode) Check(c Config) error {
	if m == Serve || (c.DatabaseURL != "" && c.RedisURL != "") {
		return nil
	}
	return errors.New("separate web and worker processes need DATABASE_URL and REDIS_URL; `app serve` needs neither")
}

// concurrency is how many steps one worker takes at once. A step mostly waits
// for a terminal's provider.
const concurrency = 64

// stopWithin bounds a shutdown.
const stopWithin = 10 * time.Second

// Run starts what the mode needs, calls ready with the address that is
// listened on, and works until ctx ends. Then it stops in order: no new
// requests, open streams ended, running steps seen through.
func (h *House) Run(ctx context.Context, m Mode, ready func(addr string)) error {
	if err := m.Check(h.Config); err != nil {
		return err
	}
	var wait sync.WaitGroup
	defer wait.Wait()
	ctx, stop := context.WithCancel(ctx)
	defer stop()

	wait.Go(func() { h.bell.Run(ctx) })
	if m.Worker {
		server := jobs.NewServer(h.redis, h.handlers(), concurrency, h.Log)
		if err := server.Start(); err != nil {
			return err
		}
		defer server.Stop()
		janitor := &jobs.Janitor{
			Queue: h.queue, Handlers: h.handlers(), Log: h.Log,
			Sources: []jobs.Source{
				h.Payments.Due, h.Terminals.Due, h.WriteBacks.Due, h.Requests.Due, h.Notices.Due, h.Receipts.Due, h.Portals.DuePeople, h.Terminals.DueChecks, h.Portals.Due, h.Changes.Due,
				h.Terminals.DueFunctions, h.Terminals.DueSettlements, h.Mirror.Due,
			},
		}
		wait.Go(func() { janitor.Run(ctx) })
	}
	if m.Worker {
		wait.Go(func() { h.Vault.Run(ctx) })
	}
	if h.Config.MetricsAddr != "" {
		if err := h.serveMetrics(ctx, &wait); err != nil {
			return err
		}
	}
	if !m.Web {
		ready("")
		<-ctx.Done()
		return nil
	}
	return h.listen(ctx, ready)
}

func (h *House) listen(ctx context.Context, ready func(addr string)) error {
	listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp", h.Config.Addr)
	if err != nil {
		return fmt.Errorf("listen: %w", err)
	}
	server := h.server(h.Web.Handler())
	server.RegisterOnShutdown(h.Web.Stop)

	ended := make(chan error, 1)
	go func() { ended <- server.Serve(listener) }()
	ready(listener.Addr().String())

	select {
	case err := <-ended:
		return fmt.Errorf("serve: %w", err)
	case <-ctx.Done():
	}
	within, cancel := context.WithTimeout(context.WithoutCancel(ctx), stopWithin)
	defer cancel()
	if err := server.Shutdown(within); err != nil {
		return fmt.Errorf("stop serving: %w", err)
	}
	return nil
}

// server sets the bounds that keep slow callers from holding connections.
// There is no write timeout: event streams set their own for each write.
func (h *House) server(handler http.Handler) *http.Server {
	return &http.Server{
		Handler: handler, ReadHeaderTimeout: 10 * time.Second, ReadTimeout: 30 * time.Second, IdleTimeout: 2 * time.Minute,
	}
}
