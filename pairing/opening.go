package pairing

import (
	"context"
	"errors"
	"fmt"
	"time"
	_ "time/tzdata" // a shop's clock must be known where the machine has no zones installed

	"gorm.io/gorm"

	"receivepayment/audit"
	"receivepayment/jobs"
	"receivepayment/payments"
	"receivepayment/words"
)

const (
	openingBefore = 30 * time.Minute // so long before opening the check runs: there is time to mend
	openingAgain  = 5 * time.Minute  // a terminal that was off is looked at again
	openingFor    = 2 * time.Hour    // for so long after opening
	openingHeld   = time.Minute      // a check never disturbs a sale: it comes back later
)

func checkOpening(opensAt, zone string) error {
	if opensAt == "" {
		return nil
	}
	if _, err := time.Parse("15:04", opensAt); err != nil || len(opensAt) != len("15:04") {
		return payments.Invalid("opensAt", "Send a time like 08:30, or none.")
	}
	if _, err := time.LoadLocation(zone); err != nil || zone == "" || zone == "Local" {
		return payments.Invalid("timeZone", "Name a time zone like Australia/Sydney.")
	}
	return nil
}

// nextOpening is the next moment after now at which the shop is about to open,
// by its own clock. On the two days a year when clocks change it may be an hour
// off, where the time does not exist or exists twice.
func nextOpening(opensAt, zone string, now time.Time) *time.Time {
	at, err := time.Parse("15:04", opensAt)
	if err != nil {
		return nil
	}
	place, err := time.LoadLocation(zone)
	if err != nil {
		return nil
	}
	today := now.In(place)
	for day := range 3 {
		open := time.Date(today.Year(), today.Month(), today.Day()+day, at.Hour(), at.Minute(), 0, 0, place)
		if check := open.Add(-openingBefore).UTC(); check.After(now) {
			return &check
		}
	}
	return nil
}

// SetOpening says when the portal's shops open, as 08:30 by the clock of the
// zone; an empty time ends the checks. Groups may have their own.
func (s *Terminals) SetOpening(ctx context.Context, portalID, opensAt, zone string) error {
	if err := checkOpening(opensAt, zone); err != nil {
		return err
	}
	err := s.DB.InTx(ctx, func(tx *gorm.DB) error {
		err := tx.Model(&Portal{}).Where("id = ?", portalID).Updates(map[string]any{"opens_at": opensAt, "time_zone": zone}).Error
		if err != nil {
			return err
		}
		if err := s.reschedule(tx, portalID); err != nil {
			return err
		}
		return audit.Write(tx, s.Clock(), portalID, audit.SettingsChanged, "opening", opensAt+" "+zone)
	})
	if err != nil {
		return fmt.Errorf("set the opening time: %w", err)
	}
	return nil
}

// reschedule gives each terminal of the portal its next opening check.
func (s *Terminals) reschedule(tx *gorm.DB, portalID string) error {
	var p Portal
	if err := tx.Select("OpensAt", "TimeZone").Where("id = ?", portalID).Take(&p).Error; err != nil {
		return err
	}
	var groups []Group
	if err := tx.Where("portal_id = ?", portalID).Find(&groups).Error; err != nil {
		return err
	}
	now := s.Clock()
	theirs := func() *gorm.DB {
		return tx.Model(&Terminal{}).Where("portal_id = ? AND status <> ?", portalID, Retired)
	}
	if err := theirs().Update("check_at", nextOpening(p.OpensAt, p.TimeZone, now)).Error; err != nil {
		return err
	}
	for _, g := range groups {
		if g.OpensAt == "" {
			continue
		}
		err := theirs().Where("group_id = ?", g.ID).Update("check_at", nextOpening(g.OpensAt, g.TimeZone, now)).Error
		if err != nil {
			return err
		}
	}
	return nil
}

// opening is when the terminal's shop opens.
func (s *Terminals) opening(ctx context.Context, t Terminal) (opensAt, zone string, err error) {
	tx := s.DB.WithContext(ctx)
	var g []Group
	if err := tx.Where("id = ? AND opens_at <> ''", t.GroupID).Limit(1).Find(&g).Error; err != nil {
		return "", "", err
	}
	if len(g) == 1 {
		return g[0].OpensAt, g[0].TimeZone, nil
	}
	var p Portal
	err = tx.Select("OpensAt", "TimeZone").Where("id = ?", t.PortalID).Take(&p).Error
	return p.OpensAt, p.TimeZone, err
}

