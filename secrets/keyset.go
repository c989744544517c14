package secrets

import (
	"bytes"
	"crypto/hkdf"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"

	"github.com/tink-crypto/tink-go/v2/aead"
	"github.com/tink-crypto/tink-go/v2/insecurecleartextkeyset"
	"github.com/tink-crypto/tink-go/v2/keyset"
	tinkpb "github.com/tink-crypto/tink-go/v2/proto/tink_go_proto"
	"github.com/tink-crypto/tink-go/v2/tink"
	"google.golang.org/protobuf/proto"
)

// ErrCannotOpen means that a sealed value was not sealed with any key at hand,
// or for another row. The cure is to pair again, or to bring the key back.
var ErrCannotOpen = errors.New("sealed value cannot be opened with the present keys")

// Keys seals and opens. Safe for concurrent use. Keys that come from a file are
// read again when a value turns up that a key sealed which was not there before:
// a running program takes part in a rotation without a restart.
type Keys struct {
	file string // empty: the keyset is in the environment and cannot change
	ring atomic.Pointer[ring]
}

// ring is one reading of the keyset.
type ring struct {
	aead    tink.AEAD
	root    []byte // what derived keys come from; never leaves the package
	primary uint32
	ids     []uint32 // oldest first
}

// Load reads the keyset: text is the value of SECRET_KEYS, tink's JSON in
// base64, or file:PATH naming a file with the JSON. Errors never quote keys.
func Load(text string) (*Keys, error) {
	raw, err := source(text)
	if err != nil {
		return nil, fmt.Errorf("read SECRET_KEYS: %w", err)
	}
	r, err := read(raw)
	if err != nil {
		return nil, err
	}
	k := &Keys{file: fileOf(text)}
	k.ring.Store(r)
	return k, nil
}

// fileOf is the path in file:PATH, or empty.
func fileOf(text string) string {
	path, isFile := strings.CutPrefix(strings.TrimSpace(text), "file:")
	if !isFile {
		return ""
	}
	return path
}

// Reload reads the file again. False means that nothing is new, or that the
// keyset is no file.
func (k *Keys) Reload() (bool, error) {
	if k.file == "" {
		return false, nil
	}
	raw, err := source("file:" + k.file)
	if err != nil {
		return false, fmt.Errorf("read SECRET_KEYS: %w", err)
	}
	fresh, err := read(raw)
	if err != nil {
		return false, err
	}
	old := k.ring.Load()
	if fresh.primary == old.primary && slices.Equal(fresh.ids, old.ids) {
		return false, nil
	}
	k.ring.Store(fresh)
	return true, nil
}

// LoadOrCreate reads the keyset in file, and makes one readable by its owner
// only when there is none. It is for installations on loopback.
func LoadOrCreate(file string) (*Keys, error) {
	if _, err := os.Stat(file); err == nil {
		return Load("file:" + file)
	}
	text, err := Generate()
	if err != nil {
		return nil, err
	}
	if err := os.MkdirAll(filepath.Dir(file), 0o700); err != nil {
		return nil, fmt.Errorf("make data folder: %w", err)
	}
	if err := writeOnce(file, text); err != nil {
		return nil, fmt.Errorf("write key file: %w", err)
	}
	return Load("file:" + file)
}

// writeOnce makes the file whole or not at all, and leaves one that is there
// already: of two processes that start at once the second reads the first's,
// and a crash leaves no half key behind.
func writeOnce(file, text string) error {
	f, err := os.CreateTemp(filepath.Dir(file), ".keys-*") // readable by its owner only
	if err != nil {
		return err
	}
	defer func() { _ = os.Remove(f.Name()) }()
	_, err = f.WriteString(text)
	if err := errors.Join(err, f.Sync(), f.Close()); err != nil {
		return err
	}
	if err := os.Link(f.Name(), file); err != nil && !errors.Is(err, os.ErrExist) {
		return err
	}
	return nil
}

