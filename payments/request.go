package payments

import (
	"context"
	"fmt"
	"time"

	"gorm.io/gorm"

	"receivepayment/audit"
	"receivepayment/db"
)

// RequestState is where a refund request stands.
type RequestState string

// The states of a request. Whether an approved one was carried out is told by
// its refund.
const (
	RequestWaiting  RequestState = "waiting"
	RequestApproved RequestState = "approved" // its amount is reserved until a refund carries it out
	RequestRejected RequestState = "rejected"
)

// RefundRequest asks a person with the right to approve for a refund that the
// asker may not make. Once approved it waits for the customer's card.
type RefundRequest struct {
	ID            string `gorm:"primaryKey"`
	PortalID      string
	RequestID     string
	RequestHash   string
	PaymentID     string // the purchase
	Document      string
	DocumentTitle string
	TerminalID    string
	TerminalName  string
	Amount        int64
	Currency      string
	Reason        string
	Unmatched     bool
	State         RequestState
	ByID          string
	ByName        string
	CreatedAt     time.Time
	DecidedBy     string
	DecidedByName string
	DecidedAt     *time.Time
	Answer        string // why it was approved or rejected
}

// TableName is the table of refund requests.
func (RefundRequest) TableName() string { return "refund_requests" }

// Money is the amount asked for.
func (r RefundRequest) Money() Money { return Money{Minor: r.Amount, Currency: r.Currency} }

// The lines that requests leave in the purchase's history.
const (
	refundRequested Event = "refund_requested"
	requestApproved Event = "request_approved"
	requestRejected Event = "request_rejected"
)

// RequestRefund keeps a request for a person to decide. It reserves nothing
// yet, but what cannot be refunded cannot be requested either; the refusals
// are those of [Service.StartRefund]. A repeated request id gets its request.
func (s *Service) RequestRefund(ctx context.Context, o RefundOrder) (RefundRequest, error) {
	first, repeated, err := s.repeatedRequest(ctx, o)
	if err != nil || repeated {
		return first, err
	}
	purchase, err := s.Find(ctx, o.PortalID, o.Purchase)
	if err != nil {
		return RefundRequest{}, err
	}
	if purchase.Practice() {
		return RefundRequest{}, ErrWrongState // nobody is to be asked about it
	}
	policy, err := s.Policy(ctx, o.PortalID)
	if err != nil {
		return RefundRequest{}, err
	}
	if err := s.mayBeRefunded(purchase, o, policy); err != nil {
		return RefundRequest{}, err
	}
	r := RefundRequest{
		ID: newID("rr_"), PortalID: o.PortalID, RequestID: o.RequestID, RequestHash: o.Hash(), PaymentID: purchase.ID,
		Document: purchase.Document, DocumentTitle: purchase.DocumentTitle, TerminalID: o.Terminal.ID, TerminalName: o.Terminal.Name,
		Amount: o.Amount.Minor, Currency: o.Amount.Currency, Reason: o.Reason, Unmatched: purchase.RFN == "",
		State: RequestWaiting, ByID: o.By.ID, ByName: o.By.Name, CreatedAt: s.now(),
	}
	err = s.underLock(ctx, purchase.ID, refundRequested, mark{actor: o.By.ID, why: o.Reason},
		func(tx *gorm.DB, purchase Payment, l Ledger) error {
			if r.Amount > s.rules.left(l, purchase).Amount {
				return ErrOverRefund
			}
			return tx.Create(&r).Error
		})
	if db.IsDuplicate(err) { // the same request came at the same instant
		first, _, err := s.repeatedRequest(ctx, o)
		return first, err
	}
	if err != nil {
		return RefundRequest{}, fmt.Errorf("request a refund: %w", err)
	}
	return r, nil
}

// repeatedRequest looks a request id up, in requests and among payments: a used
// id names one thing only.
func (s *Service) repeatedRequest(ctx context.Context, o RefundOrder) (RefundRequest, bool, error) {
	var rows []RefundRequest
	err := s.db.WithContext(ctx).Where("portal_id = ? AND request_id = ?", o.PortalID, o.RequestID).Limit(1).Find(&rows).Error
	if err != nil {
		return RefundRequest{}, false, fmt.Errorf("look up refund request: %w", err)
	}
	if len(rows) == 1 {
		if rows[0].RequestHash != o.Hash() {
			return RefundRequest{}, false, ErrRequestReused
		}
		return rows[0], true, nil
	}
	_, _, err = s.Repeated(ctx, o.PortalID, o.RequestID, "")
	return RefundRequest{}, false, err
}

