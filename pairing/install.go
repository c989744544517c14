package pairing

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"strings"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"

	"receivepayment/bitrix"
	"receivepayment/payments"
	"receivepayment/words"
)

// Refusals of the installer.
var (
	// ErrInstall means that a step of the installation did not work; repeating it
	// is safe.
	ErrInstall = errors.New("the installation could not be finished")
	errNoStep  = fmt.Errorf("%w: a step of the installation", payments.ErrNotFound)
)

// Install admits the portal and takes every step of the installation. Repeating
// it heals and never doubles. Nothing is stored unless every check of who posts
// passed.
func (s *Portals) Install(ctx context.Context, form, query url.Values) (Visit, error) {
	v, err := s.Admit(ctx, form, query)
	if err != nil {
		return v, err
	}
	if v.Portal, err = s.Repair(ctx, v.Portal.ID, v.User.UserID); err != nil {
		return Visit{}, err
	}
	if name, state := v.Portal.Steps.failed(); name != "" {
		return Visit{}, fmt.Errorf("%w: step %s: %s", ErrInstall, name, state.Text)
	}
	return v, nil
}

// Admit verifies an administrator's post to the installer and stores the portal
// with sealed tokens; the steps are taken by [Portals.RunStep].
func (s *Portals) Admit(ctx context.Context, form, query url.Values) (Visit, error) {
	e, err := parse(form, query)
	if err != nil {
		return Visit{}, err
	}
	id, user, err := s.verify(ctx, e)
	if err != nil {
		return Visit{}, err
	}
	if !user.Admin {
		return Visit{}, ErrNotAdmin
	}
	if err := s.admit(ctx, e, id, user); err != nil {
		return Visit{}, err
	}
	portal, err := s.Portal(ctx, id.MemberID)
	if err != nil {
		return Visit{}, err
	}
	return visit(portal, user, e), nil
}

// admit stores the verified portal, its administrator and their tokens. A
// portal that comes back is no longer leaving.
func (s *Portals) admit(ctx context.Context, e bitrix.Entry, id bitrix.Identity, u User) error {
	now := s.Clock()
	sealed, err := s.Keys.Seal(e.ApplicationToken, applicationTokenOf(id.MemberID))
	if err != nil {
		return err
	}
	token, err := s.sealToken(id.MemberID, u.UserID, e.AccessToken, e.RefreshToken, expiry(now, e.ExpiresIn))
	if err != nil {
		return err
	}
	p := Portal{
		ID: id.MemberID, Domain: id.Domain, Endpoint: id.Endpoint, Server: id.Server,
		ApplicationToken: sealed, AdminID: u.UserID, Scope: strings.Join(id.Scope, ","),
		Language: language(e.Lang), Stages: Stages{}, PaySystems: PaySystems{}, Funnels: []Funnel{}, Steps: Steps{},
		RetentionDays: retentionDays, SeenAt: &now, DueAt: &now, CreatedAt: now, UpdatedAt: now,
		PeopleDueAt: &now,
	}
	keep := []string{
		"domain", "endpoint", "server", "admin_id", "scope", "language", "left_at", "forget_at", "seen_at", "due_at", "updated_at", "people_due_at",
	}
	if e.ApplicationToken != "" {
		keep = append(keep, "application_token")
	}
	return s.DB.InTx(ctx, func(tx *gorm.DB) error {
		err := tx.Clauses(clause.OnConflict{
			Columns: []clause.Column{{Name: "id"}}, DoUpdates: clause.AssignmentColumns(keep),
		}).Create(&p).Error
		if err != nil {
			return fmt.Errorf("store portal: %w", err)
		}
		return storeVisitor(tx, u, token)
	})
}

// stepText says why a step failed, in the portal's words where it gave some.
func stepText(err error) string {
	var refused *bitrix.Error
	if !errors.As(err, &refused) {
		return words.English("It did not work on our side. Try again.")
	}
	said := refused.Description
	if said == "" {
		said = refused.Code
	}
	switch refused.Class {
	case bitrix.Unavailable, bitrix.Unclear, bitrix.Limited, bitrix.Moved:
		return words.English("Bitrix24 did not answer as it should. Try again in a moment.")
	case bitrix.Auth, bitrix.Gone:
		return words.English("Bitrix24 no longer knows this session. Open the app again.")
	case bitrix.Denied, bitrix.NotFound, bitrix.Invalid:
	}
	return words.English("Bitrix24 refused: %s", said)
}
