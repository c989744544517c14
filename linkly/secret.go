package linkly

import (
	"fmt"
	"io"
	"log/slog"
)

const redacted = "[redacted]"

// Secret is what pairing gives: whoever holds it may send amounts to that terminal.
// It prints, logs and marshals as "[redacted]" under every verb but the senseless
// %p, which vet refuses; only Reveal gives the text, for sealing it. Never key a
// map with it: encoding/json writes such keys as they are.
// It is opaque, of unbounded length (reference linkly 2), and dies when the
// terminal is paired again.
type Secret string

// Reveal returns the secret itself, for sealing it into storage and nothing else.
func (s Secret) Reveal() string { return string(s) }

// String hides the secret.
func (s Secret) String() string { return redacted }

// GoString hides the secret from %#v.
func (s Secret) GoString() string { return redacted }

// Format hides the secret from every verb, also from those that do not fit text.
func (s Secret) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, redacted) }

// LogValue hides the secret from slog.
func (s Secret) LogValue() slog.Value { return slog.StringValue(redacted) }

// MarshalJSON hides the secret from JSON, so it cannot be read back from it.
func (s Secret) MarshalJSON() ([]byte, error) { return []byte(`"` + redacted + `"`), nil }

// MarshalText hides the secret from XML, YAML and other text encodings.
func (s Secret) MarshalText() ([]byte, error) { return []byte(redacted), nil }
