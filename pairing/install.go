package pairing

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"

	"receivepayment/audit"
	"receivepayment/bitrix"
	"receivepayment/words"
)

// Stages are what an invoice funnel's stages mean, by funnel id.
type Stages map[string]bitrix.Funnel

// placements are the places where staff find us; those that the portal does
// not offer are left out (reference 4.2).
func placements() []string {
	return []string{"CRM_DEAL_DETAIL_TAB", "CRM_SMART_INVOICE_DETAIL_TAB", "CRM_SMART_INVOICE_LIST_MENU"}
}

// Install verifies an administrator's post to the installer, stores the portal
// with sealed tokens, binds the tabs and learns the invoice stages. Repeating
// it heals and never doubles. Nothing is stored unless every check passed.
func (s *Portals) Install(ctx context.Context, form, query url.Values) (Visit, error) {
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
	portal, err := s.admit(ctx, e, id, user)
	if err != nil {
		return Visit{}, err
	}
	api := s.speakAs(portal, user.UserID)
	if err := s.bind(ctx, api); err != nil {
		return Visit{}, unfinished("bind our tabs", err)
	}
	if portal.Stages, err = discoverStages(ctx, api); err != nil {
		return Visit{}, unfinished("read the invoice stages", err)
	}
	portal.Installed = true
	err = s.DB.InTx(audit.By(ctx, user.UserID, user.Name), func(tx *gorm.DB) error {
		err := tx.Model(&Portal{}).Where("id = ?", portal.ID).Select("Installed", "Stages", "UpdatedAt").
			Updates(&Portal{Installed: true, Stages: portal.Stages, UpdatedAt: s.Clock()}).Error
		if err != nil {
			return err
		}
		return audit.Write(tx, s.Clock(), portal.ID, audit.Installed, portal.ID, portal.Domain)
	})
	if err != nil {
		return Visit{}, fmt.Errorf("install: %w", err)
	}
	return visit(portal, user, e), nil
}

// ErrInstall means that a step of the installation did not work; repeating it
// is safe.
var ErrInstall = errors.New("the installation could not be finished")

func unfinished(step string, err error) error {
	return fmt.Errorf("%w: %s: %w", ErrInstall, step, err)
}

// admit stores the verified portal, its administrator and their tokens.
func (s *Portals) admit(ctx context.Context, e bitrix.Entry, id bitrix.Identity, u User) (Portal, error) {
	now := s.Clock()
	sealed, err := s.Keys.Seal(e.ApplicationToken, applicationTokenOf(id.MemberID))
	if err != nil {
		return Portal{}, err
	}
	token, err := s.sealToken(id.MemberID, u.UserID, e.AccessToken, e.RefreshToken, expiry(now, e.ExpiresIn))
	if err != nil {
		return Portal{}, err
	}
	p := Portal{
		ID: id.MemberID, Domain: id.Domain, Endpoint: id.Endpoint, Server: id.Server,
		ApplicationToken: sealed, AdminID: u.UserID, Scope: strings.Join(id.Scope, ","),
		Language: language(e.Lang), Stages: Stages{}, CreatedAt: now, UpdatedAt: now,
		PeopleDueAt: &now,
	}
	keep := []string{"domain", "endpoint", "server", "admin_id", "scope", "language", "updated_at", "people_due_at"}
	if e.ApplicationToken != "" {
		keep = append(keep, "application_token")
	}
	err = s.DB.InTx(ctx, func(tx *gorm.DB) error {
		err := tx.Clauses(clause.OnConflict{
			Columns: []clause.Column{{Name: "id"}}, DoUpdates: clause.AssignmentColumns(keep),
		}).Create(&p).Error
		if err != nil {
			return fmt.Errorf("store portal: %w", err)
		}
		return storeVisitor(tx, u, token)
	})
	return p, err
}

