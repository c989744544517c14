//go:build !linux

package sim

import (
	"errors"
	"os"
)

var errNoCable = errors.New("the pretend cable needs Linux; use the host's face")

func openTerminal() (*os.File, string, error) { return nil, "", errNoCable }

func openRaw(string) (*os.File, error) { return nil, errNoCable }
