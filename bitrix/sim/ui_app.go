package sim

import (
	"encoding/json"
	"strings"
)

// marketBody is the app's card in the Market.
type marketBody struct {
	Installed bool
	Version   int
	State     string
}

// marketPage tells the three states apart: never opened, opened but not finished, installed.
func marketPage(v *visit) (string, pageData) {
	body := marketBody{Installed: v.p.app.finished, Version: v.p.app.version, State: "not installed"}
	switch {
	case v.p.app.finished:
		body.State = "installed"
	case v.p.app.added:
		body.State = "installation not finished"
	}
	return "market", pageData{Title: "Market", Nav: "market", Body: body}
}

// appBody opens a frame, unless there is a notice instead.
type appBody struct {
	Notice    string
	Placement string
	Options   string
	Install   bool
}

// appPage is the app's own page. While the installation is not finished an administrator is sent to the installer
// and everybody else gets a notice (reference bitrix24, 1.3).
func appPage(v *visit) (string, pageData) { return v.appFrame(placementDefault, nil) }

// linkPage is a deep link, /marketplace/view/<code>/?params[invoice]=77 (reference bitrix24, 4.5). Without a handler
// for REST_APP_URI it opens the app's own page.
func linkPage(v *visit) (string, pageData) {
	options := map[string]string{}
	for name, values := range v.r.URL.Query() {
		if key, ok := strings.CutPrefix(name, "params["); ok {
			options[strings.TrimSuffix(key, "]")] = values[0]
		}
	}
	if len(v.p.app.bound(placementAppURI)) == 0 {
		return v.appFrame(placementDefault, options)
	}
	return v.appFrame(placementAppURI, options)
}

// appFrame decides between frame and notice.
func (v *visit) appFrame(placement string, options map[string]string) (string, pageData) {
	// A map of strings always encodes.
	encoded, _ := json.Marshal(options)
	body := appBody{Placement: placement, Options: string(encoded), Install: !v.p.app.finished}
	switch {
	case v.r.PathValue("code") != v.s.cfg.AppCode || !v.p.app.added:
		body.Notice = "The application is not installed."
	case !v.u.may(canOpen):
		body.Notice = "You do not have access to this application. Please ask your administrator."
	case !v.p.app.finished && !v.u.admin:
		body.Notice = "The application is not fully installed. Please ask your administrator."
	}
	return "app", pageData{Title: "Receive Payment", Nav: "app", Body: body}
}
