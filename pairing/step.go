package pairing

import (
	"context"
	"fmt"
	"slices"
	"time"

	"gorm.io/gorm"

	"receivepayment/audit"
	"receivepayment/bitrix"
)

// Outcome is how a step of the installation went.
type Outcome string

// The outcomes. Skipped means that the portal does not offer what the step
// would use.
const (
	StepDone    Outcome = "done"
	StepSkipped Outcome = "skipped"
	StepFailed  Outcome = "failed"
)

// StepState is how a step went last; Text says in the portal's words why not.
type StepState struct {
	Outcome Outcome   `json:"outcome"`
	Text    string    `json:"text,omitempty"`
	At      time.Time `json:"at"`
}

// Steps are the states of the steps that were taken, by name.
type Steps map[string]StepState

// step is one part of the installation. Each may be repeated: it looks first
// and makes only what is missing, so that a try that died leaves nothing double.
type step struct {
	name string
	// optional steps may fail without keeping the app from being installed.
	optional bool
	// needs are the scopes without which the step is skipped.
	needs []string
	// run does it, and leaves in the portal what is to be remembered.
	run func(s *Portals, ctx context.Context, api *bitrix.Portal, p *Portal) error
}

// steps are what the installer does, in this order.
func steps() []step {
	return []step{
		{name: "stages", needs: []string{"crm"}, run: (*Portals).learnStages},
		{name: "events", run: (*Portals).bindEvents},
		{name: "store", optional: true, needs: []string{"sale", "pay_system"}, run: (*Portals).openStore},
		{name: "placements", needs: []string{"placement"}, run: (*Portals).bindPlacements},
	}
}

// StepNames lists the steps of the installation in their order.
func StepNames() []string {
	all := steps()
	names := make([]string, len(all))
	for i, st := range all {
		names[i] = st.name
	}
	return names
}

// StepOptional reports whether the app works without the step.
func StepOptional(name string) bool {
	return slices.ContainsFunc(steps(), func(st step) bool { return st.name == name && st.optional })
}

// RunStep takes one step of the installation as an administrator, again if
// need be, and answers the portal as it is then. A step that failed is no
// error: its state says so. [payments.ErrNotFound] means that there is no such
// step. The portal is installed as soon as every step that it cannot do
// without was done.
func (s *Portals) RunStep(ctx context.Context, portalID, userID, name string) (Portal, error) {
	all := steps()
	i := slices.IndexFunc(all, func(st step) bool { return st.name == name })
	if i < 0 {
		return Portal{}, fmt.Errorf("no step %q: %w", name, errNoStep)
	}
	p, err := s.Portal(ctx, portalID)
	if err != nil {
		return p, err
	}
	return s.runStep(ctx, p, userID, all[i])
}

// Repair takes every step again: what is right stays, what is missing or
// doubled is mended.
func (s *Portals) Repair(ctx context.Context, portalID, userID string) (Portal, error) {
	p, err := s.Portal(ctx, portalID)
	for _, st := range steps() {
		if err != nil {
			return p, err
		}
		p, err = s.runStep(ctx, p, userID, st)
	}
	return p, err
}

func (s *Portals) runStep(ctx context.Context, p Portal, userID string, st step) (Portal, error) {
	state := StepState{Outcome: StepSkipped, At: s.Clock()}
	if st.offered(p) {
		state.Outcome = StepDone
		if err := st.run(s, ctx, s.speakAs(p, userID), &p); err != nil {
			if ctx.Err() != nil {
				return p, ctx.Err()
			}
			state.Outcome, state.Text = StepFailed, stepText(err)
			s.Log.WarnContext(ctx, "a step of the installation failed", "portal", p.ID, "step", st.name, "error", err)
		}
	}
	var by User // of somebody unknown the line names the id alone
	if known, err := s.User(ctx, p.ID, userID); err == nil {
		by = known
	}
	return p, s.noteStep(audit.By(ctx, userID, by.Name), &p, st.name, state)
}

func (st step) offered(p Portal) bool {
	return !slices.ContainsFunc(st.needs, func(scope string) bool { return !p.granted(scope) })
}

// noteStep remembers how a step went, and what it learnt. Another step may have
// been noted meanwhile, so the states are read again.
func (s *Portals) noteStep(ctx context.Context, p *Portal, name string, state StepState) error {
	now := s.Clock()
	err := s.DB.InTx(ctx, func(tx *gorm.DB) error {
		var stored Portal
		if err := tx.Model(&Portal{}).Where("id = ?", p.ID).Update("updated_at", now).Error; err != nil {
			return err // the row is ours until the commit
		}
		if err := tx.Select("Steps", "Installed").Where("id = ?", p.ID).Take(&stored).Error; err != nil {
			return err
		}
		if stored.Steps == nil {
			stored.Steps = Steps{}
		}
		stored.Steps[name] = state
		p.Steps, p.Installed = stored.Steps, stored.Installed || stored.Steps.enough()
		err := tx.Model(&Portal{}).Where("id = ?", p.ID).
			Select("Steps", "Installed", "Stages", "Funnels", "PaySystems").Updates(p).Error
		if err != nil || stored.Installed || !p.Installed {
			return err
		}
		return audit.Write(tx, now, p.ID, audit.Installed, p.ID, p.Domain)
	})
	if err != nil {
		return fmt.Errorf("remember step %s: %w", name, err)
	}
	return nil
}

// enough reports whether the app works with what was done.
func (st Steps) enough() bool {
	return !slices.ContainsFunc(steps(), func(one step) bool {
		return !one.optional && st[one.name].Outcome != StepDone
	})
}

// failed is the first step that keeps the app from being installed.
func (st Steps) failed() (name string, state StepState) {
	for _, one := range steps() {
		if got := st[one.name]; !one.optional && got.Outcome != StepDone {
			return one.name, got
		}
	}
	return "", StepState{}
}
