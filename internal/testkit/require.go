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
	if os.Getenv("TEST_REQUIRE") == "1" {
		t.Fatalf("%s is not set; `make test` sets it", name)
	}
	t.Skipf("%s is not set: skipped", name)
	return ""
}
