package sim

import (
	"strings"
	"time"
)

// Config says where the simulator and the app are reached and how the simulator behaves. Only Now is required;
// every other field has a working zero value.
type Config struct {
	// AppURL is where the app is reached, such as http://localhost:8600.
	AppURL string
	// InstallPath and AppPath are the installer and the app page below AppURL; /bitrix/install and /bitrix/app.
	InstallPath, AppPath string
	// ClientID, ClientSecret and AppCode are the app's entry in the vendor's console.
	ClientID, ClientSecret, AppCode string
	// PublicHost is the portal's domain with port, such as 127.0.0.1:8601. See also SetAddresses.
	PublicHost string
	// Calm switches off the faults that otherwise happen now and then by themselves.
	Calm bool
	// Seed chooses when those faults happen.
	Seed int64
	// Now is the clock of everything here, token expiry included.
	Now func() time.Time
	// TokenTTL is the life of an access token; one hour.
	TokenTTL time.Duration
	// RateBurst and RateDrain are the leaky bucket per portal and caller: refuse above RateBurst, drain RateDrain
	// requests a second. 50 and 2, as on every plan but Enterprise; a negative RateBurst switches the limit off.
	RateBurst, RateDrain int
	// Scopes are the permissions granted to the app; crm, placement, sale, pay_system, im, user_brief, userfieldconfig, bizproc, department.
	Scopes []string
}

const (
	defaultClientID     = "app.6a01c2d4e5f607.11223344"
	defaultClientSecret = "demo-client-secret" //nolint:gosec // opens nothing but this simulator
	defaultAppCode      = "vendor.eftpos"
	defaultTokenTTL     = time.Hour
	// refreshLife is the documented ceiling (reference bitrix24, 2.3).
	refreshLife = 180 * 24 * time.Hour
)

// withDefaults fills what was left empty, so that the demo needs to name only addresses and the clock.
func (c Config) withDefaults() Config {
	if c.Now == nil {
		panic("sim: Config.Now is required")
	}
	setText(&c.AppURL, "http://localhost:8600")
	setText(&c.InstallPath, "/bitrix/install")
	setText(&c.AppPath, "/bitrix/app")
	setText(&c.ClientID, defaultClientID)
	setText(&c.ClientSecret, defaultClientSecret)
	setText(&c.AppCode, defaultAppCode)
	setText(&c.PublicHost, "127.0.0.1:8601")
	if c.TokenTTL <= 0 {
		c.TokenTTL = defaultTokenTTL
	}
	if c.RateBurst == 0 {
		c.RateBurst = 50
	}
	if c.RateDrain <= 0 {
		c.RateDrain = 2
	}
	if len(c.Scopes) == 0 {
		c.Scopes = []string{"crm", "placement", "sale", "pay_system", "im", "user_brief", "userfieldconfig", "bizproc", "department"}
	}
	c.AppURL = strings.TrimRight(c.AppURL, "/")
	return c
}

// setText fills an empty text.
func setText(field *string, fallback string) {
	if *field == "" {
		*field = fallback
	}
}
