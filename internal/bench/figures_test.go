package bench

import (
	"fmt"
	"os"
	"slices"
	"testing"
	"time"
)

// figures is one measured quantity, round by round.
type figures []float64

// at is the value below which the part lies: 0.5 is the median.
func (f figures) at(part float64) float64 {
	sorted := slices.Sorted(slices.Values(f))
	return sorted[int(part*float64(len(sorted)-1))]
}

func (f figures) median() float64 { return f.at(0.5) }

func (f figures) span() string {
	return fmt.Sprintf("%.2f [%.2f-%.2f]", f.median(), slices.Min(f), slices.Max(f))
}

// by divides round by round.
func (f figures) by(floor figures) figures {
	out := make(figures, len(f))
	for i := range f {
		out[i] = f[i] / floor[i]
	}
	return out
}

func milliseconds(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }

// bar prints a promise and whether it was kept this time. It fails nothing:
// times on a shared machine are no ground for a red build.
func bar(b *testing.B, what string, got, limit float64, unit string) {
	b.Helper()
	word := "PASS"
	if got > limit {
		word = "MISS"
	}
	show("%s  %-58s %8.2f %s, bar %g", word, b.Name()+": "+what, got, unit, limit)
}

// show prints a line of the table between the benchmark's own lines.
func show(format string, args ...any) {
	_, _ = fmt.Fprintf(os.Stderr, format+"\n", args...)
}
