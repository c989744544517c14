package web

import (
	"context"
	"encoding/json"
	"net/http"

	"github.com/labstack/echo/v4"

	"receivepayment/invoices"
	"receivepayment/mirror"
	"receivepayment/payments"
)

// crmSettingsJSON is what the CRM is told beyond the plain.
type crmSettingsJSON struct {
	Stages     map[string]stagesJSON `json:"stages"` // by invoice funnel
	Fields     bool                  `json:"fields"`
	Notices    bool                  `json:"notices"`
	Automation bool                  `json:"automation"`
	Terminals  bool                  `json:"terminals"`
}

// stagesJSON names the stages to which invoices go; null means the funnel's own
// for paid, and that the stage is left alone for the others.
type stagesJSON struct {
	Paid       *string `json:"paid"`
	PartlyPaid *string `json:"partlyPaid"`
	Refunded   *string `json:"refunded"`
}

func stagesOf(m invoices.StageMap) stagesJSON {
	return stagesJSON{Paid: orNull(m.Paid), PartlyPaid: orNull(m.PartlyPaid), Refunded: orNull(m.Refunded)}
}

func orNull(text string) *string {
	if text == "" {
		return nil
	}
	return &text
}

func orEmpty(text *string) string {
	if text == nil {
		return ""
	}
	return *text
}

func crmSettingsOf(s invoices.Settings, m mirror.State) crmSettingsJSON {
	out := crmSettingsJSON{
		Stages: map[string]stagesJSON{}, Fields: s.Fields, Notices: s.Notices, Automation: s.Automation, Terminals: m.Wanted,
	}
	for funnel, m := range s.Stages {
		out.Stages[funnel] = stagesOf(m)
	}
	return out
}

// crmSettingsIn is a change: what is left out stays as it is.
type crmSettingsIn struct {
	Stages     map[string]stagesJSON `json:"stages"`
	Fields     *bool                 `json:"fields"`
	Notices    *bool                 `json:"notices"`
	Automation *bool                 `json:"automation"`
	Terminals  *bool                 `json:"terminals"`
}

// crmWish is what an administrator wants of the CRM.
type crmWish struct {
	invoices.Wish
	Terminals *bool // a card for each terminal
}

// wishOf reads the member crm of the settings, or nothing when it was left out.
func wishOf(raw json.RawMessage) (*crmWish, error) {
	if raw == nil {
		return nil, nil //nolint:nilnil // nothing is wished
	}
	var in *crmSettingsIn
	if json.Unmarshal(raw, &in) != nil || in == nil || len(in.Stages) > 50 {
		return nil, payments.Invalid("crm", "Send an object with stages, fields, notices, automation or terminals.")
	}
	w := &crmWish{Terminals: in.Terminals, Wish: invoices.Wish{Fields: in.Fields, Notices: in.Notices, Automation: in.Automation}}
	for funnel, m := range in.Stages {
		if w.Stages == nil {
			w.Stages = map[string]invoices.StageMap{}
		}
		w.Stages[funnel] = invoices.StageMap{Paid: orEmpty(m.Paid), PartlyPaid: orEmpty(m.PartlyPaid), Refunded: orEmpty(m.Refunded)}
	}
	return w, nil
}

type funnelJSON struct {
	ID     string      `json:"id"`
	Name   string      `json:"name"`
	Stages []stageJSON `json:"stages"`
	Chosen stagesJSON  `json:"chosen"`
}

type stageJSON struct {
	ID      string  `json:"id"`
	Name    string  `json:"name"`
	Meaning *string `json:"meaning"` // paid, closed, or null while in progress
}

