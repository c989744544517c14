package till

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"log/slog"
	"slices"
	"sync"
	"time"

	"receivepayment/kayaaku"
	"receivepayment/kayaaku/link"
)

// Options are what a bridge runs on.
type Options struct {
	Config  Config
	Dir     string // holds configuration, token and journal
	Version string
	Log     *slog.Logger
	Now     func() time.Time
	// Again is how long to wait before the port or the server is tried again;
	// zero means a second.
	Again time.Duration
	// Hook is called at each point where the program may die; nil outside tests.
	Hook func(point string)
}

// Bridge is the till's program at work.
type Bridge struct {
	Options
	journal *Journal
	codec   kayaaku.Codec
	news    chan struct{}
	acks    chan byte

	mu        sync.Mutex
	port      io.ReadWriteCloser
	why       string // the port is not open
	lastFrame *time.Time
	current   string // the command that the port is kept for
	passing   []link.Event
	dead      bool
	stop      context.CancelFunc
}

// Open opens the journal and settles what a crash left: what was accepted and
// not begun was certainly never written; what was being written is lost, until
// the device's answer comes after all.
func Open(o Options) (*Bridge, error) {
	if err := o.Config.Check(); err != nil {
		return nil, err
	}
	codec, err := kayaaku.NewCodec(o.Config.Codec)
	if err != nil {
		return nil, err
	}
	if o.Again == 0 {
		o.Again = time.Second
	}
	journal, err := OpenJournal(o.Dir, o.Now())
	if err != nil {
		return nil, err
	}
	b := &Bridge{Options: o, journal: journal, codec: codec, news: make(chan struct{}, 1), acks: make(chan byte, 8), why: "not opened yet"}
	for _, k := range journal.unfinished() {
		l := line{ID: k.id, Step: stepLost, Why: "the bridge was restarted while it waited"}
		if k.step == stepAccepted {
			l.Step, l.Why = stepRefused, "the bridge was restarted before anything was written"
		}
		if _, err := b.keep(l); err != nil {
			_ = journal.Close()
			return nil, err
		}
	}
	return b, nil
}

// Run works until ctx ends.
func (b *Bridge) Run(ctx context.Context) error {
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	b.mu.Lock()
	b.stop = stop
	b.mu.Unlock()
	var wait sync.WaitGroup
	wait.Go(func() { b.keepPort(ctx) })
	wait.Go(func() { b.talk(ctx) })
	wait.Wait()
	return b.journal.Close()
}

// Kill makes the bridge behave as if its program had died at this instant:
// nothing is written, journaled or said any more. For tests.
func (b *Bridge) Kill() {
	b.journal.kill()
	b.mu.Lock()
	defer b.mu.Unlock()
	b.dead = true
	if b.stop != nil {
		b.stop()
	}
}

func (b *Bridge) died() bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.dead
}

// at marks a point where the program may die.
func (b *Bridge) at(point string) {
	if b.Hook != nil {
		b.Hook(point)
	}
}

// keep journals a line with the present time.
func (b *Bridge) keep(l line) (line, error) {
	l.At = b.Now().UTC()
	return b.journal.append(l)
}

// wake tells the link that there is something to say.
func (b *Bridge) wake() {
	select {
	case b.news <- struct{}{}:
	default:
	}
}

// pass says something once, without waiting for its confirmation.
func (b *Bridge) pass(e link.Event) {
	b.mu.Lock()
	b.passing = append(b.passing, e)
	b.mu.Unlock()
	b.wake()
}

// finish journals a final event, which the link repeats until it is confirmed.
func (b *Bridge) finish(l line) {
	kept, err := b.keep(l)
	if err != nil && !b.died() {
		b.Log.Error("the journal cannot be written", "command", l.ID, "error", err)
		b.pass(l.event()) // unconfirmed for ever, but said once
		return
	}
	b.Log.Info("command", "id", kept.ID, "step", string(kept.Step), "why", kept.Why)
	b.wake()
}

// Do carries a command out. Doubled commands get the answer that is known.
func (b *Bridge) Do(c link.Command) {
	known, found := b.journal.find(c.ID)
	switch {
	case found:
		b.repeat(known)
	case c.Verb == link.Write:
		b.write(c)
	case c.Verb == link.Recall:
		b.finish(line{ID: c.ID, Step: stepNever, Why: "the journal does not know it"})
	}
}

// repeat says again how far a command has come.
func (b *Bridge) repeat(k known) {
	if k.last.Seq > 0 && k.step == k.last.Step {
		b.pass(k.last.event())
		return
	}
	b.pass(link.Event{ID: k.id, Happened: link.Happened(k.step)})
}

