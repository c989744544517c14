package bench

import (
	"net"
	"os"
	"runtime"
	"runtime/debug"
	"strconv"
	"strings"
	"testing"
)

// What an open screen may weigh while nothing happens.
const (
	idleBar     = 50.0 // KiB per stream
	idleStreams = 1000
)

// BenchmarkIdleStream opens a thousand streams, each on a payment of its own,
// and weighs the process before and after. The client's ends of the
// connections are in the same process and weigh with them.
func BenchmarkIdleStream(b *testing.B) {
	eachEngine(b, func(b *testing.B, p *product) {
		rows := p.sent(idleStreams)
		warm := p.dial(b, rows[0].ID) // pools and caches filled
		must(b, warm.Close())
		measured := false
		for b.Loop() {
			if measured {
				continue // the second thousand would live in the room of the first
			}
			measured = true
			before := weigh(b)
			open := make([]net.Conn, 0, idleStreams)
			for _, row := range rows {
				open = append(open, p.dial(b, row.ID))
			}
			after := weigh(b)
			for _, c := range open {
				must(b, c.Close())
			}
			heap, resident := after.heap-before.heap, after.resident-before.resident
			show("      %s: %d streams: heap and stacks %.1f KiB, resident %.1f KiB each", b.Name(), idleStreams,
				heap/idleStreams, resident/idleStreams)
			b.ReportMetric(heap/idleStreams, "heap-KiB/stream")
			b.ReportMetric(resident/idleStreams, "rss-KiB/stream")
			bar(b, "heap and stacks per idle stream", heap/idleStreams, idleBar, "KiB")
			bar(b, "resident memory per idle stream", resident/idleStreams, idleBar, "KiB")
		}
	})
}

// weight is in KiB.
type weight struct{ heap, resident float64 }

func weigh(b *testing.B) weight {
	b.Helper()
	runtime.GC()
	debug.FreeOSMemory()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return weight{heap: float64(m.HeapInuse+m.StackInuse) / 1024, resident: resident(b)}
}

func resident(b *testing.B) float64 {
	b.Helper()
	raw, err := os.ReadFile("/proc/self/status")
	if err != nil {
		b.Skip("resident memory can be read on Linux only")
	}
	_, rest, _ := strings.Cut(string(raw), "VmRSS:")
	kib, err := strconv.ParseFloat(strings.Fields(rest)[0], 64)
	must(b, err)
	return kib
}
