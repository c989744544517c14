package payments

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"gorm.io/gorm"

	"receivepayment/words"
)

// Ledger is what our own payments say about one document. Minor units.
type Ledger struct {
	Paid     int64 // approved purchases, base amounts
	Refunded int64 // approved refunds, base amounts
	Payments []Payment
	Requests []RefundRequest // approved ones: their amounts are reserved
	// Foreign reports money in another currency than [Ledger.In] was asked for:
	// the document's currency was changed after a payment.
	Foreign bool
}

// In is the ledger in one currency; sums in others cannot be added to it.
func (l Ledger) In(currency string) Ledger {
	out := Ledger{Requests: l.Requests}
	var foreign int64
	for _, p := range l.Payments {
		if p.Currency != currency {
			foreign += p.Collected()
			out.Payments = append(out.Payments, p)
			continue
		}
		out.add(p)
	}
	out.Foreign = foreign > 0
	return out
}

// Open is the purchase that blocks the document, or nil.
func (l Ledger) Open() *Payment {
	for i := range l.Payments {
		if p := &l.Payments[i]; p.Kind == Purchase && p.BlocksDocument() {
			return p
		}
	}
	return nil
}

// Left is what of a purchase can still be paid back, part by part.
type Left struct{ Amount, Surcharge, Tip int64 }

// Refundable is what may still be refunded of a purchase of this ledger: what
// was collected for the document, less approved and open refunds and approved
// requests.
func (l Ledger) Refundable(purchase Payment) int64 { return l.Left(purchase).Amount }

// Left is [Ledger.Refundable] with tip and surcharge. Cash-out never goes back.
func (l Ledger) Left(purchase Payment) Left {
	left := Left{Amount: purchase.Collected()}
	if purchase.State == Approved {
		left.Surcharge, left.Tip = purchase.Surcharge, purchase.Tip
	}
	for _, p := range l.Payments {
		if p.Kind != Refund || p.RefundOf != purchase.ID {
			continue
		}
		gone := p.reserves()
		left.Amount -= gone.Amount
		left.Surcharge -= gone.Surcharge
		left.Tip -= gone.Tip
	}
	for _, r := range l.Requests {
		if r.PaymentID == purchase.ID {
			left.Amount -= l.held(r)
		}
	}
	return Left{max(left.Amount, 0), max(left.Surcharge, 0), max(left.Tip, 0)}
}

// held is what an approved request keeps back: all of it until a refund that
// carries it out is under way or done.
func (l Ledger) held(r RefundRequest) int64 {
	if r.State != RequestApproved || l.carriedOut(r) != nil {
		return 0
	}
	return r.Amount
}

// carriedOut is the refund that carries the request out, when there is one
// that is open or approved.
func (l Ledger) carriedOut(r RefundRequest) *Payment {
	for i := range l.Payments {
		if p := &l.Payments[i]; p.RefundRequest == r.ID && p.reserves() != (Left{}) {
			return p
		}
	}
	return nil
}

// reserves is how much of its purchase a refund uses up: what it moved, or,
// while its outcome is open, what it may move.
func (p Payment) reserves() Left {
	switch {
	case p.State == Approved:
		return Left{p.Collected(), p.Surcharge, p.Tip}
	case p.BlocksDocument():
		return Left{p.Amount, p.WantSurcharge, p.WantTip}
	}
	return Left{}
}

// without is the ledger as it would be if the payment did not exist.
func (l Ledger) without(id string) Ledger {
	rest := Ledger{Requests: l.Requests}
	for _, p := range l.Payments {
		if p.ID != id {
			rest.add(p)
		}
	}
	return rest
}

func (l *Ledger) add(p Payment) {
	l.Payments = append(l.Payments, p)
	if p.Kind == Refund {
		l.Refunded += p.Collected()
		return
	}
	l.Paid += p.Collected()
}

// Ledgers reads what our payments say about documents of a portal, newest
// payment first. Documents without payments have an empty ledger.
func (s *Service) Ledgers(ctx context.Context, portalID string, documents []string) (map[string]Ledger, error) {
	out := make(map[string]Ledger, len(documents))
	if len(documents) == 0 {
		return out, nil
	}
	rows, err := documentPayments(s.db.WithContext(ctx), portalID, documents...)
	if err != nil {
		return nil, fmt.Errorf("read payments of documents: %w", err)
	}
	for _, p := range rows {
		l := out[p.Document]
		l.add(p)
		out[p.Document] = l
	}
	return out, s.addRequests(ctx, portalID, out)
}

