package payments

import (
	"context"
	"errors"
	"fmt"
	"time"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"

	"receivepayment/words"
)

// Decision is what a person says about a payment whose outcome cannot be
// learnt. Above a portal's limit it waits for a second person to say the same.
type Decision struct {
	PaymentID string `gorm:"primaryKey"`
	Paid      bool
	Reason    string
	ByID      string
	ByName    string
	At        time.Time
}

// TableName is the table of decisions that wait.
func (Decision) TableName() string { return "payment_decisions" }

// Propose records a decision of the first person, or carries it out when
// another person decided the same before. Pending means that it waits. From
// unknown or review only.
func (s *Service) Propose(ctx context.Context, id string, paid bool, reason string, by Person) (p Payment, pending bool, err error) {
	p, err = s.Get(ctx, id)
	if err != nil {
		return p, false, err
	}
	if p.State != Unknown && p.State != Review {
		return p, false, fmt.Errorf("resolve payment %s: %w", id, ErrWrongState)
	}
	first, err := s.proposed(ctx, p)
	if err != nil {
		return p, false, err
	}
	if first != nil && first.ByID != by.ID && first.Paid == paid {
		p, err = s.Resolve(ctx, id, paid, first.Reason+" · "+reason+" (decided by "+first.ByName+" and "+by.Name+")", by)
		return p, false, err
	}
	d := Decision{PaymentID: id, Paid: paid, Reason: reason, ByID: by.ID, ByName: by.Name, At: s.now()}
	err = s.db.WithContext(ctx).Clauses(clause.OnConflict{
		Columns: []clause.Column{{Name: "payment_id"}}, UpdateAll: true,
	}).Create(&d).Error
	if err != nil {
		return p, false, fmt.Errorf("propose a decision on payment %s: %w", id, err)
	}
	s.bell.Ring(ctx, id)
	return p, true, nil
}

// proposed is the decision that waits, while the payment still needs one.
func (s *Service) proposed(ctx context.Context, p Payment) (*Decision, error) {
	if p.State != Unknown && p.State != Review {
		return nil, nil //nolint:nilnil // nothing waits
	}
	var rows []Decision
	if err := s.db.WithContext(ctx).Where("payment_id = ?", p.ID).Limit(1).Find(&rows).Error; err != nil {
		return nil, fmt.Errorf("read the decision on payment %s: %w", p.ID, err)
	}
	if len(rows) == 0 {
		return nil, nil //nolint:nilnil // likewise
	}
	return &rows[0], nil
}

// Acknowledge notes that a person has dealt with an alert: it stays on the
// payment and leaves the attention desk.
func (s *Service) Acknowledge(ctx context.Context, id, code string, by Person) error {
	res := s.db.WithContext(ctx).Model(&Alert{}).Where("payment_id = ? AND code = ?", id, code).
		Updates(map[string]any{"seen_at": s.now(), "seen_by": by.ID})
	if res.Error != nil {
		return fmt.Errorf("acknowledge alert of payment %s: %w", id, res.Error)
	}
	if res.RowsAffected == 0 {
		return ErrNotFound
	}
	s.bell.Ring(ctx, id)
	return nil
}

// OpenAlerts lists the alerts of a portal that nobody has dealt with, oldest
// first.
func (s *Service) OpenAlerts(ctx context.Context, portalID string) ([]Alert, error) {
	tx := s.db.WithContext(ctx)
	var rows []Alert
	err := tx.Where("seen_at IS NULL AND payment_id IN (?)",
		tx.Model(&Payment{}).Select("id").Where("portal_id = ?", portalID)).Order("at, payment_id").Limit(200).Find(&rows).Error
	if err != nil {
		return nil, fmt.Errorf("list alerts: %w", err)
	}
	return rows, nil
}

// TakeOver notes that a colleague has the open payment on the screen now. It
// changes nothing for the terminal or the money.
func (s *Service) TakeOver(ctx context.Context, id string, by Person) error {
	for range contended {
		err := s.takeOver(ctx, id, by)
		if !errors.Is(err, errLost) {
			return err
		}
	}
	return fmt.Errorf("take over payment %s: %w", id, errLost)
}

func (s *Service) takeOver(ctx context.Context, id string, by Person) error {
	err := s.db.InTx(ctx, func(tx *gorm.DB) error {
		old, err := load(tx, id)
		if err != nil {
			return err
		}
		if old.State.Final() {
			return ErrWrongState
		}
		p := old
		p.Operator, p.OperatorName = by.ID, by.Name
		if err := update(tx, old, &p); err != nil {
			return err
		}
		entry, err := newEntry(old, p, "take_over", mark{actor: by.ID, why: words.English("%s has it on the screen now", by.Name)})
		if err != nil {
			return err
		}
		entry.At = s.now()
		return tx.Create(&entry).Error
	})
	if err != nil {
		return fmt.Errorf("take over payment %s: %w", id, err)
	}
	s.bell.Ring(ctx, id)
	return nil
}
