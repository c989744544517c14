//go:build faultpoints && unix

package main

import (
	"os"
	"syscall"
)

// dies kills the process, as a crash would, when it comes to the step of its
// journal that BRIDGE_DIES_AT names. It is in the program only when built with
// the tag faultpoints, for the tests.
func dies() func(point string) {
	order := os.Getenv("BRIDGE_DIES_AT")
	return func(point string) {
		if point == order {
			_ = syscall.Kill(os.Getpid(), syscall.SIGKILL)
			select {} // the signal is on its way: nothing may happen meanwhile
		}
	}
}
