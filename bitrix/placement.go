package bitrix

import (
	"context"
	"errors"
	"strings"
)

// Placement is one place in the portal where our page is shown (reference bitrix24 4.1).
type Placement struct {
	// Code names the place, such as CRM_DEAL_DETAIL_TAB.
	Code string
	// Handler is the address of our page, https and resolvable for the portal.
	Handler string
	// Title and Description are shown when Lang has nothing for the viewer.
	Title, Description string
	// Lang holds the texts by the portal's language code, such as en or de.
	Lang map[string]PlacementText
}

// PlacementText is what one language shows.
type PlacementText struct {
	Title       string `json:"TITLE"`
	Description string `json:"DESCRIPTION"`
	GroupName   string `json:"GROUP_NAME"`
}

// Placements lists the codes that this portal offers to the application. A code missing here cannot
// be bound: the module is absent, or the scope was not granted.
func (p *Portal) Placements(ctx context.Context) ([]string, error) {
	var got List[string]
	if _, err := p.Call(ctx, "placement.list", nil, &got); err != nil {
		return nil, err
	}

	return got, nil
}

// PlacementBindings lists what our application has bound.
func (p *Portal) PlacementBindings(ctx context.Context) ([]Placement, error) {
	var got List[struct {
		Code        FlexString `json:"placement"`
		Handler     FlexString `json:"handler"`
		Title       FlexString `json:"title"`
		Description FlexString `json:"description"`
		Lang        Map[struct {
			Title       FlexString `json:"TITLE"`
			Description FlexString `json:"DESCRIPTION"`
			GroupName   FlexString `json:"GROUP_NAME"`
		}] `json:"langAll"`
	}]
	if _, err := p.Call(ctx, "placement.get", nil, &got); err != nil {
		return nil, err
	}

	all := make([]Placement, 0, len(got))
	for _, g := range got {
		pl := Placement{
			Code: string(g.Code), Handler: string(g.Handler),
			Title: string(g.Title), Description: string(g.Description),
		}
		for lang, text := range g.Lang {
			if pl.Lang == nil {
				pl.Lang = map[string]PlacementText{}
			}
			pl.Lang[lang] = PlacementText{
				Title: string(text.Title), Description: string(text.Description), GroupName: string(text.GroupName),
			}
		}
		all = append(all, pl)
	}

	return all, nil
}

// BindPlacement shows our page in a place; administrators only. A placement that is bound already is
// a success, so an installer may run again. Binding another handler to the same code leaves both:
// unbind the old one first.
func (p *Portal) BindPlacement(ctx context.Context, pl Placement) error {
	params := map[string]any{"PLACEMENT": pl.Code, "HANDLER": pl.Handler, "TITLE": pl.Title}
	if pl.Description != "" {
		params["DESCRIPTION"] = pl.Description
	}
	if len(pl.Lang) > 0 {
		params["LANG_ALL"] = pl.Lang
	}

	return p.bind(ctx, "placement.bind", params)
}

// UnbindPlacement removes our page from a place. An empty handler removes all of ours there. What was
// not bound is a success.
func (p *Portal) UnbindPlacement(ctx context.Context, code, handler string) error {
	params := map[string]any{"PLACEMENT": code}
	if handler != "" {
		params["HANDLER"] = handler
	}
	_, err := p.Call(ctx, "placement.unbind", params, nil)

	return err
}

// bind calls a method that answers true, or complains that the same is bound already.
func (p *Portal) bind(ctx context.Context, method string, params map[string]any) error {
	var done FlexBool
	_, err := p.Call(ctx, method, params, &done)
	if alreadyBound(err) {
		return nil
	}
	if err == nil && !done {
		return &Error{Method: method, Class: Unclear, Err: errors.New("answer is not true")}
	}

	return err
}

// alreadyBound recognises "Handler already binded" (reference bitrix24 4.1), in better English too.
func alreadyBound(err error) bool {
	var e *Error
	if !errors.As(err, &e) {
		return false
	}
	text := strings.ToLower(e.Description)

	return strings.Contains(text, "already bind") || strings.Contains(text, "already bound")
}
