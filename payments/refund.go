package payments

import (
	"context"
	"slices"

	"gorm.io/gorm"
)

// RefundOrder is a request to pay back part or all of a purchase.
type RefundOrder struct {
	PortalID  string
	RequestID string
	Purchase  string
	Terminal  Terminal
	Amount    Money // for the document; tip and surcharge follow from the portal's policy
	Reason    string
	By        Person
	// Unmatched asks for a refund of a purchase that has no link to its sale.
	// The caller has checked the person's right to it.
	Unmatched bool
	// Unlimited is set for who need not ask anybody: administrators.
	Unlimited bool
	// Request is the approved request that this refund carries out, if it does.
	Request string
}

// Hash names the content of the request.
func (o RefundOrder) Hash() string {
	parts := []string{o.Purchase, o.Terminal.ID, o.Amount.String(), o.Amount.Currency, o.Reason}
	if o.Unmatched {
		parts = append(parts, "unmatched")
	}
	if o.Request != "" {
		parts = append(parts, "request "+o.Request)
	}
	return hash(Refund, parts...)
}

// StartRefund stores a refund of an approved purchase and asks for it to be
// sent. Approved and open refunds and approved requests together never exceed
// what was collected, however many come at once. Refusals: [ErrNotFinal],
// [ErrWrongState], [ErrNoLink], [ErrWrongCurrency], [ErrTerminalLimit],
// [ErrOverRefund], [ErrNeedsApproval], [ErrTerminalBusy].
func (s *Service) StartRefund(ctx context.Context, o RefundOrder) (Payment, error) {
	purchase, err := s.Find(ctx, o.PortalID, o.Purchase)
	if err != nil {
		return Payment{}, err
	}
	policy, err := s.Policy(ctx, o.PortalID)
	if err != nil {
		return Payment{}, err
	}
	if err := s.mayBeRefunded(purchase, o, policy); err != nil {
		return Payment{}, err
	}
	p := s.draft(Refund, o.Terminal, o.Amount, o.By)
	p.PortalID, p.RequestID, p.RequestHash = o.PortalID, o.RequestID, o.Hash()
	p.RefundOf, p.Link, p.Reason, p.RefundRequest = purchase.ID, purchase.RFN, o.Reason, o.Request
	p.Unmatched = purchase.RFN == ""
	p.Document, p.DocumentTitle, p.DealID = purchase.Document, purchase.DocumentTitle, purchase.DealID
	p.DocumentTotal, p.SaleUID = purchase.DocumentTotal, purchase.SaleUID
	return s.store(ctx, p, guards{before: func(tx *gorm.DB, p *Payment) error {
		return s.fitRefund(tx, p, o, policy)
	}})
}

// mayBeRefunded says why a purchase cannot be refunded in this way at all.
func (s *Service) mayBeRefunded(purchase Payment, o RefundOrder, policy Policy) error {
	switch {
	case purchase.Kind != Purchase:
		return ErrWrongState
	case !purchase.State.Final():
		return ErrNotFinal
	case purchase.State != Approved:
		return ErrWrongState
	case mixed(purchase, o.Terminal):
		return Invalid("terminal", "Refund it on a terminal of the kind that took it.")
	case purchase.RFN == "" && !o.Unmatched, !policy.MayGoBack(purchase):
		return ErrNoLink
	case !s.rules.sameCurrency(o.Amount.Currency, o.Terminal.Currency, purchase.Currency):
		return ErrWrongCurrency
	case len(o.Terminal.Features) > 0 && !o.Terminal.Can(FeatureRefund):
		return Invalid("terminal", "This terminal's bank allows no refunds.")
	}
	return nil
}

