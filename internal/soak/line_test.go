package soak_test

import (
	"errors"
	"net"
	"sync"
	"testing"
	"time"
)

// line is the network between the program and a server: it can be cut, be
// frozen in the middle of a word, or be slow.
type line struct {
	listener net.Listener
	to       string

	mu     sync.Mutex
	cut    bool
	slow   time.Duration
	frozen chan struct{} // closed to thaw; nil while nothing is frozen
	conns  map[net.Conn]struct{}
}

func newLine(t testing.TB, to string) *line {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	l := &line{listener: listener, to: to, conns: map[net.Conn]struct{}{}}
	t.Cleanup(func() {
		_ = listener.Close()
		l.thaw()
		l.drop()
	})
	go l.accept()
	return l
}

func (l *line) addr() string { return l.listener.Addr().String() }

func (l *line) accept() {
	for {
		near, err := l.listener.Accept()
		if errors.Is(err, net.ErrClosed) {
			return
		}
		if err == nil {
			go l.carry(near)
		}
	}
}

func (l *line) carry(near net.Conn) {
	if !l.hold(near) {
		_ = near.Close()
		return
	}
	defer l.release(near)
	far, err := net.Dial("tcp", l.to)
	if err != nil || !l.hold(far) {
		return
	}
	defer l.release(far)
	done := make(chan struct{})
	go func() {
		defer close(done)
		l.copy(far, near)
	}()
	l.copy(near, far)
	<-done
}

// copy moves bytes one way until either end closes, and then closes both.
func (l *line) copy(to, from net.Conn) {
	defer func() { _, _ = to.Close(), from.Close() }()
	buffer := make([]byte, 32<<10)
	for {
		n, err := from.Read(buffer)
		if n > 0 {
			l.wait()
			if _, err := to.Write(buffer[:n]); err != nil {
				return
			}
		}
		if err != nil {
			return
		}
	}
}

// wait is where bytes stand still.
func (l *line) wait() {
	l.mu.Lock()
	frozen, slow := l.frozen, l.slow
	l.mu.Unlock()
	if frozen != nil {
		<-frozen
	}
	if slow > 0 {
		<-time.After(slow)
	}
}

func (l *line) hold(c net.Conn) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.cut {
		_ = c.Close()
		return false
	}
	l.conns[c] = struct{}{}
	return true
}

func (l *line) release(c net.Conn) {
	_ = c.Close()
	l.mu.Lock()
	defer l.mu.Unlock()
	delete(l.conns, c)
}

// sever closes every connection and takes no new ones until mend.
func (l *line) sever() {
	l.mu.Lock()
	l.cut = true
	l.mu.Unlock()
	l.drop()
}

func (l *line) drop() {
	l.mu.Lock()
	defer l.mu.Unlock()
	for c := range l.conns {
		_ = c.Close()
	}
}

// freeze lets connections stand but moves nothing until thaw.
func (l *line) freeze() {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.frozen == nil {
		l.frozen = make(chan struct{})
	}
}

func (l *line) thaw() {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.frozen != nil {
		close(l.frozen)
		l.frozen = nil
	}
}

// delay makes every piece that travels take so much longer.
func (l *line) delay(d time.Duration) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.slow = d
}

// mend makes the line good again.
func (l *line) mend() {
	l.mu.Lock()
	l.cut, l.slow = false, 0
	l.mu.Unlock()
	l.thaw()
}
