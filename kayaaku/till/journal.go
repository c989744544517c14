package till

import (
	"bufio"
	"bytes"
	"crypto/rand"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"sync"
	"time"

	"receivepayment/kayaaku"
	"receivepayment/kayaaku/link"
)

// step is how far a command has come, as a line of the journal says.
type step string

const (
	stepAccepted step = "accepted"
	stepWriting  step = "writing"
	stepAnswered step = "answered"
	stepLost     step = "lost"
	stepRefused  step = "refused"
	stepNever    step = "never"
	stepConfirm  step = "confirmed"
)

// line is one line of the journal. It holds no login.
type line struct {
	Seq    int64           `json:"seq"`
	At     time.Time       `json:"at"`
	ID     string          `json:"id"`
	Step   step            `json:"step"`
	TxnID  string          `json:"txn,omitempty"`
	Why    string          `json:"why,omitempty"`
	Fields kayaaku.Message `json:"fields,omitempty"`
	Of     int64           `json:"of,omitempty"` // of a confirmation: which line
}

// known is what the journal holds about one command.
type known struct {
	id, txnID string
	step      step
	at        time.Time
	last      line // the latest of those that the server must confirm
	open      map[int64]line
}

// Journal is an append-only file that is on the disk before anything is done.
type Journal struct {
	mu    sync.Mutex
	file  *os.File
	name  string // who it is, for ever
	seq   int64
	known map[string]*known
	dead  bool
}

const journalFile = "journal.jsonl"

// errDead is what a journal says after its program was declared dead (tests).
var errDead = errors.New("this bridge is dead")

// keepFor is how long a command is remembered after it was confirmed: longer
// than any server goes on about it.
const keepFor = 14 * 24 * time.Hour

// OpenJournal reads what is there, drops what is old, and settles what a crash
// left: see [Bridge].
func OpenJournal(dir string, now time.Time) (*Journal, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("open the journal: %w", err)
	}
	j := &Journal{known: map[string]*known{}}
	path := filepath.Join(dir, journalFile)
	raw, err := os.ReadFile(path) // #nosec G304 -- the till's own folder
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		return nil, fmt.Errorf("read the journal: %w", err)
	}
	lines, err := j.read(raw)
	if err != nil {
		return nil, err
	}
	if err := j.compact(path, lines, now); err != nil {
		return nil, err
	}
	j.file, err = os.OpenFile(path, os.O_APPEND|os.O_WRONLY, 0o600) // #nosec G304 -- likewise
	if err != nil {
		return nil, fmt.Errorf("open the journal: %w", err)
	}
	return j, nil
}

// read understands the lines. A last one without its end was being written
// when the program died: nothing was done on its strength.
func (j *Journal) read(raw []byte) ([]line, error) {
	if end := bytes.LastIndexByte(raw, '\n'); end >= 0 {
		raw = raw[:end+1]
	} else {
		raw = nil
	}
	var lines []line
	scan := bufio.NewScanner(bytes.NewReader(raw))
	scan.Buffer(nil, 1<<20)
	for scan.Scan() {
		var l line
		if err := json.Unmarshal(scan.Bytes(), &l); err != nil {
			return nil, errors.New("the journal is damaged: keep the file and ask for help; do not delete it while a payment is open")
		}
		if l.Step == "" { // the first line names the journal
			j.name, j.seq = l.ID, l.Seq
			continue
		}
		lines = append(lines, l)
		j.note(l)
	}
	return lines, scan.Err()
}

// compact writes the file anew without what is confirmed and old.
func (j *Journal) compact(path string, lines []line, now time.Time) error {
	if j.name == "" {
		raw := make([]byte, 8)
		_, _ = rand.Read(raw) // never fails (crypto/rand)
		j.name = hex.EncodeToString(raw)
	}
	var out bytes.Buffer
	e := json.NewEncoder(&out)
	if err := e.Encode(line{ID: j.name, At: now, Seq: j.seq}); err != nil {
		return fmt.Errorf("write the journal: %w", err)
	}
	maps.DeleteFunc(j.known, func(_ string, k *known) bool {
		return len(k.open) == 0 && k.step != stepAccepted && k.step != stepWriting && now.Sub(k.at) > keepFor
	})
	for _, l := range lines {
		if j.known[l.ID] == nil {
			continue
		}
		if err := e.Encode(l); err != nil {
			return fmt.Errorf("write the journal: %w", err)
		}
	}
	return writeSynced(path, out.Bytes())
}

