// Package link is what the till's bridge and the server say to each other: our
// own protocol, JSON over a WebSocket that the bridge dials, or over plain
// posts where a WebSocket does not get through. Both sides import it.
//
// The bridge sends [Up], the server [Down]. Final events are sent again until
// they are confirmed; commands are sent once and never again, so a command
// that may have been lost is recalled instead ([Recall]).
package link

import (
	"time"

	"receivepayment/kayaaku"
)

// The addresses, below the app's own.
const (
	PairPath     = "/bridge/v1/pair"
	SocketPath   = "/bridge/v1/socket"
	ExchangePath = "/bridge/v1/exchange"
)

const (
	// Beat is how often each side says something.
	Beat = 5 * time.Second
	// Dead is after how much silence each side lets the connection go. It is
	// also the bound on how late a command may arrive.
	Dead = 15 * time.Second
	// Largest is the bound of one message, in bytes.
	Largest = 64 << 10
)

// PairIn redeems a one-time code.
type PairIn struct {
	Code    string `json:"code"`
	Version string `json:"version"`
	System  string `json:"system"`
}

// PairOut is the bridge's token: shown once, revocable from the app.
type PairOut struct {
	Token    string `json:"token"`
	Terminal string `json:"terminal"` // its name, for people
}

// Up is a message of the bridge. Every one carries who speaks and the port.
type Up struct {
	Version string `json:"version"`
	Journal string `json:"journal"` // names the journal; a new one knows nothing of the past
	Port    Port   `json:"port"`
	// Wait is how long a post may be held for commands, in milliseconds.
	Wait   int64   `json:"wait,omitempty"`
	Events []Event `json:"events,omitempty"`
}

// Port is what the bridge knows of its serial port.
type Port struct {
	Path        string     `json:"path"`
	Open        bool       `json:"open"`
	Why         string     `json:"why,omitempty"` // it is not open
	LastFrameAt *time.Time `json:"lastFrameAt,omitempty"`
	Busy        bool       `json:"busy"`
}

// Happened is what the bridge says of one command.
type Happened string

// The events. Refused and Never are proof that no byte was written, and never
// will be for that id.
const (
	Accepted Happened = "accepted" // journaled, nothing written
	Writing  Happened = "writing"  // bytes may be on the line
	Shown    Happened = "shown"    // the device told what its QR code holds
	Refused  Happened = "refused"  // final: nothing was written
	Never    Happened = "never"    // final: the journal does not know it, and will refuse it
	Answered Happened = "answered" // final: the device's answer
	Lost     Happened = "lost"     // final for now: no answer; a late one may still follow
)

// Final reports whether the event is repeated until it is confirmed.
func (h Happened) Final() bool { return h != Accepted && h != Writing && h != Shown }

// Event is one thing that happened to a command.
type Event struct {
	ID       string          `json:"id"`
	Seq      int64           `json:"seq"` // of the journal; confirms name it
	Happened Happened        `json:"happened"`
	Why      string          `json:"why,omitempty"`
	Fields   kayaaku.Message `json:"fields,omitempty"` // of an answer, without logins
}

// Down is a message of the server.
type Down struct {
	Commands []Command `json:"commands,omitempty"`
	Confirm  []int64   `json:"confirm,omitempty"` // events that are stored
}

// Verb is what a command asks for.
type Verb string

// The commands.
const (
	Write  Verb = "write"  // send Message to the device, once
	Recall Verb = "recall" // say what became of it; if nothing was written, never write it
)

// Command is one order. ID names it for ever: the payment's TxnRef.
type Command struct {
	Verb    Verb            `json:"verb"`
	ID      string          `json:"id"`
	Message kayaaku.Message `json:"message,omitempty"` // without the login, which only the till knows
}
