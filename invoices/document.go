package invoices

import (
	"context"
	"fmt"
	"strconv"

	"receivepayment/bitrix"
	"receivepayment/db"
	"receivepayment/payments"
)

// Status is what a document looks like to people.
type Status string

// The statuses, in the words of the JSON face.
const (
	Unpaid         Status = "unpaid"
	InProgress     Status = "in_progress"
	Unknown        Status = "unknown"
	PartlyPaid     Status = "partly_paid"
	Paid           Status = "paid"
	PartlyRefunded Status = "partly_refunded"
	Refunded       Status = "refunded"
)

// Document is something that can be paid, as the CRM and our payments
// together describe it. Amounts are minor units of Currency.
type Document struct {
	ID          string
	Number      string
	Title       string
	DealID      string
	Currency    string
	Total       int64
	Paid        int64
	Refunded    int64
	Outstanding int64
	Refundable  int64
	Status      Status
	Settled     bool // the CRM counts it as paid, and not because of us
	Closed      bool // a failure stage: no payment
	Returned    bool // its stage says that all was refunded: no payment until it is reopened
	Open        *payments.Payment
	Payments    []payments.Payment
	Requests    []payments.RefundRequest // approved: their amounts are reserved
}

// Money is an amount of the document's currency.
func (d Document) Money(minor int64) payments.Money {
	return payments.Money{Minor: minor, Currency: d.Currency}
}

// Owed is what a payment must know of the document.
func (d Document) Owed() payments.Owed {
	return payments.Owed{
		ID: d.ID, Title: d.Title, DealID: d.DealID, Total: d.Money(d.Total), Settled: d.Settled,
	}
}

// View is a CRM record with the documents that belong to it.
type View struct {
	Entity    string
	ID        string
	Title     string
	Total     payments.Money
	ToInvoice payments.Money
	Documents []Document
	// Policy is what the portal allows at its tills; whoever shows the view fills
	// it in.
	Policy payments.Policy
}

// View reads a deal, an invoice or an order as the viewer may see it.
func (s *Service) View(ctx context.Context, portalID, userID, entity, id string) (View, error) {
	n, err := parseID("id", id)
	if err != nil {
		return View{}, err
	}
	crm, err := s.reader(ctx, portalID, userID)
	if err != nil {
		return View{}, err
	}
	switch entity {
	case "deal":
		return s.deal(ctx, crm, n)
	case "invoice":
		return s.invoice(ctx, crm, n)
	case "order":
		return s.order(ctx, crm, n)
	}
	return View{}, payments.Invalid("entity", "Choose deal, invoice or order.")
}

// Opened is [Service.View] of a deal that was read when the page was opened, with
// the viewer's own token.
func (s *Service) Opened(ctx context.Context, portalID, userID string, o *bitrix.Opened) (View, error) {
	deal, rows, err := o.Deal()
	if err != nil {
		return View{}, crmError("read the deal", err)
	}
	crm, err := s.reader(ctx, portalID, userID)
	if err != nil {
		return View{}, err
	}
	return s.dealView(ctx, crm, o.DealID, deal, rows)
}

func (s *Service) deal(ctx context.Context, crm reader, id int64) (View, error) {
	deal, rows, err := crm.DealWithInvoices(ctx, id)
	if err != nil {
		return View{}, crmError("read the deal", err)
	}
	return s.dealView(ctx, crm, id, deal, rows)
}

func (s *Service) dealView(ctx context.Context, crm reader, id int64, deal bitrix.Deal, rows []bitrix.Invoice) (View, error) {
	total, err := payments.ParseCRM(orZero(deal.Opportunity), deal.Currency)
	if err != nil {
		return View{}, fmt.Errorf("%w: the deal's amount: %w", ErrRefused, err)
	}
	v := View{Entity: "deal", ID: strconv.FormatInt(id, 10), Title: deal.Title, Total: total}
	if v.Documents, err = s.documents(ctx, crm, rows); err != nil {
		return View{}, err
	}
	bound, err := s.ordersOf(ctx, crm, id)
	if err != nil {
		return View{}, err
	}
	v.Documents = append(v.Documents, bound...)
	v.ToInvoice = payments.Money{Minor: toInvoice(v), Currency: total.Currency}
	return v, nil
}

// toInvoice is what of the deal no invoice covers yet. Closed invoices cover
// nothing; those in another currency cannot be compared and are left out.
func toInvoice(v View) int64 {
	left := v.Total.Minor
	for _, d := range v.Documents {
		if d.Currency == v.Total.Currency && !d.Closed {
			left -= d.Total
		}
	}
	return max(left, 0)
}

