package invoices

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"gorm.io/gorm/clause"

	"receivepayment/bitrix"
	"receivepayment/db"
	"receivepayment/payments"
)

// NewInvoice is a request to add an invoice to a deal, or a payment to an order.
// Without Amount it is what of the deal is not yet invoiced, or what no payment
// of the order covers.
type NewInvoice struct {
	PortalID  string
	UserID    string
	RequestID string
	Deal      string // or Order
	Order     string
	Title     string // empty means the deal's; an order's payment has none
	Amount    string // decimal text
	Currency  string // empty means the deal's
	Funnel    string // of invoices; empty means the portal's own choice
}

// request remembers that an invoice was asked for, so that the same request
// never makes two. The invoice itself carries XMLID, by which it is found
// again after an answer that was lost.
type request struct {
	PortalID  string `gorm:"primaryKey"`
	RequestID string `gorm:"primaryKey"`
	Hash      string
	XMLID     string `gorm:"column:xml_id"`
	Document  string
	ClaimedAt time.Time
	again     bool // an earlier call had it, and may have left an invoice
}

func (request) TableName() string { return "invoice_requests" }

const (
	claimFor  = 90 * time.Second // longer than any call to the CRM may take
	waitTurns = 40               // how often a repetition looks whether the first is done
	waitTurn  = 250 * time.Millisecond
)

// ErrBusy means that the same request is being carried out right now.
var ErrBusy = errors.New("the same request is still under way")

// errGivenBack means that the call which had the request was refused: whoever
// waited for it may try.
var errGivenBack = errors.New("the request was given back")

// Add creates the invoice, once per request id however often it is asked, and
// answers it as the CRM reports it. A refused call does not use its id up.
func (s *Service) Add(ctx context.Context, n NewInvoice) (Document, error) {
	if err := n.check(); err != nil {
		return Document{}, err
	}
	for {
		doc, err := s.addOrAwait(ctx, n)
		if !errors.Is(err, errGivenBack) {
			return doc, err
		}
	}
}

func (s *Service) addOrAwait(ctx context.Context, n NewInvoice) (Document, error) {
	req, mine, err := s.claim(ctx, n)
	if err != nil {
		return Document{}, err
	}
	if !mine {
		return s.awaitOther(ctx, n, req)
	}
	add := s.create
	if n.Order != "" {
		add = s.addOrderPayment
	}
	name, left, err := add(ctx, n, req)
	if err != nil {
		return Document{}, errors.Join(err, s.unclaim(context.WithoutCancel(ctx), req, left || req.again))
	}
	err = s.DB.WithContext(ctx).Model(&request{}).
		Where("portal_id = ? AND request_id = ?", req.PortalID, req.RequestID).Update("document", name).Error
	if err != nil {
		return Document{}, fmt.Errorf("remember the invoice: %w", err)
	}
	return s.Document(ctx, n.PortalID, n.UserID, name)
}

func (n NewInvoice) check() error {
	if err := CheckRequestID(n.RequestID); err != nil {
		return err
	}
	if n.Deal != "" && n.Order != "" {
		return payments.Invalid("order", "Name a deal or an order, not both.")
	}
	field, id := "deal", n.Deal
	if n.Order != "" {
		field, id = "order", n.Order
	}
	if _, err := parseID(field, id); err != nil {
		return err
	}
	if n.Funnel != "" {
		if _, err := parseID("funnel", n.Funnel); err != nil {
			return err
		}
	}
	if utf8.RuneCountInString(n.Title) > 200 || strings.ContainsFunc(n.Title, unicode.IsControl) {
		return payments.Invalid("title", "Use at most 200 printable characters.")
	}
	return nil
}

// CheckRequestID refuses what cannot name a request.
func CheckRequestID(id string) error {
	if id == "" || len(id) > 100 || strings.ContainsFunc(id, func(r rune) bool { return !unicode.IsPrint(r) }) {
		return payments.Invalid("requestId", "Send an id of your own, 1 to 100 printable characters, new for each request.")
	}
	return nil
}

func (n NewInvoice) hash() string {
	parts := []string{n.Deal, n.Title, plain(n.Amount), n.Currency}
	if n.Order != "" {
		parts = append(parts, "order", n.Order)
	}
	if n.Funnel != "" {
		parts = append(parts, "funnel", n.Funnel)
	}
	raw, _ := json.Marshal(parts) // strings always marshal
	sum := sha256.Sum256(raw)
	return hex.EncodeToString(sum[:])
}

// plain writes an amount in one way, so that 100 repeats 100.00.
func plain(amount string) string {
	whole, decimals, _ := strings.Cut(amount, ".")
	if decimals = strings.TrimRight(decimals, "0"); decimals == "" {
		return whole
	}
	return whole + "." + decimals
}

