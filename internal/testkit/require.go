package testkit

import (
	"os"
	"testing"
)

// Need returns the environment variable that names a server, and skips the
// test without it, or fails it when every server must be there.
func Need(t testing.TB, name string) string {
	t.Helper()
	value := os.Getenv(name)
	if value != "" {
		return value
	}
	Lacks(t, "%s is not set; `make test` sets it", name)
	return ""
}

// Lacks skips the test because of something that this machine does not have, or
// fails it where everything must be there.
func Lacks(t testing.TB, format string, args ...any) {
	t.Helper()
	if os.Getenv("TEST_REQUIRE") == "1" {
		t.Fatalf(format, args...)
	}
	t.Skipf("skipped: "+format, args...)
}
