package main

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"time"

	"receivepayment/cmd/app/house"
)

type healthcheckCmd struct{}

// Run asks the face, and where none listens (a worker) the metrics address.
func (healthcheckCmd) Run(ctx context.Context, c house.Config) error {
	err := alive(ctx, c.Addr)
	if err != nil && c.MetricsAddr != "" {
		err = alive(ctx, c.MetricsAddr)
	}
	return err
}

func alive(ctx context.Context, addr string) error {
	host, port, err := net.SplitHostPort(addr)
	if err != nil {
		return fmt.Errorf("read address: %w", err)
	}
	if ip := net.ParseIP(host); host == "" || (ip != nil && ip.IsUnspecified()) {
		host = "127.0.0.1"
	}
	ctx, cancel := context.WithTimeout(ctx, 3*time.Second)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+net.JoinHostPort(host, port)+"/healthz", nil)
	if err != nil {
		return err
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		return fmt.Errorf("not alive: %w", err)
	}
	defer func() { _ = res.Body.Close() }()
	if res.StatusCode != http.StatusOK {
		return fmt.Errorf("not alive: HTTP %d", res.StatusCode)
	}
	return nil
}
