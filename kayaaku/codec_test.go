package kayaaku

import (
	"bytes"
	"testing"
)

// decodeAll reads a stream that comes in pieces of the given size.
func decodeAll(c Codec, stream []byte, piece int) [][]byte {
	var got [][]byte
	var read []byte
	for len(stream) > 0 {
		n := min(piece, len(stream))
		read, stream = append(read, stream[:n]...), stream[n:]
		for {
			payload, used := c.Decode(read)
			read = read[used:]
			if payload == nil {
				break
			}
			got = append(got, payload)
		}
	}
	return got
}

func TestDefaultFrameByHand(t *testing.T) {
	t.Parallel()
	c, err := NewCodec("")
	if err != nil {
		t.Fatal(err)
	}
	// 0x7b ^ 0x7d ^ 0x03 = 0x05
	if got, want := c.Encode([]byte("{}")), []byte{0x02, 0x7b, 0x7d, 0x03, 0x05}; !bytes.Equal(got, want) {
		t.Errorf("frame % x, want % x", got, want)
	}
}

func TestCodecsFindFramesInNoise(t *testing.T) {
	t.Parallel()
	one, two := []byte(`{"TxnID":"A1","RespCd":"00"}`), []byte(`{"TxnID":"B2","RespCd":"51"}`)
	for _, name := range CodecNames() {
		c, err := NewCodec(name)
		if err != nil {
			t.Fatal(err)
		}
		stream := bytes.Join([][]byte{
			[]byte("\x00\xff noise"), c.Encode(one), []byte("\x15\x06~"), c.Encode(two)[:9], []byte("\n"), c.Encode(two),
		}, nil)
		for _, piece := range []int{1, 2, 7, len(stream)} {
			got := decodeAll(c, stream, piece)
			if len(got) == 0 || !bytes.Equal(got[0], one) || !bytes.Equal(got[len(got)-1], two) {
				t.Errorf("%s in pieces of %d: %q", name, piece, got)
			}
		}
	}
}

func TestBadCheckByteIsSkipped(t *testing.T) {
	t.Parallel()
	for _, name := range []string{StxJSON, LengthJSON} {
		c, _ := NewCodec(name)
		bad := c.Encode([]byte(`{"TxnID":"A1","RespCd":"00"}`))
		bad[len(bad)-1] ^= 0xff
		good := []byte(`{"TxnID":"A1","RespCd":"51"}`)
		if got := decodeAll(c, append(bad, c.Encode(good)...), 3); len(got) != 1 || !bytes.Equal(got[0], good) {
			t.Errorf("%s: %q", name, got)
		}
	}
}

func TestUnknownCodecIsRefused(t *testing.T) {
	t.Parallel()
	if c, err := NewCodec("morse"); err == nil {
		t.Errorf("got %v", c)
	}
}

// FuzzCodec: whatever is on the line, a codec neither panics nor reads past
// its end, always makes progress, and never gives a payload that its own frame
// does not hold.
func FuzzCodec(f *testing.F) {
	for _, name := range CodecNames() {
		c, _ := NewCodec(name)
		f.Add(name, []byte("\x02\x02{"), []byte(`{"TxnID":"A1"}`))
		f.Add(name, c.Encode([]byte(`{"TxnID":"A1"}`)), []byte(`{}`))
	}
	f.Fuzz(func(t *testing.T, name string, noise, payload []byte) {
		c, err := NewCodec(name)
		if err != nil {
			return
		}
		stream := bytes.Clone(noise)
		for range len(noise) + 2 {
			got, used := c.Decode(stream)
			if used < 0 || used > len(stream) || (got != nil && used == 0) || len(got) > longest {
				t.Fatalf("%s: payload of %d, used %d of %d", name, len(got), used, len(stream))
			}
			if got != nil && !bytes.Contains(noise, got) {
				t.Fatalf("%s made %q up", name, got)
			}
			stream = stream[used:]
			if got == nil {
				break
			}
		}
		if _, err := ParseMessage(payload); err != nil {
			return
		}
		message, _ := ParseMessage(payload)
		sent := message.JSON()
		if len(sent) > longest {
			return
		}
		if got, used := c.Decode(c.Encode(sent)); !bytes.Equal(got, sent) || used == 0 {
			t.Fatalf("%s lost %q: %q", name, sent, got)
		}
	})
}

// FuzzReply: no answer panics, keeps a secret, or is approved without its
// three proofs.
func FuzzReply(f *testing.F) {
	f.Add([]byte(`{"TxnID":"A1","RespCd":"00","AuthIdResp":"123456","Pwd":"x"}`))
	f.Add([]byte(`{"RefundTxnID":"A1","ResultCode":"0"}`))
	f.Fuzz(func(t *testing.T, raw []byte) {
		r, err := ParseReply(raw)
		if err != nil {
			return
		}
		if r.Fields.Has("Pwd") || r.Fields.Has("Email") {
			t.Fatalf("kept a login: %s", r.Fields.JSON())
		}
		v := DefaultCodes().Judge(AskedToSell, r, Expect{TxnID: "A1", Method: Card, Amount: 5})
		if v.Outcome == Paid && (r.TxnID != "A1" || r.RespCd != "00" || r.AuthIDResp == "") {
			t.Fatalf("approved %s", raw)
		}
	})
}
