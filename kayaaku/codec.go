package kayaaku

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"slices"
)

// Codec is how a message lies on the cable. Nothing of it is published, so
// each is an assumption that can be chosen by name (reference kayaaku 5.4).
type Codec interface {
	// Encode frames one message.
	Encode(payload []byte) []byte
	// Decode takes the first whole frame out of what was read so far. used is
	// how many bytes are done with, of a frame or of noise before it; a nil
	// payload with used zero means "read more". A broken frame is skipped.
	Decode(read []byte) (payload []byte, used int)
}

// The codecs by name. The first is the default.
const (
	StxJSON    = "stx-json-xor"    // STX, JSON, ETX, XOR of JSON and ETX
	StxPlain   = "stx-json"        // STX, JSON, ETX, no check
	Lines      = "json-lines"      // one JSON object per line
	LengthJSON = "length-json-lrc" // STX, two bytes of length, JSON, ETX, XOR of all after STX
)

// CodecNames lists them, the default first.
func CodecNames() []string { return []string{StxJSON, StxPlain, Lines, LengthJSON} }

// NewCodec finds a codec; the empty name is the default.
func NewCodec(name string) (Codec, error) {
	switch name {
	case StxJSON, "":
		return stx{check: true}, nil
	case StxPlain:
		return stx{}, nil
	case Lines:
		return lines{}, nil
	case LengthJSON:
		return length{}, nil
	}
	return nil, fmt.Errorf("no codec %q; choose one of %v", name, CodecNames())
}

// Control bytes. JSON text holds none of them unescaped, so the first two
// cannot be part of a payload.
const (
	stxByte = 0x02
	etxByte = 0x03
	// ACK and NAK of lines that have them.
	ACK = 0x06
	NAK = 0x15
)

// longest bounds a frame: more than any message needs, so that noise cannot
// make us wait for the end of a frame that never ends.
const longest = 8 << 10

type stx struct{ check bool }

func (c stx) Encode(payload []byte) []byte {
	frame := slices.Concat([]byte{stxByte}, payload, []byte{etxByte})
	if c.check {
		frame = append(frame, xor(frame[1:]))
	}
	return frame
}

func (c stx) Decode(read []byte) ([]byte, int) {
	for at := 0; ; {
		start := bytes.IndexByte(read[at:], stxByte)
		if start < 0 {
			return nil, len(read) // all of it noise
		}
		start += at
		end := bytes.IndexByte(read[start:], etxByte)
		if end < 0 && len(read)-start <= longest {
			return nil, start
		}
		if end < 0 || end > longest {
			at = start + 1 // endless: look for another beginning in it
			continue
		}
		end += start
		// A second STX before the end: what came before it was cut off.
		if again := bytes.LastIndexByte(read[start+1:end], stxByte); again >= 0 {
			at = start + 1 + again
			continue
		}
		if !c.check {
			return slices.Clone(read[start+1 : end]), end + 1
		}
		if end+1 >= len(read) {
			return nil, start
		}
		if xor(read[start+1:end+1]) == read[end+1] {
			return slices.Clone(read[start+1 : end]), end + 2
		}
		at = end + 1 // the check byte may itself be the next frame's STX
	}
}

type lines struct{}

func (lines) Encode(payload []byte) []byte { return append(slices.Clone(payload), '\r', '\n') }

func (lines) Decode(read []byte) ([]byte, int) {
	for at := 0; at < len(read); {
		end := bytes.IndexByte(read[at:], '\n')
		if end < 0 {
			if len(read)-at > longest {
				return nil, len(read)
			}
			return nil, at
		}
		line := bytes.TrimSpace(read[at : at+end])
		at += end + 1
		// Noise before the object is cut; a line without one is noise.
		if start := bytes.IndexByte(line, '{'); start >= 0 && len(line) <= longest {
			return slices.Clone(line[start:]), at
		}
	}
	return nil, len(read)
}

type length struct{}

func (length) Encode(payload []byte) []byte {
	frame := binary.BigEndian.AppendUint16([]byte{stxByte}, uint16(min(len(payload), longest))) // #nosec G115 -- bounded
	frame = append(append(frame, payload...), etxByte)
	return append(frame, xor(frame[1:]))
}

func (length) Decode(read []byte) ([]byte, int) {
	for at := 0; ; at++ {
		start := bytes.IndexByte(read[at:], stxByte)
		if start < 0 {
			return nil, len(read)
		}
		at += start
		if len(read) < at+3 {
			return nil, at
		}
		n := int(binary.BigEndian.Uint16(read[at+1:]))
		end := at + 3 + n
		if n == 0 || n > longest || (len(read) > at+3 && read[at+3] != '{') {
			continue // cannot be a beginning
		}
		if len(read) < end+2 {
			return nil, at
		}
		if read[end] == etxByte && xor(read[at+1:end+1]) == read[end+1] {
			return slices.Clone(read[at+3 : end]), end + 2
		}
	}
}

func xor(b []byte) byte {
	var x byte
	for _, c := range b {
		x ^= c
	}
	return x
}
