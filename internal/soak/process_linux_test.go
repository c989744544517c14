package soak_test

import "syscall"

// dieWithUs lets a process end when the test does, however that ends.
func dieWithUs() *syscall.SysProcAttr { return &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL} }
