//go:build !darwin

package till

import (
	"errors"
	"fmt"
	"strings"

	"go.bug.st/serial/enumerator"
)

func findUSB(vid, pid string) (string, error) {
	ports, err := enumerator.GetDetailedPortsList()
	if err != nil {
		return "", fmt.Errorf("list ports: %w", err)
	}
	for _, p := range ports {
		if p.IsUSB && strings.EqualFold(p.VID, vid) && strings.EqualFold(p.PID, pid) {
			return p.Name, nil
		}
	}
	return "", errors.New("no such USB adapter is plugged in")
}
