package sim

import (
	"fmt"
	"net"
	"net/url"
	"regexp"
	"slices"
	"sort"
	"strings"
)

// finding is one rule that a request breaks.
type finding struct {
	rule, detail string
	refused      bool
}

// checker collects findings while it reads a body. Rules that the real service enforces refuse; rules that only
// accreditation enforces are noted, and the request goes on.
type checker struct {
	v2    bool // the rules of the v2 clients
	found []finding
}

// refuse finds a rule that the service enforces: the answer will be 400.
func (c *checker) refuse(rule, format string, args ...any) {
	c.found = append(c.found, finding{rule, fmt.Sprintf(format, args...), true})
}

// note finds a rule that only accreditation or common sense enforces: the request goes on.
func (c *checker) note(rule, format string, args ...any) {
	c.found = append(c.found, finding{rule, fmt.Sprintf(format, args...), false})
}

// refused reports whether anything that was found forbids going on.
func (c *checker) refused() bool {
	return slices.ContainsFunc(c.found, func(f finding) bool { return f.refused })
}

// text reads an optional string of the lengths min to max.
func (c *checker) text(o object, name, def string, minLen, maxLen int) string {
	v, ok := o.text(name)
	switch {
	case !ok:
		c.refuse("type", "%s must be a string", name)
	case !o.has(name):
		return def
	case len(v) < minLen || len(v) > maxLen:
		c.refuse("length", "%s must have %d to %d characters, has %d", name, minLen, maxLen, len(v))
	}
	return v
}

// letter reads an optional one-character string out of allowed. The case of letters counts.
func (c *checker) letter(o object, name, def, allowed string) string {
	v := c.text(o, name, def, 1, 1)
	if len(v) == 1 && !strings.Contains(allowed, v) {
		c.refuse("letter", "%s %q is not one of %q", name, v, allowed)
	}
	return v
}

// cents reads an optional amount. Text, fractions and exponents are refused: a POS that sends 10.50 means dollars.
func (c *checker) cents(o object, name string) int64 {
	v, ok := o.number(name)
	if !ok {
		c.refuse("type", "%s must be a whole number of cents", name)
		return 0
	}
	if v < 0 || v > 999_999_999 {
		c.refuse("amount", "%s %d is not within 0 to 999999999", name, v)
	}
	return v
}

// whole checks an optional whole number that means something to the bank only. Its value is not repeated in the finding:
// it may be a card's verification number.
func (c *checker) whole(o object, name string, most int64) {
	v, ok := o.number(name)
	if !ok {
		c.refuse("type", "%s must be a whole number", name)
	}
	if v < 0 || v > most {
		c.refuse("range", "%s is not within 0 to %d", name, most)
	}
}

// flag reads an optional boolean; "true" in quotes is refused.
func (c *checker) flag(o object, name string) bool {
	v, ok := o.flag(name)
	if !ok {
		c.refuse("type", "%s must be true or false", name)
	}
	return v
}

// known notes members that the service does not know: usually a spelling mistake such as InputData for Data.
func (c *checker) known(o object, place string, names ...string) {
	if c.v2 {
		names = append(names, "posName", "posVersion", "posId")
	}
	var unknown []string
	for low, m := range o {
		if !slices.ContainsFunc(names, func(n string) bool { return strings.EqualFold(n, low) }) {
			unknown = append(unknown, m.name)
		}
	}
	sort.Strings(unknown)
	for _, name := range unknown {
		c.note("unknown-member", "%s has no member %s", place, name)
	}
}

// envelope reads the outer object and hands out the inner one; nil when the body is beyond reading.
func (c *checker) envelope(r *request, body []byte) object {
	// Two levels: what to do, and in v1 where to tell about it.
	env, err := parseObject(body)
	if err != nil {
		c.refuse("json", "the body is not a JSON object")
		return nil
	}
	in, err := env.object("Request")
	if err != nil || in == nil {
		c.refuse("request", "the member Request is missing or no object")
		return nil
	}
	if r.v2 {
		c.known(env, "the envelope", "Request")
		return in
	}

	c.known(env, "the envelope", "Request", "Notification")
	note, err := env.object("Notification")
	if err != nil {
		c.refuse("notification", "Notification is not an object")
		return nil
	}
	c.notification(r, note)
	return in
}

// notification reads where to call back. Synchronous requests may have one too and then get their displays there;
// the official samples send it with sendkey as well, where it means nothing (reference linkly 5.0).
func (c *checker) notification(r *request, note object) {
	needed := r.async && r.kind != "sendkey"
	if note == nil {
		if needed {
			c.refuse("notification", "an asynchronous request needs a Notification")
		}
		return
	}
	c.known(note, "Notification", "Uri", "AuthorizationHeader")
	r.notifyURI = c.text(note, "Uri", "", 1, 2048)
	r.notifyHeader = c.text(note, "AuthorizationHeader", "", 0, 4096)
	if r.notifyURI == "" {
		if needed {
			c.refuse("notification", "Notification has no Uri")
		}
		return
	}
	if r.notifyHeader == "" {
		c.note("notification-unprotected", "Notification has no AuthorizationHeader")
	}
	c.callbackURI(r.notifyURI)
}

// callbackURI refuses what Linkly could not call: only https, with the one exemption of plain http on loopback.
func (c *checker) callbackURI(raw string) {
	// The placeholders are filled in first: they may stand in any part of the path.
	u, err := url.Parse(strings.NewReplacer("{{type}}", "type", "{{sessionid}}", "session").Replace(raw))
	switch {
	case err != nil || u.Host == "":
		c.refuse("notification-uri", "Notification.Uri is not an absolute address")
	case u.Scheme == "https":
	case u.Scheme == "http" && isLoopback(u.Hostname()):
	default:
		c.refuse("notification-uri", "Notification.Uri must be https")
	}
	if placeholder.MatchString(strings.NewReplacer("{{type}}", "", "{{sessionid}}", "").Replace(raw)) {
		c.note("notification-template", "Notification.Uri has a placeholder that is not substituted; only {{sessionid}} and {{type}} are, in lower case")
	}
}

var placeholder = regexp.MustCompile(`\{\{.*?\}\}`)

// isLoopback reports whether a host name can only mean this machine.
func isLoopback(host string) bool {
	if host == "localhost" {
		return true
	}
	ip := net.ParseIP(host)
	return ip != nil && ip.IsLoopback()
}

// common reads the members that most requests share (reference linkly 5.0).
func (c *checker) common(r *request, o object) {
	r.merchant = c.text(o, "Merchant", "00", 2, 2)
	c.text(o, "Application", "00", 2, 2)
	c.letter(o, "ReceiptAutoPrint", "0", "01789")
	c.letter(o, "CutReceipt", "0", "01")
	r.pad = c.purchaseAnalysis(o)
}

var padTag = regexp.MustCompile(`^[A-Z][A-Z0-9]{2}$`)

// purchaseAnalysis reads the PAD tags: three capitals each, values always strings (reference linkly 5.2).
func (c *checker) purchaseAnalysis(o object) map[string]string {
	tags, err := o.object("PurchaseAnalysisData")
	if err != nil {
		c.refuse("pad", "PurchaseAnalysisData is not an object")
		return nil
	}
	pad := map[string]string{}
	for _, m := range tags {
		v, ok := tags.text(m.name)
		if !ok {
			c.refuse("pad", "PAD tag %s must be a string", m.name)
		}
		if !padTag.MatchString(m.name) {
			c.note("pad-tag", "PAD tag %q is not three capitals", m.name)
		}
		pad[m.name] = v
	}
	return pad
}