// DecideRequest approves or rejects a request that waits. Approving reserves
// the amount, or is [ErrOverRefund]; nobody approves their own request
// ([ErrOwnRequest]), and who asked may take it back. An approved request can
// be taken back until a refund carries it out.
func (s *Service) DecideRequest(ctx context.Context, r RefundRequest, approve bool, answer string, by Person) (RefundRequest, error) {
	if approve && r.ByID == by.ID {
		return r, ErrOwnRequest
	}
	event, state, action := requestRejected, RequestRejected, audit.RequestRejected
	if approve {
		event, state, action = requestApproved, RequestApproved, audit.RequestApproved
	}
	err := s.underLock(ctx, r.PaymentID, event, mark{actor: by.ID, why: answer},
		func(tx *gorm.DB, purchase Payment, l Ledger) error {
			if err := tx.Where("id = ?", r.ID).Take(&r).Error; err != nil {
				return err
			}
			if err := r.decidable(approve, l, s.rules.left(l, purchase)); err != nil {
				return err
			}
			now := s.now()
			r.State, r.Answer, r.DecidedBy, r.DecidedByName, r.DecidedAt = state, answer, by.ID, by.Name, &now
			if err := tx.Select("State", "Answer", "DecidedBy", "DecidedByName", "DecidedAt").Updates(&r).Error; err != nil {
				return err
			}
			return audit.Write(tx, now, r.PortalID, action, r.ID, answer)
		})
	if err != nil {
		return r, fmt.Errorf("decide refund request %s: %w", r.ID, err)
	}
	return r, nil
}

func (r RefundRequest) decidable(approve bool, l Ledger, left Left) error {
	switch {
	case r.State == RequestRejected, approve && r.State != RequestWaiting:
		return ErrWrongState
	case r.State == RequestApproved && l.carriedOut(r) != nil:
		return ErrWrongState
	case approve && r.Amount > left.Amount:
		return ErrOverRefund
	}
	return nil
}

// underLock runs fn under the purchase's lock and adds a line to its history,
// so that whoever looks at the purchase reads who asked and who decided.
func (s *Service) underLock(ctx context.Context, id string, e Event, m mark, fn func(*gorm.DB, Payment, Ledger) error) error {
	err := s.compareAndSet(ctx, func(tx *gorm.DB) error {
		purchase, l, err := lockPurchase(tx, id)
		if err != nil {
			return err
		}
		if err := fn(tx, purchase, l); err != nil {
			return err
		}
		p := purchase
		if err := update(tx, purchase, &p); err != nil {
			return err
		}
		entry, err := newEntry(purchase, p, e, m)
		if err != nil {
			return err
		}
		entry.At = s.now()
		return tx.Create(&entry).Error
	})
	if err == nil {
		s.bell.Ring(ctx, id)
	}
	return err
}

// FindRequest reads a refund request of a portal; [ErrNotFound] otherwise.
func (s *Service) FindRequest(ctx context.Context, portalID, id string) (RefundRequest, error) {
	var r RefundRequest
	err := s.db.WithContext(ctx).Where("id = ? AND portal_id = ?", id, portalID).Take(&r).Error
	if err != nil {
		return r, fmt.Errorf("read refund request: %w", db.NotFound(err))
	}
	return r, nil
}

// OpenRequest is a request that a person still has to do something about: to
// decide it, or to send it when the customer is there.
type OpenRequest struct {
	RefundRequest
	Refund *Payment // the refund under way that carries it out
}

// OpenRequests lists the requests of a portal that wait for a decision or for
// the customer's card, oldest first.
func (s *Service) OpenRequests(ctx context.Context, portalID string) ([]OpenRequest, error) {
	var rows []RefundRequest
	tx := s.db.WithContext(ctx)
	err := tx.Where("portal_id = ? AND state IN ?", portalID, []RequestState{RequestWaiting, RequestApproved}).
		Where("id NOT IN (?)", tx.Model(&Payment{}).Select("refund_request").Where("refund_request <> '' AND state = ?", Approved)).
		Order("created_at, id").Limit(200).Find(&rows).Error
	if err != nil {
		return nil, fmt.Errorf("list refund requests: %w", err)
	}
	out := make([]OpenRequest, len(rows))
	for i, r := range rows {
		out[i].RefundRequest = r
		if out[i].Refund, err = s.RefundFor(ctx, r); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// RefundFor is the refund that carries the request out, open or approved; nil
// when there is none yet.
func (s *Service) RefundFor(ctx context.Context, r RefundRequest) (*Payment, error) {
	if r.State != RequestApproved {
		return nil, nil //nolint:nilnil // nothing to carry out
	}
	var rows []Payment
	err := s.db.WithContext(ctx).Where("refund_request = ? AND refund_request <> ''", r.ID).Find(&rows).Error
	if err != nil {
		return nil, fmt.Errorf("read the refund of a request: %w", err)
	}
	return Ledger{Payments: rows}.carriedOut(r), nil
}

// requestsOf are all requests of a purchase, oldest first.
func requestsOf(tx *gorm.DB, purchaseID string) ([]RefundRequest, error) {
	var rows []RefundRequest
	err := tx.Where("payment_id = ?", purchaseID).Order("created_at, id").Find(&rows).Error
	return rows, err
}