// listStages shows the portal's invoice funnels as they are now, and where
// invoices go in each.
func (s *Server) listStages(c echo.Context, who caller) error {
	funnels, err := s.Wishes.Funnels(c.Request().Context(), who.PortalID)
	if err != nil {
		return err
	}
	if !wantsJSON(c) {
		return s.fragment(c, http.StatusOK, "crm-stages", crmStagesView{Who: who, Funnels: funnels})
	}
	out := make([]funnelJSON, len(funnels))
	for i, f := range funnels {
		out[i] = funnelJSON{ID: f.ID, Name: f.Name, Stages: make([]stageJSON, len(f.Stages)), Chosen: stagesOf(f.Chosen)}
		for j, st := range f.Stages {
			out[i].Stages[j] = stageJSON{ID: st.ID, Name: st.Name, Meaning: orNull(st.Meaning)}
		}
	}
	return c.JSON(http.StatusOK, map[string]any{"items": out, "next": nil})
}

// addStage makes a stage that the funnel lacks, and chooses it.
func (s *Server) addStage(c echo.Context, who caller) error {
	var in struct {
		Funnel  string `json:"funnel" form:"funnel"`
		Meaning string `json:"meaning" form:"meaning"`
	}
	if err := decode(c, &in); err != nil {
		return err
	}
	if _, err := s.Wishes.AddStage(c.Request().Context(), who.PortalID, in.Funnel, in.Meaning); err != nil {
		return err
	}
	return s.listStages(c, who)
}

// chooseStages takes the form of one funnel.
func (s *Server) chooseStages(c echo.Context, who caller) error {
	var in struct {
		Funnel     string `json:"funnel" form:"funnel"`
		Paid       string `json:"paid" form:"paid"`
		PartlyPaid string `json:"partlyPaid" form:"partlyPaid"`
		Refunded   string `json:"refunded" form:"refunded"`
	}
	if err := decode(c, &in); err != nil {
		return err
	}
	_, err := s.Wishes.Change(c.Request().Context(), who.PortalID, invoices.Wish{Stages: map[string]invoices.StageMap{
		in.Funnel: {Paid: in.Paid, PartlyPaid: in.PartlyPaid, Refunded: in.Refunded},
	}})
	if err != nil {
		return s.formError(c, err)
	}
	if !wantsJSON(c) {
		saved(c, who)
	}
	return s.listStages(c, who)
}

// chooseTelling takes one switch of the page.
func (s *Server) chooseTelling(c echo.Context, who caller) error {
	var in struct {
		Fields     bool `json:"fields" form:"fields"`
		Notices    bool `json:"notices" form:"notices"`
		Automation bool `json:"automation" form:"automation"`
		Terminals  bool `json:"terminals" form:"terminals"`
	}
	if err := decode(c, &in); err != nil {
		return err
	}
	err := s.wish(c.Request().Context(), who, crmWish{Terminals: &in.Terminals, Wish: invoices.Wish{
		Fields: &in.Fields, Notices: &in.Notices, Automation: &in.Automation,
	}})
	if err != nil {
		return s.formError(c, err)
	}
	view, err := s.crmTelling(c.Request().Context(), who)
	if err != nil {
		return err
	}
	if !wantsJSON(c) {
		saved(c, who)
		return s.fragment(c, http.StatusOK, "crm-telling", view)
	}
	return c.JSON(http.StatusOK, crmSettingsOf(view.Settings, view.Mirror))
}

// wish carries out what is wanted of the CRM.
func (s *Server) wish(ctx context.Context, who caller, w crmWish) error {
	if _, err := s.Wishes.Change(ctx, who.PortalID, w.Wish); err != nil || w.Terminals == nil {
		return err
	}
	_, err := s.Mirror.Switch(ctx, who.PortalID, *w.Terminals)
	return err
}

// crmTelling reads what is told to the CRM.
func (s *Server) crmTelling(ctx context.Context, who caller) (crmTellingView, error) {
	view := crmTellingView{Who: who}
	var err error
	if view.Settings, err = s.Wishes.Read(ctx, who.PortalID); err != nil {
		return view, err
	}
	view.Mirror, err = s.Mirror.Read(ctx, who.PortalID)
	return view, err
}
