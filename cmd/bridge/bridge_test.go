package main

import (
	"bytes"
	"context"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"receivepayment/kayaaku/link"
	"receivepayment/kayaaku/sim"
	"receivepayment/kayaaku/till"
)

// The bars: the program is small enough for any till.
const (
	mostBytes = 12 << 20
	mostIdle  = 25 << 10 // KiB of memory
)

func build(t *testing.T) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "bridge")
	cmd := exec.CommandContext(t.Context(), "go", "build", "-trimpath", "-tags", "timetzdata", "-ldflags", "-s -w -X main.version=v0-test", "-o", path, ".")
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	return path
}

// TestProgramIsSmallAndDialsOut runs the real program against a server that
// knows nothing but the pairing, kills it outright and starts it again.
func TestProgramIsSmallAndDialsOut(t *testing.T) {
	if testing.Short() || runtime.GOOS != "linux" {
		t.Skip("builds and runs the program, and reads its memory the Linux way")
	}
	program, dir := build(t), t.TempDir()
	if s, err := os.Stat(program); err != nil || s.Size() > mostBytes {
		t.Errorf("the program has %d bytes, %v", s.Size(), err)
	} else {
		t.Logf("program: %.1f MB", float64(s.Size())/(1<<20))
	}
	device := sim.New(sim.Config{Now: time.Now})
	t.Cleanup(device.Close)
	port, err := device.OpenCable(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	dialled := make(chan string, 16)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == link.PairPath {
			_, _ = w.Write([]byte(`{"token":"the-token","terminal":"Counter 1"}`))
			return
		}
		select {
		case dialled <- r.URL.Path + " " + r.Header.Get("Authorization"):
		default:
		}
		w.Header().Set("Content-Type", "application/json")
		if r.URL.Path == link.SocketPath {
			http.Error(w, "no sockets here", http.StatusBadRequest)
			return
		}
		select {
		case <-time.After(time.Second):
		case <-r.Context().Done():
		}
		_, _ = w.Write([]byte(`{}`))
	}))
	t.Cleanup(server.Close)

	for _, arguments := range [][]string{
		{"version"},
		{"--dir", dir, "setup", "--server", server.URL, "--port", port, "--email", "till@example.com", "--password", "hunter2"},
		{"--dir", dir, "pair", "ABCD-EFGH"},
	} {
		out, err := exec.CommandContext(t.Context(), program, arguments...).CombinedOutput()
		if err != nil || bytes.Contains(out, []byte("hunter2")) || bytes.Contains(out, []byte("the-token")) {
			t.Fatalf("bridge %q: %v\n%s", arguments, err, out)
		}
	}
	if c, err := till.ReadConfig(dir); err != nil || c.Password != "hunter2" || c.Baud != 115200 {
		t.Errorf("configuration: %v", err)
	}

	for range 2 { // the second start finds what the first left when it was killed
		ctx, stop := context.WithCancel(t.Context())
		run := exec.CommandContext(ctx, program, "--dir", dir, "run")
		if err := run.Start(); err != nil {
			t.Fatal(err)
		}
		want := []string{link.SocketPath + " Bearer the-token", link.ExchangePath + " Bearer the-token"}
		for len(want) > 0 {
			select {
			case got := <-dialled:
				if got == want[0] {
					want = want[1:]
				}
			case <-time.After(60 * time.Second):
				t.Fatalf("it has not dialled %q", want)
			}
		}
		if kib := resident(t, run.Process.Pid); kib == 0 || kib > mostIdle {
			t.Errorf("idle, it holds %d KiB", kib)
		} else {
			t.Logf("idle: %.1f MB", float64(kib)/1024)
		}
		_ = run.Process.Signal(syscall.SIGKILL)
		_ = run.Wait()
		stop()
	}
}

// resident is VmRSS of a process, in KiB.
func resident(t *testing.T, pid int) int {
	t.Helper()
	raw, err := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/status")
	if err != nil {
		t.Fatal(err)
	}
	_, after, _ := strings.Cut(string(raw), "VmRSS:")
	fields := strings.Fields(after)
	if len(fields) == 0 {
		t.Fatalf("no VmRSS in %s", raw)
	}
	n, err := strconv.Atoi(fields[0])
	if err != nil {
		t.Fatal(err)
	}
	return n
}
