package stack

import (
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"testing"
	"time"

	"receivepayment/cmd/app/house"
	kayaakusim "receivepayment/kayaaku/sim"
)

// bridgeProgram builds the till's program so that it can be told where to die.
func bridgeProgram(t *testing.T) string {
	t.Helper()
	if testing.Short() || runtime.GOOS != "linux" {
		t.Skip("builds and runs the bridge's program on a pseudo-terminal")
	}
	file := filepath.Join(t.TempDir(), "bridge")
	c := exec.CommandContext(t.Context(), "go", "build", "-trimpath", "-tags", "timetzdata,faultpoints", "-o", file, "receivepayment/cmd/bridge")
	c.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := c.CombinedOutput(); err != nil {
		t.Fatalf("build the bridge: %v\n%s", err, out)
	}
	return file
}

// hasty are clocks under which an outcome that nobody can know is called
// unknown while the test looks on.
func hasty() Options {
	return Options{Change: func(c *house.Config) { c.UnknownAfter, c.ReviewAfter = 3*time.Second, time.Minute }}
}

// TestBridgesProgramIsKilledAtEachStepOfItsJournal runs the real program, which
// kills itself at a step of a sale and is started again. What the host booked
// is asked of the host; where it was not asked for money, nothing is taken; and
// the till sells on.
func TestBridgesProgramIsKilledAtEachStepOfItsJournal(t *testing.T) {
	t.Parallel()
	program := bridgeProgram(t)
	k := openKuala(t, hasty())
	var tills []*Till
	for _, c := range []struct {
		step  string
		state string
	}{
		{"accepted", "never_started"},
		{"writing", "unknown"}, // the host says that it knows nothing, which proves nothing
		{"written", "approved"},
		{"answer", "approved"},
		{"answered", "approved"},
		{"confirmed", "approved"},
	} {
		counter := k.Kayaaku(k.admin, KayaakuOptions{
			Name: "Dies when " + c.step, Sim: kayaakusim.Config{Auto: true, Think: time.Millisecond, Rich: true}, Host: true,
			AnswerWithin: time.Second, Program: program, DiesAt: c.step,
		})
		tills = append(tills, counter)
		sale := k.send(counter, "5.00", "card")
		k.Await("the program has died: "+c.step, counter.Ended)
		counter.DiesAt = ""
		counter.StartBridge()
		k.AwaitPayment(k.admin, sale, c.state)
		k.free(counter, sale)
		k.AwaitPayment(k.admin, k.send(counter, "6.00", "card"), "approved")
	}
	k.balanced(tills...)
}

// TestBridgesProgramIsKilledAtAnyInstant kills the real program from outside
// while it sells, and compares the books.
func TestBridgesProgramIsKilledAtAnyInstant(t *testing.T) {
	t.Parallel()
	program := bridgeProgram(t)
	k := openKuala(t, hasty())
	counter := k.Kayaaku(k.admin, KayaakuOptions{
		Name: "Killed", Sim: kayaakusim.Config{Auto: true, Think: 5 * time.Millisecond, Rich: true}, Host: true,
		AnswerWithin: time.Second, Program: program,
	})
	dice := rand.New(rand.NewPCG(1, 2)) // #nosec G404 -- a test's dice
	for range 20 {
		sale := k.send(counter, "5.00", "card")
		<-time.After(time.Duration(dice.IntN(60)) * time.Millisecond)
		counter.StopBridge()
		counter.StartBridge()
		k.Await("the payment is decided, or people are told that it is not", func() bool {
			return !slices.Contains([]string{"created", "sent"}, k.state(sale).Text("state"))
		})
		k.free(counter, sale)
	}
	k.balanced(counter)
}
