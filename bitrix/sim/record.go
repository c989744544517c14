package sim

import (
	"slices"
	"strings"
	"sync"
	"time"
)

// Call is one request to the portal's REST or to the authorisation server; commands of a batch are listed each.
type Call struct {
	At     time.Time
	Method string
	// UserID is the owner of the token, 0 when it was not known.
	UserID int
	// Params are the scalars under bracketed names, such as "fields[stageId]". Tokens and secrets are masked.
	Params map[string]string
	// Batched is true for the commands inside a batch.
	Batched bool
	// Error is the code answered, empty on success.
	Error string
}

// Violation is a request that the real service would refuse or that breaks its rules, and that a correct client
// never sends. Refusals that belong to daily life (no rights, not found, expired token) are not violations.
type Violation struct {
	At     time.Time
	Method string
	// Rule is a short name, Detail a sentence without secrets.
	Rule, Detail string
}

// maxRecord keeps a long-running demo from growing without end: beyond it the older half is forgotten.
const maxRecord = 50000

// book is the record of calls and violations. It has its own lock, so that it can be written from anywhere.
type book struct {
	mu         sync.Mutex
	calls      []Call
	violations []Violation
}

// call writes down one call.
func (b *book) call(c Call) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.calls = append(forgetful(b.calls), c)
}

// violate writes down one breach. detail must not hold what the caller sent as a secret.
func (b *book) violate(at time.Time, method, rule, detail string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.violations = append(forgetful(b.violations), Violation{At: at, Method: method, Rule: rule, Detail: detail})
}

// forgetful makes room.
func forgetful[T any](record []T) []T {
	if len(record) < maxRecord {
		return record
	}
	return slices.Clone(record[len(record)/2:])
}

// Calls lists every call so far, oldest first.
func (s *Sim) Calls() []Call {
	s.book.mu.Lock()
	defer s.book.mu.Unlock()
	return slices.Clone(s.book.calls)
}

// Violations lists what the real service would not have taken, oldest first. Tests end with it empty.
func (s *Sim) Violations() []Violation {
	s.book.mu.Lock()
	defer s.book.mu.Unlock()
	return slices.Clone(s.book.violations)
}

// callOf masks before anything is kept: the record is shown in a browser and in test logs.
func callOf(at time.Time, method string, g *grant, args *value, refusal *restError) Call {
	c := Call{At: at, Method: method, Params: map[string]string{}}
	if g != nil {
		c.UserID = g.userID
	}
	if refusal != nil {
		c.Error = codeText(refusal.code)
	}
	args.flatten(c.Params, "")
	for name := range c.Params {
		if secretParam(name) {
			c.Params[name] = "***"
		}
	}
	return c
}

// secretParam knows the names under which tokens travel.
func secretParam(name string) bool {
	switch strings.ToLower(name) {
	case "auth", "auth_id", "refresh_id", "access_token", "refresh_token", "client_secret", "code":
		return true
	}
	return false
}

// codeText shows codes that are numbers or empty.
func codeText(code any) string {
	switch c := code.(type) {
	case string:
		if c == "" {
			return "(empty)"
		}
		return c
	case int:
		return itoa(c)
	}
	return "(unknown)"
}