func (s *Service) invoice(ctx context.Context, crm reader, id int64) (View, error) {
	row, err := crm.Invoice(ctx, id)
	if err != nil {
		return View{}, crmError("read the invoice", err)
	}
	docs, err := s.documents(ctx, crm, []bitrix.Invoice{row})
	if err != nil {
		return View{}, err
	}
	d := docs[0]
	return View{
		Entity: "invoice", ID: strconv.FormatInt(id, 10), Title: d.Title,
		Total: d.Money(d.Total), ToInvoice: d.Money(0), Documents: docs,
	}, nil
}

// Document reads one document as the viewer may see it.
func (s *Service) Document(ctx context.Context, portalID, userID, name string) (Document, error) {
	ref, err := parseDocument(name)
	if err != nil {
		return Document{}, err
	}
	entity, id := "invoice", ref.invoice
	if ref.order != 0 {
		entity, id = "order", ref.order
	}
	v, err := s.View(ctx, portalID, userID, entity, strconv.FormatInt(id, 10))
	if err != nil {
		return Document{}, err
	}
	for _, d := range v.Documents {
		if d.ID == name {
			return d, nil
		}
	}
	return Document{}, fmt.Errorf("%w: the order has no such payment", ErrNotFound)
}

// Owed reads what a payment must know of a document, as the viewer may see it:
// [Service.Document] without our own payments, which starting one looks at
// under its own guards. A document that is closed is [ErrClosed], one that was
// refunded and not reopened [ErrReturned].
func (s *Service) Owed(ctx context.Context, portalID, userID, name string) (payments.Owed, error) {
	ref, err := parseDocument(name)
	if err != nil {
		return payments.Owed{}, err
	}
	crm, err := s.reader(ctx, portalID, userID)
	if err != nil {
		return payments.Owed{}, err
	}
	doc, err := s.bare(ctx, crm, ref)
	if err != nil {
		return payments.Owed{}, err
	}
	switch {
	case doc.Closed:
		return payments.Owed{}, ErrClosed
	case doc.Returned:
		return payments.Owed{}, ErrReturned
	}
	return doc.Owed(), nil
}

// bare reads a document as the CRM has it, without our own payments.
func (s *Service) bare(ctx context.Context, crm reader, ref reference) (Document, error) {
	if ref.order != 0 {
		return s.bareOrderPayment(ctx, crm, ref)
	}
	row, err := crm.Invoice(ctx, ref.invoice)
	if err != nil {
		return Document{}, crmError("read the invoice", err)
	}
	docs, err := s.describeAll(ctx, crm, []bitrix.Invoice{row}, nil)
	if err != nil {
		return Document{}, err
	}
	return docs[0], nil
}

func (s *Service) documents(ctx context.Context, crm reader, rows []bitrix.Invoice) ([]Document, error) {
	ledgers, err := s.Payments.Ledgers(ctx, crm.id, documentsOf(rows))
	if err != nil {
		return nil, err
	}
	return s.describeAll(ctx, crm, rows, ledgers)
}

func documentsOf(rows []bitrix.Invoice) []string {
	names := make([]string, len(rows))
	for i, row := range rows {
		names[i] = invoiceDocument(row.ID)
	}
	return names
}

func (s *Service) describeAll(ctx context.Context, crm reader, rows []bitrix.Invoice, ledgers map[string]payments.Ledger) ([]Document, error) {
	standings, err := s.standings(ctx, crm, rows)
	if err != nil {
		return nil, err
	}
	docs := make([]Document, len(rows))
	for i, row := range rows {
		total, err := payments.ParseCRM(orZero(row.Amount), row.Currency)
		if err != nil {
			return nil, fmt.Errorf("%w: the amount of invoice %d: %w", ErrRefused, row.ID, err)
		}
		docs[i] = describe(row, total, ledgers[invoiceDocument(row.ID)], standings[i])
	}
	return docs, nil
}

