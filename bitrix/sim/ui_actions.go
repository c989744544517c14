package sim

import (
	"mime"
	"net/http"
	"time"
)

// portalRoutes are what the portal's own script calls.
func (s *Sim) portalRoutes(mux *http.ServeMux) {
	mux.HandleFunc("GET /portal/changes", s.portalChanges)
	mux.HandleFunc("GET /portal/users", s.portalUsers)
	for pattern, serve := range map[string]http.HandlerFunc{
		"POST /portal/user":                 s.portalSwitch,
		"POST /portal/stage":                s.portalStage,
		"POST /portal/rename":               s.portalRename,
		"POST /portal/uninstall":            s.portalUninstall,
		"POST /portal/frame":                s.portalFrame,
		"POST /portal/frame/refresh":        s.portalRefresh,
		"POST /portal/frame/install-finish": s.portalInstallFinish,
		"POST /portal/frame/option":         s.portalOption,
	} {
		mux.HandleFunc(pattern, ownPagesOnly(serve))
	}
}

// ownPagesOnly keeps foreign pages from asking for tokens: they cannot send JSON without a preflight, and browsers
// tell where a request comes from.
func ownPagesOnly(next http.HandlerFunc) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		media, _, _ := mime.ParseMediaType(r.Header.Get("Content-Type"))
		site := r.Header.Get("Sec-Fetch-Site")
		if media != "application/json" || site != "" && site != "same-origin" {
			http.Error(w, "for the portal's own pages", http.StatusForbidden)
			return
		}
		next(w, r)
	}
}

// patience is how long a page waits for a change before it asks again.
const patience = 20 * time.Second

// portalChanges answers when something has changed since the version that the page shows, or when it has waited long
// enough. Pages then read themselves again.
func (s *Sim) portalChanges(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	version, changed := s.version, s.changed
	s.mu.Unlock()
	if itoa(version) == r.FormValue("seen") {
		timer := time.NewTimer(patience)
		defer timer.Stop()
		select {
		case <-changed:
		case <-timer.C:
		case <-r.Context().Done():
		case <-s.ctx.Done():
		}
		s.mu.Lock()
		version = s.version
		s.mu.Unlock()
	}
	w.Header().Set("Cache-Control", "no-store")
	writeJSON(w, http.StatusOK, map[string]int{"version": version})
}

// portalUsers feeds the picker, in the shape that selectUser answers (reference bitrix24, 5.2).
func (s *Sim) portalUsers(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	v := s.visit(r)
	out := []any{}
	for _, u := range v.p.users {
		out = append(out, map[string]any{
			"id": u.idText(), "name": u.fullName(), "sub": false, "sup": u.admin, "position": u.position,
			"photo": "", "url": "/company/personal/user/" + u.idText() + "/",
		})
	}
	writeJSON(w, http.StatusOK, out)
}

// portalSwitch changes who sits at the screen; an unknown id falls back to the administrator at the next page.
func (s *Sim) portalSwitch(w http.ResponseWriter, r *http.Request) {
	var sent struct {
		ID int `json:"id"`
	}
	if !readControl(w, r, &sent) {
		return
	}
	http.SetCookie(w, &http.Cookie{ //nolint:gosec // names a demo user over plain http, protects nothing
		Name: userCookie, Value: itoa(sent.ID), Path: "/", HttpOnly: true, SameSite: http.SameSiteLaxMode,
	})
	w.WriteHeader(http.StatusNoContent)
}

// portalStage moves a card as the person at the screen.
func (s *Sim) portalStage(w http.ResponseWriter, r *http.Request) {
	var sent struct {
		Type  int    `json:"type"`
		ID    int    `json:"id"`
		Stage string `json:"stage"`
	}
	if !readControl(w, r, &sent) {
		return
	}
	s.mu.Lock()
	v := s.visit(r)
	refusal := v.move(sent.Type, sent.ID, sent.Stage)
	s.unlock()
	if refusal != nil {
		http.Error(w, refusal.text, http.StatusForbidden)
		return
	}
	w.WriteHeader(http.StatusNoContent)
}

// move uses the path of crm.item.update, so rights and required fields hold in the browser too.
func (v *visit) move(typeID, id int, stage string) *restError {
	it := v.p.item(typeID, id)
	if it == nil || !v.u.may(canWrite) || v.p.stage(typeID, stage) == nil {
		return errDenied()
	}
	c := &call{s: v.s, p: v.p, user: v.u, method: "portal", now: v.s.now()}
	fields := newArray()
	fields.put("stageId", newText(stage))
	return c.write(it, fields)
}

// portalUninstall is the button in the Market.
func (s *Sim) portalUninstall(w http.ResponseWriter, r *http.Request) {
	var sent struct {
		Clean bool `json:"clean"`
	}
	if !readControl(w, r, &sent) {
		return
	}
	s.mu.Lock()
	admin := s.visit(r).u.admin
	s.mu.Unlock()
	if !admin {
		http.Error(w, "administrators only", http.StatusForbidden)
		return
	}
	s.Uninstall(sent.Clean)
	w.WriteHeader(http.StatusNoContent)
}
