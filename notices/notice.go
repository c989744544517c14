package notices

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"

	"receivepayment/db"
	"receivepayment/jobs"
)

// Notice is what one person is to be told about one subject. Times are UTC.
type Notice struct {
	ID        string `gorm:"primaryKey"`
	PortalID  string
	UserID    string
	Tag       string // the subject; at most 100 characters
	Text      string // with Bitrix24's BB codes, in the reader's language
	Version   int64
	Attempts  int64
	LastError string
	DueAt     *time.Time
	CreatedAt time.Time
	ToldAt    *time.Time
}

// TableName is the table of notices.
func (Notice) TableName() string { return "notices" }

// Sender shows a notice to its person. An error that Is [ErrRefused] will be
// the same tomorrow; every other one is tried again.
type Sender func(ctx context.Context, n Notice) error

// ErrRefused marks a notice that the portal will never take.
var ErrRefused = errors.New("the portal does not take the notice")

// Service keeps notices until they are told. Safe for concurrent use.
type Service struct {
	DB    *db.DB
	Clock db.Clock
	Queue *jobs.Queue
	Send  Sender
	Log   *slog.Logger
}

const (
	// lease is for how long one try owns its row; longer than a call may take.
	lease = 40 * time.Second
	// stale is the age at which a notice is news no longer.
	stale = 24 * time.Hour
)

// Tell stores the text for each person and has it brought to them soon. What
// was told before in the same words under the same tag is not told again.
func (s *Service) Tell(ctx context.Context, portalID string, userIDs []string, tag, text string) error {
	for _, user := range userIDs {
		if err := s.tell(ctx, portalID, user, tag, text); err != nil {
			return fmt.Errorf("store notice %s: %w", tag, err)
		}
	}
	return nil
}

func (s *Service) tell(ctx context.Context, portalID, userID, tag, text string) error {
	now := s.Clock()
	n := Notice{
		ID: "n_" + rand.Text(), PortalID: portalID, UserID: userID, Tag: tag, Text: text,
		Version: 1, DueAt: &now, CreatedAt: now,
	}
	tx := s.DB.WithContext(ctx)
	err := tx.Clauses(clause.OnConflict{
		Columns: []clause.Column{{Name: "portal_id"}, {Name: "user_id"}, {Name: "tag"}},
		DoUpdates: clause.Assignments(map[string]any{
			"text": text, "version": gorm.Expr("notices.version + 1"), "attempts": 0, "last_error": "",
			"due_at": now, "created_at": now, "told_at": nil,
		}),
		Where: clause.Where{Exprs: []clause.Expression{clause.Neq{Column: "notices.text", Value: text}}},
	}).Create(&n).Error
	if err != nil {
		return err
	}
	var kept Notice
	err = tx.Where("portal_id = ? AND user_id = ? AND tag = ?", portalID, userID, tag).Take(&kept).Error
	if err != nil || kept.DueAt == nil {
		return err
	}
	s.Queue.Soon(ctx, jobs.Notice, kept.ID, func(err error) {
		s.Log.WarnContext(ctx, "the janitor will bring this notice", "notice", kept.ID, "error", err)
	})
	return nil
}

// Step brings one notice to its person, if it is due.
func (s *Service) Step(ctx context.Context, id string) error {
	n, won, err := s.claim(ctx, id)
	if err != nil || !won {
		return err
	}
	told := s.Send(ctx, n)
	if err := s.record(ctx, n, told); err != nil {
		return fmt.Errorf("record notice %s: %w", id, err)
	}
	return nil
}

// claim moves due_at forward, so that one process at a time tells it.
func (s *Service) claim(ctx context.Context, id string) (n Notice, won bool, err error) {
	now := s.Clock()
	tx := s.DB.WithContext(ctx)
	res := tx.Model(&Notice{}).Where("id = ? AND due_at <= ?", id, now).
		Updates(map[string]any{"due_at": now.Add(lease), "attempts": gorm.Expr("attempts + 1")})
	if res.Error != nil || res.RowsAffected == 0 {
		return n, false, res.Error
	}
	err = tx.Where("id = ?", id).Take(&n).Error
	return n, err == nil, err
}

// record ends the try, unless a newer text came meanwhile: that one is due by
// itself.
func (s *Service) record(ctx context.Context, n Notice, told error) error {
	now := s.Clock()
	change := map[string]any{"due_at": nil, "told_at": now, "last_error": ""}
	if told != nil {
		change = map[string]any{"last_error": cut(told.Error()), "due_at": s.again(n, told, now)}
		s.Log.WarnContext(ctx, "a notice did not arrive", "notice", n.ID, "attempt", n.Attempts, "error", told)
	}
	return s.DB.WithContext(ctx).Model(&Notice{}).Where("id = ? AND version = ?", n.ID, n.Version).Updates(change).Error
}

// again is when the next try is due; nil gives the notice up.
func (s *Service) again(n Notice, told error, now time.Time) *time.Time {
	if errors.Is(told, ErrRefused) || now.Sub(n.CreatedAt) > stale {
		return nil
	}
	waits := []time.Duration{5 * time.Second, 30 * time.Second, 2 * time.Minute, 10 * time.Minute, time.Hour}
	next := now.Add(waits[min(int(n.Attempts), len(waits))-1])
	return &next
}

// Due lists the notices that wait, for the janitor.
func (s *Service) Due(ctx context.Context, limit int) ([]jobs.Due, error) {
	return jobs.Rows{Kind: jobs.Notice}.Overdue(s.DB.WithContext(ctx).Model(&Notice{}), s.Clock(), limit)
}

// cut keeps what fits a column that people read.
func cut(text string) string {
	runes := []rune(text)
	return string(runes[:min(len(runes), 300)])
}
