package house

import (
	"errors"
	"fmt"
	"net"
	"net/url"
	"strings"
	"time"

	"receivepayment/payments"
	"receivepayment/receipts"
)

// Config is the environment. Every field works when absent, on loopback.
type Config struct {
	Addr      string `env:"ADDR" default:"127.0.0.1:8600" help:"Where we listen."`
	PublicURL string `env:"PUBLIC_URL" default:"http://localhost:8600" help:"How the outside reaches us; plain http on loopback only, https means production."`
	DataDir   string `env:"DATA_DIR" default:"./data" help:"SQLite file, and on loopback a key file."`

	DatabaseURL string `env:"DATABASE_URL" help:"Empty: a SQLite file. postgres://…: PostgreSQL."`
	RedisURL    string `env:"REDIS_URL" help:"Empty: a Redis inside this process. redis://…: a real one."`
	SecretKeys  string `env:"SECRET_KEYS" help:"Keyset that seals secrets: tink JSON in base64, or file:PATH."`

	BitrixClientID     string  `env:"BITRIX_CLIENT_ID" help:"The app's id at Bitrix24."`
	BitrixClientSecret string  `env:"BITRIX_CLIENT_SECRET" help:"The app's key at Bitrix24."`
	BitrixOAuthURL     string  `env:"BITRIX_OAUTH_URL" default:"https://oauth.bitrix.info,https://oauth.bitrix24.tech" help:"Allowed auth servers, base URLs."`
	BitrixRate         float64 `env:"BITRIX_RATE" default:"2" help:"Requests a second to one portal in the long run; 5 on Enterprise."`
	BitrixBurst        int     `env:"BITRIX_BURST" default:"40" help:"Requests at once to one portal; 200 on Enterprise."`

	LinklyAuthURL string `env:"LINKLY_AUTH_URL" help:"Replaces the auth host of both environments."`
	LinklyRestURL string `env:"LINKLY_REST_URL" help:"Replaces the REST host of both environments."`

	SMTPHost     string `env:"SMTP_HOST" help:"The mail server for receipts; empty: receipts are not e-mailed."`
	SMTPPort     int    `env:"SMTP_PORT" default:"587" help:"Its port: 587 for starttls, 465 for tls."`
	SMTPUser     string `env:"SMTP_USER" help:"Empty: it wants no password."`
	SMTPPassword string `env:"SMTP_PASSWORD" help:"Sent over TLS only."`
	SMTPFrom     string `env:"SMTP_FROM" help:"The sender: name@example.com, or Name <name@example.com>."`
	SMTPTLS      string `env:"SMTP_TLS" default:"starttls" enum:"starttls,tls,none" help:"starttls, tls, or none for a relay of your own."`

	SendWithin     time.Duration `env:"SEND_WITHIN" default:"60s" help:"From the click to the first byte; later the customer has gone."`
	SendTimeout    time.Duration `env:"SEND_TIMEOUT" default:"20s" help:"Bound of the sending call."`
	NeverSeenAfter time.Duration `env:"NEVER_SEEN_AFTER" default:"10s" help:"Grace before the provider's never-seen can count."`
	SilenceAfter   time.Duration `env:"SILENCE_AFTER" default:"10s" help:"Silence before we ask."`
	UnknownAfter   time.Duration `env:"UNKNOWN_AFTER" default:"3m" help:"Silence before the operator is free."`
	ReviewAfter    time.Duration `env:"REVIEW_AFTER" default:"15m" help:"Silence before a person decides."`
	EnquiryGap     time.Duration `env:"ENQUIRY_GAP" default:"5s" help:"Between the first two enquiries at Kayaaku's host; it doubles to a minute."`
	AskFor         time.Duration `env:"ASK_FOR" default:"168h" help:"How long we go on asking."`

	PracticeBeat time.Duration `env:"PRACTICE_BEAT" default:"1s" help:"How long one beat of the practice terminal lasts."`

	LogLevel    string `env:"LOG_LEVEL" default:"info" enum:"debug,info,warn,error" help:"debug, info, warn or error."`
	LogFormat   string `env:"LOG_FORMAT" default:"text" enum:"text,json" help:"text or json."`
	MetricsAddr string `env:"METRICS_ADDR" help:"Where Prometheus reads, and where a worker says that it is alive."`
}

// Demo keys of the app, good for the simulator only.
const (
	DemoClientID     = "local.5f0a1c2d3e4b56.78901234"
	DemoClientSecret = "not-a-secret-simulator-only"
)

// Production reports whether the app is reached over https.
func (c Config) Production() bool { return strings.HasPrefix(c.PublicURL, "https://") }

// Checked fills in what loopback may leave out, and says everything that is
// wrong at once.
func (c Config) Checked() (Config, error) {
	var wrong []error
	c.PublicURL = strings.TrimRight(c.PublicURL, "/")
	if err := checkPublicURL(c.PublicURL); err != nil {
		wrong = append(wrong, err)
	}
	if c.Production() {
		wrong = append(wrong, c.productionMistakes()...)
	} else {
		c = c.withDemoKeys()
	}
	if c.DatabaseURL != "" && !strings.HasPrefix(c.DatabaseURL, "postgres://") && !strings.HasPrefix(c.DatabaseURL, "postgresql://") {
		wrong = append(wrong, errors.New("DATABASE_URL must be empty or start with postgres://"))
	}
	if c.RedisURL != "" && !strings.HasPrefix(c.RedisURL, "redis://") && !strings.HasPrefix(c.RedisURL, "rediss://") {
		wrong = append(wrong, errors.New("REDIS_URL must be empty or start with redis://"))
	}
	if (c.LinklyAuthURL == "") != (c.LinklyRestURL == "") {
		wrong = append(wrong, errors.New("LINKLY_AUTH_URL and LINKLY_REST_URL go together"))
	}
	if _, err := c.post(); err != nil {
		wrong = append(wrong, err)
	}
	for name, d := range c.clocks() {
		if d <= 0 {
			wrong = append(wrong, fmt.Errorf("%s must be above zero", name))
		}
	}
	return c, errors.Join(wrong...)
}

