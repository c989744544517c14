package soak_test

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"syscall"
	"testing"
	"time"

	"receivepayment/internal/fault"
)

// process is one running copy of the program, which may be killed and started
// again under the same name.
type process struct {
	name string
	file string
	args []string
	env  []string
	log  string

	mu   sync.Mutex
	cmd  *exec.Cmd
	gone chan struct{} // closed when the present copy has ended
	end  *os.ProcessState
}

func newProcess(t testing.TB, name, file string, env []string, args ...string) *process {
	t.Helper()
	p := &process{name: name, file: file, args: args, env: env, log: filepath.Join(t.TempDir(), name+".log")}
	t.Cleanup(func() {
		p.kill()
		if t.Failed() {
			t.Logf("the last words of %s:\n%s", name, p.lastWords())
		}
	})
	return p
}

// orders makes the next copy die at the point when it comes there for the
// hit-th time.
func orders(p fault.Point, hit int) []string {
	return []string{fmt.Sprintf("FAULT_POINT=%d", p), fmt.Sprintf("FAULT_HIT=%d", hit)}
}

// start runs a copy; extra goes into its environment.
func (p *process) start(extra ...string) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	log, err := os.OpenFile(p.log, os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0o600)
	if err != nil {
		return err
	}
	defer func() { _ = log.Close() }()
	c := exec.Command(p.file, p.args...)
	c.Env = append(append([]string{"PATH=" + os.Getenv("PATH")}, p.env...), extra...)
	c.Stdout, c.Stderr, c.SysProcAttr = log, log, dieWithUs()
	if err := c.Start(); err != nil {
		return fmt.Errorf("start %s: %w", p.name, err)
	}
	gone := make(chan struct{})
	p.cmd, p.gone = c, gone
	go func() {
		_ = c.Wait()
		p.mu.Lock()
		p.end = c.ProcessState
		p.mu.Unlock()
		close(gone)
	}()
	return nil
}

// kill ends the copy as a crash would, and returns when it is gone.
func (p *process) kill() {
	p.mu.Lock()
	c, gone := p.cmd, p.gone
	p.mu.Unlock()
	if c == nil {
		return
	}
	_ = c.Process.Kill()
	<-gone
}

// ended is closed when the present copy has ended.
func (p *process) ended() <-chan struct{} {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.gone
}

func (p *process) running() bool {
	select {
	case <-p.ended():
		return false
	default:
		return true
	}
}

// killed reports whether the last copy ended by a kill, and not by itself.
func (p *process) killed() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	status, ok := p.end.Sys().(syscall.WaitStatus)
	return ok && status.Signaled() && status.Signal() == syscall.SIGKILL
}

// diesWithin reports whether the copy ends by itself in that time.
func (p *process) diesWithin(d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-p.ended():
		return true
	case <-timer.C:
		return false
	}
}

func (p *process) lastWords() string {
	raw, err := os.ReadFile(p.log)
	if err != nil {
		return err.Error()
	}
	const enough = 4000
	if len(raw) > enough {
		raw = raw[len(raw)-enough:]
	}
	return string(raw)
}
