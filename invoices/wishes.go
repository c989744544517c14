package invoices

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"receivepayment/bitrix"
	"receivepayment/db"
	"receivepayment/payments"
)

// Wishes keeps what administrators want to be told to the CRM, and makes in the
// portal what that takes: fields, stages, triggers, the robot. Safe for
// concurrent use; repeating anything here heals and never doubles.
type Wishes struct {
	DB    *db.DB
	Clock db.Clock
	CRM   CRM
	// RobotHandler is where workflows post to.
	RobotHandler string
}

// Wish is a change of the settings; what is nil stays as it is.
type Wish struct {
	Stages                      map[string]StageMap // by funnel
	Fields, Notices, Automation *bool
}

// Read answers the settings of a portal.
func (s *Wishes) Read(ctx context.Context, portalID string) (Settings, error) {
	return readSettings(s.DB.WithContext(ctx), portalID)
}

// Change carries a wish out in the portal, and stores it when that worked.
func (s *Wishes) Change(ctx context.Context, portalID string, w Wish) (Settings, error) {
	api, err := s.CRM.AsAdmin(ctx, portalID)
	if err != nil {
		return Settings{}, err
	}
	if len(w.Stages) > 0 {
		if err := s.checkStages(ctx, portalID, w.Stages); err != nil {
			return Settings{}, err
		}
	}
	if w.Fields != nil && *w.Fields {
		if err := api.EnsureUserFields(ctx, bitrix.InvoiceFieldsOf, invoiceFields()); err != nil {
			return Settings{}, crmError("make our fields on invoices", err)
		}
	}
	if w.Automation != nil {
		if err := s.automate(ctx, api, portalID, *w.Automation); err != nil {
			return Settings{}, crmError("set the automation up", err)
		}
	}
	err = s.change(ctx, portalID, w.words(), func(now *Settings) {
		for funnel, m := range w.Stages {
			now.Stages[funnel] = m
		}
		set(&now.Fields, w.Fields)
		set(&now.Notices, w.Notices)
		set(&now.Automation, w.Automation)
	})
	if err != nil {
		return Settings{}, err
	}
	return s.Read(ctx, portalID)
}

// words are the wish as the audit keeps it.
func (w Wish) words() string {
	var out []string
	for _, funnel := range slices.Sorted(maps.Keys(w.Stages)) {
		m := w.Stages[funnel]
		out = append(out, fmt.Sprintf("funnel %s: paid %q, partly paid %q, refunded %q", funnel, m.Paid, m.PartlyPaid, m.Refunded))
	}
	for _, one := range []struct {
		name string
		on   *bool
	}{{"fields", w.Fields}, {"notices", w.Notices}, {"automation", w.Automation}} {
		if one.on != nil {
			out = append(out, fmt.Sprintf("%s: %v", one.name, *one.on))
		}
	}
	return strings.Join(out, "; ")
}

func set(field *bool, to *bool) {
	if to != nil {
		*field = *to
	}
}

// automate offers our triggers and the robot, or takes them away. The settings
// of people who tied them to a stage go with them, so nobody does it unasked.
func (s *Wishes) automate(ctx context.Context, api *bitrix.Portal, portalID string, on bool) error {
	v := s.CRM.Voice(ctx, portalID)
	for code, name := range triggers() {
		step := func() error { return api.AddTrigger(ctx, code, v.T(name)) }
		if !on {
			step = func() error { return api.DeleteTrigger(ctx, code) }
		}
		if err := step(); err != nil {
			return err
		}
	}
	if !on {
		return api.DeleteRobot(ctx, robotCode)
	}
	if err := api.AddRobot(ctx, robot(v, s.RobotHandler)); err != nil {
		return err
	}
	code, err := api.AppCode(ctx)
	if err != nil {
		return err
	}
	return s.change(ctx, portalID, "", func(now *Settings) { now.AppCode = code })
}

// FunnelChoice is an invoice funnel with its stages, and what was chosen in it.
type FunnelChoice struct {
	ID, Name string
	Stages   []StageChoice
	Chosen   StageMap
}

// StageChoice is one stage of a funnel. Meaning is paid, closed, or empty for
// one in progress.
type StageChoice struct{ ID, Name, Meaning string }

// Funnels lists the portal's invoice funnels as they are now.
func (s *Wishes) Funnels(ctx context.Context, portalID string) ([]FunnelChoice, error) {
	api, err := s.CRM.AsAdmin(ctx, portalID)
	if err != nil {
		return nil, err
	}
	settings, err := s.Read(ctx, portalID)
	if err != nil {
		return nil, err
	}
	categories, err := api.Categories(ctx, bitrix.TypeInvoice)
	if err != nil {
		return nil, crmError("read the invoice funnels", err)
	}
	out := make([]FunnelChoice, 0, len(categories))
	for _, c := range categories {
		stages, err := api.Stages(ctx, bitrix.TypeInvoice, c.ID)
		if err != nil {
			return nil, crmError("read the invoice stages", err)
		}
		funnel := FunnelChoice{ID: number(c.ID), Name: c.Name, Chosen: settings.stageFor(c.ID, bitrix.FunnelOf(stages))}
		for _, st := range stages {
			funnel.Stages = append(funnel.Stages, StageChoice{ID: st.ID, Name: st.Name, Meaning: meaningOf(st)})
		}
		out = append(out, funnel)
	}
	return out, nil
}

func meaningOf(s bitrix.Stage) string {
	switch s.Semantics {
	case bitrix.StageSuccess:
		return "paid"
	case bitrix.StageFailure:
		return "closed"
	}
	return ""
}

// checkStages refuses a stage that its funnel does not have, and a paid stage
// that the CRM does not count as paid.
func (s *Wishes) checkStages(ctx context.Context, portalID string, chosen map[string]StageMap) error {
	funnels, err := s.Funnels(ctx, portalID)
	if err != nil {
		return err
	}
	for id, m := range chosen {
		i := slices.IndexFunc(funnels, func(f FunnelChoice) bool { return f.ID == id })
		if i < 0 {
			return payments.Invalid("stages", "There is no such invoice funnel.")
		}
		for _, code := range []string{m.Paid, m.PartlyPaid, m.Refunded} {
			if code != "" && !funnels[i].has(code) {
				return payments.Invalid("stages", "The funnel %s has no such stage.", funnels[i].Name)
			}
		}
		if m.Paid != "" && m.Paid == m.Refunded || m.PartlyPaid != "" && (m.PartlyPaid == m.Paid || m.PartlyPaid == m.Refunded) {
			return payments.Invalid("stages", "Choose a stage of its own for each.")
		}
	}
	return nil
}

func (f FunnelChoice) has(code string) bool {
	return slices.ContainsFunc(f.Stages, func(s StageChoice) bool { return s.ID == code })
}