// fitRefund decides under the purchase's lock whether the refund fits, and
// what of tip and surcharge goes back with it.
func (s *Service) fitRefund(tx *gorm.DB, p *Payment, o RefundOrder, policy Policy) error {
	purchase, l, err := lockPurchase(tx, p.RefundOf)
	if err != nil {
		return err
	}
	l = l.without(p.ID)
	if o.Request != "" {
		if l, err = l.usable(o); err != nil {
			return err
		}
	}
	left := s.rules.left(l, purchase)
	if p.Amount > left.Amount {
		return ErrOverRefund
	}
	p.WantSurcharge, p.WantTip = s.rules.returns(policy, purchase, left, p.Amount)
	if limit := o.Terminal.RefundLimit; limit > 0 && p.Asked() > limit {
		return ErrTerminalLimit
	}
	if o.Request != "" || o.Unlimited {
		return nil
	}
	return l.withinLimit(*p, policy.RefundLimit(o.By.ID))
}

// withinLimit holds a person to the limit over all refunds of one purchase:
// many small ones are one large one.
func (l Ledger) withinLimit(p Payment, limit *Money) error {
	if limit == nil {
		return nil
	}
	if limit.Currency != p.Currency || l.aloneBy(p.StartedBy, p.RefundOf)+p.Asked() > limit.Minor {
		return ErrNeedsApproval
	}
	return nil
}

// aloneBy is what the person has refunded of the purchase without asking.
func (l Ledger) aloneBy(person, purchase string) int64 {
	var sum int64
	for _, r := range l.Payments {
		if r.RefundOf == purchase && r.StartedBy == person && r.RefundRequest == "" {
			gone := r.reserves()
			sum += gone.Amount + gone.Surcharge + gone.Tip
		}
	}
	return sum
}

// Alone is how much of the purchase the person may still refund without
// asking; nil means whatever is left.
func (p Policy) Alone(l Ledger, purchase Payment, person string) *Money {
	limit := p.RefundLimit(person)
	if limit == nil {
		return nil
	}
	alone := Money{Currency: purchase.Currency}
	if limit.Currency == purchase.Currency {
		alone.Minor = max(limit.Minor-l.aloneBy(person, purchase.ID), 0)
	}
	return &alone
}

// usable is the ledger without the reservation of the request that the refund
// carries out, if it may do so: approved, and not carried out already.
func (l Ledger) usable(o RefundOrder) (Ledger, error) {
	i := slices.IndexFunc(l.Requests, func(r RefundRequest) bool { return r.ID == o.Request })
	if i < 0 || l.Requests[i].Amount != o.Amount.Minor || l.carriedOut(l.Requests[i]) != nil {
		return l, ErrWrongState
	}
	l.Requests = slices.Delete(slices.Clone(l.Requests), i, i+1)
	return l, nil
}

// lockPurchase reads a purchase with its ledger under a lock that holds until
// the transaction ends. Touching the row is a lock that both databases have:
// on PostgreSQL other refunds of the same purchase wait for it, SQLite has one
// writer anyway.
func lockPurchase(tx *gorm.DB, id string) (Payment, Ledger, error) {
	if err := tx.Model(&Payment{}).Where("id = ?", id).Update("refund_of", "").Error; err != nil {
		return Payment{}, Ledger{}, err
	}
	purchase, err := load(tx, id)
	if err != nil {
		return Payment{}, Ledger{}, err
	}
	l, err := ledgerOf(tx, purchase.PortalID, purchase.Document)
	if err != nil {
		return Payment{}, Ledger{}, err
	}
	err = tx.Where("payment_id = ? AND state = ?", id, RequestApproved).Find(&l.Requests).Error
	return purchase, l, err
}

// refundFits looks once more before a refund is sent: what was left when it
// was stored may have been paid back by a refund that was taken for dead.
func (s *Service) refundFits(tx *gorm.DB, p Payment) error {
	purchase, l, err := lockPurchase(tx, p.RefundOf)
	if err != nil {
		return err
	}
	l = l.without(p.ID)
	l.Requests = slices.DeleteFunc(l.Requests, func(r RefundRequest) bool { return r.ID == p.RefundRequest })
	left := s.rules.left(l, purchase)
	if p.Amount > left.Amount || p.WantSurcharge > left.Surcharge || p.WantTip > left.Tip {
		return ErrOverRefund
	}
	return nil
}