// write sends one message to the device, after everything that a crash would
// need to know is on the disk.
func (b *Bridge) write(c link.Command) {
	port, refusal := b.claim(c.ID)
	if refusal != "" {
		b.finish(line{ID: c.ID, Step: stepRefused, Why: refusal})
		return
	}
	txnID := c.Message.Get("TxnID")
	if _, err := b.keep(line{ID: c.ID, Step: stepAccepted, TxnID: txnID}); err != nil {
		b.release(c.ID)
		b.Log.Error("the journal cannot be written: the command is not carried out", "command", c.ID, "error", err)
		return
	}
	b.at("accepted")
	b.pass(link.Event{ID: c.ID, Happened: link.Accepted})
	if _, err := b.keep(line{ID: c.ID, Step: stepWriting, TxnID: txnID}); err != nil {
		b.release(c.ID)
		return // a restart finds "accepted" and refuses
	}
	b.at("writing")
	if b.died() {
		return
	}
	frame := b.codec.Encode(c.Message.WithLogin(b.Config.Email, b.Config.Password).JSON())
	err := b.send(port, frame)
	b.at("written")
	if err != nil {
		b.release(c.ID)
		b.finish(line{ID: c.ID, Step: stepLost, Why: "the cable failed while the message was written"})
		return
	}
	b.pass(link.Event{ID: c.ID, Happened: link.Writing})
	time.AfterFunc(b.Config.answerWithin(), func() { b.giveUp(c.ID) })
}

// claim takes the port for one command; a refusal says why not, before a byte
// is written.
func (b *Bridge) claim(id string) (io.ReadWriteCloser, string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	switch {
	case b.dead:
		return nil, "this bridge is dead"
	case b.current != "":
		return nil, "the device is still at work on another payment"
	case b.port == nil:
		return nil, "the device is not connected: " + b.why
	}
	b.current = id
	return b.port, ""
}

func (b *Bridge) release(id string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.current == id {
		b.current = ""
	}
}

// giveUp frees the port for the next payment. The answer may still come.
func (b *Bridge) giveUp(id string) {
	b.mu.Lock()
	waited := b.current == id && !b.dead
	b.mu.Unlock()
	if !waited {
		return
	}
	b.finish(line{ID: id, Step: stepLost, Why: "the device did not answer in time"})
	b.release(id)
}

// heard takes one message of the device in.
func (b *Bridge) heard(payload []byte) {
	now := b.Now().UTC()
	b.mu.Lock()
	b.lastFrame = &now
	b.mu.Unlock()
	r, err := kayaaku.ParseReply(payload)
	if err != nil {
		b.Log.Warn("the device sent what is no message", "bytes", len(payload))
		return
	}
	k, ok := b.journal.waiting(r.TxnID)
	if !ok {
		b.Log.Warn("the device answers a payment that is not ours")
		return
	}
	if r.RespCd == "" && r.ResultCode == "" && r.QR != "" {
		b.pass(link.Event{ID: k.id, Happened: link.Shown, Fields: r.Fields})
		return
	}
	if k.step == stepAnswered && slices.Equal(k.last.Fields, r.Fields) {
		return
	}
	b.at("answer")
	if b.died() {
		return
	}
	b.finish(line{ID: k.id, Step: stepAnswered, Fields: r.Fields})
	b.at("answered")
	b.release(k.id)
}

// up is what there is to say now: who we are, the port, and the events.
func (b *Bridge) up(events []link.Event) link.Up {
	b.mu.Lock()
	defer b.mu.Unlock()
	return link.Up{
		Version: b.Version, Journal: b.journal.name, Events: events,
		Port: link.Port{
			Path: b.Config.Port, Open: b.port != nil, Why: b.why, LastFrameAt: b.lastFrame, Busy: b.current != "",
		},
	}
}

// outbox takes what is to be said once and what still needs a confirmation,
// without what was said on this connection already.
func (b *Bridge) outbox(said map[int64]bool) []link.Event {
	b.mu.Lock()
	out := b.passing
	b.passing = nil
	b.mu.Unlock()
	for _, e := range b.journal.unconfirmed() {
		if !said[e.Seq] {
			said[e.Seq] = true
			out = append(out, e)
		}
	}
	return out
}

func sortEvents(events []link.Event) {
	slices.SortFunc(events, func(a, b link.Event) int { return cmp.Compare(a.Seq, b.Seq) })
}

// take carries out what the server sends.
func (b *Bridge) take(d link.Down) error {
	for _, seq := range d.Confirm {
		if err := b.journal.confirm(seq, b.Now().UTC()); err != nil {
			return fmt.Errorf("confirm: %w", err)
		}
		b.at("confirmed")
	}
	for _, c := range d.Commands {
		b.Do(c)
	}
	return nil
}
