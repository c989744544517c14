package secrets

import (
	"bytes"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"

	"github.com/tink-crypto/tink-go/v2/aead"
	"github.com/tink-crypto/tink-go/v2/insecurecleartextkeyset"
	"github.com/tink-crypto/tink-go/v2/keyset"
)

// ErrNotAFile means that the keyset is in the environment: this program can say
// what to put there, and no more.
var ErrNotAFile = errors.New("the keyset is no file")

// sealedBy is the id of the key that sealed a value: tink writes a version byte
// and the id, big-endian, in front. Zero means that the value is none of ours.
func sealedBy(raw []byte) uint32 {
	if len(raw) < 5 || raw[0] != 1 {
		return 0
	}
	return binary.BigEndian.Uint32(raw[1:5])
}

// SealedBy is the id of the key that sealed a column's text; zero for what is
// empty or nothing that we sealed.
func SealedBy(sealed string) uint32 {
	raw, err := base64.StdEncoding.DecodeString(sealed)
	if err != nil {
		return 0
	}
	return sealedBy(raw)
}

// meet reads the file again when a key is met that is not in hand yet.
func (k *Keys) meet(id uint32) {
	if k.file == "" || id == 0 || slices.Contains(k.ring.Load().ids, id) {
		return
	}
	_, _ = k.Reload() // what cannot be read now cannot open anything either
}

// Primary is the id of the key that seals.
func (k *Keys) Primary() uint32 { return k.ring.Load().primary }

// IDs are the ids of all keys in hand, oldest first.
func (k *Keys) IDs() []uint32 { return slices.Clone(k.ring.Load().ids) }

// Reseal answers the same value under the key that seals now; false means that
// it is under that key already, or empty.
func (k *Keys) Reseal(sealed, context string) (string, bool, error) {
	if sealed == "" || SealedBy(sealed) == k.Primary() {
		return sealed, false, nil
	}
	text, err := k.Open(sealed, context)
	if err != nil {
		return sealed, false, err
	}
	again, err := k.Seal(text, context)
	return again, err == nil, err
}

// Rotate makes a new key in the file and lets it seal from now on; the older
// ones still open. Running programs read the file when they meet the new key.
func (k *Keys) Rotate() (id uint32, err error) {
	return k.edit(func(m *keyset.Manager) (uint32, error) {
		id, err := m.Add(aead.AES256GCMKeyTemplate())
		if err != nil {
			return 0, err
		}
		return id, m.SetPrimary(id)
	})
}

// Retire takes a key out of the file. The caller makes sure that nothing is
// sealed with it any more. The one that seals is refused.
func (k *Keys) Retire(id uint32) error {
	_, err := k.edit(func(m *keyset.Manager) (uint32, error) { return id, m.Delete(id) })
	return err
}

func (k *Keys) edit(change func(m *keyset.Manager) (uint32, error)) (uint32, error) {
	if k.file == "" {
		return 0, ErrNotAFile
	}
	raw, err := source("file:" + k.file)
	if err != nil {
		return 0, fmt.Errorf("read SECRET_KEYS: %w", err)
	}
	text, id, err := edited(raw, change)
	if err != nil {
		return 0, err
	}
	if err := replace(k.file, text); err != nil {
		return 0, fmt.Errorf("write key file: %w", err)
	}
	_, err = k.Reload()
	return id, err
}

func edited(raw []byte, change func(m *keyset.Manager) (uint32, error)) (string, uint32, error) {
	h, err := handle(raw)
	if err != nil {
		return "", 0, err
	}
	m := keyset.NewManagerFromHandle(h)
	id, err := change(m)
	if err != nil {
		return "", 0, fmt.Errorf("change the keyset: %w", err)
	}
	if h, err = m.Handle(); err != nil {
		return "", 0, fmt.Errorf("change the keyset: %w", err)
	}
	var buf bytes.Buffer
	if err := insecurecleartextkeyset.Write(h, keyset.NewJSONWriter(&buf)); err != nil {
		return "", 0, errors.New("write keyset")
	}
	return base64.StdEncoding.EncodeToString(buf.Bytes()), id, nil
}

// Next says what SECRET_KEYS has to hold next, for a keyset in the environment.
// First the new key comes beside the one that seals, so that every process can
// open what any other will seal; called again with that value, it seals.
func Next(text string) (next string, seals bool, err error) {
	raw, err := source(text)
	if err != nil {
		return "", false, fmt.Errorf("read SECRET_KEYS: %w", err)
	}
	r, err := read(raw)
	if err != nil {
		return "", false, err
	}
	newest := r.ids[len(r.ids)-1]
	seals = newest != r.primary
	next, _, err = edited(raw, func(m *keyset.Manager) (uint32, error) {
		if seals {
			return newest, m.SetPrimary(newest)
		}
		return m.Add(aead.AES256GCMKeyTemplate())
	})
	return next, seals, err
}

// Without is the keyset's text without a key, for one in the environment.
func Without(text string, id uint32) (string, error) {
	raw, err := source(text)
	if err != nil {
		return "", fmt.Errorf("read SECRET_KEYS: %w", err)
	}
	next, _, err := edited(raw, func(m *keyset.Manager) (uint32, error) { return id, m.Delete(id) })
	return next, err
}

// replace writes the file beside the old one and then takes its place, so that
// a reader finds the one or the other, whole.
func replace(file, text string) error {
	f, err := os.CreateTemp(filepath.Dir(file), ".keys-*") // readable by its owner only
	if err != nil {
		return err
	}
	defer func() { _ = os.Remove(f.Name()) }()
	_, err = f.WriteString(text)
	if err := errors.Join(err, f.Sync(), f.Close()); err != nil {
		return err
	}
	return os.Rename(f.Name(), file)
}
