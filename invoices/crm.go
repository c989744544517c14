package invoices

import (
	"context"
	"errors"
	"fmt"
	"strconv"

	"receivepayment/bitrix"
	"receivepayment/db"
	"receivepayment/payments"
	"receivepayment/words"
)

// CRM hands out clients of a portal. Package pairing implements it; the arrow
// between the two features would turn back otherwise.
type CRM interface {
	// As speaks as one employee, and knows what the stages mean out of the same
	// reading of the portal.
	As(ctx context.Context, portalID, userID string) (*bitrix.Portal, func(context.Context, int64) (bitrix.Funnel, error), error)
	AsAdmin(ctx context.Context, portalID string) (*bitrix.Portal, error)
	// Store speaks as the administrator, who alone may read and write orders; the
	// caller checks the viewer's right. On a portal without a store it is nil.
	Store(ctx context.Context, portalID string) (*bitrix.Portal, error)
	// PaySystem is our own pay system for orders of one kind of buyer, 0 where
	// the portal has none.
	PaySystem(ctx context.Context, portalID string, personTypeID int64) (int64, error)
	Funnel(ctx context.Context, portalID string, id int64) (bitrix.Funnel, error)
	// Voice speaks the portal's language, for what is written into it.
	Voice(ctx context.Context, portalID string) *words.Voice
	// LearnStages reads again what the stages mean, after one was added.
	LearnStages(ctx context.Context, portalID string) error
}

// reader is a client of a portal that also knows what its stages mean.
type reader struct {
	*bitrix.Portal
	id     string
	funnel func(ctx context.Context, categoryID int64) (bitrix.Funnel, error)
}

func (s *Service) reader(ctx context.Context, portalID, userID string) (reader, error) {
	api, funnel, err := s.CRM.As(ctx, portalID, userID)
	if err != nil {
		return reader{}, fmt.Errorf("speak to the CRM: %w", err)
	}
	return reader{Portal: api, id: portalID, funnel: funnel}, nil
}

// Service reads what is owed and adds invoices. Safe for concurrent use.
type Service struct {
	DB       *db.DB
	Clock    db.Clock
	CRM      CRM
	Payments *payments.Service

	orderless orderless
}

// Refusals by the CRM, in the words that the web face knows.
var (
	ErrDenied      = errors.New("the CRM does not let this person see or change it")
	ErrNotFound    = errors.New("the CRM does not have it")
	ErrRefused     = errors.New("the CRM refused")
	ErrUnavailable = errors.New("the CRM cannot be reached")
	ErrClosed      = errors.New("the document is closed in the CRM")
	ErrReturned    = errors.New("the document was refunded and not reopened in the CRM")
	ErrMismatch    = errors.New("the CRM computes another amount than was shown")
)

// crmError sorts a client's error by what can be done about it.
func crmError(doing string, err error) error {
	if err == nil {
		return nil
	}
	kind := ErrUnavailable
	switch bitrix.ClassOf(err) {
	case bitrix.Denied:
		kind = ErrDenied
	case bitrix.NotFound:
		kind = ErrNotFound
	case bitrix.Invalid:
		kind = ErrRefused
	case bitrix.Auth, bitrix.Gone:
		kind = ErrRefused
	case bitrix.Limited, bitrix.Moved, bitrix.Unavailable, bitrix.Unclear:
	}
	return fmt.Errorf("%w: %s: %w", kind, doing, err)
}

// RefusedBecause is the CRM's own sentence for people, or empty.
func RefusedBecause(err error) string {
	var e *bitrix.Error
	if errors.As(err, &e) {
		return e.Description
	}
	return ""
}

// parseID reads a CRM id: digits, above zero.
func parseID(field, id string) (int64, error) {
	n, err := strconv.ParseInt(id, 10, 64)
	if err != nil || n <= 0 || strconv.FormatInt(n, 10) != id {
		return 0, payments.Invalid(field, "An id is a whole number above zero.")
	}
	return n, nil
}

// optionalID writes an id that may be none.
func optionalID(id int64) string {
	if id <= 0 {
		return ""
	}
	return strconv.FormatInt(id, 10)
}
