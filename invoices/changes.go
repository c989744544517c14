package invoices

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strconv"
	"strings"
	"time"

	"github.com/google/uuid"
	"gorm.io/gorm/clause"

	"receivepayment/bitrix"
	"receivepayment/db"
	"receivepayment/echoes"
	"receivepayment/jobs"
	"receivepayment/payments"
	"receivepayment/words"
)

// Changes reads again what the CRM says was changed, as far as a payment of ours
// is concerned: an amount that was edited while a customer pays, a document that
// was deleted, an obstacle that a person has removed. Safe for concurrent use.
//
// What is not told is found by [Changes.Look]: Bitrix24 repeats no event.
type Changes struct {
	DB         *db.DB
	Clock      db.Clock
	Service    *Service
	Payments   *payments.Service
	WriteBacks *WriteBacks
	Echoes     *echoes.Echoes
	Queue      *jobs.Queue
	Log        *slog.Logger

	seats jobs.Seats
}

// change is one thing to read again. There is one row for each, however often
// it is told.
type change struct {
	ID        string `gorm:"primaryKey"`
	PortalID  string
	Entity    string
	EntityID  string
	DueAt     time.Time
	CreatedAt time.Time
}

func (change) TableName() string { return "portal_changes" }

// changeLease is how long one reading that died keeps another from starting.
const changeLease = time.Minute

// Note remembers that something was changed and asks for it to be read soon. It
// asks nobody, so that whoever told may go; the same news twice is one. What no
// payment of ours is about is not kept, nor what is our own write coming back.
func (c *Changes) Note(ctx context.Context, portalID, entity, id string) error {
	if entity == bitrix.EntityOrder {
		c.Service.orderless.forget(portalID)
	}
	if ours, err := c.Echoes.Heard(ctx, portalID, entity, id); err != nil || ours {
		return err
	}
	return c.remember(ctx, portalID, entity, id)
}

// remember keeps one thing to be read again.
func (c *Changes) remember(ctx context.Context, portalID, entity, id string) error {
	rows, err := c.Payments.Concerned(ctx, portalID, concerns(entity, id))
	if err != nil || len(rows) == 0 {
		return err
	}
	now := c.Clock()
	row := change{ID: "c_" + uuid.NewString(), PortalID: portalID, Entity: entity, EntityID: id, DueAt: now, CreatedAt: now}
	err = c.DB.WithContext(ctx).Clauses(clause.OnConflict{
		Columns:   []clause.Column{{Name: "portal_id"}, {Name: "entity"}, {Name: "entity_id"}},
		DoUpdates: clause.AssignmentColumns([]string{"due_at"}),
	}).Create(&row).Error
	if err != nil {
		return fmt.Errorf("note a change: %w", err)
	}
	var noted string // the id of an earlier row stays
	err = c.DB.WithContext(ctx).Model(&change{}).Select("id").
		Where("portal_id = ? AND entity = ? AND entity_id = ?", portalID, entity, id).Take(&noted).Error
	if errors.Is(db.NotFound(err), db.ErrNotFound) {
		return nil // read already
	}
	if err != nil {
		return fmt.Errorf("note a change: %w", err)
	}
	if err := c.Queue.Now(ctx, jobs.Change, noted); err != nil {
		c.Log.DebugContext(ctx, "the janitor will read the change", "error", err)
	}
	return nil
}

// concerns names the payments that a change of the CRM's thing is about.
func concerns(entity, id string) payments.Concern {
	switch entity {
	case bitrix.EntityInvoice:
		return payments.Concern{Document: "SI:" + id}
	case bitrix.EntityOrder:
		return payments.Concern{Order: "O:" + id + "/"}
	}
	return payments.Concern{Deal: id}
}

// Due lists what is to be read, for the janitor.
func (c *Changes) Due(ctx context.Context, limit int) ([]jobs.Due, error) {
	return jobs.Rows{Kind: jobs.Change}.Overdue(c.DB.WithContext(ctx).Model(&change{}), c.Clock(), limit)
}

// Step reads one change: the job's handler. The row goes when it is done, unless
// the same was told again meanwhile.
func (c *Changes) Step(ctx context.Context, id string) error {
	now := c.Clock()
	lease := now.Add(changeLease)
	res := c.DB.WithContext(ctx).Model(&change{}).Where("id = ? AND due_at <= ?", id, now).Update("due_at", lease)
	if res.Error != nil {
		return fmt.Errorf("claim change %s: %w", id, res.Error)
	}
	if res.RowsAffected == 0 {
		return nil
	}
	var row change
	if err := c.DB.WithContext(ctx).Where("id = ?", id).Take(&row).Error; err != nil {
		return fmt.Errorf("read change %s: %w", id, db.NotFound(err))
	}
	if err := c.read(ctx, row); err != nil {
		return err // due again when the lease has run out
	}
	if err := c.DB.WithContext(ctx).Where("id = ? AND due_at = ?", id, lease).Delete(&change{}).Error; err != nil {
		return fmt.Errorf("end change %s: %w", id, err)
	}
	return nil
}