// addRequests reads the approved requests where there is anything that could
// be refunded.
func (s *Service) addRequests(ctx context.Context, portalID string, ledgers map[string]Ledger) error {
	var paid []string
	for document, l := range ledgers {
		if l.Paid > 0 {
			paid = append(paid, document)
		}
	}
	if len(paid) == 0 {
		return nil
	}
	var rows []RefundRequest
	err := s.db.WithContext(ctx).Where("portal_id = ? AND document IN ? AND state = ?", portalID, paid, RequestApproved).Find(&rows).Error
	if err != nil {
		return fmt.Errorf("read refund requests of documents: %w", err)
	}
	for _, r := range rows {
		l := ledgers[r.Document]
		l.Requests = append(l.Requests, r)
		ledgers[r.Document] = l
	}
	return nil
}

// documentPayments sorts here and not in SQL: asked for that order, SQLite
// walks through every payment of the portal to get it.
func documentPayments(tx *gorm.DB, portalID string, documents ...string) ([]Payment, error) {
	var rows []Payment
	err := tx.Where("portal_id = ? AND document IN ?", portalID, documents).Find(&rows).Error
	slices.SortFunc(rows, func(a, b Payment) int {
		return cmp.Or(b.CreatedAt.Compare(a.CreatedAt), cmp.Compare(a.ID, b.ID))
	})
	return rows, err
}

// weighed are the columns that a ledger adds up, and that [Conflict] shows. A
// payment is wide, and this is read while a customer waits.
var weighed = []string{
	"ID", "Kind", "RefundOf", "Document", "TerminalName", "Amount", "Currency", "State", "Source", "ConfirmedAt",
	"ApprovedAmount", "StartedBy", "StartedByName", "CreatedAt", "Surcharge", "Tip", "WantSurcharge", "WantTip", "RefundRequest",
}

// ledgerOf is the ledger of one document; its payments hold what is weighed.
func ledgerOf(tx *gorm.DB, portalID, document string) (Ledger, error) {
	rows, err := documentPayments(tx.Select(weighed), portalID, document)
	var l Ledger
	for _, p := range rows {
		l.add(p)
	}
	return l, err
}

// overpaid is the alert that an approval deserves when the document is now
// paid more than it costs: a late approval after a second payment.
func overpaid(tx *gorm.DB, p Payment) ([]Alert, error) {
	if p.Kind != Purchase {
		return nil, nil
	}
	l, err := ledgerOf(tx, p.PortalID, p.Document)
	if err != nil {
		return nil, err
	}
	l = l.In(p.Currency)
	over := l.Paid - l.Refunded - p.DocumentTotal
	if over <= 0 {
		return nil, nil
	}
	return []Alert{{Code: AlertPaidTwice, Text: words.English(
		"The document is paid %s %s more than it costs. Refund exactly this payment if the customer was charged twice.",
		p.money(over), p.Currency)}}, nil
}

// overRefunded is the alert that an approved refund deserves when more has gone
// back than its purchase collected: a late approval after a second refund.
func overRefunded(tx *gorm.DB, p Payment) ([]Alert, error) {
	if p.Kind != Refund {
		return nil, nil
	}
	purchase, err := load(tx, p.RefundOf)
	if err != nil {
		return nil, err
	}
	l, err := ledgerOf(tx, p.PortalID, p.Document)
	if err != nil {
		return nil, err
	}
	over := -purchase.Collected() - purchase.Surcharge - purchase.Tip
	for _, r := range l.Payments {
		if r.RefundOf == purchase.ID && r.State == Approved {
			over += r.Collected() + r.Surcharge + r.Tip
		}
	}
	if over <= 0 {
		return nil, nil
	}
	return []Alert{{Code: AlertRefundedTwice, Text: words.English(
		"%s %s more went back to the customer than this payment collected.", p.money(over), p.Currency)}}, nil
}

// forbiddenSurcharge is the alert about a surcharge that the terminal added by
// itself although the portal forbids it. The money has moved: it is booked as
// what it is.
func forbiddenSurcharge(tx *gorm.DB, p Payment) ([]Alert, error) {
	if p.Kind != Purchase || p.Surcharge == 0 {
		return nil, nil
	}
	policy, err := policyOf(tx, p.PortalID)
	if err != nil || !policy.NoSurcharge {
		return nil, err
	}
	return []Alert{{Code: AlertSurcharge, Text: words.English(
		"The terminal added a surcharge of %s %s, and surcharges are switched off here. Ask the bank to take it off the terminal.",
		p.money(p.Surcharge), p.Currency)}}, nil
}

// moneyAlerts are what an approval that was just booked makes people look at.
func moneyAlerts(tx *gorm.DB, p Payment) ([]Alert, error) {
	var out []Alert
	for _, look := range []func(*gorm.DB, Payment) ([]Alert, error){overpaid, overRefunded, forbiddenSurcharge} {
		found, err := look(tx, p)
		if err != nil {
			return nil, err
		}
		out = append(out, found...)
	}
	return out, nil
}
