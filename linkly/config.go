package linkly

import (
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"time"
)

const (
	defaultSend = 20 * time.Second
	defaultCall = 15 * time.Second
	// A synchronous request blocks until the terminal is done, up to three
	// minutes, and the client must outwait it (reference linkly 4).
	defaultSync = 3*time.Minute + 10*time.Second
)

// Config is what a Client needs; the zero durations mean the defaults.
type Config struct {
	// AuthURL and RestURL are the base URLs, usually from Sandbox or Production.
	// Plain http is accepted only for loopback addresses.
	AuthURL, RestURL string

	// POSName, POSVersion and POSVendorID identify the product in tokens and, with
	// the same values, in each sale's NME, VER and VND (accreditation 1.0.1).
	// POSVendorID is a hyphenated lower-case UUID, one for all installations.
	POSName, POSVersion, POSVendorID string

	// SendTimeout bounds all of Begin, token and repetition included: 20 s.
	SendTimeout time.Duration
	// CallTimeout bounds pairing, each token fetch, Ask and SendKey: 15 s.
	CallTimeout time.Duration
	// SyncTimeout bounds Logon and Status, which wait for the terminal: 190 s.
	SyncTimeout time.Duration

	// Transport carries the requests; nil means an own http.Transport. It must
	// not repeat requests by itself.
	Transport http.RoundTripper
	// Now is the clock that tokens expire by; required.
	Now func() time.Time
}

// Hosts are the two base URLs of one of Linkly's environments.
type Hosts struct{ Auth, Rest string }

// Sandbox returns the hosts for testing (reference linkly 1).
func Sandbox() Hosts {
	return Hosts{
		Auth: "https://auth.sandbox.cloud.pceftpos.com",
		Rest: "https://rest.pos.sandbox.cloud.pceftpos.com",
	}
}

// Production returns the hosts that move real money (reference linkly 1).
func Production() Hosts {
	return Hosts{
		Auth: "https://auth.cloud.pceftpos.com",
		Rest: "https://rest.pos.cloud.pceftpos.com",
	}
}

var uuidV4 = regexp.MustCompile(`^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$`)

// checked fills in the defaults and says what is wrong with the rest.
func (cfg Config) checked() (Config, error) {
	var errs []error
	var err error
	if cfg.AuthURL, err = baseURL(cfg.AuthURL); err != nil {
		errs = append(errs, fmt.Errorf("auth url: %w", err))
	}
	if cfg.RestURL, err = baseURL(cfg.RestURL); err != nil {
		errs = append(errs, fmt.Errorf("rest url: %w", err))
	}
	if mixed(cfg) {
		errs = append(errs, errors.New("auth and rest url belong to different environments"))
	}
	if !printable(cfg.POSName) || !printable(cfg.POSVersion) {
		errs = append(errs, errors.New("pos name and version must be non-empty printable text"))
	}
	if !uuidV4.MatchString(cfg.POSVendorID) {
		errs = append(errs, errors.New("pos vendor id must be a hyphenated lower-case uuid v4"))
	}
	if cfg.Now == nil {
		errs = append(errs, errors.New("a clock is required"))
	}
	if cfg.SendTimeout < 0 || cfg.CallTimeout < 0 || cfg.SyncTimeout < 0 {
		errs = append(errs, errors.New("a timeout is negative"))
	}
	cfg.SendTimeout = orDefault(cfg.SendTimeout, defaultSend)
	cfg.CallTimeout = orDefault(cfg.CallTimeout, defaultCall)
	cfg.SyncTimeout = orDefault(cfg.SyncTimeout, defaultSync)
	return cfg, errors.Join(errs...)
}

func orDefault(d, fallback time.Duration) time.Duration {
	if d == 0 {
		return fallback
	}
	return d
}

// baseURL accepts https, or plain http on this machine, and drops the last slash.
func baseURL(raw string) (string, error) {
	u, err := url.Parse(raw)
	if err != nil {
		return "", errors.New("not a url")
	}
	if err := safeScheme(u); err != nil {
		return "", err
	}
	if u.User != nil || u.RawQuery != "" || u.Fragment != "" {
		return "", errors.New("must not hold a user, query or fragment")
	}
	return strings.TrimRight(raw, "/"), nil
}

func safeScheme(u *url.URL) error {
	if u.Hostname() == "" {
		return errors.New("has no host")
	}
	switch {
	case u.Scheme == "https":
		return nil
	case u.Scheme == "http" && loopback(u.Hostname()):
		return nil
	case u.Scheme == "http":
		return errors.New("plain http is allowed on loopback only")
	}
	return errors.New("must be https")
}

func loopback(host string) bool {
	if host == "localhost" || strings.HasSuffix(host, ".localhost") {
		return true
	}
	ip := net.ParseIP(host)
	return ip != nil && ip.IsLoopback()
}

// mixed guards against a sandbox token host beside a production sales host and
// the reverse (reference linkly 1).
func mixed(cfg Config) bool {
	s, p := Sandbox(), Production()
	return (cfg.AuthURL == s.Auth && cfg.RestURL == p.Rest) || (cfg.AuthURL == p.Auth && cfg.RestURL == s.Rest)
}

// printable reports non-blank text without control characters.
func printable(s string) bool {
	return strings.TrimSpace(s) != "" && s == withoutControl(s)
}
