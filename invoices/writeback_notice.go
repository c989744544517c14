package invoices

import (
	"context"
	"fmt"
	"strconv"

	"receivepayment/bitrix"
	"receivepayment/payments"
	"receivepayment/words"
)

// notify tells who started the payment and who is responsible for the document
// how it ended. The tag makes each notice take the place of the payment's
// earlier one, so repeating it is harmless.
func (s *WriteBacks) notify(ctx context.Context, api *bitrix.Portal, p payments.Payment, entityType int, id int64) (done, error) {
	settings, err := readSettings(s.DB.WithContext(ctx), p.PortalID)
	if err != nil {
		return done{}, err
	}
	if !settings.Notices {
		return done{note: NotWanted}, nil
	}
	people, err := s.concerned(ctx, api, p, entityType, id)
	if err != nil {
		return done{}, err
	}
	err = s.Notices.Tell(ctx, p.PortalID, people, "POS|"+p.TxnRef, noticeText(s.CRM.Voice(ctx, p.PortalID), p, entityType, id))
	return done{}, err
}

// NotWanted is the note of what the administrator does not want to be told: the
// write-back is done, and nothing was written.
const NotWanted words.Key = "not wanted"

// concerned are the people to notify, each once.
func (s *WriteBacks) concerned(ctx context.Context, api *bitrix.Portal, p payments.Payment, entityType int, id int64) ([]string, error) {
	people := []string{p.StartedBy}
	if entityType != bitrix.TypeInvoice {
		return people, nil
	}
	invoice, err := api.Invoice(ctx, id)
	if bitrix.ClassOf(err) == bitrix.NotFound {
		return people, nil
	}
	if err != nil {
		return nil, err
	}
	if responsible := strconv.FormatInt(invoice.AssignedByID, 10); invoice.AssignedByID > 0 && responsible != p.StartedBy {
		people = append(people, responsible)
	}
	return people, nil
}

// noticeText ends with a link to the document's card.
func noticeText(v *words.Voice, p payments.Payment, entityType int, id int64) string {
	return noticeWords(v, p) + " [URL=" + itemPath(entityType, id) + "]" + v.T("Open it") + "[/URL]"
}

// noticeWords says in one sentence what became of the payment.
func noticeWords(v *words.Voice, p payments.Payment) string {
	key := noticeKeys(p.State).of(p.Kind)
	if p.CashOnly {
		key = cashNotice(p.State)
	}
	return v.T(key, amountText(p, p.Headline()), p.TerminalName, v.Stored(p.DocumentTitle))
}

// noticeSentence is what is said of a payment and of a refund in one state.
type noticeSentence struct{ purchase, refund words.Key }

func (n noticeSentence) of(k payments.Kind) words.Key {
	if k == payments.Refund {
		return n.refund
	}
	return n.purchase
}

func noticeKeys(s payments.State) noticeSentence {
	switch s {
	case payments.Approved:
		return noticeSentence{
			"The card payment of %s on %s for %s was approved.",
			"The card refund of %s on %s for %s was approved.",
		}
	case payments.Unknown:
		return noticeSentence{
			"The result of the card payment of %s on %s for %s is not known yet. We go on asking; do not charge again.",
			"The result of the card refund of %s on %s for %s is not known yet. We go on asking; do not refund again.",
		}
	case payments.Review:
		return noticeSentence{
			"The result of the card payment of %s on %s for %s is in doubt. Somebody has to decide; do not charge again.",
			"The result of the card refund of %s on %s for %s is in doubt. Somebody has to decide; do not refund again.",
		}
	case payments.Declined:
		return noticeSentence{
			"The card payment of %s on %s for %s was declined.",
			"The card refund of %s on %s for %s was declined.",
		}
	case payments.Cancelled:
		return noticeSentence{
			"The card payment of %s on %s for %s was cancelled.",
			"The card refund of %s on %s for %s was cancelled.",
		}
	case payments.Created, payments.Sent, payments.NeverStarted:
	}
	return noticeSentence{
		"The card payment of %s on %s for %s was never started; no money moved.",
		"The card refund of %s on %s for %s was never started; no money moved.",
	}
}

// cashNotice says what became of a cash-out alone: nothing of the document was
// paid.
func cashNotice(s payments.State) words.Key {
	switch s {
	case payments.Approved:
		return "The cash-out of %s on %s was approved. Nothing was paid for %s."
	case payments.Unknown, payments.Review:
		return "The result of the cash-out of %s on %s (%s) is not known yet. Hand nothing out again."
	case payments.Created, payments.Sent, payments.Declined, payments.Cancelled, payments.NeverStarted:
	}
	return "The cash-out of %s on %s (%s) did not happen; no money moved."
}

// itemPath is the portal's page of an item.
func itemPath(entityType int, id int64) string {
	switch entityType {
	case bitrix.TypeDeal:
		return fmt.Sprintf("/crm/deal/details/%d/", id)
	case bitrix.TypeOrder:
		return fmt.Sprintf("/shop/orders/details/%d/", id)
	}
	return fmt.Sprintf("/crm/type/%d/details/%d/", entityType, id)
}