func (c *Changes) read(ctx context.Context, row change) error {
	rows, err := c.Payments.Concerned(ctx, row.PortalID, concerns(row.Entity, row.EntityID))
	if err != nil || len(rows) == 0 {
		return err
	}
	if row.Entity == bitrix.EntityDeal {
		return c.WriteBacks.hurry(ctx, row.PortalID, rows)
	}
	now, err := c.present(ctx, row)
	if err != nil {
		return err
	}
	for _, p := range rows {
		total, there := now[p.Document]
		switch {
		case !there && p.BlocksDocument():
			err = c.Payments.Warn(ctx, p.ID, payments.AlertDocumentGone,
				words.English("The document was deleted in Bitrix24 while its payment is open. Its result will be kept here."))
		case there && p.BlocksDocument() && p.Kind == payments.Purchase && (total.Minor != p.DocumentTotal || total.Currency != p.Currency):
			err = c.Payments.Warn(ctx, p.ID, payments.AlertDocumentChanged, words.English(
				"The document was changed in Bitrix24 while its payment is open: it costs %s %s now.", total.Currency, total.String()))
		}
		if err != nil {
			return err
		}
	}
	return c.WriteBacks.hurry(ctx, row.PortalID, rows)
}

// present reads what the changed documents cost now; one that is gone is left
// out.
func (c *Changes) present(ctx context.Context, row change) (map[string]payments.Money, error) {
	id, err := strconv.ParseInt(row.EntityID, 10, 64)
	if err != nil {
		return nil, fmt.Errorf("change of %s: %w", row.Entity, err)
	}
	if row.Entity == bitrix.EntityOrder {
		return c.presentOrder(ctx, row.PortalID, id)
	}
	api, err := c.Service.CRM.AsAdmin(ctx, row.PortalID)
	if err != nil {
		return nil, err
	}
	invoice, err := api.Invoice(ctx, id)
	if bitrix.ClassOf(err) == bitrix.NotFound {
		return map[string]payments.Money{}, nil
	}
	if err != nil {
		return nil, err
	}
	total, err := payments.ParseCRM(orZero(invoice.Amount), invoice.Currency)
	return map[string]payments.Money{invoiceDocument(id): total}, err
}

func (c *Changes) presentOrder(ctx context.Context, portalID string, id int64) (map[string]payments.Money, error) {
	store, err := c.Service.store(ctx, portalID)
	if err != nil {
		return nil, err
	}
	out := map[string]payments.Money{}
	order, err := store.Order(ctx, id)
	if bitrix.ClassOf(err) == bitrix.NotFound {
		return out, nil
	}
	if err != nil {
		return nil, err
	}
	for _, p := range order.Payments {
		if out[orderDocument(id, p.ID)], err = payments.ParseCRM(orZero(p.Sum), p.Currency); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// Look notes every document of the portal with a payment that is open or that
// the CRM has not been told of: what an event should have told and did not.
func (c *Changes) Look(ctx context.Context, portalID string) error {
	names, err := c.Payments.Unsettled(ctx, portalID)
	if err != nil {
		return err
	}
	for _, name := range names {
		entity, id := bitrix.EntityInvoice, strings.TrimPrefix(name, "SI:")
		if order, isOrder := strings.CutPrefix(name, "O:"); isOrder {
			entity = bitrix.EntityOrder
			id, _, _ = strings.Cut(order, "/")
		}
		if err := c.remember(ctx, portalID, entity, id); err != nil {
			return err
		}
	}
	return nil
}

// hurry makes write-backs that need a person due now: somebody has changed what
// stands in their way, perhaps.
func (s *WriteBacks) hurry(ctx context.Context, portalID string, rows []payments.Payment) error {
	ids := make([]string, len(rows))
	for i, p := range rows {
		ids[i] = p.ID
	}
	err := s.DB.WithContext(ctx).Model(&payments.WriteBack{}).
		Where("portal_id = ? AND payment_id IN ? AND state = ? AND due_at IS NOT NULL", portalID, ids, payments.Attention).
		Update("due_at", s.Clock()).Error
	if err != nil {
		return fmt.Errorf("try write-backs again: %w", err)
	}
	return nil
}
