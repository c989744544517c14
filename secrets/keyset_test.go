package secrets

import (
	"bytes"
	"encoding/base64"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/tink-crypto/tink-go/v2/aead"
	"github.com/tink-crypto/tink-go/v2/insecurecleartextkeyset"
	"github.com/tink-crypto/tink-go/v2/keyset"
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
	return load(t, text)
}

func TestProgramsThatStartAtOnceShareOneKeyFile(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "keys")
	const programs = 16
	loaded := make(chan *Keys, programs)
	var wait sync.WaitGroup
	for range programs {
		wait.Go(func() {
			keys, err := LoadOrCreate(file)
			if err != nil {
				t.Error(err)
				return
			}
			loaded <- keys
		})
	}
	wait.Wait()
	close(loaded)

	first := <-loaded
	if first == nil {
		t.Fatal("no program has a key")
	}
	sealed, err := first.Seal("x", "row")
	if err != nil {
		t.Fatal(err)
	}
	for keys := range loaded {
		if _, err := keys.Open(sealed, "row"); err != nil {
			t.Errorf("two programs have different keys: %v", err)
		}
	}
	if left, _ := filepath.Glob(filepath.Join(filepath.Dir(file), ".keys-*")); len(left) > 0 {
		t.Errorf("left behind: %v", left)
	}
}

func TestNewerKeySealsAndTheOlderStillOpens(t *testing.T) {
	t.Parallel()
	text, err := Generate()
	if err != nil {
		t.Fatal(err)
	}
	old, rotated := load(t, text), load(t, withNewerKey(t, text))
	sealed, err := old.Seal("s3cret", "row")
	if err != nil {
		t.Fatal(err)
	}
	if got, err := rotated.Open(sealed, "row"); err != nil || got != "s3cret" {
		t.Fatalf("what the older key sealed: %q, %v", got, err)
	}
	again, err := rotated.Seal("s3cret", "row")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := old.Open(again, "row"); !errors.Is(err, ErrCannotOpen) {
		t.Errorf("the older key seals still: %v", err)
	}
	before, _ := old.Derive("page tokens")
	if after, _ := rotated.Derive("page tokens"); string(after) != string(before) {
		t.Error("open pages end when a key is added")
	}
}

// withNewerKey adds a key to the keyset and makes it the one that seals.
func withNewerKey(t *testing.T, text string) string {
	t.Helper()
	raw, err := base64.StdEncoding.DecodeString(text)
	if err != nil {
		t.Fatal(err)
	}
	h, err := insecurecleartextkeyset.Read(keyset.NewJSONReader(bytes.NewReader(raw)))
	if err != nil {
		t.Fatal(err)
	}
	m := keyset.NewManagerFromHandle(h)
	id, err := m.Add(aead.AES256GCMKeyTemplate())
	if err != nil {
		t.Fatal(err)
	}
	if err := m.SetPrimary(id); err != nil {
		t.Fatal(err)
	}
	if h, err = m.Handle(); err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	if err := insecurecleartextkeyset.Write(h, keyset.NewJSONWriter(&out)); err != nil {
		t.Fatal(err)
	}
	return out.String()
}

func load(t *testing.T, text string) *Keys {
	t.Helper()
	keys, err := Load(text)
	if err != nil {
		t.Fatal(err)
	}
	return keys
}
