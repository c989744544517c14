package pairing

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"strings"
	"time"

	"github.com/coder/websocket"
	"github.com/coder/websocket/wsjson"

	"receivepayment/kayaaku/link"
)

// ServeHTTP answers the till's bridges: pairing, the WebSocket, and plain
// posts for those whom no WebSocket reaches.
func (k *Kayaaku) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	switch r.URL.Path {
	case link.PairPath:
		k.servePair(w, r)
	case link.SocketPath:
		k.serveSocket(w, r)
	case link.ExchangePath:
		k.serveExchange(w, r)
	default:
		http.NotFound(w, r)
	}
}

func (k *Kayaaku) servePair(w http.ResponseWriter, r *http.Request) {
	var in link.PairIn
	if !readJSON(w, r, &in) {
		return
	}
	out, err := k.Redeem(r.Context(), in)
	if err != nil {
		k.refuse(w, r, err)
		return
	}
	writeJSON(w, out)
}

func (k *Kayaaku) refuse(w http.ResponseWriter, r *http.Request, err error) {
	if errors.Is(err, ErrBridge) {
		http.Error(w, "This bridge is not known.", http.StatusUnauthorized)
		return
	}
	k.Log.WarnContext(r.Context(), "a bridge could not be served", "error", err)
	http.Error(w, "Try again.", http.StatusServiceUnavailable)
}

func bearer(r *http.Request) string {
	token, _ := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
	return token
}

// longest a post is held.
const longestWait = 10 * time.Second

// serveExchange is one post: what the bridge says, then what it should do.
func (k *Kayaaku) serveExchange(w http.ResponseWriter, r *http.Request) {
	b, err := k.admit(r.Context(), bearer(r))
	if err != nil {
		k.refuse(w, r, err)
		return
	}
	var up link.Up
	if !readJSON(w, r, &up) {
		return
	}
	rings, stop := k.Bell.Listen(bridgeBell(b.TerminalID))
	defer stop()
	down, err := k.exchange(r.Context(), b, up, map[string]bool{})
	if err == nil && len(down.Commands)+len(down.Confirm) == 0 && up.Wait > 0 {
		wait := time.NewTimer(min(time.Duration(up.Wait)*time.Millisecond, longestWait))
		defer wait.Stop()
		select {
		case <-rings:
		case <-wait.C:
		case <-r.Context().Done():
			return // a command that is fetched now would never arrive
		}
		down.Commands, err = k.orders(r.Context(), b, up.Journal, map[string]bool{})
	}
	if err != nil {
		k.refuse(w, r, err)
		return
	}
	writeJSON(w, down)
}

// exchange hears a bridge out and collects what it should do.
func (k *Kayaaku) exchange(ctx context.Context, b bridgeRow, up link.Up, recalled map[string]bool) (link.Down, error) {
	if err := k.greet(ctx, b, up); err != nil {
		return link.Down{}, err
	}
	confirm, err := k.hear(ctx, b, up)
	if err != nil {
		return link.Down{}, err
	}
	commands, err := k.orders(ctx, b, up.Journal, recalled)
	return link.Down{Commands: commands, Confirm: confirm}, err
}

// serveSocket speaks with one bridge until it goes.
func (k *Kayaaku) serveSocket(w http.ResponseWriter, r *http.Request) {
	b, err := k.admit(r.Context(), bearer(r))
	if err != nil {
		k.refuse(w, r, err)
		return
	}
	// The server bounds reading a request, and would end the socket with it.
	_ = http.NewResponseController(w).SetReadDeadline(time.Time{})
	conn, err := websocket.Accept(w, r, nil)
	if err != nil {
		return // it has answered
	}
	defer func() { _ = conn.CloseNow() }()
	conn.SetReadLimit(link.Largest)

	ctx, cancel := context.WithCancel(r.Context())
	defer cancel()
	stop := context.AfterFunc(k.life, cancel) //nolint:contextcheck // a server that stops lets its bridges go
	defer stop()
	ups := make(chan link.Up)
	go func() {
		defer cancel()
		k.readSocket(ctx, conn, ups)
	}()
	if err := k.converse(ctx, conn, b, ups); err != nil && ctx.Err() == nil {
		k.Log.InfoContext(ctx, "a bridge has gone", "terminal", b.TerminalID, "error", err)
	}
}

func (k *Kayaaku) readSocket(ctx context.Context, conn *websocket.Conn, ups chan<- link.Up) {
	for {
		var up link.Up
		within, done := context.WithTimeout(ctx, link.Dead)
		err := wsjson.Read(within, conn, &up)
		done()
		if err != nil {
			return
		}
		select {
		case ups <- up:
		case <-ctx.Done():
			return
		}
	}
}

// converse answers each word of the bridge, hands commands over as they come,
// and beats. A bridge whose token is no longer good is let go.
func (k *Kayaaku) converse(ctx context.Context, conn *websocket.Conn, b bridgeRow, ups <-chan link.Up) error {
	rings, stop := k.Bell.Listen(bridgeBell(b.TerminalID))
	defer stop()
	beat := time.NewTicker(link.Beat / 2)
	defer beat.Stop()
	recalled, journal := map[string]bool{}, ""
	for {
		var down link.Down
		var err error
		select {
		case <-ctx.Done():
			return ctx.Err()
		case up := <-ups:
			journal = up.Journal
			down, err = k.exchange(ctx, b, up, recalled)
		case <-rings:
			down.Commands, err = k.ordersFor(ctx, &b, journal, recalled)
		case <-beat.C:
			down.Commands, err = k.ordersFor(ctx, &b, journal, recalled)
		}
		if err != nil {
			return err
		}
		within, done := context.WithTimeout(ctx, link.Dead)
		err = wsjson.Write(within, conn, down)
		done()
		if err != nil {
			return err
		}
	}
}

// ordersFor looks first whether the bridge may still speak, and gives nothing
// to one that has not said which journal it writes.
func (k *Kayaaku) ordersFor(ctx context.Context, b *bridgeRow, journal string, recalled map[string]bool) ([]link.Command, error) {
	fresh, err := k.bridge(ctx, b.TerminalID)
	if err != nil {
		return nil, err
	}
	if fresh.TokenHash != b.TokenHash {
		return nil, ErrBridge
	}
	*b = fresh
	if journal == "" {
		return nil, nil
	}
	return k.orders(ctx, *b, journal, recalled)
}

func readJSON(w http.ResponseWriter, r *http.Request, into any) bool {
	raw, err := io.ReadAll(http.MaxBytesReader(w, r.Body, link.Largest))
	if err == nil {
		err = json.Unmarshal(raw, into)
	}
	if err != nil {
		http.Error(w, "This is not understood.", http.StatusBadRequest)
		return false
	}
	return true
}

func writeJSON(w http.ResponseWriter, v any) {
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(v) // a bridge that has gone asks again
}
