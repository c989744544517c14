package pairing

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"gorm.io/gorm"

	"receivepayment/db"
	"receivepayment/kayaaku"
	"receivepayment/payments"
)

// KayaakuProvider is the provider's name in rows and in the JSON face.
const KayaakuProvider = "kayaaku"

// The ways to a Kayaaku device.
const (
	USBBridge  = "usb-bridge"  // a serial cable and the bridge at the till
	HTTPSigned = "http-signed" // Finexus' thirdparty host and an EDC
)

// KayaakuSettings is what an administrator enters for a Kayaaku device. Most
// of it exists because Finexus does not publish it; the defaults are those of
// reference kayaaku 5.4. PrivateKey is sealed and never shown again.
type KayaakuSettings struct {
	Transport string `json:"transport"`

	// The host: required for http-signed. With the cable it is what answers
	// the enquiry and takes refunds; without it a lost answer can only be
	// resolved by hand.
	BaseURL      string `json:"baseUrl,omitempty"`
	SourceSystem string `json:"sourceSystem,omitempty"`
	Email        string `json:"email,omitempty"` // logged in on the device
	DeviceSN     string `json:"deviceSn,omitempty"`
	MID          string `json:"mid,omitempty"`
	HostKey      string `json:"hostKey,omitempty"` // Finexus' public key; without it TLS alone vouches for answers
	NoPrefix     bool   `json:"noPrefix,omitempty"`
	PrivateKey   string `json:"privateKey,omitempty"`

	CallerDeviceType string   `json:"callerDeviceType,omitempty"`
	MsgVer           string   `json:"msgVer,omitempty"`
	PadAmount        *bool    `json:"padAmount,omitempty"`
	Zone             string   `json:"zone,omitempty"`
	Approved         []string `json:"approvedCodes,omitempty"`
	Declined         []string `json:"declinedCodes,omitempty"`
	// BareEnquiry: an enquiry's 00 without a host reference counts as paid.
	BareEnquiry bool `json:"bareEnquiry,omitempty"`
	// VoidUntil is the local time of day until which a card sale of the same
	// day is voided instead of refunded; when settlement runs is not published.
	VoidUntil string `json:"voidUntil,omitempty"`
	// EnquireAfter is the soft limit, in seconds.
	EnquireAfter int `json:"enquireAfter,omitempty"`
	// NoQR hides the QR actions of a merchant who has none.
	NoQR bool `json:"noQr,omitempty"`
}

// deviceRow is how a device is reached.
type deviceRow struct {
	TerminalID string `gorm:"primaryKey"`
	Transport  string
	Settings   string
}

func (deviceRow) TableName() string { return "kayaaku_devices" }

// checked fills in defaults and says what to mend.
func (k KayaakuSettings) checked() (KayaakuSettings, error) {
	if k.Transport == "" {
		k.Transport = USBBridge
	}
	if k.Transport != USBBridge && k.Transport != HTTPSigned {
		return k, payments.Invalid("transport", "Choose usb-bridge or http-signed.")
	}
	if k.Zone == "" {
		k.Zone = "Asia/Kuala_Lumpur"
	}
	if _, err := time.LoadLocation(k.Zone); err != nil {
		return k, payments.Invalid("zone", "This is no time zone like Asia/Kuala_Lumpur.")
	}
	if k.VoidUntil == "" {
		k.VoidUntil = "22:00"
	}
	if _, err := time.Parse("15:04", k.VoidUntil); err != nil {
		return k, payments.Invalid("voidUntil", "Enter a time of day like 22:00.")
	}
	if k.EnquireAfter == 0 {
		k.EnquireAfter = 90
	}
	if k.EnquireAfter < 0 || k.EnquireAfter > 600 {
		return k, payments.Invalid("enquireAfter", "Enter 1 to 600 seconds.")
	}
	if err := k.checkCodes(); err != nil {
		return k, err
	}
	return k, k.checkHost()
}

func (k KayaakuSettings) checkCodes() error {
	for field, codes := range map[string][]string{"approvedCodes": k.Approved, "declinedCodes": k.Declined} {
		for _, c := range codes {
			if len(c) != 2 || strings.Trim(c, "0123456789") != "" || len(codes) > 20 {
				return payments.Invalid(field, "A code has two digits.")
			}
		}
	}
	for field, text := range map[string]string{"callerDeviceType": k.CallerDeviceType, "msgVer": k.MsgVer} {
		if len(text) > 20 || strings.ContainsAny(text, "\"\\\x00\n") {
			return payments.Invalid(field, "Use at most 20 plain characters.")
		}
	}
	return nil
}

// hasHost reports whether the host is meant to be used at all.
func (k KayaakuSettings) hasHost() bool {
	return k.Transport == HTTPSigned || k.BaseURL != "" || k.SourceSystem != "" || k.PrivateKey != ""
}

