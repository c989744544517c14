//go:build !linux

package soak_test

import "syscall"

// dieWithUs has no such means here: a test that is killed leaves its processes.
func dieWithUs() *syscall.SysProcAttr { return nil }
