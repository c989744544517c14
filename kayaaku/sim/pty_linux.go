package sim

import (
	"fmt"
	"os"

	"golang.org/x/sys/unix"
)

// openTerminal opens a pseudo-terminal: our end, and the name of the other.
func openTerminal() (*os.File, string, error) {
	fd, err := unix.Open("/dev/ptmx", unix.O_RDWR|unix.O_NOCTTY|unix.O_NONBLOCK|unix.O_CLOEXEC, 0)
	if err != nil {
		return nil, "", fmt.Errorf("open a pseudo-terminal: %w", err)
	}
	if err := unix.IoctlSetPointerInt(fd, unix.TIOCSPTLCK, 0); err != nil {
		_ = unix.Close(fd)
		return nil, "", fmt.Errorf("unlock the pseudo-terminal: %w", err)
	}
	n, err := unix.IoctlGetInt(fd, unix.TIOCGPTN)
	if err != nil {
		_ = unix.Close(fd)
		return nil, "", fmt.Errorf("name the pseudo-terminal: %w", err)
	}
	name := fmt.Sprintf("/dev/pts/%d", n)
	return os.NewFile(uintptr(fd), "cable "+name), name, nil // #nosec G115 -- a file descriptor
}

// openRaw opens the other end without echo or line editing, so that nothing
// that is written before a till opens it comes back.
func openRaw(name string) (*os.File, error) {
	f, err := os.OpenFile(name, os.O_RDWR|unix.O_NOCTTY, 0) // #nosec G304 -- the name comes from the kernel
	if err != nil {
		return nil, fmt.Errorf("open the cable's end: %w", err)
	}
	t, err := unix.IoctlGetTermios(int(f.Fd()), unix.TCGETS) // #nosec G115 -- a file descriptor
	if err == nil {
		t.Iflag, t.Oflag, t.Lflag = 0, 0, 0
		t.Cflag |= unix.CS8 | unix.CREAD | unix.CLOCAL
		err = unix.IoctlSetTermios(int(f.Fd()), unix.TCSETS, t) // #nosec G115 -- a file descriptor
	}
	if err != nil {
		_ = f.Close()
		return nil, fmt.Errorf("make the cable raw: %w", err)
	}
	return f, nil
}
