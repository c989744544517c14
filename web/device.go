package web

import (
	"net/http"
	"strings"

	"github.com/labstack/echo/v4"

	"receivepayment/pairing"
)

// deviceForm is how a Kayaaku device is set up, or is going to be. Slug names
// its fields in markup.
type deviceForm struct {
	pairing.Device
	Slug string
}

// newDevice is the form of a device that is not paired yet.
func newDevice() deviceForm {
	return deviceForm{Slug: "kayaaku", Device: pairing.Device{KayaakuSettings: pairing.KayaakuSettings{Transport: pairing.USBBridge}}}
}

// OnCable reports whether a program at the till carries its payments.
func (f deviceForm) OnCable() bool { return f.Transport == pairing.USBBridge }

// ApprovedText and DeclinedText are the codes with spaces between.
func (f deviceForm) ApprovedText() string { return strings.Join(f.Approved, " ") }

// DeclinedText is [deviceForm.ApprovedText] of those that decline.
func (f deviceForm) DeclinedText() string { return strings.Join(f.Declined, " ") }

// deviceJSON is how a device is set up, in the words in which it is entered.
// The merchant's key is never among them.
type deviceJSON struct {
	Terminal         string `json:"terminal"`
	Transport        string `json:"transport"`
	BaseURL          string `json:"baseUrl"`
	SourceSystem     string `json:"sourceSystem"`
	Email            string `json:"email"`
	DeviceSN         string `json:"deviceSn"`
	MID              string `json:"mid"`
	HostKey          string `json:"hostKey"`
	HasPrivateKey    bool   `json:"hasPrivateKey"`
	NoPrefix         bool   `json:"noPrefix"`
	CallerDeviceType string `json:"callerDeviceType"`
	MsgVer           string `json:"msgVer"`
	PadAmount        *bool  `json:"padAmount"`
	Zone             string `json:"zone"`
	ApprovedCodes    string `json:"approvedCodes"`
	DeclinedCodes    string `json:"declinedCodes"`
	BareEnquiry      bool   `json:"bareEnquiry"`
	VoidUntil        string `json:"voidUntil"`
	EnquireAfter     int    `json:"enquireAfter"`
	NoQR             bool   `json:"noQr"`
}

func (f deviceForm) json() deviceJSON {
	return deviceJSON{
		Terminal: f.TerminalID, Transport: f.Transport, BaseURL: f.BaseURL, SourceSystem: f.SourceSystem, Email: f.Email,
		DeviceSN: f.DeviceSN, MID: f.MID, HostKey: f.HostKey, HasPrivateKey: f.HasKey, NoPrefix: f.NoPrefix,
		CallerDeviceType: f.CallerDeviceType, MsgVer: f.MsgVer, PadAmount: f.PadAmount, Zone: f.Zone,
		ApprovedCodes: f.ApprovedText(), DeclinedCodes: f.DeclinedText(), BareEnquiry: f.BareEnquiry,
		VoidUntil: f.VoidUntil, EnquireAfter: f.EnquireAfter, NoQR: f.NoQR,
	}
}

// showDevice answers how a device is set up.
func (s *Server) showDevice(c echo.Context, who caller) error {
	d, err := s.Terminals.Device(c.Request().Context(), who.PortalID, c.Param("id"))
	if err != nil {
		return err
	}
	form := deviceForm{Device: d, Slug: "device-" + slug(d.TerminalID)}
	if wantsJSON(c) {
		return c.JSON(http.StatusOK, form.json())
	}
	return s.fragment(c, http.StatusOK, "device-form", form)
}

// putDevice replaces how a device is set up; a key that is left out stays.
func (s *Server) putDevice(c echo.Context, who caller) error {
	var in KayaakuIn
	if err := decode(c, &in); err != nil {
		return err
	}
	if err := s.Terminals.ChangeDevice(c.Request().Context(), who.PortalID, c.Param("id"), in.settings()); err != nil {
		return s.formError(c, err)
	}
	if !wantsJSON(c) {
		saved(c, who, closeDialog, terminalsChanged)
		return c.NoContent(http.StatusNoContent)
	}
	return s.showDevice(c, who)
}
