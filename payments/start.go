package payments

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/google/uuid"
	"gorm.io/gorm"

	"receivepayment/audit"
	"receivepayment/db"
	"receivepayment/internal/fault"
)

// Order is a request to charge, with everything that was checked outside:
// that the person may see the document and use the terminal.
type Order struct {
	PortalID  string
	RequestID string // the caller's; the same id and content is the same payment
	Document  Owed
	Terminal  Terminal
	Amount    Money
	Extras    Extras
	By        Person
	Method    string // how the customer pays, where the provider lets us choose
	// Expected is what the person saw as outstanding, in minor units; nil means
	// that nobody said.
	Expected *int64
}

// Owed is a document as the CRM describes it at this moment.
type Owed struct {
	ID      string
	Title   string
	DealID  string
	Total   Money
	Settled bool // the CRM counts it as paid, and not because of us
}

// Terminal is what a payment must know of the terminal that it runs on. The
// last three are what its bank allows, as far as the terminal has said; limits
// are minor units, and zero means that none is known.
type Terminal struct {
	ID, Name, Provider, PairingID, Currency string
	Features                                []string
	CashOutLimit, RefundLimit               int64
}

// Hash names the content of the request, for telling a repetition from a
// reuse of its id.
func (o Order) Hash() string {
	parts := []string{o.Document.ID, o.Terminal.ID, o.Amount.String(), o.Amount.Currency}
	if o.Method != "" {
		parts = append(parts, "method "+o.Method)
	}
	return hash(Purchase, append(parts, o.Extras.parts(o.Amount.Currency)...)...)
}

func hash(kind Kind, parts ...string) string {
	raw, _ := json.Marshal(append([]string{string(kind)}, parts...)) // strings always marshal
	sum := sha256.Sum256(raw)
	return hex.EncodeToString(sum[:])
}

// Repeated looks a request id up before anything else is checked: found means
// that this request was made before and its payment is the answer. An id that
// was used with other content is [ErrRequestReused].
func (s *Service) Repeated(ctx context.Context, portalID, requestID, contentHash string) (Payment, bool, error) {
	// Almost always there is none: only the key is looked for at first.
	var p Payment
	err := s.db.WithContext(ctx).Select("ID", "RequestHash").
		Where("portal_id = ? AND request_id = ?", portalID, requestID).Take(&p).Error
	if errors.Is(db.NotFound(err), db.ErrNotFound) {
		return Payment{}, false, nil
	}
	if err != nil {
		return Payment{}, false, fmt.Errorf("look up request: %w", err)
	}
	if p.RequestHash != contentHash {
		return p, false, ErrRequestReused
	}
	p, err = s.Get(ctx, p.ID)
	return p, err == nil, err
}

// Start stores a purchase and asks for it to be sent. Nothing has gone to the
// terminal when it returns. Refusals, in this order: [ErrAmountChanged] when
// another outstanding amount was expected, [ErrAlreadyPaid],
// [ErrOverOutstand], [ErrDocumentOpen], [ErrTerminalBusy]; a refused request
// does not use up its id. A request that was made before gets its payment, or
// [ErrRequestReused], as from [Service.Repeated].
func (s *Service) Start(ctx context.Context, o Order) (Payment, error) {
	if !s.rules.sameCurrency(o.Amount.Currency, o.Terminal.Currency, o.Document.Total.Currency) {
		return Payment{}, ErrWrongCurrency
	}
	p := s.draft(Purchase, o.Terminal, o.Amount, o.By)
	if err := s.askFor(ctx, &p, o); err != nil {
		return Payment{}, err
	}
	p.PortalID, p.RequestID, p.RequestHash = o.PortalID, o.RequestID, o.Hash()
	if o.Terminal.Provider == PracticeProvider {
		o.Document, o.Expected = practised(p, o), nil
	}
	p.Document, p.DocumentTitle, p.DealID = o.Document.ID, o.Document.Title, o.Document.DealID
	p.DocumentTotal, p.Method = o.Document.Total.Minor, o.Method
	p.SaleUID = saleUID(o.PortalID, o.Document.ID)
	return s.store(ctx, p, guards{after: func(tx *gorm.DB, p Payment) error {
		return owed(tx, p, o.Document.Settled, o.Expected)
	}})
}

