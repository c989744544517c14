package linkly

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"net/http"
	"strings"
	"sync"
	"time"

	"golang.org/x/sync/singleflight"
)

const (
	fallbackLife = 300 * time.Second // when expirySeconds is missing (reference linkly 3)
	longestLife  = 24 * time.Hour    // the longest that any source speaks of
	// A token that is still good is not worth a longer wait for its successor.
	renewalPatience = 3 * time.Second
)

// tokens remembers one token per secret and register. It is keyed by a hash, so
// that no secret lies about in memory longer than needed.
type tokens struct {
	flights singleflight.Group

	mu      sync.Mutex
	held    map[tokenKey]heldToken
	forgets int // results of fetches that began before a forget are not kept
}

type tokenKey struct {
	secret [sha256.Size]byte
	posID  string
}

type heldToken struct {
	token      string
	from, till time.Time
}

func newTokens() *tokens { return &tokens{held: map[tokenKey]heldToken{}} }

func (k tokenKey) flight() string { return hex.EncodeToString(k.secret[:]) + k.posID }

// stale is true when less than min(5 min, 20 % of the lifetime) remains.
func (h heldToken) stale(now time.Time) bool {
	return h.till.Sub(now) < min(5*time.Minute, h.till.Sub(h.from)/5)
}

func (s *tokens) get(k tokenKey) (heldToken, int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.held[k], s.forgets
}

func (s *tokens) put(k tokenKey, h heldToken, forgets int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.forgets == forgets {
		s.held[k] = h
	}
}

// drop forgets token, but not a newer one that someone else has fetched meanwhile.
func (s *tokens) drop(k tokenKey, token string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.held[k].token == token {
		delete(s.held, k)
	}
}

func (s *tokens) forget(secret Secret) {
	hash := sha256.Sum256([]byte(secret))
	s.mu.Lock()
	defer s.mu.Unlock()
	s.forgets++
	for k := range s.held {
		if k.secret == hash {
			delete(s.held, k)
		}
	}
}

func (t *Terminal) key() tokenKey {
	return tokenKey{secret: sha256.Sum256([]byte(*t.secret)), posID: t.posID}
}

// token returns a usable token, fetching one when there is none or it ages.
// Callers that need the same one share a fetch, and one that gives up does not
// spoil it for the others. Its errors are NotStarted, Refused or Unpaired.
func (t *Terminal) token(ctx context.Context) (string, error) {
	if strings.TrimSpace(t.secret.Reveal()) == "" {
		return "", &Error{Op: opToken, Class: Unpaired, Err: errors.New("no secret")}
	}
	if !uuidV4.MatchString(t.posID) {
		return "", refuse(opToken, "pos id must be a hyphenated lower-case uuid v4")
	}
	k := t.key()
	now := t.client.cfg.Now()
	old, _ := t.client.tokens.get(k)
	if old.token != "" && !old.stale(now) {
		return old.token, nil
	}
	usable := old.token != "" && now.Before(old.till)
	if usable {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, renewalPatience)
		defer cancel()
	}
	token, err := t.join(ctx, k)
	if err != nil && usable && ClassOf(err) != Unpaired {
		return old.token, nil
	}
	return token, err
}

// join waits for the fetch in progress, starting one if there is none.
func (t *Terminal) join(ctx context.Context, k tokenKey) (string, error) {
	alone := context.WithoutCancel(ctx)
	done := t.client.tokens.flights.DoChan(k.flight(), func() (any, error) {
		return t.fetch(alone, k)
	})
	select {
	case r := <-done:
		token, _ := r.Val.(string)
		return token, r.Err
	case <-ctx.Done():
		return "", &Error{Op: opToken, Class: NotStarted, Err: ctx.Err()}
	}
}

const opToken = "get token"

type tokenRequest struct {
	Secret      string `json:"secret"`
	POSName     string `json:"posName"`
	POSVersion  string `json:"posVersion"`
	POSID       string `json:"posId"`
	POSVendorID string `json:"posVendorId"`
}

// fetch gets a token from Linkly and keeps it (reference linkly 3).
func (t *Terminal) fetch(ctx context.Context, k tokenKey) (string, error) {
	c := t.client
	held, forgets := c.tokens.get(k)
	start := c.cfg.Now()
	if held.token != "" && !held.stale(start) {
		return held.token, nil // another fetch ended between our look and our turn
	}
	ctx, cancel := context.WithTimeout(ctx, c.cfg.CallTimeout)
	defer cancel()

	q := call{
		op: opToken, method: http.MethodPost, url: c.cfg.AuthURL + "/v1/tokens/cloudpos",
		body: encode(tokenRequest{
			t.secret.Reveal(), c.cfg.POSName, c.cfg.POSVersion, t.posID, c.cfg.POSVendorID,
		}),
		secrets: []string{t.secret.Reveal()},
	}
	rep := c.do(ctx, q)
	if rep.err == nil && (rep.status == http.StatusUnauthorized || rep.status == http.StatusBadRequest) {
		c.tokens.drop(k, held.token)
		return "", rep.failure(q, Unpaired)
	}
	if rep.err != nil || rep.status != http.StatusOK || rep.bodyErr != nil {
		return "", rep.failure(q, NotStarted)
	}
	token, life, ok := readToken(rep.body)
	if !ok {
		return "", &Error{Op: opToken, Class: NotStarted, Status: rep.status, Err: errors.New("answer without a token")}
	}
	c.tokens.put(k, heldToken{token: token, from: start, till: start.Add(life)}, forgets)
	return token, nil
}

func readToken(body []byte) (token string, life time.Duration, ok bool) {
	var answer struct {
		Token         text   `json:"token"`
		ExpirySeconds number `json:"expirySeconds"`
	}
	if json.Unmarshal(body, &answer) != nil {
		return "", 0, false
	}
	token = strings.TrimSpace(answer.Token.value)
	life = fallbackLife
	if n := answer.ExpirySeconds.ptr(); n != nil && *n > 0 {
		life = time.Duration(min(*n, int64(longestLife/time.Second))) * time.Second
	}
	return token, life, token != "" && headerSafe(token)
}
