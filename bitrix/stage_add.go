package bitrix

import (
	"context"
	"errors"
	"strings"
)

// NewStage is a stage to add to a funnel (crm.status.add, reference bitrix24 6.7).
type NewStage struct {
	EntityTypeID int
	CategoryID   int64
	// Code is without the funnel's prefix, such as POS_REFUNDED.
	Code, Name string
	// Semantics is StageFailure, or empty for one in progress. A funnel has one success stage only.
	Semantics string
	// Sort puts it in its place: progress before success before failure.
	Sort  int64
	Color string
}

// AddStage adds a stage; administrators of the CRM only. One with this code that is there already is a
// success. The code that items carry gets a prefix: read the stages again to learn it.
func (p *Portal) AddStage(ctx context.Context, s NewStage) error {
	fields := map[string]any{
		"ENTITY_ID": stageEntity(s.EntityTypeID, s.CategoryID), "STATUS_ID": s.Code, "NAME": s.Name,
		"SORT": s.Sort, "COLOR": s.Color,
	}
	putText(fields, "SEMANTICS", s.Semantics)
	_, err := p.Call(ctx, "crm.status.add", map[string]any{"fields": fields}, nil)
	var e *Error
	if errors.As(err, &e) && strings.Contains(strings.ToLower(e.Description), "already exists") {
		return nil
	}

	return err
}
