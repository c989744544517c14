//go:build !windows

package till

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"golang.org/x/sys/unix"
)

// lockPort keeps a second bridge of the same folder away: the system lets two
// programs open one port when they run as root (reference kayaaku 6.5).
func lockPort(dir string) (func(), error) {
	f, err := os.OpenFile(filepath.Join(dir, "port.lock"), os.O_CREATE|os.O_RDWR, 0o600) // #nosec G304 -- the till's own folder
	if err != nil {
		return nil, fmt.Errorf("lock the port: %w", err)
	}
	if err := unix.Flock(int(f.Fd()), unix.LOCK_EX|unix.LOCK_NB); err != nil { // #nosec G115 -- a file descriptor
		_ = f.Close()
		return nil, errors.New("another bridge uses this port")
	}
	return func() { _ = f.Close() }, nil
}