func writeSynced(path string, raw []byte) error {
	next := path + ".next"
	f, err := os.OpenFile(next, os.O_CREATE|os.O_TRUNC|os.O_WRONLY, 0o600) // #nosec G304 -- the till's own folder
	if err != nil {
		return fmt.Errorf("write the journal: %w", err)
	}
	_, err = f.Write(raw)
	if err = errors.Join(err, f.Sync(), f.Close()); err != nil {
		return fmt.Errorf("write the journal: %w", err)
	}
	if err := os.Rename(next, path); err != nil {
		return fmt.Errorf("write the journal: %w", err)
	}
	return nil
}

// append writes one line and waits until the disk has it.
func (j *Journal) append(l line) (line, error) {
	j.mu.Lock()
	defer j.mu.Unlock()
	if j.dead {
		return l, errDead
	}
	l.Seq = j.seq + 1
	raw, err := json.Marshal(l)
	if err != nil {
		return l, fmt.Errorf("write the journal: %w", err)
	}
	if _, err := j.file.Write(append(raw, '\n')); err != nil {
		return l, fmt.Errorf("write the journal: %w", err)
	}
	if err := j.file.Sync(); err != nil {
		return l, fmt.Errorf("write the journal: %w", err)
	}
	j.note(l)
	return l, nil
}

// note takes a line into memory.
func (j *Journal) note(l line) {
	j.seq = max(j.seq, l.Seq)
	k := j.known[l.ID]
	if k == nil {
		k = &known{id: l.ID, open: map[int64]line{}}
		j.known[l.ID] = k
	}
	if l.Step == stepConfirm {
		delete(k.open, l.Of)
		return
	}
	k.step, k.at = l.Step, l.At
	if l.TxnID != "" {
		k.txnID = l.TxnID
	}
	if l.Step != stepAccepted && l.Step != stepWriting {
		k.last, k.open[l.Seq] = l, l
	}
}

// find answers a copy of what is known about a command.
func (j *Journal) find(id string) (known, bool) {
	j.mu.Lock()
	defer j.mu.Unlock()
	k := j.known[id]
	if k == nil {
		return known{}, false
	}
	return *k, true
}

// waiting finds the command whose answer carries the TxnID: the latest that
// was written, answered or not, because a device may think better of it.
func (j *Journal) waiting(txnID string) (known, bool) {
	j.mu.Lock()
	defer j.mu.Unlock()
	var found *known
	for _, k := range j.known {
		if k.txnID != txnID || (k.step != stepWriting && k.step != stepLost && k.step != stepAnswered) {
			continue
		}
		if found == nil || k.at.After(found.at) {
			found = k
		}
	}
	if found == nil {
		return known{}, false
	}
	return *found, true
}

// unfinished lists commands that a crash left in the middle.
func (j *Journal) unfinished() []known {
	j.mu.Lock()
	defer j.mu.Unlock()
	var out []known
	for _, k := range j.known {
		if k.step == stepAccepted || k.step == stepWriting {
			out = append(out, *k)
		}
	}
	return out
}

// unconfirmed lists what the server has not said that it has, oldest first.
func (j *Journal) unconfirmed() []link.Event {
	j.mu.Lock()
	defer j.mu.Unlock()
	var out []link.Event
	for _, k := range j.known {
		for _, l := range k.open {
			out = append(out, l.event())
		}
	}
	sortEvents(out)
	return out
}

// confirm notes that the server has stored the event of a line.
func (j *Journal) confirm(seq int64, now time.Time) error {
	j.mu.Lock()
	id := ""
	for _, k := range j.known {
		if _, open := k.open[seq]; open {
			id = k.id
		}
	}
	j.mu.Unlock()
	if id == "" {
		return nil // confirmed before
	}
	_, err := j.append(line{At: now, ID: id, Step: stepConfirm, Of: seq})
	return err
}

func (l line) event() link.Event {
	return link.Event{ID: l.ID, Seq: l.Seq, Happened: link.Happened(l.Step), Why: l.Why, Fields: l.Fields}
}

// kill makes the journal refuse everything, as if the program had died.
func (j *Journal) kill() {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.dead = true
}

// Close lets the file go.
func (j *Journal) Close() error { return j.file.Close() }
