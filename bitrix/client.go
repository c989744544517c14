package bitrix

import (
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"time"

	"github.com/go-resty/resty/v2"
)

// Limits of one exchange. A portal ends a request after 60 s by itself (reference bitrix24 3.5), so a
// little more tells its answer from a lost one.
const (
	defaultTimeout = 65 * time.Second
	maxBody        = 4 << 20
	defaultRate    = 2
	defaultBurst   = 40
)

// Config is what a [Client] needs. ClientID, ClientSecret, AuthServers and Now are required.
type Config struct {
	// ClientID and ClientSecret are the application's keys.
	ClientID, ClientSecret string
	// AuthServers are the base URLs of the authorisation servers that may be asked, in order of
	// preference, such as https://oauth.bitrix.info. Nothing else ever sees an unverified token.
	AuthServers []string
	// Transport carries the requests; nil means a private one with the standard settings.
	Transport http.RoundTripper
	// Now is the clock, used for expiry times only.
	Now func() time.Time
	// Rate is how many requests per second one portal gets in the long run, Burst how many at once.
	// Zero means 2 and 40 (reference bitrix24 3.5).
	Rate  float64
	Burst int
	// Limiter shares the limits of portals with other processes; nil means one for this process alone, with
	// Rate and Burst.
	Limiter Limiter
	// Timeout bounds one exchange when the context does not; zero means 65 s.
	Timeout time.Duration
}

// String names the application without its secret.
func (c Config) String() string { return fmt.Sprintf("bitrix.Config{ClientID:%s}", c.ClientID) }

// GoString is String, so that %#v cannot print the secret either.
func (c Config) GoString() string { return c.String() }

// LogValue names the application without its secret.
func (c Config) LogValue() slog.Value { return slog.StringValue(c.String()) }

// Client speaks with authorisation servers and portals. It is safe for concurrent use and should be
// shared: the rate limit of a portal counts across all users of one [Limiter].
type Client struct {
	cfg     Config
	servers []authServer
	http    *resty.Client
	pause   pauseFunc

	limit Limiter

	sizes sizes
	bound boundOrders
}

// New checks the configuration and returns a client. It asks nobody.
func New(cfg Config) (*Client, error) {
	if cfg.ClientID == "" || cfg.ClientSecret == "" {
		return nil, errors.New("bitrix: client id and client secret are required")
	}
	if cfg.Now == nil {
		return nil, errors.New("bitrix: a clock is required")
	}
	servers, err := parseAuthServers(cfg.AuthServers)
	if err != nil {
		return nil, err
	}
	if cfg.Rate <= 0 {
		cfg.Rate = defaultRate
	}
	if cfg.Burst <= 0 {
		cfg.Burst = defaultBurst
	}
	if cfg.Limiter == nil {
		cfg.Limiter = newLocal(cfg.Rate, cfg.Burst, cfg.Now)
	}
	if cfg.Timeout <= 0 {
		cfg.Timeout = defaultTimeout
	}

	return &Client{
		cfg: cfg, servers: servers, http: newHTTP(cfg), pause: pause, limit: cfg.Limiter,
	}, nil
}

// newHTTP makes the resty client: no cookies (a portal's session cookie could act for another user),
// no redirects (they lose the body and leak the token), no retries (they could double a write).
func newHTTP(cfg Config) *resty.Client {
	transport := cfg.Transport
	if transport == nil {
		transport = &http.Transport{
			Proxy:               http.ProxyFromEnvironment,
			ForceAttemptHTTP2:   true,
			MaxIdleConnsPerHost: 16,
			IdleConnTimeout:     90 * time.Second,
			TLSHandshakeTimeout: 10 * time.Second,
		}
	}

	return resty.NewWithClient(&http.Client{
		Transport:     transport,
		Timeout:       cfg.Timeout,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}).
		SetDisableWarn(true).
		SetLogger(silent{}).
		SetResponseBodyLimit(maxBody).
		SetHeader("Accept", "application/json")
}

// silent keeps resty from writing to standard error; errors are returned, not printed.
type silent struct{}

func (silent) Errorf(string, ...any) {}
func (silent) Warnf(string, ...any)  {}
func (silent) Debugf(string, ...any) {}