func (n NewInvoice) xmlID() string {
	sum := sha256.Sum256([]byte(n.PortalID + "\x00" + n.RequestID))
	return "pos-" + hex.EncodeToString(sum[:12])
}

// claim makes the request ours, unless it is done or under way.
func (s *Service) claim(ctx context.Context, n NewInvoice) (request, bool, error) {
	now := s.Clock()
	req := request{
		PortalID: n.PortalID, RequestID: n.RequestID, Hash: n.hash(), XMLID: n.xmlID(), ClaimedAt: now,
	}
	res := s.DB.WithContext(ctx).Clauses(clause.OnConflict{DoNothing: true}).Create(&req)
	if res.Error != nil {
		return req, false, fmt.Errorf("claim the request: %w", res.Error)
	}
	if res.RowsAffected == 1 {
		return req, true, nil
	}
	known, err := s.readRequest(ctx, n)
	if err != nil {
		return known, false, err
	}
	if known.Hash != req.Hash {
		return known, false, payments.ErrRequestReused
	}
	// A claim that ran out belongs to a call that died; whoever takes it over
	// finds what it made by the XML id.
	taken := s.DB.WithContext(ctx).Model(&request{}).
		Where("portal_id = ? AND request_id = ? AND document = '' AND claimed_at < ?",
			n.PortalID, n.RequestID, now.Add(-claimFor)).Update("claimed_at", now)
	if taken.Error != nil {
		return known, false, fmt.Errorf("claim the request: %w", taken.Error)
	}
	known.again = true
	return known, taken.RowsAffected == 1, nil
}

func (s *Service) readRequest(ctx context.Context, n NewInvoice) (request, error) {
	var known request
	err := db.NotFound(s.DB.WithContext(ctx).Where("portal_id = ? AND request_id = ?", n.PortalID, n.RequestID).Take(&known).Error)
	if errors.Is(err, db.ErrNotFound) {
		return known, errGivenBack
	}
	if err != nil {
		return known, fmt.Errorf("read the request: %w", err)
	}
	return known, nil
}

// unclaim ends a claim that failed. What was refused and left nothing behind
// frees the id. What may stand in the CRM belongs to this request, and its
// repetition finds it there at once.
func (s *Service) unclaim(ctx context.Context, req request, left bool) error {
	tx := s.DB.WithContext(ctx).Model(&request{}).
		Where("portal_id = ? AND request_id = ? AND document = ''", req.PortalID, req.RequestID)
	if left {
		return tx.Update("claimed_at", s.Clock().Add(-2*claimFor)).Error
	}
	return tx.Delete(&request{}).Error
}

func (s *Service) awaitOther(ctx context.Context, n NewInvoice, req request) (Document, error) {
	for range waitTurns {
		if req.Document != "" {
			return s.Document(ctx, n.PortalID, n.UserID, req.Document)
		}
		select {
		case <-ctx.Done():
			return Document{}, ctx.Err()
		case <-time.After(waitTurn):
		}
		var err error
		if req, err = s.readRequest(ctx, n); err != nil {
			return Document{}, err
		}
	}
	return Document{}, ErrBusy
}

// plan is what the new invoice shall be.
type plan struct {
	deal  bitrix.Deal
	title string
	total payments.Money
	// whole means all that is not invoiced yet: its products are copied, but for
	// those of the invoices in others.
	whole  bool
	others []int64
	funnel int64 // 0 leaves the choice to the portal
}

// create makes the invoice in the CRM, or finds the one that an earlier try of
// the request made. Left means that it failed and something may stand there.
func (s *Service) create(ctx context.Context, n NewInvoice, req request) (name string, left bool, err error) {
	crm, err := s.reader(ctx, n.PortalID, n.UserID)
	if err != nil {
		return "", false, err
	}
	dealID, err := parseID("deal", n.Deal)
	if err != nil {
		return "", false, err
	}
	deal, rows, err := crm.DealWithInvoices(ctx, dealID)
	if err != nil {
		return "", false, crmError("read the deal", err)
	}
	existing, others := split(rows, req.XMLID)
	p, err := s.plan(ctx, crm, n, deal, others)
	if err != nil {
		return "", existing != nil, err
	}
	if existing == nil {
		added, err := crm.AddInvoice(ctx, p.fields(req.XMLID, n.UserID))
		if err != nil {
			err = s.wanted(ctx, crm.Portal, crmError("add the invoice", err))
			return "", errors.Is(err, ErrUnavailable), err
		}
		existing = &added
	}
	left, err = s.fillOrUndo(ctx, crm.Portal, existing.ID, p)
	return invoiceDocument(existing.ID), left, err
}

