package invoices

import (
	"context"
	"strings"

	"receivepayment/bitrix"
	"receivepayment/internal/fault"
	"receivepayment/payments"
)

// entry is one timeline entry, with the reference by which it is found again.
type entry struct {
	bitrix.LogMessage
	reference string
}

func entryOf(p payments.Payment, entityType int, id int64) entry {
	reference := "Ref " + p.TxnRef
	return entry{reference: reference, LogMessage: bitrix.LogMessage{
		EntityTypeID: entityType, EntityID: id, Icon: "info",
		Title: cardTitle(nil, p), Text: timelineText(p) + ". " + reference,
	}}
}

// decisionOf tells that a person decided that a payment was not paid.
func decisionOf(p payments.Payment, entityType int, id int64) entry {
	reference := "Decision " + p.TxnRef
	return entry{reference: reference, LogMessage: bitrix.LogMessage{
		EntityTypeID: entityType, EntityID: id, Icon: "info", Title: "Card payment decided by hand: not paid",
		Text: p.Currency + " " + payments.Money{Minor: p.Amount, Currency: p.Currency}.String() + ", " + p.TerminalName +
			". The terminal's answer could not be learnt; a later approval will still be recorded. " + reference,
	}}
}

// doubtOf tells that what an entry says is no longer true.
func doubtOf(p payments.Payment, entityType int, id int64) entry {
	reference := "Doubt " + p.TxnRef
	return entry{reference: reference, LogMessage: bitrix.LogMessage{
		EntityTypeID: entityType, EntityID: id, Icon: "info", Title: cardTitle(nil, p),
		Text: amountText(p, p.Amount) + ", " + p.TerminalName + ". The approval told before was not borne out. " + reference,
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
func timelineText(p payments.Payment) string {
	parts := []string{p.Currency + " " + payments.Money{Minor: p.Collected(), Currency: p.Currency}.String(), p.TerminalName}
	if p.CardType != "" || p.Last4 != "" {
		parts = append(parts, strings.TrimSpace(p.CardType+" ••••"+p.Last4))
	}
	if p.AuthCode != "" {
		parts = append(parts, "auth "+p.AuthCode)
	}
	if p.RRN != "" {
		parts = append(parts, "RRN "+p.RRN)
	}
	for _, extra := range []struct {
		name  string
		minor int64
	}{{"surcharge", p.Surcharge}, {"tip", p.Tip}, {"cash-out", p.CashOut}} {
		if extra.minor > 0 {
			parts = append(parts, extra.name+" "+payments.Money{Minor: extra.minor, Currency: p.Currency}.String())
		}
	}
	if p.Source == payments.Manual {
		parts = append(parts, "decided by hand")
	}
	return strings.Join(append(parts, "by "+p.StartedByName), ", ")
}
