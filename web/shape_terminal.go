package web

import (
	"time"

	"receivepayment/pairing"
)

type terminalJSON struct {
	ID             string      `json:"id"`
	Name           string      `json:"name"`
	Provider       string      `json:"provider"`
	Environment    string      `json:"environment"`
	Currency       string      `json:"currency"`
	Status         string      `json:"status"`
	StatusReason   *string     `json:"statusReason"`
	Shared         bool        `json:"shared"`
	Users          []string    `json:"users"`
	Group          *namedJSON  `json:"group"`
	Default        bool        `json:"default"`
	Facts          factsJSON   `json:"facts"`
	LastApprovedAt *time.Time  `json:"lastApprovedAt"`
	LastSeenAt     *time.Time  `json:"lastSeenAt"`
	LastCallbackAt *time.Time  `json:"lastCallbackAt"`
	NextCheckAt    *time.Time  `json:"nextCheckAt"`
	BusyWith       *busyJSON   `json:"busyWith"`
	Bridge         *bridgeJSON `json:"bridge,omitempty"`
	// Settlement is when the terminal settles by itself; null is never.
	Settlement *settlementJSON `json:"settlement"`
}

type factsJSON struct {
	MerchantName string   `json:"merchantName"`
	Bank         string   `json:"bank"`
	TerminalID   string   `json:"terminalId"`
	MerchantID   string   `json:"merchantId"`
	Serial       string   `json:"serial"`
	RefundLimit  *string  `json:"refundLimit"`
	CashOutLimit *string  `json:"cashOutLimit"`
	Features     []string `json:"features"`
}

func terminalOf(c pairing.Card) terminalJSON {
	var group *namedJSON
	if c.GroupID != "" {
		group = &namedJSON{ID: c.GroupID, Name: c.Group}
	}
	return terminalJSON{
		Group: group, NextCheckAt: c.CheckAt,
		ID: c.ID, Name: c.Name, Provider: c.Provider, Environment: c.Environment, Currency: c.Currency,
		Status: string(c.Status), StatusReason: textOrNil(c.StatusReason), Shared: c.Shared, Users: c.Users,
		Default: c.Default, LastApprovedAt: c.LastApprovedAt, LastSeenAt: c.LastSeenAt, LastCallbackAt: c.LastCallbackAt,
		BusyWith: busyOf(c), Bridge: bridgeOf(c), Settlement: settlementOf(c.Terminal),
		Facts: factsJSON{
			MerchantName: c.Facts.MerchantName, Bank: c.Facts.Bank, TerminalID: c.Facts.TerminalID,
			MerchantID: c.Facts.MerchantID, Serial: c.Facts.Serial, RefundLimit: textOrNil(c.Facts.RefundLimit),
			CashOutLimit: textOrNil(c.Facts.CashOutLimit), Features: append([]string{}, c.Facts.Features...),
		},
	}
}
