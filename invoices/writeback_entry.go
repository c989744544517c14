package invoices

import (
	"context"
	"strings"

	"receivepayment/bitrix"
	"receivepayment/internal/fault"
	"receivepayment/payments"
	"receivepayment/words"
)

// entry is one timeline entry, with the reference by which it is found again.
type entry struct {
	bitrix.LogMessage
	reference string
}

func entryOf(v *words.Voice, p payments.Payment, entityType int, id int64) entry {
	reference := "Ref " + p.TxnRef
	return entry{reference: reference, LogMessage: bitrix.LogMessage{
		EntityTypeID: entityType, EntityID: id, Icon: "info",
		Title: cardTitle(v, p), Text: timelineText(v, p) + ". " + reference,
	}}
}

// decisionOf tells that a person decided that a payment was not paid.
func decisionOf(v *words.Voice, p payments.Payment, entityType int, id int64) entry {
	reference := "Decision " + p.TxnRef
	return entry{reference: reference, LogMessage: bitrix.LogMessage{
		EntityTypeID: entityType, EntityID: id, Icon: "info", Title: v.T("Card payment decided by hand: not paid"),
		Text: v.T("%s, %s. The terminal's answer could not be learnt; a later approval will still be recorded.",
			amountText(p, p.Amount), p.TerminalName) + " " + reference,
	}}
}

// doubtOf tells that what an entry says is no longer true.
func doubtOf(v *words.Voice, p payments.Payment, entityType int, id int64) entry {
	reference := "Doubt " + p.TxnRef
	return entry{reference: reference, LogMessage: bitrix.LogMessage{
		EntityTypeID: entityType, EntityID: id, Icon: "info", Title: cardTitle(v, p),
		Text: v.T("%s, %s. The approval told before was not borne out.", amountText(p, p.Amount), p.TerminalName) + " " + reference,
	}}
}

// tell writes one timeline entry, exactly once: from the second try on it looks
// first for our reference, because the first may have been applied.
func (s *WriteBacks) tell(ctx context.Context, api *bitrix.Portal, w payments.WriteBack, e entry) (done, error) {
	if w.Attempts > 1 {
		found, err := findEntry(ctx, api, e)
		if err != nil {
			return done{}, err
		}
		if found != 0 {
			return done{external: number(found), note: "found from an earlier try"}, nil
		}
	}
	fault.Here(fault.BeforeEntry)
	id, err := api.AddLogMessage(ctx, e.LogMessage)
	fault.Here(fault.AfterEntry)
	if err != nil {
		return done{}, err
	}
	return done{external: number(id)}, nil
}

// findEntry looks for an entry by its reference; 0 means that there is none.
func findEntry(ctx context.Context, api *bitrix.Portal, e entry) (int64, error) {
	found := int64(0)
	err := api.LogMessages(ctx, e.EntityTypeID, e.EntityID, func(m bitrix.LogMessage) bool {
		if strings.Contains(m.Text, e.reference) {
			found = m.ID
		}
		return found == 0
	})
	return found, err
}

// timelineText says what a colleague or the bank will ask for.
func timelineText(v *words.Voice, p payments.Payment) string {
	parts := []string{amountText(p, p.Headline()), p.TerminalName}
	if card := cardName(p); card != "" {
		parts = append(parts, card)
	}
	if p.AuthCode != "" {
		parts = append(parts, v.T("auth %s", p.AuthCode))
	}
	if p.RRN != "" {
		parts = append(parts, "RRN "+p.RRN)
	}
	for _, extra := range []struct {
		said  words.Key
		minor int64
	}{{"surcharge %s", p.Surcharge}, {"tip %s", p.Tip}, {"cash-out %s", p.CashOut}} {
		if extra.minor > 0 {
			parts = append(parts, v.T(extra.said, payments.Money{Minor: extra.minor, Currency: p.Currency}.String()))
		}
	}
	if p.Source == payments.Manual {
		parts = append(parts, v.T("decided by hand"))
	}
	return strings.Join(append(parts, v.T("by %s", p.StartedByName)), ", ")
}
