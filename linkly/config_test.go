package linkly_test

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"receivepayment/linkly"
)

func TestConfigurationIsCheckedAtOnce(t *testing.T) {
	t.Parallel()
	for name, change := range map[string]func(*linkly.Config){
		"no auth url":                  func(c *linkly.Config) { c.AuthURL = "" },
		"no rest url":                  func(c *linkly.Config) { c.RestURL = "" },
		"plain http":                   func(c *linkly.Config) { c.RestURL = "http://rest.linkly.test" },
		"plain http to a lookalike":    func(c *linkly.Config) { c.RestURL = "http://localhost.example.com" },
		"another scheme":               func(c *linkly.Config) { c.RestURL = "ftp://127.0.0.1" },
		"no url":                       func(c *linkly.Config) { c.AuthURL = "https://%zz" },
		"a user in the url":            func(c *linkly.Config) { c.AuthURL = "https://a:b@auth.linkly.test" },
		"a query in the url":           func(c *linkly.Config) { c.AuthURL = authURL + "?a=b" },
		"a fragment in the url":        func(c *linkly.Config) { c.AuthURL = authURL + "#a" },
		"sandbox beside production":    func(c *linkly.Config) { c.AuthURL, c.RestURL = linkly.Sandbox().Auth, linkly.Production().Rest },
		"production beside sandbox":    func(c *linkly.Config) { c.AuthURL, c.RestURL = linkly.Production().Auth, linkly.Sandbox().Rest },
		"no name":                      func(c *linkly.Config) { c.POSName = " " },
		"a name of two lines":          func(c *linkly.Config) { c.POSName = "a\nb" },
		"no version":                   func(c *linkly.Config) { c.POSVersion = "" },
		"no vendor":                    func(c *linkly.Config) { c.POSVendorID = "" },
		"a vendor without hyphens":     func(c *linkly.Config) { c.POSVendorID = "2c9a7c1e5f7e4a2d8b0a0d6b1d1f4e77" },
		"a vendor in capitals":         func(c *linkly.Config) { c.POSVendorID = "2C9A7C1E-5F7E-4A2D-8B0A-0D6B1D1F4E77" },
		"no clock":                     func(c *linkly.Config) { c.Now = nil },
		"a timeout before it starts":   func(c *linkly.Config) { c.SendTimeout = -time.Second },
		"a call that may never be":     func(c *linkly.Config) { c.CallTimeout = -1 },
		"a terminal without patience ": func(c *linkly.Config) { c.SyncTimeout = -1 },
	} {
		cfg := config()
		change(&cfg)
		if client, err := linkly.New(cfg); err == nil || client != nil || linkly.ClassOf(err) != linkly.Refused {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestConfigurationsThatWork(t *testing.T) {
	t.Parallel()
	for name, change := range map[string]func(*linkly.Config){
		"as it is":   func(*linkly.Config) {},
		"sandbox":    func(c *linkly.Config) { c.AuthURL, c.RestURL = linkly.Sandbox().Auth, linkly.Sandbox().Rest },
		"production": func(c *linkly.Config) { c.AuthURL, c.RestURL = linkly.Production().Auth, linkly.Production().Rest },
		"localhost": func(c *linkly.Config) {
			c.AuthURL, c.RestURL = "http://localhost:8601", "http://linkly.localhost:8601/rest/"
		},
		"loopback":     func(c *linkly.Config) { c.AuthURL, c.RestURL = "http://127.0.0.1:8601", "http://[::1]:8601" },
		"own timeouts": func(c *linkly.Config) { c.SendTimeout, c.CallTimeout, c.SyncTimeout = 1, 1, 1 },
	} {
		cfg := config()
		change(&cfg)
		if client, err := linkly.New(cfg); err != nil || client == nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestBasePathIsKeptAndItsLastSlashDropped(t *testing.T) {
	t.Parallel()
	c := newCloud().on("POST", authURL+"/auth/v1/tokens/cloudpos", answer{200, `{"token":"t"}`}).
		on("GET", restURL+"/rest/v1/sessions/"+session+"/transaction", answer{202, ""})
	cfg := config()
	cfg.AuthURL, cfg.RestURL, cfg.Transport = authURL+"/auth/", restURL+"/rest//", c

	if err := asks(t, mustNew(t, cfg).Terminal(theSecret, posID)); err != nil {
		t.Errorf("ask: %v", err)
	}
}

func TestUnclassifiedErrorsAreUnclear(t *testing.T) {
	t.Parallel()
	refused := &linkly.Error{Op: "x", Class: linkly.Refused}
	for _, tt := range []struct {
		err      error
		class    linkly.Class
		unpaired bool
	}{
		{nil, linkly.Unclear, false},
		{errors.New("x"), linkly.Unclear, false},
		{&linkly.Error{}, linkly.Unclear, false},
		{refused, linkly.Refused, false},
		{fmt.Errorf("charge: %w", refused), linkly.Refused, false},
		{&linkly.Error{Class: linkly.Unpaired}, linkly.Unpaired, true},
		{&linkly.Error{Err: fmt.Errorf("x: %w", &linkly.Error{Class: linkly.Unpaired})}, linkly.Unclear, true},
	} {
		if linkly.ClassOf(tt.err) != tt.class || linkly.IsUnpaired(tt.err) != tt.unpaired {
			t.Errorf("%v: class %v, unpaired %v", tt.err, linkly.ClassOf(tt.err), linkly.IsUnpaired(tt.err))
		}
	}
}

func TestClassesAndAnswersHaveWords(t *testing.T) {
	t.Parallel()
	got := fmt.Sprint(linkly.Unclear, linkly.Refused, linkly.NotStarted, linkly.Unpaired, linkly.Class(9),
		linkly.Pending, linkly.Decided, linkly.NotFound, linkly.BadQuestion, linkly.AnswerKind(0))
	want := "unclear refused not started not paired unclear pending decided not found bad question AnswerKind(0)"
	if got != want {
		t.Errorf("got %s", got)
	}
}
