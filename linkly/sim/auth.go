package sim

import (
	"net/http"
	"regexp"
	"strings"
	"time"
)

// token is a bearer token and the POS that it was given to.
type token struct {
	pairing                                 *pairing
	posName, posVersion, posID, posVendorID string
	until                                   time.Time
	dead                                    bool // TokenDies struck
}

var uuidForm = regexp.MustCompile(`^[0-9a-f]{32}$`)

// version4 reports whether an id is a UUID v4 in one of the two accepted forms.
func version4(id string) bool {
	n := normal(id)
	return uuidForm.MatchString(n) && n[12] == '4' && strings.ContainsRune("89ab", rune(n[16]))
}

// pair answers POST /v1/pairing/cloudpos (reference linkly 2). A code works once; anything wrong with it is 401
// with an empty body, as observed; user name and password that nobody has are 400, as the official mock has it, or 401
// too with the fault PairUniform, because the sources disagree. Neither is a violation: people mistype.
func (s *Sim) pair(x *exchange) {
	o, err := parseObject(x.body)
	if err != nil {
		x.violate(finding{"json", "the body is not a JSON object", true})
		x.answer(http.StatusBadRequest, nil)
		return
	}
	c := &checker{}
	c.known(o, "pairing", "username", "password", "pairCode")
	user, pass := c.text(o, "username", "", 1, 256), c.text(o, "password", "", 1, 256)
	code := c.text(o, "pairCode", "", 1, 16)
	if user == "" || pass == "" || code == "" {
		c.refuse("pairing-fields", "username, password and pairCode are required")
	}
	x.violate(c.found...)
	if c.refused() {
		x.answer(http.StatusBadRequest, nil)
		return
	}

	// Before the code is looked at, so that a second try can succeed.
	if s.dice.hit(Pair500) {
		x.fault = Pair500
		x.answer(http.StatusInternalServerError, nil)
		return
	}
	secret, known := s.redeem(user, pass, code)
	if !known && !s.dice.hit(PairUniform) {
		x.answer(http.StatusBadRequest, nil)
		return
	}
	if secret == "" {
		x.answer(http.StatusUnauthorized, nil)
		return
	}
	if s.dice.hit(PairEmpty) {
		x.fault = PairEmpty
		x.answer(http.StatusOK, []byte("{}"))
		return
	}
	x.answer(http.StatusOK, s.plain(struct{ Secret string }{secret}))
}

// redeem trades a living pair code for a secret, empty when anything about it is wrong; known reports whether
// the user name and password are somebody's. The code is looked for
// among the terminals of that Cloud ID only, because several shops may show the same six digits.
func (s *Sim) redeem(user, pass, code string) (secret string, known bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, t := range s.terminals {
		if t.cfg.Username != user || t.cfg.Password != pass {
			continue
		}
		known = true
		if t.codeLocked() == code {
			return t.pairLocked(), true
		}
	}
	return "", known
}

// issue answers POST /v1/tokens/cloudpos (reference linkly 3): 401 for a dead secret, 400 for a right secret with
// a POS that does not introduce itself properly.
func (s *Sim) issue(x *exchange) {
	if s.dice.hit(Token500) {
		x.fault = Token500
		x.answer(http.StatusInternalServerError, nil)
		return
	}
	o, err := parseObject(x.body)
	if err != nil {
		x.violate(finding{"json", "the body is not a JSON object", true})
		x.answer(http.StatusBadRequest, nil)
		return
	}

	c := &checker{}
	c.known(o, "token", "secret", "posName", "posVersion", "posId", "posVendorId")
	secret := c.text(o, "secret", "", 1, 1<<16)
	t := &token{
		posName: c.text(o, "posName", "", 1, 256), posVersion: c.text(o, "posVersion", "", 1, 256),
		posID: c.text(o, "posId", "", 1, 64), posVendorID: c.text(o, "posVendorId", "", 1, 64),
	}
	c.introduction(t)

	// A dead secret is no violation: it is how a POS learns that the terminal was paired again.
	if !s.alive(secret) {
		x.answer(http.StatusUnauthorized, nil)
		return
	}
	x.violate(c.found...)
	if c.refused() {
		x.answer(http.StatusBadRequest, nil)
		return
	}
	lifetime := int(s.cfg.Timing.Token / time.Second)
	if s.dice.hit(TokenNoExpiry) {
		x.fault, lifetime = TokenNoExpiry, 0
	}
	x.answer(http.StatusOK, s.plain(struct {
		Token         string
		ExpirySeconds int `json:",omitempty"`
	}{s.grant(secret, t), lifetime}))
}

// alive reports whether a secret still stands for a paired terminal. It is asked before the other fields are
// judged: the official client's mock answers 401 for a wrong secret and 400 only for a right one (reference linkly
// 3).
func (s *Sim) alive(secret string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	p := s.secrets[secret]
	return p != nil && !p.dead
}

// grant makes a token. Older tokens of the same secret stay good: several processes of one POS may each hold one.
func (s *Sim) grant(secret string, t *token) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	t.pairing, t.until = s.secrets[secret], s.cfg.Now().Add(s.cfg.Timing.Token)
	text := randomHex(48)
	s.tokens[text] = t
	return text
}

// introduction checks who the POS says it is. Accreditation compares these values with the PAD tags of each
// purchase.
func (c *checker) introduction(t *token) {
	if t.posName == "" || t.posVersion == "" || t.posID == "" || t.posVendorID == "" {
		c.refuse("token-fields", "posName, posVersion, posId and posVendorId are required")
		return
	}
	if !version4(t.posID) {
		c.refuse("pos-id", "posId is not a UUID v4")
	}
	if !uuidForm.MatchString(normal(t.posVendorID)) {
		c.refuse("pos-vendor-id", "posVendorId is not a UUID")
	}
	if normal(t.posVendorID) == "a256b7ec709d4c7d8ffe57cc7ca1fd22" {
		c.note("pos-vendor-id", "posVendorId is the example of the documentation")
	}
}

// bearer finds the living token of a request. Tokens that were good once are refused without a violation.
func (s *Sim) bearer(x *exchange) *token {
	// A missing header is a mistake in the client; a token that ran out is everyday life.
	text, ok := strings.CutPrefix(x.r.Header.Get("Authorization"), "Bearer ")
	if !ok {
		x.violate(finding{"authorization", "the header Authorization: Bearer is missing", true})
		return nil
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	t := s.tokens[text]
	if t == nil {
		x.violate(finding{"authorization", "the bearer token was never issued", true})
		return nil
	}
	if t.dead || t.pairing.dead || !s.cfg.Now().Before(t.until) {
		return nil
	}
	return t
}
