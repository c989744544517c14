package sim_test

import (
	"runtime"
	"strings"
	"testing"

	"github.com/google/uuid"

	"receivepayment/linkly/sim"
)

// This test is not parallel: it looks at all goroutines of the process.
func TestCloseLeavesNothingRunning(t *testing.T) { //nolint:paralleltest // see above
	p := start(t)
	p.sim.SetFaults(sim.Faults{sim.CallbackDelayed: .5, sim.CallbackContradicts: 1, sim.PostLate: .5})
	for range 5 {
		term := p.sim.AddTerminal(sim.TerminalConfig{})
		q := p2(p, term)
		q.post(uuid.NewString(), "transaction", q.sale("P", 1000, newRef(), "")) // waits for a customer
		auto := p2(p, p.sim.AddTerminal(sim.TerminalConfig{}))
		auto.term.Auto(sim.AutoConfig{})
		auto.post(uuid.NewString(), "transaction", auto.sale("P", 1000, newRef(), ""))
	}
	sync := make(chan int, 1)
	go func() {
		status, _ := p.send("POST", "/v1/sessions/"+uuid.NewString()+"/logon?async=false", p.token, `{"Request":{}}`)
		sync <- status
	}()
	<-sync

	p.sim.Close()
	p.sim.Close() // harmless
	if left := running(); left != "" {
		t.Errorf("still running:\n%s", left)
	}
	if status, _ := p.send("GET", "/v1/sessions/"+uuid.NewString()+"/transaction", p.token, ""); status != 503 {
		t.Errorf("after Close: %d, want 503", status)
	}
}

// running returns the stacks of goroutines that a Sim started. One that has just finished gets a moment to leave.
func running() string {
	var left []string
	for range 1000 {
		buf := make([]byte, 1<<20)
		left = nil
		for _, stack := range strings.Split(string(buf[:runtime.Stack(buf, true)]), "\n\n") {
			if strings.Contains(stack, "linkly/sim.(*Sim).spawn") {
				left = append(left, stack)
			}
		}
		if len(left) == 0 {
			return ""
		}
		runtime.Gosched()
	}
	return strings.Join(left, "\n\n")
}
