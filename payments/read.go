package payments

import (
	"context"
	"encoding/base64"
	"fmt"
	"slices"
	"strings"
	"time"

	"gorm.io/gorm"

	"receivepayment/db"
)

// Get reads a payment by id, for work inside the house. Callers that act for a
// person use [Service.Find].
func (s *Service) Get(ctx context.Context, id string) (Payment, error) {
	p, err := load(s.db.WithContext(ctx), id)
	if err != nil {
		return p, fmt.Errorf("read payment %s: %w", id, err)
	}
	return p, nil
}

// Find reads a payment of a portal. Another portal's payment is
// [db.ErrNotFound], like one that does not exist.
func (s *Service) Find(ctx context.Context, portalID, id string) (Payment, error) {
	var p Payment
	err := s.db.WithContext(ctx).Where("id = ? AND portal_id = ?", id, portalID).Take(&p).Error
	if err != nil {
		return p, fmt.Errorf("read payment: %w", db.NotFound(err))
	}
	return p, nil
}

// Exists is nil for a payment of the portal and [db.ErrNotFound] otherwise.
func (s *Service) Exists(ctx context.Context, portalID, id string) error {
	var p Payment
	err := s.db.WithContext(ctx).Select("ID").Where("id = ? AND portal_id = ?", id, portalID).Take(&p).Error
	if err != nil {
		return fmt.Errorf("read payment: %w", db.NotFound(err))
	}
	return nil
}

// Detail is a payment with everything that belongs to it.
type Detail struct {
	Payment
	History    []Entry
	Receipts   []Receipt
	Alerts     []Alert
	WriteBacks []WriteBack
	Refunds    []Payment
	Requests   []RefundRequest // of a purchase, decided or not
	Mailings   []Mailing       // receipts sent to the customer, or on their way
	Refundable int64
	Left       Left      // Refundable with tip and surcharge
	MayGoBack  bool      // a purchase with a link to its sale, or in a portal that allows refunds without one
	Proposed   *Decision // a first person's decision that waits for a second
}

// Settled reports whether nothing about the payment will change by itself any
// more: it is decided, proven, the CRM knows, no receipt is on its way, and
// nobody waits for an answer or for the customer to a refund.
func (d Detail) Settled() bool {
	if !d.State.Final() {
		return false
	}
	for _, w := range d.WriteBacks {
		if w.State != Done {
			return false
		}
	}
	for _, r := range d.Requests {
		if r.State == RequestWaiting || r.State == RequestApproved && d.RefundFor(r) == nil {
			return false
		}
	}
	for _, m := range d.Mailings {
		if m.State == MailingWaiting {
			return false
		}
	}
	return true
}

// RefundFor is the refund that carries a request of this purchase out, open or
// approved; nil when there is none.
func (d Detail) RefundFor(r RefundRequest) *Payment {
	return Ledger{Payments: d.Refunds}.carriedOut(r)
}

// Detail reads a payment of a portal with its history, oldest first.
func (s *Service) Detail(ctx context.Context, portalID, id string) (Detail, error) {
	p, err := s.Find(ctx, portalID, id)
	if err != nil {
		return Detail{}, err
	}
	return s.DetailOf(ctx, p)
}

// DetailOf reads what belongs to a payment that the caller has just read or
// stored. Where nothing can be there is no query: at its first version a
// payment has nothing but the click.
func (s *Service) DetailOf(ctx context.Context, p Payment) (Detail, error) {
	d := Detail{Payment: p}
	if p.Version == 1 {
		d.History = []Entry{clicked(p)}
		return d, nil
	}
	tx := s.db.WithContext(ctx)
	undecided := p.State == Created || p.State == Sent
	for _, q := range []struct {
		into   any
		where  string
		order  string
		cannot bool
	}{
		{&d.History, "payment_id = ?", "seq", false},
		{&d.Receipts, "payment_id = ?", "at, hash", false},
		{&d.Alerts, "payment_id = ?", "at, code", false},
		{&d.WriteBacks, "payment_id = ?", "created_at, target", undecided},
		// The second condition lets SQLite use the index of refunds.
		{&d.Refunds, "refund_of = ? AND refund_of <> ''", "created_at, id", undecided || p.State == Unknown},
	} {
		if q.cannot {
			continue
		}
		if err := tx.Where(q.where, p.ID).Order(q.order).Find(q.into).Error; err != nil {
			return d, fmt.Errorf("read payment %s: %w", p.ID, err)
		}
	}
	var err error
	if d.Proposed, err = s.proposed(ctx, p); err != nil {
		return d, err
	}
	// Lists come with room for twenty, and a screen keeps its payment for as
	// long as it is open.
	d.History, d.Receipts, d.Alerts = slices.Clone(d.History), slices.Clone(d.Receipts), slices.Clone(d.Alerts)
	d.WriteBacks, d.Refunds = slices.Clone(d.WriteBacks), slices.Clone(d.Refunds)
	if len(d.Receipts) > 0 {
		if d.Mailings, err = mailingsOf(tx, p.ID); err != nil {
			return d, fmt.Errorf("read mailings of payment %s: %w", p.ID, err)
		}
	}
	if p.Kind == Purchase && p.State == Approved {
		if d.Requests, err = requestsOf(tx, p.ID); err != nil {
			return d, fmt.Errorf("read refund requests of payment %s: %w", p.ID, err)
		}
		if d.MayGoBack, err = s.mayGoBack(ctx, p); err != nil {
			return d, err
		}
	}
	d.Left = Ledger{Payments: d.Refunds, Requests: d.Requests}.Left(p)
	d.Refundable = d.Left.Amount
	return d, nil
}

