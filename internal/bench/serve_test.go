package bench

import (
	"context"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"
)

// starts is how often the program is started for one figure.
const starts = 7

// BenchmarkServe starts the built program on an empty folder and again on the
// same one, until it says that it is ready, and weighs the file.
func BenchmarkServe(b *testing.B) {
	program, err := filepath.Abs("../../bin/app")
	must(b, err)
	file, err := os.Stat(program)
	if err != nil {
		b.Skip("bin/app is missing: make build")
	}
	measured := false
	for b.Loop() {
		if measured {
			continue
		}
		measured = true
		var first, again figures
		for range starts {
			dir := b.TempDir()
			first = append(first, serve(b, program, dir))
			again = append(again, serve(b, program, dir))
		}
		show("      %s: first start %s ms, later start %s ms; %.1f MiB on disk", b.Name(), first.span(), again.span(),
			float64(file.Size())/(1<<20))
		b.ReportMetric(first.median(), "first-ms")
		b.ReportMetric(again.median(), "again-ms")
	}
}

// serve starts the program and times it until /readyz agrees.
func serve(b *testing.B, program, dir string) float64 {
	b.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	must(b, err)
	addr := l.Addr().String()
	must(b, l.Close())
	ctx, stop := context.WithTimeout(b.Context(), time.Minute)
	defer stop()
	c := exec.CommandContext(ctx, program, "serve") // #nosec G204 -- our own program
	c.Env = append(os.Environ(), "ADDR="+addr, "PUBLIC_URL=http://"+addr, "DATA_DIR="+dir, "DATABASE_URL=", "REDIS_URL=", "LOG_LEVEL=error")
	began := time.Now()
	must(b, c.Start())
	for !ready(ctx, addr) {
		if ctx.Err() != nil {
			b.Fatal("it does not get ready")
		}
		<-time.After(time.Millisecond)
	}
	took := milliseconds(time.Since(began))
	must(b, c.Process.Signal(os.Interrupt))
	_ = c.Wait()
	return took
}

func ready(ctx context.Context, addr string) bool {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+addr+"/readyz", nil)
	if err != nil {
		return false
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		return false
	}
	defer func() { _ = res.Body.Close() }()
	return res.StatusCode == http.StatusOK
}
