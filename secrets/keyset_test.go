package secrets

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestSealedTextOpensOnlyForItsOwnRow(t *testing.T) {
	t.Parallel()
	keys := fresh(t)

	sealed, err := keys.Seal("s3cret", "pairing p_1")
	if err != nil {
		t.Fatal(err)
	}
	if strings.Contains(sealed, "s3cret") {
		t.Fatal("the sealed text shows the secret")
	}
	if got, err := keys.Open(sealed, "pairing p_1"); err != nil || got != "s3cret" {
		t.Fatalf("open: got %q, %v", got, err)
	}
	if _, err := keys.Open(sealed, "pairing p_2"); !errors.Is(err, ErrCannotOpen) {
		t.Errorf("opened for another row: %v", err)
	}
	if _, err := fresh(t).Open(sealed, "pairing p_1"); !errors.Is(err, ErrCannotOpen) {
		t.Errorf("opened with another key: %v", err)
	}
	if _, err := keys.Open("not base64!", "x"); !errors.Is(err, ErrCannotOpen) {
		t.Errorf("opened nonsense: %v", err)
	}
}

func TestKeyFileIsMadeOnceAndReadableByItsOwnerOnly(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "data", "keys")
	first, err := LoadOrCreate(file)
	if err != nil {
		t.Fatal(err)
	}
	sealed, err := first.Seal("x", "row")
	if err != nil {
		t.Fatal(err)
	}
	again, err := LoadOrCreate(file)
	if err != nil {
		t.Fatal(err)
	}
	if got, err := again.Open(sealed, "row"); err != nil || got != "x" {
		t.Fatalf("a restarted program cannot open: %q, %v", got, err)
	}
	info, err := os.Stat(file)
	if err != nil {
		t.Fatal(err)
	}
	if got := info.Mode().Perm(); got != 0o600 {
		t.Errorf("key file mode %o", got)
	}
}

func TestDerivedKeysAreStableAndApart(t *testing.T) {
	t.Parallel()
	keys := fresh(t)
	a, err := keys.Derive("page tokens")
	if err != nil {
		t.Fatal(err)
	}
	b, _ := keys.Derive("page tokens")
	c, _ := keys.Derive("something else")
	if string(a) != string(b) || string(a) == string(c) || len(a) != 32 {
		t.Error("derived keys are not stable and apart")
	}
}

func TestBadKeysetsAreRefusedWithoutQuotingThem(t *testing.T) {
	t.Parallel()
	for _, text := range []string{"hunter2!", "aHVudGVyMg==", `{"primaryKeyId":7,"key":[]}`, "file:/does/not/exist"} {
		_, err := Load(text)
		if err == nil {
			t.Errorf("%q was taken", text)
			continue
		}
		if strings.Contains(err.Error(), "hunter2") {
			t.Errorf("the error quotes the key: %v", err)
		}
	}
}

func fresh(t *testing.T) *Keys {
	t.Helper()
	text, err := Generate()
	if err != nil {
		t.Fatal(err)
	}
	keys, err := Load(text)
	if err != nil {
		t.Fatal(err)
	}
	return keys
}
