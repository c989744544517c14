package invoices

import (
	"context"
	"strconv"

	"receivepayment/bitrix"
	"receivepayment/internal/fault"
	"receivepayment/payments"
	"receivepayment/words"
)

// How a payment stands in a timeline: as a card with buttons, which is kept up
// to date, or on portals that have no such cards as an entry, which stays as it
// is and is followed by another.
const (
	formCard  = "card"
	formEntry = "entry"
)

// show puts the payment into an item's timeline once, or brings its card up to
// date. From the second try on it looks first, because the first may have been
// applied.
func (s *WriteBacks) show(ctx context.Context, api *bitrix.Portal, w payments.WriteBack, p payments.Payment,
	entityType int, id int64,
) (done, error) {
	if w.Form == formEntry || (w.Form == "" && w.External != "") {
		return s.showEntry(ctx, api, w, p, entityType, id)
	}
	card, err := s.card(ctx, p, entityType, id)
	if err != nil {
		return done{}, err
	}
	known, err := strconv.ParseInt(w.External, 10, 64)
	if err != nil && w.Attempts > 1 {
		e := entryOf(s.CRM.Voice(ctx, p.PortalID), p, entityType, id)
		if found, err := findEntry(ctx, api, e); err != nil || found != 0 {
			return done{external: number(found), note: "found from an earlier try", form: formEntry}, err
		}
		if known, err = api.ActivityWith(ctx, entityType, id, card.Reference); err != nil && !bitrix.NotOffered(err) {
			return done{}, err
		}
	}
	if known != 0 {
		return s.correct(ctx, api, known, card)
	}
	fault.Here(fault.BeforeEntry)
	made, err := api.AddActivity(ctx, card)
	fault.Here(fault.AfterEntry)
	if bitrix.NotOffered(err) {
		return s.showEntry(ctx, api, w, p, entityType, id)
	}
	if err != nil {
		return done{}, err
	}
	return done{external: number(made), form: formCard}, nil
}

// correct brings a card up to date. One that a person took away is not put back.
func (s *WriteBacks) correct(ctx context.Context, api *bitrix.Portal, known int64, card bitrix.Activity) (done, error) {
	err := api.UpdateActivity(ctx, known, card)
	if bitrix.ClassOf(err) == bitrix.NotFound {
		return done{external: number(known), note: "taken away by a person", form: formCard}, nil
	}
	if err != nil {
		return done{}, err
	}
	return done{external: number(known), form: formCard}, nil
}

// showEntry writes an entry, and another one when what it says was disproved.
func (s *WriteBacks) showEntry(ctx context.Context, api *bitrix.Portal, w payments.WriteBack, p payments.Payment,
	entityType int, id int64,
) (done, error) {
	v := s.CRM.Voice(ctx, p.PortalID)
	e := entryOf(v, p, entityType, id)
	if w.External != "" {
		if p.State == payments.Approved {
			return done{note: "told before", form: formEntry}, nil
		}
		e = doubtOf(v, p, entityType, id)
	}
	got, err := s.tell(ctx, api, w, e)
	got.form = formEntry
	if w.External != "" {
		got.external = "" // the first entry's id is the one to keep
	}
	return got, err
}

// card is the payment as a card in the timeline.
func (s *WriteBacks) card(ctx context.Context, p payments.Payment, entityType int, id int64) (bitrix.Activity, error) {
	d, err := s.Payments.DetailOf(ctx, p)
	if err != nil {
		return bitrix.Activity{}, err
	}
	v := s.CRM.Voice(ctx, p.PortalID)
	return bitrix.Activity{
		EntityTypeID: entityType, EntityID: id, ResponsibleID: p.StartedBy, Reference: p.TxnRef,
		Layout: bitrix.Layout{Title: cardTitle(v, p), Tags: cardTags(v, d), Lines: cardLines(v, d), Buttons: cardButtons(v, d, entityType, id)},
	}, nil
}

// cardButtons open our page in a slider: what it does is decided there, under
// the rights of whoever presses.
func cardButtons(v *words.Voice, d payments.Detail, entityType int, id int64) []bitrix.Button {
	open := func(what string) map[string]string {
		return map[string]string{"payment": d.ID, "do": what, entityName(entityType): number(id)}
	}
	buttons := []bitrix.Button{{Text: v.T("Receipt"), Params: open("receipt")}}
	if d.Kind == payments.Purchase && d.Refundable > 0 {
		buttons = append(buttons, bitrix.Button{Text: v.T("Refund"), Primary: true, Params: open("refund")})
	}
	return buttons
}

// entityName is how our own pages are told what they are opened on.
func entityName(entityType int) string {
	switch entityType {
	case bitrix.TypeDeal:
		return bitrix.EntityDeal
	case bitrix.TypeOrder:
		return bitrix.EntityOrder
	}
	return bitrix.EntityInvoice
}

func number(id int64) string {
	if id == 0 {
		return ""
	}
	return strconv.FormatInt(id, 10)
}