// split finds the invoice that an earlier try of this request made.
func split(rows []bitrix.Invoice, xmlID string) (*bitrix.Invoice, []bitrix.Invoice) {
	var mine *bitrix.Invoice
	others := make([]bitrix.Invoice, 0, len(rows))
	for i, row := range rows {
		if row.XMLID == xmlID {
			mine = &rows[i]
			continue
		}
		others = append(others, row)
	}
	return mine, others
}

func (s *Service) plan(ctx context.Context, crm reader, n NewInvoice, deal bitrix.Deal, others []bitrix.Invoice) (plan, error) {
	total, err := payments.ParseCRM(orZero(deal.Opportunity), deal.Currency)
	if err != nil {
		return plan{}, fmt.Errorf("%w: the deal's amount: %w", ErrRefused, err)
	}
	if n.Currency != "" && n.Currency != total.Currency {
		return plan{}, payments.Invalid("currency", "The deal is in %s.", total.Currency)
	}
	docs, err := s.describeAll(ctx, crm, others, nil) // amounts and stages are enough
	if err != nil {
		return plan{}, err
	}
	orders, err := s.ordersOf(ctx, crm, deal.ID)
	if err != nil {
		return plan{}, err
	}
	left := toInvoice(View{Total: total, Documents: append(docs, orders...)})
	p := plan{deal: deal, title: n.Title, total: payments.Money{Minor: left, Currency: total.Currency}}
	if p.title == "" {
		p.title = deal.Title
	}
	if n.Amount != "" {
		if p.total, err = payments.ParseMoney(n.Amount, total.Currency); err != nil {
			return plan{}, payments.Invalid("amount", "Enter an amount like 42.50, with no more decimals than the currency has.")
		}
	}
	if p.total.Minor == 0 {
		return plan{}, payments.Invalid("amount", "Enter an amount above zero; nothing of the deal is left to invoice.")
	}
	p.whole = p.total.Minor == left && len(orders) == 0
	for i, d := range docs {
		if !d.Closed {
			p.others = append(p.others, others[i].ID)
		}
	}
	if n.Funnel != "" {
		p.funnel, err = parseID("funnel", n.Funnel)
	}
	return p, err
}

func (p plan) fields(xmlID, userID string) bitrix.InvoiceFields {
	f := bitrix.InvoiceFields{
		Title: p.title, XMLID: xmlID, DealID: p.deal.ID, CompanyID: p.deal.CompanyID,
		ContactIDs: p.deal.ContactIDs, MyCompanyID: p.deal.MyCompanyID, Currency: p.total.Currency, CategoryID: p.funnel,
	}
	if id, err := strconv.ParseInt(userID, 10, 64); err == nil {
		f.AssignedByID = id
	}
	return f
}

// fillOrUndo fills the invoice, or deletes it when that is certain not to work:
// an invoice over another amount must not stay behind. After an answer that
// leaves it open the invoice stays, and the repetition mends it.
func (s *Service) fillOrUndo(ctx context.Context, api *bitrix.Portal, id int64, p plan) (left bool, err error) {
	err = s.fill(ctx, api, id, p)
	if err == nil || errors.Is(err, ErrUnavailable) {
		return err != nil, err
	}
	if undo := api.DeleteInvoice(ctx, id); undo != nil {
		return true, errors.Join(err, crmError("delete the unfinished invoice", undo))
	}
	return false, err
}

// fill gives the invoice its rows and makes sure that the CRM then reports
// exactly the amount that was shown.
func (s *Service) fill(ctx context.Context, api *bitrix.Portal, id int64, p plan) error {
	oneLine := []bitrix.ProductRow{{Name: p.title, Price: p.total.String(), Quantity: "1"}}
	tries := [][]bitrix.ProductRow{oneLine}
	if p.whole {
		rows, err := uninvoiced(ctx, api, p.deal.ID, p.others)
		if err != nil {
			return err
		}
		if len(rows) > 0 {
			tries = [][]bitrix.ProductRow{rows, oneLine}
		}
	}
	for _, rows := range tries {
		if _, err := api.SetProductRows(ctx, bitrix.OwnerInvoice, id, rows); err != nil {
			return crmError("write the invoice's lines", err)
		}
		got, err := api.Invoice(ctx, id)
		if err != nil {
			return crmError("read the new invoice", err)
		}
		amount, err := payments.ParseCRM(orZero(got.Amount), got.Currency)
		if err == nil && amount == p.total {
			return nil
		}
	}
	return ErrMismatch
}
