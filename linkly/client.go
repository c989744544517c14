package linkly

import (
	"context"
	"encoding/json"
	"net/http"
	"strings"

	"github.com/go-resty/resty/v2"
)

// Client speaks with one of Linkly's environments on behalf of any number of terminals.
// It is safe for use by several goroutines.
type Client struct {
	cfg    Config
	shared *resty.Client // questions, keys, tokens: connections are kept
	fresh  *resty.Client // whatever starts something: a new connection each time
	tokens *tokens
	idle   func()
}

// New returns a client, or everything that is wrong with cfg.
func New(cfg Config) (*Client, error) {
	cfg, err := cfg.checked()
	if err != nil {
		return nil, &Error{Op: "configure linkly client", Class: Refused, Err: err}
	}
	shared, fresh := transports(cfg.Transport)
	idle := &http.Client{Transport: shared}
	return &Client{
		cfg:    cfg,
		shared: newResty(shared),
		fresh:  newResty(fresh),
		tokens: newTokens(),
		idle:   idle.CloseIdleConnections,
	}, nil
}

// Close drops idle connections. Calls in progress are not disturbed.
func (c *Client) Close() { c.idle() }

type pairRequest struct {
	Username string `json:"username"`
	Password string `json:"password"`
	PairCode string `json:"pairCode"`
}

// Pair exchanges the code on the terminal for a secret; the call is made once, never repeated.
// ErrPairingRefused (401, 400, or 200 without a secret) asks for a fresh code.
// Any other error leaves open whether the code was used up: ask for a fresh code
// too. Pairing kills the terminal's former secret: call Forget with that one.
// Reference linkly 2.
func (c *Client) Pair(ctx context.Context, username, password, pairCode string) (Secret, error) {
	const op = "pair terminal"
	if strings.TrimSpace(username) == "" || password == "" || strings.TrimSpace(pairCode) == "" {
		return "", refuse(op, "user name, password and pair code are required")
	}
	ctx, cancel := context.WithTimeout(ctx, c.cfg.CallTimeout)
	defer cancel()

	q := call{
		op: op, method: http.MethodPost, url: c.cfg.AuthURL + "/v1/pairing/cloudpos", fresh: true,
		body:    encode(pairRequest{username, password, pairCode}),
		secrets: []string{username, password, pairCode},
	}
	rep := c.do(ctx, q)
	switch {
	case rep.err != nil:
		return "", rep.failure(q, rep.class())
	case rep.status == http.StatusUnauthorized || rep.status == http.StatusBadRequest:
		return "", rep.because(q, Refused, ErrPairingRefused)
	case rep.status != http.StatusOK || rep.bodyErr != nil:
		return "", rep.failure(q, Unclear)
	}

	var answer struct {
		Secret text `json:"secret"`
	}
	if err := json.Unmarshal(rep.body, &answer); err != nil || strings.TrimSpace(answer.Secret.value) == "" {
		// The body is not quoted: it may be a secret in a shape we did not expect.
		return "", &Error{Op: op, Class: Refused, Status: rep.status, Err: ErrPairingRefused}
	}
	return Secret(answer.Secret.value), nil
}

// Terminal returns a handle on the terminal that secret was given for; it makes no call.
// posID is the UUID v4 of this register, made once and kept (reference linkly 3).
func (c *Client) Terminal(secret Secret, posID string) *Terminal {
	return &Terminal{client: c, secret: &secret, posID: posID}
}

// Forget drops all tokens that were fetched with secret; call it when a terminal is
// paired again or retired.
func (c *Client) Forget(secret Secret) { c.tokens.forget(secret) }