func (k KayaakuSettings) checkHost() error {
	if !k.hasHost() {
		return nil
	}
	needed := []struct{ field, value string }{
		{"baseUrl", k.BaseURL}, {"sourceSystem", k.SourceSystem}, {"email", k.Email}, {"privateKey", k.PrivateKey},
	}
	if k.Transport == HTTPSigned {
		needed = append(needed, struct{ field, value string }{"deviceSn", k.DeviceSN})
	}
	for _, f := range needed {
		if strings.TrimSpace(f.value) == "" {
			return payments.Invalid(f.field, "Finexus gives you this; fill it in.")
		}
	}
	for _, f := range []struct {
		field, value string
		most         int
	}{{"sourceSystem", k.SourceSystem, 3}, {"email", k.Email, 100}, {"deviceSn", k.DeviceSN, 20}, {"mid", k.MID, 15}, {"baseUrl", k.BaseURL, 300}} {
		if len(f.value) > f.most || strings.ContainsFunc(f.value, func(r rune) bool { return r < ' ' }) {
			return payments.Invalid(f.field, "This is too long.")
		}
	}
	if _, err := kayaaku.ParsePrivateKey(k.PrivateKey); err != nil {
		return payments.Invalid("privateKey", "Paste the merchant's RSA private key in PEM, 2048 bits or more.")
	}
	if k.HostKey != "" {
		if _, err := kayaaku.ParsePublicKey(k.HostKey); err != nil {
			return payments.Invalid("hostKey", "Paste Finexus' RSA public key or certificate in PEM.")
		}
	}
	if _, err := k.host(); err != nil {
		return payments.Invalid("baseUrl", "Enter the address that Finexus gave you, https://…/thirdparty.")
	}
	return nil
}

// features are what this way to the device can do: the screens show no more.
func (k KayaakuSettings) features() []string {
	f := []string{"card"}
	if !k.NoQR {
		f = append(f, "duitnow", "alipay")
	}
	if k.Transport == USBBridge || k.MID != "" {
		f = append(f, "void")
	}
	if k.hasHost() {
		f = append(f, "enquiry")
		if k.MID != "" {
			f = append(f, "refund")
		}
	}
	return f
}

// facts are what the settings say of the device, over what was known.
func (k KayaakuSettings) facts(f Facts) Facts {
	f.Features, f.MerchantID, f.Serial = k.features(), k.MID, k.DeviceSN
	return f
}

func (k KayaakuSettings) zone() *time.Location {
	zone, err := time.LoadLocation(k.Zone)
	if err != nil {
		return time.UTC // checked when it was stored
	}
	return zone
}

func (k KayaakuSettings) dialect(cable bool) kayaaku.Dialect {
	d := kayaaku.HostDialect(kayaakuVersion, k.zone())
	if cable {
		d = kayaaku.CableDialect(kayaakuVersion, k.zone())
	}
	if k.CallerDeviceType != "" {
		d.CallerDeviceType = k.CallerDeviceType
	}
	if k.MsgVer != "" {
		d.MsgVer = k.MsgVer
	}
	if k.PadAmount != nil {
		d.PadAmount = *k.PadAmount
	}
	return d
}

// kayaakuVersion is what we call ourselves (CallerDeviceVer).
const kayaakuVersion = "1.0.0"

func (k KayaakuSettings) codes() kayaaku.Codes {
	c := kayaaku.DefaultCodes()
	if len(k.Approved) > 0 {
		c.Approved = k.Approved
	}
	if len(k.Declined) > 0 {
		c.Declined = k.Declined
	}
	c.BareEnquiry = k.BareEnquiry
	return c
}

func (k KayaakuSettings) host() (*kayaaku.Host, error) {
	signer := kayaaku.Signer{SourceSystem: k.SourceSystem, NoPrefix: k.NoPrefix}
	var err error
	if signer.Private, err = kayaaku.ParsePrivateKey(k.PrivateKey); err != nil {
		return nil, err
	}
	if k.HostKey != "" {
		if signer.Host, err = kayaaku.ParsePublicKey(k.HostKey); err != nil {
			return nil, err
		}
	}
	return kayaaku.NewHost(kayaaku.HostConfig{
		BaseURL: k.BaseURL, Signer: signer, Dialect: k.dialect(false),
		Device: kayaaku.Device{Email: k.Email, Serial: k.DeviceSN, MID: k.MID},
	})
}

// store keeps the settings; the key is not among them.
func (k KayaakuSettings) store(tx *gorm.DB, terminalID string) error {
	k.PrivateKey = ""
	raw, err := json.Marshal(k) // #nosec G117 -- the key was just taken out
	if err != nil {
		return fmt.Errorf("store device: %w", err)
	}
	row := deviceRow{TerminalID: terminalID, Transport: k.Transport, Settings: string(raw)}
	if err := tx.Where("terminal_id = ?", terminalID).Delete(&deviceRow{}).Error; err != nil {
		return fmt.Errorf("store device: %w", err)
	}
	if err := tx.Create(&row).Error; err != nil {
		return fmt.Errorf("store device: %w", err)
	}
	return nil
}

// settings reads a device with its key, of the pairing in question.
func (k *Kayaaku) settings(ctx context.Context, terminalID, pairingID string) (KayaakuSettings, error) {
	var out KayaakuSettings
	var row deviceRow
	if err := k.DB.WithContext(ctx).Where("terminal_id = ?", terminalID).Take(&row).Error; err != nil {
		return out, fmt.Errorf("read device %s: %w", terminalID, db.NotFound(err))
	}
	if err := json.Unmarshal([]byte(row.Settings), &out); err != nil {
		return out, fmt.Errorf("read device %s: %w", terminalID, err)
	}
	var sealed pairingRow
	if err := k.DB.WithContext(ctx).Where("id = ?", pairingID).Take(&sealed).Error; err != nil {
		return out, fmt.Errorf("read pairing of terminal %s: %w", terminalID, db.NotFound(err))
	}
	key, err := k.Keys.Open(sealed.Secret, secretOf(sealed.ID))
	if err != nil {
		return out, err
	}
	if key != noKey {
		out.PrivateKey = key
	}
	return out, nil
}

// noKey is what is sealed for a device without a host.
const noKey = "none"
