package till

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"receivepayment/kayaaku"
	"receivepayment/kayaaku/link"
	"receivepayment/kayaaku/sim"
)

const patience = 30 * time.Second

// counter is a till with a pretend device on a pseudo-terminal. There is no
// server: commands are given and events are read directly.
type counter struct {
	t      *testing.T
	sim    *sim.Sim
	dir    string
	port   string
	bridge *Bridge
	stop   func()
	hook   func(b *Bridge, point string)
	config Config
}

func newCounter(t *testing.T, c sim.Config) *counter {
	t.Helper()
	if runtime.GOOS != "linux" {
		t.Skip("pseudo-terminals are opened the Linux way")
	}
	c.Now, c.Auto, c.Think = time.Now, true, time.Millisecond
	s := sim.New(c)
	t.Cleanup(s.Close)
	dir := t.TempDir()
	port, err := s.OpenCable(dir)
	if err != nil {
		t.Fatal(err)
	}
	k := &counter{t: t, sim: s, dir: dir, port: port}
	k.config = Config{Server: "http://127.0.0.1:1", Port: port, Email: sim.DemoEmail, Password: sim.DemoPassword}
	t.Cleanup(func() { k.halt() })
	return k
}

// run starts the bridge (again) on the same folder and waits for its port.
func (k *counter) run() *Bridge {
	k.t.Helper()
	var b *Bridge
	var ready sync.WaitGroup
	ready.Add(1)
	b, err := Open(Options{
		Config: k.config, Dir: k.dir, Version: "test", Log: slog.New(slog.DiscardHandler), Now: time.Now, Again: 5 * time.Millisecond,
		Hook: func(point string) {
			ready.Wait()
			if k.hook != nil {
				k.hook(b, point)
			}
		},
	})
	if err != nil {
		k.t.Fatal(err)
	}
	ready.Done()
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() { _ = b.Run(ctx); close(done) }()
	k.bridge, k.stop = b, func() { cancel(); <-done }
	k.await("the port is open", func() bool { return k.sim.Plug() == nil && (b.up(nil).Port.Open || b.died()) })
	return b
}

func (k *counter) halt() {
	if k.stop != nil {
		k.stop()
		k.stop = nil
	}
}

func (k *counter) await(what string, holds func() bool) {
	k.t.Helper()
	deadline := time.Now().Add(patience)
	for !holds() {
		if time.Now().After(deadline) {
			k.t.Fatalf("waited in vain: %s", what)
		}
		runtime.Gosched()
		<-time.After(2 * time.Millisecond)
	}
}

// final waits for the command's latest final event.
func (k *counter) final(id string) link.Event {
	k.t.Helper()
	var e link.Event
	k.await("a final event of "+id, func() bool {
		for _, u := range k.bridge.journal.unconfirmed() {
			if u.ID == id {
				e = u
			}
		}
		return e.ID != ""
	})
	return e
}

func saleOf(t *testing.T, id string, m kayaaku.Method) link.Command {
	t.Helper()
	message, err := kayaaku.CableDialect("test", time.UTC).CableSale(kayaaku.Sale{TxnID: id, Method: m, Amount: 1050, At: time.Now()})
	if err != nil {
		t.Fatal(err)
	}
	return link.Command{Verb: link.Write, ID: id, Message: message}
}

func ids(n int) string { return fmt.Sprintf("T%05d", n) }

// noSecret: the device's login is in no file but the till's own configuration.
func (k *counter) noSecret() {
	k.t.Helper()
	raw, err := os.ReadFile(filepath.Join(k.dir, journalFile))
	if err != nil {
		k.t.Fatal(err)
	}
	if strings.Contains(string(raw), sim.DemoPassword) || strings.Contains(string(raw), sim.DemoEmail) {
		k.t.Error("the journal holds the device's login")
	}
}
