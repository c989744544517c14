package bitrix

import (
	"strconv"
	"strings"
)

// Kinds of things that a placement opens on.
const (
	EntityDeal    = "deal"
	EntityInvoice = "invoice"
	EntityOrder   = "order"
)

// Entity names what the page was opened on: a kind and its id, or "" and 0 for a place that belongs
// to nothing, such as the application's own page or a list's toolbar. It is a claim: read the thing
// with the viewer's own token before showing anything of it.
func (e Entry) Entity() (entity string, id int64) {
	entity, id, err := e.target()
	if err != nil {
		return "", 0
	}

	return entity, id
}

// target derives the kind from the placement's code, since the options do not name it, and takes the
// id from ID or, in some placements, ENTITY_ID (reference bitrix24 4.3).
func (e Entry) target() (string, int64, error) {
	entity := entityOf(e.Placement)
	if entity == "" {
		return e.linked()
	}
	field := "ID"
	if e.PlacementOptions[field] == "" {
		field = "ENTITY_ID"
	}
	text := e.PlacementOptions[field]
	if text == "" {
		return "", 0, nil
	}
	id, ok := positive(text)
	if !ok {
		return "", 0, &FieldError{Field: "PLACEMENT_OPTIONS." + field, Problem: "not a whole positive number"}
	}

	return entity, id, nil
}

// linked reads what a deep link, or a button of ours in a timeline, names in its own parameters, such as
// invoice=77 (reference bitrix24 4.5 and 8).
func (e Entry) linked() (string, int64, error) {
	if e.Placement != "REST_APP_URI" && e.Placement != "DEFAULT" {
		return "", 0, nil
	}
	for _, entity := range []string{EntityInvoice, EntityOrder, EntityDeal} {
		text := e.PlacementOptions[entity]
		if text == "" {
			continue
		}
		id, ok := positive(text)
		if !ok {
			return "", 0, &FieldError{Field: "PLACEMENT_OPTIONS." + entity, Problem: "not a whole positive number"}
		}

		return entity, id, nil
	}

	return "", 0, nil
}

func entityOf(placement string) string {
	switch {
	case strings.HasPrefix(placement, "CRM_DEAL_"):
		return EntityDeal
	case strings.HasPrefix(placement, "CRM_SMART_INVOICE_"), strings.HasPrefix(placement, "CRM_DYNAMIC_31_"):
		return EntityInvoice
	case strings.HasPrefix(placement, "CRM_ORDER_"):
		return EntityOrder
	}

	return ""
}

// positive reads digits only: no sign, no blanks, no zero.
func positive(text string) (int64, bool) {
	if text == "" || strings.Trim(text, "0123456789") != "" {
		return 0, false
	}
	n, err := strconv.ParseInt(text, 10, 64)

	return n, err == nil && n > 0
}
