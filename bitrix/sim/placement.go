package sim

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
)

// Placement codes with behaviour of their own; placementCodes has them all.
const (
	placementDefault  = "DEFAULT"
	placementDealTab  = "CRM_DEAL_DETAIL_TAB"
	placementInvTab   = "CRM_SMART_INVOICE_DETAIL_TAB"
	placementInvMenu  = "CRM_SMART_INVOICE_LIST_MENU"
	placementDealMenu = "CRM_DEAL_LIST_MENU"
	placementAppURI   = "REST_APP_URI"
	placementWorker   = "PAGE_BACKGROUND_WORKER"
)

// placementBinding is one page of the app bound to one place of the portal.
type placementBinding struct {
	code, handler, title, description string
	langAll                           *value
}

// placementCodes is what placement.list offers here (reference bitrix24, 4.2).
func placementCodes() []string {
	return []string{
		placementDealTab, "CRM_DEAL_DETAIL_TOOLBAR", "CRM_DEAL_DETAIL_ACTIVITY", placementDealMenu,
		"CRM_DEAL_LIST_TOOLBAR", "CRM_DEAL_ACTIVITY_TIMELINE_MENU", "CRM_DEAL_DOCUMENTGENERATOR_BUTTON",
		placementInvTab, "CRM_SMART_INVOICE_DETAIL_TOOLBAR", "CRM_SMART_INVOICE_DETAIL_ACTIVITY",
		placementInvMenu, "CRM_SMART_INVOICE_LIST_TOOLBAR", "CRM_SMART_INVOICE_ACTIVITY_TIMELINE_MENU",
		"CRM_SMART_INVOICE_DOCUMENTGENERATOR_BUTTON", "CRM_ORDER_DETAIL_TAB", "CRM_ORDER_DETAIL_ACTIVITY",
		"CRM_ORDER_LIST_TOOLBAR", "LEFT_MENU", "USER_PROFILE_MENU", "USER_PROFILE_TOOLBAR",
		placementAppURI, placementWorker, "IMMOBILE_CONTEXT_MENU",
	}
}

// available are the codes that the granted scopes allow.
func (a *installation) available() []string {
	return slices.DeleteFunc(placementCodes(), func(code string) bool {
		return strings.HasPrefix(code, "CRM_") && !a.granted("crm")
	})
}

// runPlacementList is placement.list: the codes this portal offers. Apps bind only what is in it.
func runPlacementList(c *call) (any, *restError) { return c.p.app.available(), nil }

// runPlacementGet is placement.get: what the app has bound.
func runPlacementGet(c *call) (any, *restError) {
	out := []any{}
	for _, b := range c.p.app.placements {
		out = append(out, map[string]any{
			"placement": b.code, "userId": 0, "handler": b.handler, "options": []any{},
			"title": b.title, "description": b.description, "langAll": langOutput(b.langAll),
		})
	}
	return out, nil
}

// langOutput is LANG_ALL as it was sent.
func langOutput(langAll *value) map[string]any {
	out := map[string]any{}
	for _, lang := range keysOf(langAll) {
		texts := map[string]string{}
		langAll.get(lang).flatten(texts, "")
		out[lang] = texts
	}
	return out
}

// runPlacementBind answers some mistakes with status 200, as the documentation has it (reference bitrix24, 4.1).
func runPlacementBind(c *call) (any, *restError) {
	code := strings.ToUpper(c.args.get("PLACEMENT").str())
	if code == "" {
		e := breach(http.StatusOK, "ERROR_ARGUMENT", "Argument 'PLACEMENT' is null or empty", "missing parameter")
		e.argument = "PLACEMENT"
		return nil, e
	}
	if !slices.Contains(c.p.app.available(), code) {
		return nil, breach(http.StatusBadRequest, "ERROR_PLACEMENT_NOT_FOUND", "Placement not found", "placement")
	}
	handler := c.args.get("HANDLER").str()
	if handler == "" {
		return nil, breach(http.StatusOK, "EMPTY_ERROR_HANDLER_URL", "Handler URL is not specified", "missing parameter")
	}
	if refusal := checkHandler(handler); refusal != nil {
		return nil, refusal
	}
	if !c.args.get("USER_ID").missing() && code != placementWorker {
		return nil, breach(http.StatusOK, "ERROR_PLACEMENT_USER_MODE", "Placement has no user mode", "user mode")
	}

	for _, b := range c.p.app.placements {
		if b.code == code && b.handler == handler {
			return nil, refuse(http.StatusBadRequest, "ERROR_CORE", "Unable to set placement handler: Handler already binded")
		}
		if b.code == code && (code == placementAppURI || code == placementWorker) {
			return nil, refuse(http.StatusOK, "ERROR_PLACEMENT_MAX_COUNT", "Placement max count was reached")
		}
	}
	c.p.app.placements = append(c.p.app.placements, &placementBinding{
		code: code, handler: handler, title: c.args.get("TITLE").str(),
		description: c.args.get("DESCRIPTION").str(), langAll: c.args.get("LANG_ALL"),
	})
	c.s.touch()
	return true, nil
}

// checkHandler refuses what cannot be a handler. The one exemption of a simulator: plain http and loopback pass.
func checkHandler(handler string) *restError {
	u, err := url.Parse(handler)
	if err != nil || u.Host == "" {
		return breach(http.StatusBadRequest, "ERROR_WRONG_HANDLER_URL", "Wrong handler URL", "handler")
	}
	if u.Scheme != "https" && u.Scheme != "http" {
		return breach(http.StatusBadRequest, "ERROR_UNSUPPORTED_PROTOCOL", "Unsupported event handler protocol", "handler")
	}
	return nil
}

// runPlacementUnbind is placement.unbind; without a handler it takes every binding of the code.
func runPlacementUnbind(c *call) (any, *restError) {
	code, handler := strings.ToUpper(c.args.get("PLACEMENT").str()), c.args.get("HANDLER").str()
	if code == "" {
		e := breach(http.StatusOK, "ERROR_ARGUMENT", "Argument 'PLACEMENT' is null or empty", "missing parameter")
		e.argument = "PLACEMENT"
		return nil, e
	}
	before := len(c.p.app.placements)
	c.p.app.placements = slices.DeleteFunc(c.p.app.placements, func(b *placementBinding) bool {
		return b.code == code && (handler == "" || b.handler == handler)
	})
	c.s.touch()
	return map[string]any{"count": before - len(c.p.app.placements)}, nil
}

// bound lists the bindings of a code in order, none before the installation is finished.
func (a *installation) bound(code string) []*placementBinding {
	if !a.finished {
		return nil
	}
	var found []*placementBinding
	for _, b := range a.placements {
		if b.code == code {
			found = append(found, b)
		}
	}
	return found
}

// label is the title in English, the portal's language.
func (b *placementBinding) label() string {
	if title := b.langAll.get("en", "TITLE").str(); title != "" {
		return title
	}
	if b.title != "" {
		return b.title
	}
	return "Application"
}
