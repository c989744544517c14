package soak_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"testing"
)

// TestMain removes the program that the tests were run against.
func TestMain(m *testing.M) {
	code := m.Run()
	if dir := builtIn; dir != "" {
		_ = os.RemoveAll(dir)
	}
	os.Exit(code)
}

// builtIn is where build put the program.
var builtIn string

// build makes the program once for all tests, as it lies in this tree.
var build = sync.OnceValues(func() (string, error) {
	if given := os.Getenv("SOAK_APP"); given != "" {
		return given, nil
	}
	dir, err := os.MkdirTemp("", "receivepayment-soak")
	if err != nil {
		return "", err
	}
	builtIn = dir
	file := filepath.Join(dir, "app")
	c := exec.Command("go", "build", "-trimpath", "-tags", "timetzdata,faultpoints", "-o", file, "receivepayment/cmd/app")
	c.Env = append(os.Environ(), "CGO_ENABLED=0")
	c.Stderr = os.Stderr
	return file, c.Run()
})

func program(t testing.TB) string {
	t.Helper()
	file, err := build()
	if err != nil {
		t.Fatalf("build the program: %v", err)
	}
	return file
}
