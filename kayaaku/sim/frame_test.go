package sim

import (
	"bytes"
	"testing"
)

// The vectors were worked out by hand, not by any code of the product.
func TestFrameVectors(t *testing.T) {
	t.Parallel()
	if got, want := frame([]byte("{}"), false), []byte{0x02, 0x7b, 0x7d, 0x03, 0x05}; !bytes.Equal(got, want) {
		t.Errorf("frame % x, want % x", got, want)
	}
	if got, want := frame([]byte(`{"A":"1"}`), false), []byte{0x02, 0x7b, 0x22, 0x41, 0x22, 0x3a, 0x22, 0x31, 0x22, 0x7d, 0x03, 0x4f}; !bytes.Equal(got, want) {
		t.Errorf("frame % x, want % x", got, want)
	}
	if got, want := string(pairs{"A", "1", "B", `"`}.object()), `{"A":"1","B":"\""}`; got != want {
		t.Errorf("object %s, want %s", got, want)
	}
	text, rest, bad, more := unframe([]byte{0xff, 0x02, 0x7b, 0x7d, 0x03, 0x05, 0x02}, false)
	if string(text) != "{}" || len(rest) != 1 || bad || more {
		t.Errorf("unframed %q, rest % x, bad %v, more %v", text, rest, bad, more)
	}
	if _, _, bad, _ := unframe([]byte{0x02, 0x7b, 0x7d, 0x03, 0x06}, false); !bad {
		t.Error("a wrong check byte was taken")
	}
	if _, _, _, more := unframe([]byte{0x02, 0x7b, 0x7d, 0x03}, false); !more {
		t.Error("a frame without its check byte was taken for whole")
	}
}