// OpeningCheck proves a terminal before its shop opens, under the same hold
// that keeps sales apart: one that is in use is looked at later. It is the
// job's handler and may run at any time.
func (s *Terminals) OpeningCheck(ctx context.Context, id string) error {
	now := s.Clock()
	var t Terminal
	if err := s.DB.WithContext(ctx).Where("id = ? AND check_at <= ?", id, now).Limit(1).Find(&t).Error; err != nil || t.ID == "" {
		return err
	}
	opensAt, zone, err := s.opening(ctx, t)
	if err != nil {
		return fmt.Errorf("opening check of terminal %s: %w", id, err)
	}
	next := nextOpening(opensAt, zone, now)
	res := s.DB.WithContext(ctx).Model(&Terminal{}).Where("id = ? AND check_at = ?", id, t.CheckAt).Update("check_at", next)
	if res.Error != nil || res.RowsAffected == 0 { // somebody else has it
		return res.Error
	}
	if next == nil || t.Status == Retired || t.Status == Proving || t.StatusCode == codeUnpaired {
		return nil // nothing that a check could find out
	}
	open, err := s.Payments.OpenOn(ctx, id)
	if err == nil && open == 0 {
		err = s.Test(ctx, t.PortalID, id)
	}
	if errors.Is(err, payments.ErrTerminalBusy) || (err == nil && open > 0) {
		return s.checkAt(ctx, id, now.Add(openingHeld))
	}
	return err
}

// unwell is called when a terminal did not pass. While its shop is about to
// open or has just done so, those who look after it are told, and it is looked
// at again: it may only have been off.
func (s *Terminals) unwell(ctx context.Context, t Terminal, code, reason string) error {
	opensAt, zone, err := s.opening(ctx, t)
	if err != nil {
		return err
	}
	now := s.Clock()
	began := nextOpening(opensAt, zone, now.Add(-openingBefore-openingFor))
	if began == nil || began.After(now) {
		return nil
	}
	if err := s.tellUnwell(ctx, t, opensAt, began.Add(openingBefore), reason); err != nil {
		return err
	}
	if code == codeUnpaired {
		return nil // another look finds nothing else: a person has to pair it
	}
	return s.checkAt(ctx, t.ID, now.Add(openingAgain))
}

// tellUnwell tells them once for each opening, and again when the reason has
// become another.
func (s *Terminals) tellUnwell(ctx context.Context, t Terminal, opensAt string, opening time.Time, reason string) error {
	keepers, err := s.Keepers(ctx, t.PortalID)
	if err != nil {
		return fmt.Errorf("find who looks after terminal %s: %w", t.ID, err)
	}
	var p Portal
	if err := s.DB.WithContext(ctx).Select("Language").Where("id = ?", t.PortalID).Take(&p).Error; err != nil {
		return err
	}
	w := words.In(p.Language)
	return s.Notices.Tell(ctx, t.PortalID, keepers, "opening-"+t.ID+"-"+opening.Format("060102"), w.Join(
		w.T("%s is not ready for opening at %s.", t.Name, opensAt), w.Stored(reason),
		w.T("The app looks again every few minutes; what to do stands under Needs attention."),
	))
}

func (s *Terminals) checkAt(ctx context.Context, id string, at time.Time) error {
	err := s.DB.WithContext(ctx).Model(&Terminal{}).Where("id = ?", id).Update("check_at", at).Error
	if err != nil {
		return fmt.Errorf("postpone the opening check of terminal %s: %w", id, err)
	}
	return nil
}

// DueChecks lists terminals whose opening check is due, for the janitor.
func (s *Terminals) DueChecks(ctx context.Context, limit int) ([]jobs.Due, error) {
	return jobs.Rows{Kind: jobs.Open, Column: "check_at"}.Overdue(s.DB.WithContext(ctx).Model(&Terminal{}), s.Clock(), limit)
}
