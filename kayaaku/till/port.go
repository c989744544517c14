package till

import (
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"go.bug.st/serial"
)

// readPause is how long one look at the line lasts. The library answers zero
// bytes and no error after it, which is neither the end nor a success
// (reference kayaaku 6.5).
const readPause = 200 * time.Millisecond

func (c Config) mode() (*serial.Mode, error) {
	m := &serial.Mode{BaudRate: 115200, DataBits: 8, Parity: serial.NoParity, StopBits: serial.OneStopBit}
	if c.Baud != 0 {
		m.BaudRate = c.Baud
	}
	if c.Data != 0 {
		m.DataBits = c.Data
	}
	switch strings.ToLower(c.Parity) {
	case "", "none":
	case "even":
		m.Parity = serial.EvenParity
	case "odd":
		m.Parity = serial.OddParity
	default:
		return nil, errors.New("parity is none, even or odd")
	}
	switch c.Stop {
	case 0, 1:
	case 2:
		m.StopBits = serial.TwoStopBits
	default:
		return nil, errors.New("stopBits is 1 or 2")
	}
	if m.BaudRate < 300 || m.DataBits < 5 || m.DataBits > 8 {
		return nil, errors.New("baud is at least 300, dataBits 5 to 8")
	}
	return m, nil
}

// openPort opens the serial port for us alone.
func openPort(c Config, dir string) (io.ReadWriteCloser, error) {
	path, err := findPort(c.Port)
	if err != nil {
		return nil, err
	}
	mode, err := c.mode()
	if err != nil {
		return nil, err
	}
	unlock, err := lockPort(dir)
	if err != nil {
		return nil, err
	}
	p, err := serial.Open(path, mode)
	if err != nil {
		unlock()
		return nil, fmt.Errorf("open the port: %w", err)
	}
	if err := p.SetReadTimeout(readPause); err != nil {
		_ = p.Close()
		unlock()
		return nil, fmt.Errorf("open the port: %w", err)
	}
	return &lockedPort{Port: p, unlock: unlock}, nil
}

type lockedPort struct {
	serial.Port
	unlock func()
}

func (p *lockedPort) Close() error {
	err := p.Port.Close()
	p.unlock()
	return err
}

// findPort resolves usb:VID:PID; anything else is a path.
func findPort(name string) (string, error) {
	wanted, usb := strings.CutPrefix(strings.ToLower(name), "usb:")
	if !usb {
		return name, nil
	}
	vid, pid, _ := strings.Cut(wanted, ":")
	return findUSB(vid, pid)
}

// ListPorts names the serial ports of this machine.
func ListPorts() ([]string, error) { return serial.GetPortsList() }
