package web

import (
	"net/http"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"receivepayment/pairing"
)

// KayaakuIn is what is entered for a Kayaaku device. Exported for the form
// binder, as [CredentialsIn].
type KayaakuIn struct {
	Transport        string `json:"transport" form:"transport"`
	BaseURL          string `json:"baseUrl" form:"baseUrl"`
	SourceSystem     string `json:"sourceSystem" form:"sourceSystem"`
	Email            string `json:"email" form:"email"`
	DeviceSN         string `json:"deviceSn" form:"deviceSn"`
	MID              string `json:"mid" form:"mid"`
	HostKey          string `json:"hostKey" form:"hostKey"`
	PrivateKey       string `json:"privateKey" form:"privateKey"`
	NoPrefix         bool   `json:"noPrefix" form:"noPrefix"`
	CallerDeviceType string `json:"callerDeviceType" form:"callerDeviceType"`
	MsgVer           string `json:"msgVer" form:"msgVer"`
	PadAmount        *bool  `json:"padAmount" form:"padAmount"`
	Zone             string `json:"zone" form:"zone"`
	ApprovedCodes    string `json:"approvedCodes" form:"approvedCodes"` // with spaces between
	DeclinedCodes    string `json:"declinedCodes" form:"declinedCodes"`
	BareEnquiry      bool   `json:"bareEnquiry" form:"bareEnquiry"`
	VoidUntil        string `json:"voidUntil" form:"voidUntil"`
	EnquireAfter     int    `json:"enquireAfter" form:"enquireAfter"`
	NoQR             bool   `json:"noQr" form:"noQr"`
}

func (in KayaakuIn) settings() pairing.KayaakuSettings {
	return pairing.KayaakuSettings{
		Transport: in.Transport, BaseURL: strings.TrimSpace(in.BaseURL), SourceSystem: strings.TrimSpace(in.SourceSystem),
		Email: strings.TrimSpace(in.Email), DeviceSN: strings.TrimSpace(in.DeviceSN), MID: strings.TrimSpace(in.MID),
		HostKey: strings.TrimSpace(in.HostKey), PrivateKey: strings.TrimSpace(in.PrivateKey), NoPrefix: in.NoPrefix,
		CallerDeviceType: in.CallerDeviceType, MsgVer: in.MsgVer, PadAmount: in.PadAmount, Zone: in.Zone,
		Approved: strings.Fields(in.ApprovedCodes), Declined: strings.Fields(in.DeclinedCodes), BareEnquiry: in.BareEnquiry,
		VoidUntil: in.VoidUntil, EnquireAfter: in.EnquireAfter, NoQR: in.NoQR,
	}
}

// bridgeJSON is the program at the till of a Kayaaku device on a cable. Code is
// there only in the answer that made it.
type bridgeJSON struct {
	Paired  bool       `json:"paired"`
	Online  bool       `json:"online"`
	Why     *string    `json:"why"`
	Version string     `json:"version"`
	System  string     `json:"system"`
	Port    string     `json:"port"`
	SeenAt  *time.Time `json:"seenAt"`
	Code    *string    `json:"code"`
}

func bridgeOf(c pairing.Card) *bridgeJSON {
	if c.Code == "" && (c.Kayaaku == nil || c.Kayaaku.Transport != pairing.USBBridge) {
		return nil
	}
	out := bridgeJSON{Code: textOrNil(c.Code)}
	if k := c.Kayaaku; k != nil {
		out.Paired, out.Online, out.Why = k.Paired, k.Offline == "", textOrNil(k.Offline)
		out.Version, out.System, out.Port, out.SeenAt = k.Version, k.System, k.Port, k.SeenAt
	}
	return &out
}

// newBridgeCode makes a one-time code for the till's bridge.
func (s *Server) newBridgeCode(c echo.Context, who caller) error {
	card, err := s.Terminals.BridgeCode(c.Request().Context(), who.PortalID, c.Param("id"))
	if err != nil {
		return s.formError(c, err)
	}
	if wantsJSON(c) {
		return c.JSON(http.StatusOK, terminalOf(card))
	}
	return s.showBridgeCode(c, card)
}

// revokeBridge ends a bridge's connection and takes its token away.
func (s *Server) revokeBridge(c echo.Context, who caller) error {
	if err := s.Terminals.RevokeBridge(c.Request().Context(), who.PortalID, c.Param("id")); err != nil {
		return s.formError(c, err)
	}
	if !wantsJSON(c) {
		trigger(c, closeDialog, terminalsChanged)
	}
	return c.NoContent(http.StatusNoContent)
}

// showBridgeCode shows a code once, in the open dialog.
func (s *Server) showBridgeCode(c echo.Context, card pairing.Card) error {
	trigger(c, terminalsChanged)
	return s.fragment(c, http.StatusOK, "bridge-code", bridgeCodeView{
		Name: card.Name, Code: card.Code, Server: s.PublicURL,
	})
}

// bridgeCodeView is the one-time code with what to do with it.
type bridgeCodeView struct{ Name, Code, Server string }