// post is the mail server for receipts, nil where there is none.
func (c Config) post() (*receipts.Post, error) {
	if c.SMTPHost == "" {
		if c.SMTPFrom != "" || c.SMTPUser != "" {
			return nil, errors.New("SMTP_FROM and SMTP_USER need SMTP_HOST")
		}
		return nil, nil //nolint:nilnil // no mail server is a setting too
	}
	p, err := receipts.NewPost(receipts.PostConfig{
		Host: c.SMTPHost, Port: c.SMTPPort, User: c.SMTPUser, Password: c.SMTPPassword, From: c.SMTPFrom,
		Security: receipts.Security(c.SMTPTLS),
	})
	if err != nil {
		return nil, fmt.Errorf("SMTP_HOST, SMTP_PORT, SMTP_USER, SMTP_FROM, SMTP_TLS: %w", err)
	}
	return p, nil
}

func checkPublicURL(text string) error {
	u, err := url.Parse(text)
	if err != nil || u.Host == "" || u.RawQuery != "" || u.User != nil {
		return errors.New("PUBLIC_URL must be an address like https://pay.example.com")
	}
	switch {
	case u.Scheme == "https":
		return nil
	case u.Scheme == "http" && loopback(u.Hostname()):
		return nil
	case u.Scheme == "http":
		return errors.New("PUBLIC_URL may be plain http on loopback only; use https")
	}
	return errors.New("PUBLIC_URL must start with https://")
}

func loopback(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || strings.HasSuffix(host, ".localhost") || (ip != nil && ip.IsLoopback())
}

func (c Config) productionMistakes() []error {
	var wrong []error
	for _, f := range []struct{ name, value string }{
		{"SECRET_KEYS", c.SecretKeys}, {"BITRIX_CLIENT_ID", c.BitrixClientID}, {"BITRIX_CLIENT_SECRET", c.BitrixClientSecret},
	} {
		if f.value == "" {
			wrong = append(wrong, fmt.Errorf("%s is required when PUBLIC_URL is https", f.name))
		}
	}
	standard := Config{}.withTiming(payments.DefaultTiming()).clocks()
	for name, d := range c.clocks() {
		if d < standard[name] {
			wrong = append(wrong, fmt.Errorf("%s below %s is for tests only", name, standard[name]))
		}
	}
	return wrong
}

func (c Config) withDemoKeys() Config {
	if c.BitrixClientID == "" && c.BitrixClientSecret == "" {
		c.BitrixClientID, c.BitrixClientSecret = DemoClientID, DemoClientSecret
	}
	return c
}

func (c Config) clocks() map[string]time.Duration {
	return map[string]time.Duration{
		"SEND_WITHIN": c.SendWithin, "SEND_TIMEOUT": c.SendTimeout, "NEVER_SEEN_AFTER": c.NeverSeenAfter,
		"SILENCE_AFTER": c.SilenceAfter, "UNKNOWN_AFTER": c.UnknownAfter, "REVIEW_AFTER": c.ReviewAfter, "ASK_FOR": c.AskFor,
		"ENQUIRY_GAP": c.EnquiryGap, "PRACTICE_BEAT": c.PracticeBeat,
	}
}

func (c Config) timing() payments.Timing {
	return payments.Timing{
		SendWithin: c.SendWithin, SendTimeout: c.SendTimeout, NeverSeenAfter: c.NeverSeenAfter,
		SilenceAfter: c.SilenceAfter, UnknownAfter: c.UnknownAfter, ReviewAfter: c.ReviewAfter, AskFor: c.AskFor,
	}
}

func (c Config) withTiming(t payments.Timing) Config {
	c.SendWithin, c.SendTimeout, c.NeverSeenAfter = t.SendWithin, t.SendTimeout, t.NeverSeenAfter
	c.EnquiryGap, c.PracticeBeat = 5*time.Second, time.Second
	c.SilenceAfter, c.UnknownAfter, c.ReviewAfter, c.AskFor = t.SilenceAfter, t.UnknownAfter, t.ReviewAfter, t.AskFor
	return c
}

// Defaults is the configuration of an empty environment, for tests and the
// demo.
func Defaults() Config {
	c := Config{
		Addr: "127.0.0.1:8600", PublicURL: "http://localhost:8600", DataDir: "./data",
		BitrixOAuthURL: "https://oauth.bitrix.info,https://oauth.bitrix24.tech", BitrixRate: 2, BitrixBurst: 40,
		SMTPPort: 587, SMTPTLS: string(receipts.StartTLS), LogLevel: "info", LogFormat: "text",
	}
	return c.withTiming(payments.DefaultTiming())
}