// bind puts our page in each of our places once: what is bound elsewhere from
// an earlier address is unbound first, what is bound already stays.
func (s *Portals) bind(ctx context.Context, api *bitrix.Portal) error {
	offered, err := api.Placements(ctx)
	if err != nil {
		return err
	}
	bound, err := api.PlacementBindings(ctx)
	if err != nil {
		return err
	}
	have := map[string]bool{}
	for _, b := range bound {
		if !slices.Contains(placements(), b.Code) {
			continue
		}
		if b.Handler == s.Handler {
			have[b.Code] = true
			continue
		}
		if err := api.UnbindPlacement(ctx, b.Code, b.Handler); err != nil {
			return err
		}
	}
	for _, code := range placements() {
		if have[code] || !slices.Contains(offered, code) {
			continue
		}
		if err := api.BindPlacement(ctx, placementOf(code, s.Handler)); err != nil {
			return err
		}
	}
	return nil
}

// placementOf titles our tab in the languages that we have words for.
func placementOf(code, handler string) bitrix.Placement {
	lang := map[string]bitrix.PlacementText{}
	for l, title := range map[string]string{
		"en": "Receive Payment", "de": "Zahlung annehmen", "fr": "Encaisser", "la": "Recibir pago",
		"br": "Receber pagamento", "it": "Incassa", "pl": "Przyjmij płatność", "ru": "Принять оплату",
	} {
		lang[l] = bitrix.PlacementText{Title: title}
	}
	return bitrix.Placement{
		Code: code, Handler: handler, Title: "Receive Payment",
		Description: "Take card payments on a terminal", Lang: lang,
	}
}

// discoverStages reads what each invoice funnel's stages mean. Codes differ
// from portal to portal; only the semantics can be relied on (reference 6.7).
func discoverStages(ctx context.Context, api *bitrix.Portal) (Stages, error) {
	funnels, err := api.Categories(ctx, bitrix.TypeInvoice)
	if err != nil {
		return nil, err
	}
	out := Stages{}
	for _, funnel := range funnels {
		stages, err := api.Stages(ctx, bitrix.TypeInvoice, funnel.ID)
		if err != nil {
			return nil, err
		}
		out[funnelKey(funnel.ID)] = bitrix.FunnelOf(stages)
	}
	return out, nil
}

// Voice speaks the portal's language; English when it cannot be read.
func (s *Portals) Voice(ctx context.Context, portalID string) *words.Voice {
	p, err := s.Portal(ctx, portalID)
	if err != nil {
		return words.In("")
	}
	return words.In(p.Language)
}

// LearnStages reads again what the stages of the portal's invoices mean.
func (s *Portals) LearnStages(ctx context.Context, portalID string) error {
	api, err := s.AsAdmin(ctx, portalID)
	if err != nil {
		return err
	}
	stages, err := discoverStages(ctx, api)
	if err != nil {
		return fmt.Errorf("read the invoice stages: %w", err)
	}
	err = s.DB.WithContext(ctx).Model(&Portal{}).Where("id = ?", portalID).Select("Stages").Updates(&Portal{Stages: stages}).Error
	if err != nil {
		return fmt.Errorf("remember the invoice stages: %w", err)
	}
	return nil
}

func funnelKey(id int64) string { return strconv.FormatInt(id, 10) }

// Funnel says what the stages of an invoice funnel mean. One that was made
// after the installation is asked for and remembered.
func (s *Portals) Funnel(ctx context.Context, portalID string, id int64) (bitrix.Funnel, error) {
	p, err := s.Portal(ctx, portalID)
	if err != nil {
		return bitrix.Funnel{}, err
	}
	return s.funnel(ctx, p, id)
}

func (s *Portals) funnel(ctx context.Context, p Portal, id int64) (bitrix.Funnel, error) {
	if f, known := p.Stages[funnelKey(id)]; known {
		return f, nil
	}
	stages, err := s.speakAs(p, p.AdminID).Stages(ctx, bitrix.TypeInvoice, id)
	if err != nil {
		return bitrix.Funnel{}, fmt.Errorf("read the stages of funnel %d: %w", id, err)
	}
	f := bitrix.FunnelOf(stages)
	if p.Stages == nil {
		p.Stages = Stages{}
	}
	p.Stages[funnelKey(id)] = f
	err = s.DB.WithContext(ctx).Model(&Portal{}).Where("id = ?", p.ID).
		Select("Stages").Updates(&Portal{Stages: p.Stages}).Error
	if err != nil {
		return f, fmt.Errorf("remember the stages of funnel %d: %w", id, err)
	}
	return f, nil
}
