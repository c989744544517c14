package sim

import (
	"net/http"
	"net/url"
	"strings"
)

// frameRequest is what the portal's script asks for when it opens a page of the app.
type frameRequest struct {
	Placement string            `json:"placement"`
	Index     int               `json:"index"`
	Entity    int               `json:"entity"`
	Options   map[string]string `json:"options"`
	Install   bool              `json:"install"`
	URI       string            `json:"uri"`
}

// portalFrame opens a page of the app for the user of the request: fresh session id, fresh tokens.
func (s *Sim) portalFrame(w http.ResponseWriter, r *http.Request) {
	var sent frameRequest
	if !readControl(w, r, &sent) {
		return
	}
	s.mu.Lock()
	f := s.visit(r).open(sent)
	var info map[string]any
	if f != nil {
		info = s.frameInfo(f)
	}
	s.mu.Unlock()
	if f == nil {
		http.Error(w, "the application is not available here", http.StatusForbidden)
		return
	}
	writeJSON(w, http.StatusOK, info)
}

// open decides which page of the app a user gets, nil when none.
func (v *visit) open(sent frameRequest) *frame {
	if sent.Install {
		if !v.u.admin {
			return nil
		}
		return v.s.openInstaller(v.p, v.u)
	}
	if !v.p.app.finished || !v.u.may(canOpen) {
		return nil
	}
	if sent.Placement == placementDefault {
		return v.s.openFrame(v.p, v.u, placementDefault, v.s.cfg.AppURL+v.s.cfg.AppPath, sent.Options)
	}
	bound := v.p.app.bound(sent.Placement)
	if sent.Index < 0 || sent.Index >= len(bound) {
		return nil
	}
	options := map[string]string{}
	for name, text := range sent.Options {
		options[name] = text
	}
	if sent.Entity > 0 {
		options[idKey(sent.Placement)] = itoa(sent.Entity)
	}
	if sent.URI != "" {
		options["URI"] = sent.URI
	}
	return v.s.openFrame(v.p, v.u, sent.Placement, bound[sent.Index].handler, options)
}

// frameInfo is all that the script needs to build form and iframe and to answer the frame (reference bitrix24, 4.4, 5.4).
func (s *Sim) frameInfo(f *frame) map[string]any {
	fields := map[string]string{}
	for name, values := range s.frameBody(f) {
		fields[name] = values[0]
	}
	return map[string]any{
		"sid": f.sid, "name": strings.Join([]string{f.portal.domain, "0", f.sid}, "|"), "title": "Receive Payment",
		"action": f.action(), "fields": fields, "appOrigin": origin(f.handler), "initData": s.initData(f),
		"interface": map[string]any{"command": frameCommands(f), "event": []string{}},
	}
}

// origin is what the frame's messages must come from; a handler may live elsewhere than the app's own page.
func origin(address string) string {
	u, err := url.Parse(address)
	if err != nil {
		return ""
	}
	return u.Scheme + "://" + u.Host
}

// initData is the answer to getInitData.
func (s *Sim) initData(f *frame) map[string]any {
	data := map[string]any{
		"LANG": f.user.lang(), "DOMAIN": f.portal.domain, "PROTOCOL": 0, "PATH": "/rest", "MEMBER_ID": f.portal.memberID,
		"FIRST_RUN": f.firstRun, "IS_ADMIN": f.user.admin, "INSTALL": f.install,
		"USER_OPTIONS": phpOptions(f.portal.app.userOptions[f.user.id]), "APP_OPTIONS": phpOptions(f.portal.app.options),
		"PLACEMENT": f.placement, "PLACEMENT_OPTIONS": phpOptions(f.options),
	}
	for name, text := range s.frameTokens(f) {
		data[name] = text
	}
	return data
}

// frameTokens are the names that getInitData and refreshAuth share.
func (s *Sim) frameTokens(f *frame) map[string]any {
	return map[string]any{
		"AUTH_ID": f.grant.access, "AUTH_EXPIRES": f.grant.expiresIn(s.now()), "REFRESH_ID": f.grant.refresh,
	}
}

// frameCommands is the answer to getInterface: what this placement adds to the common commands.
func frameCommands(f *frame) []string {
	commands := []string{"openPath", "openApplication", "closeApplication", "selectUser", "refreshAuth", "setUserOption"}
	if f.placement == placementDefault {
		return append(commands, "setTitle", "setScroll", "reloadWindow")
	}
	return append(commands, "reloadData")
}

// frameOf finds the frame that a command came from and checks that it is this user's.
func (s *Sim) frameOf(r *http.Request, sid string) *frame {
	f := s.frames[sid]
	if f == nil || s.visit(r).u != f.user {
		return nil
	}
	return f
}

// portalRefresh serves refreshAuth.
func (s *Sim) portalRefresh(w http.ResponseWriter, r *http.Request) {
	var sent struct {
		SID string `json:"sid"`
	}
	if !readControl(w, r, &sent) {
		return
	}
	s.mu.Lock()
	f := s.frameOf(r, sent.SID)
	var fresh map[string]any
	if f != nil && f.portal.app.added {
		// The old access token ends with the new pair; its refresh token lives on for whoever stored it.
		f.grant.toldExpired = true
		f.grant = s.issue(f.portal, f.user.id)
		fresh = s.frameTokens(f)
	}
	s.mu.Unlock()
	if fresh == nil {
		http.Error(w, "no such frame", http.StatusNotFound)
		return
	}
	writeJSON(w, http.StatusOK, fresh)
}

// portalInstallFinish serves setInstallFinish; the page then goes on to the app (reference bitrix24, 1.3).
func (s *Sim) portalInstallFinish(w http.ResponseWriter, r *http.Request) {
	var sent struct {
		SID string `json:"sid"`
	}
	if !readControl(w, r, &sent) {
		return
	}
	s.mu.Lock()
	f := s.frameOf(r, sent.SID)
	next := ""
	switch {
	case f != nil && f.install && f.user.admin:
		s.finishInstall(f.portal, f.user.id)
		next = "/marketplace/app/" + s.cfg.AppCode + "/?install_finished=Y"
	case f != nil:
		s.book.violate(s.now(), "setInstallFinish", "not installing", "installFinish belongs to the installer only")
	}
	s.unlock()
	writeJSON(w, http.StatusOK, map[string]string{"location": next})
}

// portalOption serves setUserOption and setAppOption and answers the whole map; app options are for administrators.
func (s *Sim) portalOption(w http.ResponseWriter, r *http.Request) {
	var sent struct {
		SID, Kind, Name, Value string
	}
	if !readControl(w, r, &sent) {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	f := s.frameOf(r, sent.SID)
	switch {
	case f == nil, sent.Kind == "app" && !f.user.admin:
		http.Error(w, "denied", http.StatusForbidden)
	case sent.Kind == "app":
		f.portal.app.options[sent.Name] = sent.Value
		writeJSON(w, http.StatusOK, f.portal.app.options)
	default:
		f.portal.app.setUserOption(f.user.id, sent.Name, sent.Value)
		writeJSON(w, http.StatusOK, f.portal.app.userOptions[f.user.id])
	}
}