// standings reads each document's stage. Which of them our own write-backs set
// is asked only when one of them ends its invoice. A failure stage that we set
// is that of a refund, like the stage that an administrator chose for it.
func (s *Service) standings(ctx context.Context, crm reader, rows []bitrix.Invoice) ([]standing, error) {
	out := make([]standing, len(rows))
	settings, err := readSettings(s.DB.WithContext(ctx), crm.id)
	if err != nil {
		return nil, err
	}
	ended := false
	for i, row := range rows {
		funnel, err := crm.funnel(ctx, row.CategoryID)
		if err != nil {
			return nil, crmError("read the invoice's stages", err)
		}
		out[i] = standing{
			settled: funnel.Succeeded(row.StageID), closed: funnel.Failed(row.StageID),
			returned: row.StageID != "" && row.StageID == settings.stageFor(row.CategoryID, funnel).Refunded,
		}
		ended = ended || out[i].settled || out[i].closed
	}
	if !ended {
		return out, nil
	}
	ours, err := stagesWeSet(ctx, s.DB, crm.id, documentsOf(rows))
	if err != nil {
		return nil, err
	}
	for i, row := range rows {
		byUs := ours[invoiceDocument(row.ID)][row.StageID]
		out[i].returned = out[i].returned || out[i].closed && byUs
		out[i].settled, out[i].closed = out[i].settled && !byUs, out[i].closed && !byUs && !out[i].returned
	}
	return out, nil
}

// standing is what the CRM's stage says of a document.
type standing struct{ settled, closed, returned bool }

func describe(row bitrix.Invoice, total payments.Money, l payments.Ledger, at standing) Document {
	d := Document{ID: invoiceDocument(row.ID), Number: row.Number, Title: row.Title, DealID: optionalID(row.DealID)}
	if d.Title == "" {
		d.Title = "№ " + row.Number // the portal shows a made-up name too (reference 6.3)
	}
	return d.with(total, l, at)
}

// with adds the sums: what the document costs, and what our payments and its
// standing in the CRM leave of that.
func (d Document) with(total payments.Money, l payments.Ledger, at standing) Document {
	l = l.In(total.Currency) // what was paid before the currency was changed cannot be added to it
	d.Currency, d.Total = total.Currency, total.Minor
	d.Paid, d.Refunded, d.Payments, d.Requests = l.Paid, l.Refunded, l.Payments, l.Requests
	d.Settled, d.Closed, d.Returned = at.settled, at.closed, at.returned
	d.Outstanding = max(total.Minor-l.Paid+l.Refunded, 0)
	if at.settled || at.returned {
		d.Outstanding = 0
	}
	for _, p := range l.Payments {
		if p.Kind == payments.Purchase && p.RFN != "" {
			d.Refundable += l.Refundable(p)
		}
	}
	d.Open = openPayment(l)
	d.Status = d.status()
	return d
}

// openPayment is the payment to show live: the one that blocks the document,
// else a refund that is under way.
func openPayment(l payments.Ledger) *payments.Payment {
	if p := l.Open(); p != nil {
		return p
	}
	for i := range l.Payments {
		if p := &l.Payments[i]; p.BlocksDocument() {
			return p
		}
	}
	return nil
}

func (d Document) status() Status {
	switch {
	case d.Open != nil && (d.Open.State == payments.Unknown || d.Open.State == payments.Review):
		return Unknown
	case d.Open != nil:
		return InProgress
	case d.Refunded > 0 && d.Refunded >= d.Paid:
		return Refunded
	case d.Refunded > 0:
		return PartlyRefunded
	case d.Settled, d.Paid > 0 && d.Paid >= d.Total:
		return Paid
	case d.Paid > 0:
		return PartlyPaid
	}
	return Unpaid
}

func orZero(amount string) string {
	if amount == "" {
		return "0"
	}
	return amount
}

// stagesWeSet lists, by document, the stages that our own write-backs moved it
// to. A success stage that is not among them was set by people.
func stagesWeSet(ctx context.Context, d *db.DB, portalID string, names []string) (map[string]map[string]bool, error) {
	out := map[string]map[string]bool{}
	if len(names) == 0 {
		return out, nil
	}
	var rows []struct{ Document, External string }
	err := d.WithContext(ctx).Table("write_backs").Select("payments.document, write_backs.external").
		Joins("JOIN payments ON payments.id = write_backs.payment_id").
		Where("payments.portal_id = ? AND payments.document IN ?", portalID, names).
		Where("write_backs.target = ? AND write_backs.external <> ''", payments.TargetDocument).Scan(&rows).Error
	if err != nil {
		return nil, fmt.Errorf("read the stages that we set: %w", err)
	}
	for _, r := range rows {
		if out[r.Document] == nil {
			out[r.Document] = map[string]bool{}
		}
		out[r.Document][r.External] = true
	}
	return out, nil
}
