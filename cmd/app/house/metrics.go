package house

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"sync"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"receivepayment/payments"
)

// counted are the figures that an owner of the service wants to see rise or
// fall, read from the database when Prometheus asks.
var counted = []struct {
	desc  *prometheus.Desc
	query string
}{
	{
		prometheus.NewDesc("receivepayment_payments", "Payments by kind and state.", []string{"kind", "state"}, nil),
		"SELECT kind, state, COUNT(*) FROM payments WHERE provider <> '" + payments.PracticeProvider + "' GROUP BY kind, state",
	},
	{
		prometheus.NewDesc("receivepayment_write_backs", "Write-backs by target and state.", []string{"target", "state"}, nil),
		"SELECT target, state, COUNT(*) FROM write_backs GROUP BY target, state",
	},
	{
		prometheus.NewDesc("receivepayment_terminals", "Terminals by provider and status.", []string{"provider", "status"}, nil),
		"SELECT provider, status, COUNT(*) FROM terminals GROUP BY provider, status",
	},
}

// figures collects what counted names.
type figures struct{ house *House }

func (f figures) Describe(to chan<- *prometheus.Desc) {
	for _, c := range counted {
		to <- c.desc
	}
}

func (f figures) Collect(to chan<- prometheus.Metric) {
	for _, c := range counted {
		if err := f.collect(to, c.desc, c.query); err != nil {
			to <- prometheus.NewInvalidMetric(c.desc, err)
		}
	}
}

func (f figures) collect(to chan<- prometheus.Metric, desc *prometheus.Desc, query string) error {
	ctx, cancel := context.WithTimeout(context.Background(), stopWithin)
	defer cancel()
	rows, err := f.house.DB.WithContext(ctx).Raw(query).Rows()
	if err != nil {
		return fmt.Errorf("count: %w", err)
	}
	defer func() { _ = rows.Close() }()
	for rows.Next() {
		var a, b string
		var n float64
		if err := rows.Scan(&a, &b, &n); err != nil {
			return fmt.Errorf("count: %w", err)
		}
		to <- prometheus.MustNewConstMetric(desc, prometheus.GaugeValue, n, a, b)
	}
	return rows.Err()
}

// serveMetrics answers Prometheus, and says of a worker that it is alive.
func (h *House) serveMetrics(ctx context.Context, wait *sync.WaitGroup) error {
	registry := prometheus.NewRegistry()
	registry.MustRegister(collectors.NewGoCollector(),
		collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}), figures{h})
	mux := http.NewServeMux()
	mux.Handle("GET /metrics", promhttp.HandlerFor(registry, promhttp.HandlerOpts{}))
	mux.HandleFunc("GET /healthz", func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte("ok\n")) })

	listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp", h.Config.MetricsAddr)
	if err != nil {
		return fmt.Errorf("listen for metrics: %w", err)
	}
	server := h.server(mux)
	wait.Go(func() { _ = server.Serve(listener) })
	wait.Go(func() {
		<-ctx.Done()
		_ = server.Close()
	})
	return nil
}