// askFor adds what is asked for beside the amount, as far as portal and
// terminal allow it. An ordinary payment costs no query.
func (s *Service) askFor(ctx context.Context, p *Payment, o Order) error {
	if o.Extras.None() && o.Amount.Minor > 0 {
		return nil
	}
	policy, err := s.Policy(ctx, o.PortalID)
	if err != nil {
		return err
	}
	if err := o.allowed(policy); err != nil {
		return err
	}
	p.ask(o.Extras, policy)
	return nil
}

// saleUID is the id of the whole sale, the same for every payment of the
// document: a version 4 UUID in form (reference linkly 5.2), made of the
// document's name so that no two processes can make two of them.
func saleUID(portalID, document string) string {
	return uuid.NewHash(sha256.New(), uuid.NameSpaceOID, []byte(portalID+"\x00"+document), 4).String()
}

// owed checks what the document still needs. It runs when the row is stored:
// from then on no other payment can take the document, and one that was open
// before has either been approved or does not count.
func owed(tx *gorm.DB, p Payment, settled bool, expected *int64) error {
	l, err := ledgerOf(tx, p.PortalID, p.Document)
	if err != nil {
		return err
	}
	if l = l.In(p.Currency); l.Foreign {
		return ErrMoneyChanged
	}
	outstanding := max(p.DocumentTotal-l.Paid+l.Refunded, 0)
	if settled {
		outstanding = 0
	}
	if expected != nil && *expected != outstanding {
		return ErrAmountChanged
	}
	if outstanding == 0 && !p.CashOnly {
		return ErrAlreadyPaid
	}
	if p.Amount > outstanding && !p.CashOnly {
		return ErrOverOutstand
	}
	if held := l.Open(); held != nil && held.ID != p.ID {
		return &Conflict{Err: ErrDocumentOpen, With: *held}
	}
	return nil
}

func (s *Service) draft(kind Kind, t Terminal, amount Money, by Person) Payment {
	now := s.now()
	return Payment{
		ID: newID("p_"), Kind: kind, State: Created, Version: 1, DueAt: &now, CreatedAt: now,
		TerminalID: t.ID, TerminalName: t.Name, Provider: t.Provider, PairingID: t.PairingID,
		SessionID: uuid.NewString(), TxnRef: newTxnRef(),
		Amount: amount.Minor, Currency: amount.Currency, StartedBy: by.ID, StartedByName: by.Name,
	}
}

// guards are what is checked inside the transaction that stores a payment:
// before the row is there, under a lock that the guard takes, or after, when
// the unique indexes have decided between requests of the same instant.
type guards struct {
	before func(tx *gorm.DB, p *Payment) error // may fill in what depends on others
	after  func(tx *gorm.DB, p Payment) error
}

// explain runs both again, for the reason why a row was refused.
func (g guards) explain(tx *gorm.DB, p Payment) error {
	if g.before != nil {
		if err := g.before(tx, &p); err != nil {
			return err
		}
	}
	if g.after != nil {
		return g.after(tx, p)
	}
	return nil
}

// store stores the payment, however often the winner of a race has gone again
// before the loser could see what stood in the way.
func (s *Service) store(ctx context.Context, p Payment, g guards) (Payment, error) {
	for range contended {
		stored, err := s.storeOnce(ctx, p, g)
		if !errors.Is(err, errLost) {
			return stored, err
		}
	}
	return Payment{}, fmt.Errorf("start %s: %w", p.Kind, errLost)
}

