package sim

import (
	"encoding/json"
	"net/url"
	"strings"
)

// frame is one rendering of an app page: its session id, whose it is and the tokens that it was given.
type frame struct {
	sid       string
	portal    *portal
	user      *user
	grant     *grant
	placement string
	options   map[string]string
	handler   string
	install   bool
	firstRun  bool
}

// openFrame gives a user an app page with fresh tokens. The lock must be held.
func (s *Sim) openFrame(p *portal, u *user, placement, handler string, options map[string]string) *frame {
	f := &frame{
		sid: randomHex(16), portal: p, user: u, grant: s.issue(p, u.id), placement: placement,
		options: options, handler: handler, firstRun: !p.app.opened[u.id],
	}
	p.app.opened[u.id] = true
	s.frames[f.sid] = f
	return f
}

// openInstaller opens the installer, which is where the portal first knows the app.
func (s *Sim) openInstaller(p *portal, u *user) *frame {
	p.app.added = true
	f := s.openFrame(p, u, placementDefault, s.cfg.AppURL+s.cfg.InstallPath, nil)
	f.install = !p.app.finished
	return f
}

// query goes into the address (reference bitrix24, 1.4).
func (f *frame) query() url.Values {
	return url.Values{"DOMAIN": {f.portal.domain}, "PROTOCOL": {"0"}, "LANG": {f.user.lang()}, "APP_SID": {f.sid}}
}

// action is the address that the form is posted to.
func (f *frame) action() string {
	joint := "?"
	if strings.Contains(f.handler, "?") {
		joint = "&"
	}
	return f.handler + joint + f.query().Encode()
}

// body goes into the form (reference bitrix24, 1.4 and 4.4).
func (s *Sim) frameBody(f *frame) url.Values {
	body := url.Values{
		"AUTH_ID":           {f.grant.access},
		"AUTH_EXPIRES":      {itoa(f.grant.expiresIn(s.now()))},
		"REFRESH_ID":        {f.grant.refresh},
		"SERVER_ENDPOINT":   {s.serverEndpoint()},
		"APPLICATION_TOKEN": {f.portal.app.token},
		"APPLICATION_SCOPE": {strings.Join(f.portal.app.scopes, ",")},
		"member_id":         {f.portal.memberID},
		"status":            {f.portal.app.status},
		"PLACEMENT":         {f.placement},
	}
	if len(f.options) > 0 {
		body.Set("PLACEMENT_OPTIONS", phpJSON(f.options))
	}
	return body
}

// phpJSON escapes slashes as PHP does.
func phpJSON(options map[string]string) string {
	// A map of strings always encodes.
	raw, _ := json.Marshal(options)
	return strings.ReplaceAll(string(raw), "/", `\/`)
}

// idKey is the name under which a placement passes the id of its item (reference bitrix24, 4.2).
func idKey(placement string) string {
	if strings.HasSuffix(placement, "_TOOLBAR") && strings.Contains(placement, "SMART_INVOICE_DETAIL") {
		return "ENTITY_ID"
	}
	return "ID"
}

// cardPath is the portal's page of the item that a placement belongs to.
func cardPath(placement string, id int) string {
	if strings.HasPrefix(placement, "CRM_SMART_INVOICE_") {
		return "/crm/type/31/details/" + itoa(id) + "/"
	}
	if strings.HasPrefix(placement, "CRM_ORDER_") {
		return "/shop/orders/details/" + itoa(id) + "/"
	}
	return "/crm/deal/details/" + itoa(id) + "/"
}

// entityOptions are the PLACEMENT_OPTIONS of a CRM placement, all of them texts.
func entityOptions(placement string, id int) map[string]string {
	if id == 0 {
		return nil
	}
	return map[string]string{idKey(placement): itoa(id), "URI": cardPath(placement, id)}
}
