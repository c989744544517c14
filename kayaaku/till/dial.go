package till

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"time"

	"github.com/coder/websocket"
	"github.com/coder/websocket/wsjson"

	"receivepayment/kayaaku/link"
)

const tokenFile = "token"

// errRevoked: the server does not know this bridge (any more).
var errRevoked = errors.New("the server does not know this bridge: pair it with a new code from the app's settings")

// errNoSocket: something between refuses WebSockets.
var errNoSocket = errors.New("no WebSocket gets through")

// Pair redeems a one-time code and keeps the token in dir.
func Pair(ctx context.Context, server, code, version, dir string) (terminal string, err error) {
	base, err := serverURL(server)
	if err != nil {
		return "", err
	}
	body, err := json.Marshal(link.PairIn{Code: strings.TrimSpace(code), Version: version, System: runtime.GOOS + "/" + runtime.GOARCH})
	if err != nil {
		return "", fmt.Errorf("pair: %w", err)
	}
	raw, status, err := post(ctx, base+link.PairPath, "", body)
	if err != nil {
		return "", fmt.Errorf("reach the server: %w", err)
	}
	if status != http.StatusOK {
		return "", errors.New("the code was refused: it is good once and for fifteen minutes")
	}
	var out link.PairOut
	if err := json.Unmarshal(raw, &out); err != nil || out.Token == "" {
		return "", errors.New("that is not the app's server")
	}
	return out.Terminal, writePrivate(filepath.Join(dir, tokenFile), []byte(out.Token+"\n"))
}

// serverURL checks the app's address: https, or plain http on loopback.
func serverURL(text string) (string, error) {
	u, err := url.Parse(strings.TrimRight(text, "/"))
	if err != nil || u.Host == "" || (u.Scheme != "https" && u.Scheme != "http") {
		return "", errors.New("the server is an address like https://pay.example.com")
	}
	if u.Scheme == "http" && u.Hostname() != "localhost" && u.Hostname() != "127.0.0.1" {
		return "", errors.New("plain http is for loopback only: use https")
	}
	return u.String(), nil
}

func (b *Bridge) token() (string, error) {
	raw, err := os.ReadFile(filepath.Join(b.Dir, tokenFile)) // #nosec G304 -- the till's own folder
	if err != nil {
		return "", errors.New("this bridge is not paired: run `bridge pair CODE`")
	}
	return strings.TrimSpace(string(raw)), nil
}

// talk keeps a connection to the server, for ever.
func (b *Bridge) talk(ctx context.Context) {
	wait := b.Again
	for ctx.Err() == nil {
		began := b.Now()
		err := b.converse(ctx)
		if ctx.Err() != nil {
			return
		}
		b.Log.Warn("not connected", "error", err)
		if b.Now().Sub(began) > link.Dead {
			wait = b.Again
		}
		select {
		case <-ctx.Done():
		case <-time.After(wait):
		}
		wait = min(2*wait, 10*b.Again)
	}
}

func (b *Bridge) converse(ctx context.Context) error {
	base, err := serverURL(b.Config.Server)
	if err != nil {
		return err
	}
	token, err := b.token()
	if err != nil {
		return err
	}
	err = b.socket(ctx, base, token)
	if errors.Is(err, errNoSocket) {
		return b.posts(ctx, base, token)
	}
	return err
}

// socket speaks over a WebSocket until it breaks.
func (b *Bridge) socket(ctx context.Context, base, token string) error {
	dialing, cancel := context.WithTimeout(ctx, link.Dead)
	defer cancel()
	conn, res, err := websocket.Dial(dialing, base+link.SocketPath, &websocket.DialOptions{ //nolint:bodyclose // the library says that nobody has to
		HTTPHeader: http.Header{"Authorization": {"Bearer " + token}},
	})
	if err != nil {
		switch {
		case res != nil && res.StatusCode == http.StatusUnauthorized:
			return errRevoked
		case res != nil:
			return fmt.Errorf("%w: HTTP %d", errNoSocket, res.StatusCode)
		}
		return fmt.Errorf("reach the server: %w", err)
	}
	defer func() { _ = conn.CloseNow() }()
	conn.SetReadLimit(link.Largest)
	b.Log.Info("connected")

	ctx, stop := context.WithCancel(ctx)
	defer stop()
	ended := make(chan error, 1)
	go func() { ended <- b.say(ctx, conn); stop() }()
	err = b.listen(ctx, conn)
	stop()
	if said := <-ended; err == nil {
		err = said
	}
	return err
}

// say sends what there is to say, and a beat when there is nothing.
func (b *Bridge) say(ctx context.Context, conn *websocket.Conn) error {
	said := map[int64]bool{}
	beat := time.NewTicker(link.Beat)
	defer beat.Stop()
	for {
		if b.died() {
			return errDead
		}
		within, cancel := context.WithTimeout(ctx, link.Dead)
		err := wsjson.Write(within, conn, b.up(b.outbox(said)))
		cancel()
		if err != nil {
			return fmt.Errorf("speak to the server: %w", err)
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-b.news:
		case <-beat.C:
		}
	}
}

func (b *Bridge) listen(ctx context.Context, conn *websocket.Conn) error {
	for {
		var d link.Down
		within, cancel := context.WithTimeout(ctx, link.Dead)
		err := wsjson.Read(within, conn, &d)
		cancel()
		if err != nil {
			return fmt.Errorf("hear the server: %w", err)
		}
		if err := b.take(d); err != nil {
			return err
		}
	}
}

// pollFor is how long posts are used before a WebSocket is tried again.
const pollFor = 10 * time.Minute

// posts speaks in plain posts, which the server holds for a moment when it has
// nothing to say.
func (b *Bridge) posts(ctx context.Context, base, token string) error {
	b.Log.Info("connected by posts")
	for until := b.Now().Add(pollFor); b.Now().Before(until); {
		if b.died() || ctx.Err() != nil {
			return errDead
		}
		up := b.up(b.outbox(map[int64]bool{}))
		if len(up.Events) == 0 && !up.Port.Busy {
			up.Wait = 2000
		} else if up.Port.Busy {
			up.Wait = 200
		}
		body, err := json.Marshal(up)
		if err != nil {
			return fmt.Errorf("speak to the server: %w", err)
		}
		raw, status, err := post(ctx, base+link.ExchangePath, token, body)
		switch {
		case err != nil:
			return fmt.Errorf("reach the server: %w", err)
		case status == http.StatusUnauthorized:
			return errRevoked
		case status != http.StatusOK:
			return fmt.Errorf("the server answered HTTP %d", status)
		}
		var d link.Down
		if err := json.Unmarshal(raw, &d); err != nil {
			return errors.New("that is not the app's server")
		}
		if err := b.take(d); err != nil {
			return err
		}
	}
	return nil
}

var client = &http.Client{
	Timeout:       30 * time.Second,
	CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
}

func post(ctx context.Context, address, token string, body []byte) ([]byte, int, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, address, bytes.NewReader(body))
	if err != nil {
		return nil, 0, errors.New("not an address")
	}
	req.Header.Set("Content-Type", "application/json")
	if token != "" {
		req.Header.Set("Authorization", "Bearer "+token)
	}
	res, err := client.Do(req)
	if err != nil {
		return nil, 0, err
	}
	defer func() { _ = res.Body.Close() }()
	raw, err := io.ReadAll(io.LimitReader(res.Body, link.Largest))
	return raw, res.StatusCode, err
}
