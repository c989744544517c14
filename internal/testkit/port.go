package testkit

import (
	"context"
	"math/rand/v2"
	"net"
	"strconv"
	"testing"
)

// Below the range from which the kernel takes ports by itself: a port that was
// found free here is not given away before the program under test listens.
const (
	firstPort = 12_000
	lastPort  = 20_000
)

// FreeAddr is a free address on the loopback interface for a program that the
// test starts later.
func FreeAddr(t testing.TB) string {
	t.Helper()
	for range 200 {
		addr := net.JoinHostPort("127.0.0.1", strconv.Itoa(firstPort+rand.N(lastPort-firstPort))) // #nosec G404 -- spreading, not secrecy
		l, err := (&net.ListenConfig{}).Listen(context.Background(), "tcp", addr)
		if err != nil {
			continue
		}
		_ = l.Close()
		return addr
	}
	t.Fatal("no free port on the loopback interface")
	return ""
}
