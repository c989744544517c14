package till

import (
	"bytes"
	"context"
	"errors"
	"io"
	"time"

	"receivepayment/kayaaku"
)

const (
	// writeWithin bounds the writing of one frame: a cable that does not drain
	// must not hold the program.
	writeWithin = 5 * time.Second
	ackWithin   = 3 * time.Second
	mostSends   = 3
	// settle is how long half a frame may lie before a beginning inside it is
	// looked for.
	settle = 2 * time.Second
)

// keepPort holds the port open and reads it, for ever.
func (b *Bridge) keepPort(ctx context.Context) {
	for ctx.Err() == nil {
		port, err := openPort(b.Config, b.Dir)
		if err != nil {
			b.setPort(nil, err.Error())
		} else {
			b.setPort(port, "")
			b.read(ctx, port)
			b.setPort(nil, "the cable was pulled")
			_ = port.Close()
		}
		select {
		case <-ctx.Done():
		case <-time.After(b.Again):
		}
	}
	b.setPort(nil, "the bridge stops")
}

func (b *Bridge) setPort(p io.ReadWriteCloser, why string) {
	b.mu.Lock()
	changed := (b.port == nil) != (p == nil)
	b.port, b.why = p, why
	b.mu.Unlock()
	if changed {
		b.Log.Info("port", "open", p != nil, "why", why)
		b.wake()
	}
}

// read takes frames off the line until it breaks.
func (b *Bridge) read(ctx context.Context, port io.Reader) {
	var held []byte
	quiet := time.Duration(0)
	piece := make([]byte, 4096)
	for ctx.Err() == nil {
		n, err := port.Read(piece)
		if err != nil {
			return
		}
		if n == 0 { // nothing came in this look
			if quiet += readPause; quiet >= settle {
				held, quiet = b.resync(held), 0
			}
			continue
		}
		quiet = 0
		held = b.frames(append(held, b.acknowledged(piece[:n], len(held) > 0)...))
	}
}

// frames hands every whole message on and answers what is left.
func (b *Bridge) frames(held []byte) []byte {
	for {
		payload, used := b.codec.Decode(held)
		held = held[used:]
		if payload == nil {
			return bytes.Clone(held)
		}
		if b.Config.Ack {
			b.acknowledge()
		}
		b.heard(payload)
	}
}

// resync looks for a whole message that hides behind a false beginning. Half a
// message may still be completed, so without one everything is kept.
func (b *Bridge) resync(held []byte) []byte {
	for i := 1; i < len(held); i++ {
		if payload, _ := b.codec.Decode(held[i:]); payload != nil {
			return b.frames(held[i:])
		}
	}
	return held
}

// acknowledged takes ACK and NAK out of what was read between frames.
func (b *Bridge) acknowledged(piece []byte, inFrame bool) []byte {
	if !b.Config.Ack || inFrame {
		return piece
	}
	for len(piece) > 0 && (piece[0] == kayaaku.ACK || piece[0] == kayaaku.NAK) {
		select {
		case b.acks <- piece[0]:
		default:
		}
		piece = piece[1:]
	}
	return piece
}

func (b *Bridge) acknowledge() {
	b.mu.Lock()
	port := b.port
	b.mu.Unlock()
	if port != nil {
		_ = writeWhole(port, []byte{kayaaku.ACK})
	}
}

// send writes a frame once. Only on a line with acknowledgements, and only
// when the device is known to drop a TxnID that it has seen, an unacknowledged
// frame is written again; otherwise it counts as lost (reference kayaaku 5.4).
func (b *Bridge) send(port io.ReadWriteCloser, frame []byte) error {
	if !b.Config.Ack {
		return writeWhole(port, frame)
	}
	tries := 1
	if b.Config.Resend {
		tries = mostSends
	}
	for range tries {
		b.drainAcks()
		if err := writeWhole(port, frame); err != nil {
			return err
		}
		select {
		case a := <-b.acks:
			if a == kayaaku.ACK {
				return nil
			}
		case <-time.After(ackWithin):
		}
	}
	return errors.New("the device did not acknowledge the message")
}

func (b *Bridge) drainAcks() {
	for {
		select {
		case <-b.acks:
		default:
			return
		}
	}
}

// writeWhole writes everything, or closes the port so that nothing hangs on.
func writeWhole(port io.WriteCloser, frame []byte) error {
	done := make(chan error, 1)
	go func() {
		n, err := port.Write(frame)
		if err == nil && n < len(frame) {
			err = io.ErrShortWrite
		}
		done <- err
	}()
	select {
	case err := <-done:
		return err
	case <-time.After(writeWithin):
		_ = port.Close()
		return errors.New("the cable takes no more bytes")
	}
}
