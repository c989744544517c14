package till

import (
	"context"
	"encoding/hex"
	"fmt"
	"io"
	"regexp"
	"time"
)

// Probe opens the port and prints what comes over it, in hexadecimal and as
// text, with logins and card numbers masked: the first tool on the day that a
// real device arrives. It writes nothing to the port.
func Probe(ctx context.Context, c Config, dir string, out io.Writer, now func() time.Time) error {
	port, err := openPort(c, dir)
	if err != nil {
		return err
	}
	defer func() { _ = port.Close() }()
	if _, err := fmt.Fprintf(out, "listening on %s; end with Ctrl-C\n", c.Port); err != nil {
		return err
	}
	var burst []byte // masked only when whole: half a login could not be recognised
	piece := make([]byte, 4096)
	for ctx.Err() == nil {
		n, err := port.Read(piece)
		if err != nil {
			return fmt.Errorf("read the port: %w", err)
		}
		burst = append(burst, piece[:n]...)
		if len(burst) == 0 || (n > 0 && len(burst) < 16<<10) {
			continue
		}
		if _, err := fmt.Fprintf(out, "%s  %d bytes\n%s", now().Format("15:04:05.000"), len(burst), hex.Dump(Mask(burst))); err != nil {
			return err
		}
		burst = nil
	}
	return nil
}

var (
	// login is the value of a field that must not be shown, to its closing
	// quote or, when it was cut, to the end.
	login = regexp.MustCompile(`(?i)"(Email|Pwd|Password|signedMessage)"\s*[:=]\s*"([^"]*)`)
	// digits are what could be a card number or a track.
	digits = regexp.MustCompile(`[0-9]{12,}[0-9=D?]*`)
)

// Mask covers logins and what looks like a card number, byte for byte, so that
// lengths and positions stay true.
func Mask(raw []byte) []byte {
	out := append([]byte(nil), raw...)
	for _, at := range login.FindAllSubmatchIndex(out, -1) {
		cover(out[at[4]:at[5]])
	}
	for _, at := range digits.FindAllIndex(out, -1) {
		if luhn(out[at[0]:at[1]]) {
			cover(out[at[0] : at[1]-4])
		}
	}
	return out
}

func cover(b []byte) {
	for i := range b {
		b[i] = '*'
	}
}

// luhn reports whether a card number begins the digits: references and dates
// stay readable.
func luhn(b []byte) bool {
	for n := 13; n <= 19 && n <= len(b); n++ {
		sum, ok := 0, true
		for i := range n {
			d := int(b[n-1-i]) - '0'
			if d < 0 || d > 9 {
				ok = false
				break
			}
			if i%2 == 1 {
				if d *= 2; d > 9 {
					d -= 9
				}
			}
			sum += d
		}
		if ok && sum%10 == 0 {
			return true
		}
	}
	return false
}