func (s *Service) mayGoBack(ctx context.Context, p Payment) (bool, error) {
	if p.RFN != "" {
		return true, nil
	}
	policy, err := s.Policy(ctx, p.PortalID)
	return policy.MayGoBack(p), err
}

// Filter narrows a list of payments. Zero values do not narrow.
type Filter struct {
	State    State
	From, To time.Time // created, UTC, To exclusive
	Text     string    // in the document, title, references or last four
	Cursor   string    // from the page before
}

// pageSize is how many payments a list answers at once.
const pageSize = 50

// List answers payments of a portal, newest first, and the cursor of the next
// page, empty at the end.
func (s *Service) List(ctx context.Context, portalID string, f Filter) ([]Payment, string, error) {
	tx, err := f.narrow(s.db.WithContext(ctx).Where("portal_id = ?", portalID))
	if err != nil {
		return nil, "", err
	}
	var rows []Payment
	if err := tx.Order("created_at DESC, id DESC").Limit(pageSize + 1).Find(&rows).Error; err != nil {
		return nil, "", fmt.Errorf("list payments: %w", err)
	}
	if len(rows) <= pageSize {
		return rows, "", nil
	}
	return rows[:pageSize], cursorOf(rows[pageSize-1]), nil
}

// ErrCursor means that the cursor is not one of ours.
var ErrCursor = fmt.Errorf("not a cursor of this list")

func (f Filter) narrow(tx *gorm.DB) (*gorm.DB, error) {
	if f.State != "" {
		tx = tx.Where("state = ?", f.State)
	}
	if !f.From.IsZero() {
		tx = tx.Where("created_at >= ?", f.From.UTC())
	}
	if !f.To.IsZero() {
		tx = tx.Where("created_at < ?", f.To.UTC())
	}
	if f.Text != "" {
		like := "%" + strings.NewReplacer(`!`, `!!`, `%`, `!%`, `_`, `!_`).Replace(strings.ToLower(f.Text)) + "%"
		tx = tx.Where(`(LOWER(document) LIKE ? ESCAPE '!' OR LOWER(document_title) LIKE ? ESCAPE '!' OR
			LOWER(txn_ref) LIKE ? ESCAPE '!' OR LOWER(rrn) LIKE ? ESCAPE '!' OR last4 LIKE ? ESCAPE '!')`,
			like, like, like, like, like)
	}
	if f.Cursor == "" {
		return tx, nil
	}
	when, id, err := readCursor(f.Cursor)
	if err != nil {
		return nil, err
	}
	return tx.Where("(created_at < ? OR (created_at = ? AND id < ?))", when, when, id), nil
}

func cursorOf(p Payment) string {
	return base64.RawURLEncoding.EncodeToString([]byte(p.CreatedAt.Format(time.RFC3339Nano) + " " + p.ID))
}

func readCursor(text string) (time.Time, string, error) {
	raw, err := base64.RawURLEncoding.DecodeString(text)
	if err != nil {
		return time.Time{}, "", ErrCursor
	}
	stamp, id, found := strings.Cut(string(raw), " ")
	when, err := time.Parse(time.RFC3339Nano, stamp)
	if err != nil || !found || strings.ContainsFunc(id, func(r rune) bool { return r <= ' ' || r > '~' }) {
		return time.Time{}, "", ErrCursor
	}
	return when.UTC(), id, nil
}

// Holders answers which payment holds each of the terminals, where one does.
func (s *Service) Holders(ctx context.Context, terminals []string) (map[string]Payment, error) {
	out := map[string]Payment{}
	if len(terminals) == 0 {
		return out, nil
	}
	var rows []Payment
	err := s.db.WithContext(ctx).Where("terminal_id IN ?", terminals).Where(holding).Find(&rows).Error
	if err != nil {
		return nil, fmt.Errorf("read who holds the terminals: %w", err)
	}
	for _, p := range rows {
		out[p.TerminalID] = p
	}
	return out, nil
}

// OpenOn counts the payments of a terminal whose outcome is not known: it
// cannot be retired before.
func (s *Service) OpenOn(ctx context.Context, terminalID string) (int64, error) {
	var n int64
	err := s.db.WithContext(ctx).Model(&Payment{}).Where("terminal_id = ? AND state IN ?", terminalID,
		[]State{Created, Sent, Unknown, Review}).Count(&n).Error
	if err != nil {
		return 0, fmt.Errorf("count open payments: %w", err)
	}
	return n, nil
}

// Attention lists the payments of a portal that need a person: unknown, in
// review, or with an alert that nobody has dealt with. Practice needs nobody.
func (s *Service) Attention(ctx context.Context, portalID string) ([]Payment, error) {
	tx := s.db.WithContext(ctx)
	var rows []Payment
	err := tx.Where("portal_id = ? AND provider <> ? AND (state IN ? OR id IN (?))", portalID, PracticeProvider, []State{Unknown, Review},
		tx.Model(&Alert{}).Select("payment_id").Where("seen_at IS NULL")).Order("created_at DESC").Limit(200).Find(&rows).Error
	if err != nil {
		return nil, fmt.Errorf("list payments that need attention: %w", err)
	}
	return rows, nil
}
