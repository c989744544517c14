package bitrix

import "context"

// AppInfo is our application as the portal sees it (reference bitrix24 9.2), another shape than the
// authorisation server's [Identity].
type AppInfo struct {
	// ID is the application's number on this portal, Code its marketplace code.
	ID   int64
	Code string
	// Version is the installed version.
	Version string
	// Status is the kind of installation, as in Identity.
	Status string
	// Installed is false until the installer page has finished.
	Installed bool
	// PaymentExpired is true when a paid period is over.
	PaymentExpired bool
	// Language is the portal's, License its plan.
	Language, License string
}

// AppInfo reads the state of our installation.
func (p *Portal) AppInfo(ctx context.Context) (AppInfo, error) {
	var got struct {
		ID             FlexInt    `json:"ID"`
		Code           FlexString `json:"CODE"`
		Version        FlexString `json:"VERSION"`
		Status         FlexString `json:"STATUS"`
		Installed      FlexBool   `json:"INSTALLED"`
		PaymentExpired FlexBool   `json:"PAYMENT_EXPIRED"`
		Language       FlexString `json:"LANGUAGE_ID"`
		License        FlexString `json:"LICENSE"`
	}
	if _, err := p.Call(ctx, "app.info", nil, &got); err != nil {
		return AppInfo{}, err
	}

	return AppInfo{
		ID: int64(got.ID), Code: string(got.Code), Version: string(got.Version), Status: string(got.Status),
		Installed: bool(got.Installed), PaymentExpired: bool(got.PaymentExpired),
		Language: string(got.Language), License: string(got.License),
	}, nil
}

// Scope lists what the administrator granted to the application, such as crm and placement.
func (p *Portal) Scope(ctx context.Context) ([]string, error) {
	var got List[string]
	if _, err := p.Call(ctx, "scope", nil, &got); err != nil {
		return nil, err
	}

	return got, nil
}