// Generate makes a new keyset in the form that SECRET_KEYS takes.
func Generate() (string, error) {
	h, err := keyset.NewHandle(aead.AES256GCMKeyTemplate())
	if err != nil {
		return "", fmt.Errorf("make keyset: %w", err)
	}
	var buf bytes.Buffer
	if err := insecurecleartextkeyset.Write(h, keyset.NewJSONWriter(&buf)); err != nil {
		return "", fmt.Errorf("write keyset: %w", err)
	}
	return base64.StdEncoding.EncodeToString(buf.Bytes()), nil
}

func source(text string) ([]byte, error) {
	text = strings.TrimSpace(text)
	if path := fileOf(text); path != "" {
		raw, err := os.ReadFile(path) // #nosec G304 -- named by the administrator
		if err != nil {
			return nil, err
		}
		text = strings.TrimSpace(string(raw))
	}
	if strings.HasPrefix(text, "{") {
		return []byte(text), nil
	}
	raw, err := base64.StdEncoding.DecodeString(text)
	if err != nil {
		return nil, errors.New("neither base64 nor file:PATH")
	}
	return raw, nil
}

func handle(raw []byte) (*keyset.Handle, error) {
	h, err := insecurecleartextkeyset.Read(keyset.NewJSONReader(bytes.NewReader(raw)))
	if err != nil {
		return nil, errors.New("read SECRET_KEYS: not a tink keyset in JSON")
	}
	return h, nil
}

func read(raw []byte) (*ring, error) {
	h, err := handle(raw)
	if err != nil {
		return nil, err
	}
	a, err := aead.New(h)
	if err != nil {
		return nil, errors.New("read SECRET_KEYS: the keyset cannot seal")
	}
	root, err := oldestKey(h)
	if err != nil {
		return nil, err
	}
	r := &ring{aead: a, root: root, primary: h.KeysetInfo().GetPrimaryKeyId()}
	for _, info := range h.KeysetInfo().GetKeyInfo() {
		r.ids = append(r.ids, info.GetKeyId())
	}
	return r, nil
}

// oldestKey is the material that derived keys come from: the first key, so
// that adding a newer one does not end every open page.
func oldestKey(h *keyset.Handle) ([]byte, error) {
	var ks *tinkpb.Keyset = insecurecleartextkeyset.KeysetMaterial(h)
	if len(ks.GetKey()) == 0 {
		return nil, errors.New("read SECRET_KEYS: the keyset is empty")
	}
	raw, err := proto.Marshal(ks.GetKey()[0].GetKeyData())
	if err != nil {
		return nil, errors.New("read SECRET_KEYS: the keyset is damaged")
	}
	return raw, nil
}

// Derive makes a 32-byte key for one purpose. The same keyset and purpose give
// the same key; knowing one derived key tells nothing about another.
func (k *Keys) Derive(purpose string) ([]byte, error) {
	key, err := hkdf.Key(sha256.New, k.ring.Load().root, nil, "receivepayment/"+purpose, 32)
	if err != nil {
		return nil, fmt.Errorf("derive %s key: %w", purpose, err)
	}
	return key, nil
}

// Seal encrypts text for the row named by context, as text for a column. An
// empty text stays empty.
func (k *Keys) Seal(text, context string) (string, error) {
	if text == "" {
		return "", nil
	}
	raw, err := k.ring.Load().aead.Encrypt([]byte(text), []byte(context))
	if err != nil {
		return "", fmt.Errorf("seal %s: %w", context, err)
	}
	return base64.StdEncoding.EncodeToString(raw), nil
}

// Open decrypts what Seal made for the same context.
func (k *Keys) Open(sealed, context string) (string, error) {
	if sealed == "" {
		return "", nil
	}
	raw, err := base64.StdEncoding.DecodeString(sealed)
	if err != nil {
		return "", fmt.Errorf("open %s: %w", context, ErrCannotOpen)
	}
	k.meet(sealedBy(raw))
	text, err := k.ring.Load().aead.Decrypt(raw, []byte(context))
	if err != nil {
		return "", fmt.Errorf("open %s: %w", context, ErrCannotOpen)
	}
	return string(text), nil
}