// storeOnce inserts between its guards, in one transaction. What refuses the
// insert is explained afterwards, in the order of refusals, by refused.
func (s *Service) storeOnce(ctx context.Context, p Payment, g guards) (Payment, error) {
	err := s.db.InTx(ctx, func(tx *gorm.DB) error { return insertGuarded(tx, &p, g) })
	if err != nil {
		return s.refused(ctx, p, g, err)
	}
	fault.Here(fault.PaymentStored)
	// No screen can follow a payment whose id nobody knows yet, and the person
	// need not wait for Redis.
	s.queue.Soon(ctx, p.Kind.job(), p.ID, func(err error) {
		s.log.WarnContext(ctx, "the janitor will send this payment", "payment", p.ID, "error", err)
	})
	return p, nil
}

func insertGuarded(tx *gorm.DB, p *Payment, g guards) error {
	if g.before != nil {
		if err := g.before(tx, p); err != nil {
			return err
		}
	}
	if err := tx.Omit(filledLater...).Create(p).Error; err != nil {
		return err
	}
	if g.after != nil {
		if err := g.after(tx, *p); err != nil {
			return err
		}
	}
	if err := notHeld(tx, p.TerminalID, p.TerminalName, p.ID, p.CreatedAt); err != nil {
		return err
	}
	click := clicked(*p)
	click.ID = newID("h_")
	if err := tx.Create(&click).Error; err != nil {
		return err
	}
	return auditStart(tx, *p)
}

// auditStart notes who gives money back. Sales are their own record, and
// practice gives nothing back.
func auditStart(tx *gorm.DB, p Payment) error {
	if p.Kind != Refund || p.Practice() {
		return nil
	}
	amount := Money{Minor: p.Amount, Currency: p.Currency}
	return audit.Write(tx, p.CreatedAt, p.PortalID, audit.RefundStarted, p.ID,
		amount.String()+" "+p.Currency+" of "+p.Document+": "+p.Reason)
}

// clicked is the first line of every history, still without an id.
func clicked(p Payment) Entry {
	return Entry{
		PaymentID: p.ID, Seq: p.Version, At: p.CreatedAt, FromState: Created, ToState: Created,
		Event: "click", Actor: p.StartedBy,
	}
}

// refused explains why the payment was not stored: the same request came twice
// and its own payment stands in the way, or another payment took the document
// or the terminal. Without an explanation it is errLost.
func (s *Service) refused(ctx context.Context, p Payment, g guards, cause error) (Payment, error) {
	first, repeated, err := s.Repeated(ctx, p.PortalID, p.RequestID, p.RequestHash)
	if err != nil || repeated {
		return first, err
	}
	if !db.IsDuplicate(cause) {
		return Payment{}, fmt.Errorf("start %s: %w", p.Kind, cause)
	}
	tx := s.db.WithContext(ctx)
	if err := g.explain(tx, p); err != nil {
		return Payment{}, fmt.Errorf("start %s: %w", p.Kind, err)
	}
	if err := terminalFree(tx, p); err != nil {
		return Payment{}, fmt.Errorf("start %s: %w", p.Kind, err)
	}
	return Payment{}, errLost // the winner has already gone
}

func terminalFree(tx *gorm.DB, p Payment) error {
	holder, err := holderOf(tx, p.TerminalID)
	if err != nil {
		return err
	}
	if holder != nil && holder.ID != p.ID {
		return &Conflict{Err: ErrTerminalBusy, With: *holder}
	}
	return nil
}

// holding is, word for word, the condition of the index payments_terminal_held:
// SQLite uses a partial index only where it finds the same words, and would
// walk through every payment ever taken otherwise.
const holding = "state IN ('created', 'sent', 'unknown') AND released = FALSE"

func holderOf(tx *gorm.DB, terminalID string) (*Payment, error) {
	var rows []Payment
	err := tx.Where("terminal_id = ?", terminalID).Where(holding).Limit(1).Find(&rows).Error
	if err != nil || len(rows) == 0 {
		return nil, err
	}
	return &rows[0], nil
}
