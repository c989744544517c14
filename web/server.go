package web

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/labstack/echo/v4"
	"github.com/labstack/echo/v4/middleware"

	"receivepayment/access"
	"receivepayment/audit"
	"receivepayment/invoices"
	"receivepayment/jobs"
	"receivepayment/mirror"
	"receivepayment/notices"
	"receivepayment/pairing"
	"receivepayment/payments"
	"receivepayment/receipts"
	"receivepayment/secrets"
)

// Config is what the face needs. Everything is required.
type Config struct {
	Payments   *payments.Service
	Invoices   *invoices.Service
	WriteBacks *invoices.WriteBacks
	Changes    *invoices.Changes
	Wishes     *invoices.Wishes
	Mirror     *mirror.Mirror
	Requests   *invoices.Requests
	Portals    *pairing.Portals
	Terminals  *pairing.Terminals
	Callbacks  *pairing.Callbacks
	Bridges    http.Handler // the programs at the tills
	Rights     *access.Rights
	Audit      *audit.Log
	Notices    *notices.Service
	Receipts   *receipts.Service
	Bell       *jobs.Bell
	Once       *jobs.Once
	Keys       *secrets.Keys
	Now        func() time.Time
	PublicURL  string
	// Ready reports what keeps this process from serving; nil means nothing.
	Ready func(ctx context.Context) error
	Log   *slog.Logger
	// Metrics serves what Prometheus reads, on this address when not empty.
	Metrics http.Handler
}

// Server answers requests.
type Server struct {
	Config
	echo    *echo.Echo
	tokens  tokens
	feeds   *feeds
	pages   *pages
	stopped chan struct{}
}

// callWithin bounds what a request may wait for, the CRM included. Streams are
// exempt.
const callWithin = 25 * time.Second

// New makes a server; it listens to nothing yet.
func New(c Config) (*Server, error) {
	key, err := c.Keys.Derive("page tokens")
	if err != nil {
		return nil, err
	}
	pages, err := parsePages()
	if err != nil {
		return nil, fmt.Errorf("read templates: %w", err)
	}
	s := &Server{
		Config: c, echo: echo.New(), tokens: tokens{key: key, now: c.Now},
		pages: pages, stopped: make(chan struct{}),
	}
	s.feeds = newFeeds(c.Payments, c.Bell)
	s.echo.HideBanner, s.echo.HidePort = true, true
	s.echo.HTTPErrorHandler = s.fail
	s.echo.Use(
		middleware.RequestID(), s.logged, middleware.RecoverWithConfig(middleware.RecoverConfig{LogErrorFunc: s.panicked}),
		s.guarded, middleware.BodyLimit("1M"),
	)
	s.routes()
	return s, nil
}

// Handler is everything that the server answers.
func (s *Server) Handler() http.Handler { return s.echo }

// Stop ends the open streams, which would hold up a shutdown until its
// deadline. Call it once, when the shutdown begins.
func (s *Server) Stop() { close(s.stopped) }

// guarded sets what every answer carries.
func (s *Server) guarded(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		h := c.Response().Header()
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Referrer-Policy", "no-referrer")
		h.Set("Cache-Control", "no-store")
		h.Set("Content-Security-Policy", policy(""))
		if _, found := unstorableValue(c.Request().URL.Query()); found || !storable(c.Request().URL.Path) {
			return payments.Invalid("address", "This address holds what is no text.")
		}
		return next(c)
	}
}

// policy is the content security policy: nothing inline, nothing foreign, and
// framed by nobody but the verified portal.
func policy(portalOrigin string) string {
	ancestors, connect := "'none'", "'self'"
	if portalOrigin != "" {
		ancestors = "'self' " + portalOrigin
	}
	return strings.Join([]string{
		"default-src 'none'", "script-src 'self'", "style-src 'self'", "img-src 'self' data:", "font-src 'self'",
		"connect-src " + connect, "form-action 'self'", "base-uri 'none'", "frame-ancestors " + ancestors,
	}, "; ")
}

// anyPortal lists who may frame an answer to somebody whom nobody has verified:
// the cloud's zones (reference bitrix24 4.4). It shows a sentence and holds no
// control. An app on loopback is a demo or a test, framed from loopback.
func anyPortal(publicURL string) string {
	zones := []string{
		"com", "eu", "de", "fr", "it", "es", "pl", "in", "cn", "ru", "by", "kz", "ua", "vn", "id", "jp", "uk",
		"com.br", "com.tr", "mx", "co", "net",
	}
	hosts := make([]string, 0, len(zones)+2)
	for _, zone := range zones {
		hosts = append(hosts, "https://*.bitrix24."+zone)
	}
	if strings.HasPrefix(publicURL, "http://") {
		hosts = append(hosts, "http://127.0.0.1:*", "http://localhost:*")
	}
	return strings.Join(hosts, " ")
}

// origin is the scheme and host of an address, or empty.
func origin(endpoint string) string {
	u, err := url.Parse(endpoint)
	if err != nil || u.Host == "" || strings.ContainsAny(u.Host, " ;,'\"") {
		return ""
	}
	return u.Scheme + "://" + u.Host
}

// logged writes one line per request, never a query: entries carry tokens.
func (s *Server) logged(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		began := s.Now()
		err := next(c)
		if err != nil {
			c.Error(err)
		}
		level := slog.LevelDebug
		if c.Response().Status >= http.StatusInternalServerError {
			level = slog.LevelWarn
		}
		s.Log.Log(c.Request().Context(), level, "request", "method", c.Request().Method, "route", c.Path(),
			"status", c.Response().Status, "took", s.Now().Sub(began).Round(time.Millisecond),
			"request", c.Response().Header().Get(echo.HeaderXRequestID))
		return nil
	}
}

func (s *Server) panicked(c echo.Context, err error, stack []byte) error {
	s.Log.ErrorContext(c.Request().Context(), "a handler panicked", "route", c.Path(), "error", err, "stack", string(stack))
	return err
}
