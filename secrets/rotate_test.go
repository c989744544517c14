package secrets

import (
	"errors"
	"os"
	"path/filepath"
	"testing"
)

func TestRunningProgramMeetsARotatedKeyInItsFile(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "keys")
	running, err := LoadOrCreate(file)
	must(t, err)
	command, err := LoadOrCreate(file)
	must(t, err)
	old := running.Primary()
	before, err := running.Seal("s3cret", "row")
	must(t, err)

	id, err := command.Rotate()
	must(t, err)
	after, err := command.Seal("s3cret", "row")
	must(t, err)
	if SealedBy(before) != old || SealedBy(after) != id || id == old {
		t.Errorf("sealed by %d and %d, the keys are %d and %d", SealedBy(before), SealedBy(after), old, id)
	}
	for _, sealed := range []string{before, after} {
		if got, err := running.Open(sealed, "row"); err != nil || got != "s3cret" {
			t.Errorf("the running program opens %q: %v", got, err)
		}
	}
	if running.Primary() != id {
		t.Error("having met the new key, the running program still seals with the old one")
	}
	again, changed, err := running.Reseal(before, "row")
	must(t, err)
	if !changed || SealedBy(again) != id {
		t.Error("not sealed anew")
	}
	if _, changed, _ := running.Reseal(again, "row"); changed {
		t.Error("sealed anew a second time")
	}

	must(t, command.Retire(old))
	if _, err := running.Reload(); err != nil {
		t.Fatal(err)
	}
	if _, err := running.Open(before, "row"); !errors.Is(err, ErrCannotOpen) {
		t.Errorf("a retired key still opens: %v", err)
	}
	if err := command.Retire(id); err == nil {
		t.Error("the key that seals was retired")
	}
	info, err := os.Stat(file)
	must(t, err)
	if info.Mode().Perm() != 0o600 {
		t.Errorf("the key file may be read by others: %v", info.Mode())
	}
}

func TestDamagedKeyFileLeavesTheKeysInHand(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "keys")
	keys, err := LoadOrCreate(file)
	must(t, err)
	sealed, err := keys.Seal("s3cret", "row")
	must(t, err)
	must(t, os.WriteFile(file, []byte("half a k"), 0o600))
	if _, err := keys.Reload(); err == nil {
		t.Error("half a file was read")
	}
	if got, err := keys.Open(sealed, "row"); err != nil || got != "s3cret" {
		t.Errorf("opened %q: %v", got, err)
	}
}

func TestKeysetInTheEnvironmentTakesTwoSteps(t *testing.T) {
	t.Parallel()
	first, err := Generate()
	must(t, err)
	old := load(t, first)
	if _, err := old.Rotate(); !errors.Is(err, ErrNotAFile) {
		t.Errorf("rotated: %v", err)
	}
	second, seals, err := Next(first)
	must(t, err)
	both := load(t, second)
	if seals || both.Primary() != old.Primary() || len(both.IDs()) != 2 {
		t.Errorf("after one step %d of %v seals", both.Primary(), both.IDs())
	}
	third, seals, err := Next(second)
	must(t, err)
	promoted := load(t, third)
	if !seals || promoted.Primary() == old.Primary() {
		t.Error("after two steps the old key still seals")
	}
	sealed, err := promoted.Seal("s3cret", "row")
	must(t, err)
	if _, err := both.Open(sealed, "row"); err != nil {
		t.Errorf("a process that has taken the first step only: %v", err)
	}
	last, err := Without(third, old.Primary())
	must(t, err)
	if ids := load(t, last).IDs(); len(ids) != 1 || ids[0] != promoted.Primary() {
		t.Errorf("left are %v", ids)
	}
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
