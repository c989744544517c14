package sim

import (
	"bytes"
	"encoding/json"
)

// pairs is a flat object in order: name, value, name, value.
type pairs []string

func (p pairs) object() []byte {
	var b bytes.Buffer
	for i := 0; i+1 < len(p); i += 2 {
		b.WriteString(map[bool]string{true: "{", false: ","}[i == 0])
		name, _ := json.Marshal(p[i])
		value, _ := json.Marshal(p[i+1])
		b.Write(name)
		b.WriteByte(':')
		b.Write(value)
	}
	b.WriteByte('}')
	return b.Bytes()
}

// frame lays a message on the line: 02, text, 03, and the exclusive-or of
// everything after 02; or a line of text.
func frame(text []byte, lines bool) []byte {
	if lines {
		return append(bytes.Clone(text), '\n')
	}
	out := append([]byte{2}, text...)
	out = append(out, 3)
	sum := byte(0)
	for _, c := range out[1:] {
		sum ^= c
	}
	return append(out, sum)
}

// unframe takes the next message off the line. bad is a frame whose check byte
// is wrong; more means that there is none yet.
func unframe(line []byte, lines bool) (text, rest []byte, bad, more bool) {
	if lines {
		before, after, found := bytes.Cut(line, []byte{'\n'})
		return bytes.TrimSpace(before), after, false, !found
	}
	from := bytes.IndexByte(line, 2)
	if from < 0 {
		return nil, nil, false, true
	}
	line = line[from:]
	to := bytes.IndexByte(line, 3)
	if to < 0 || to+1 >= len(line) {
		return nil, line, false, true
	}
	sum := byte(0)
	for _, c := range line[1 : to+1] {
		sum ^= c
	}
	return line[1:to], line[to+2:], sum != line[to+1], false
}
