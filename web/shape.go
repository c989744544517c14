package web

import (
	"encoding/json"
	"time"

	"receivepayment/access"
	"receivepayment/invoices"
	"receivepayment/pairing"
	"receivepayment/payments"
)

// The JSON shapes of api.md, each made from what a feature answers. Amounts are
// decimal text with a currency, times RFC 3339 UTC.

type amountJSON struct {
	Amount   string `json:"amount"`
	Currency string `json:"currency"`
}

func amountOf(m payments.Money) amountJSON {
	return amountJSON{Amount: m.String(), Currency: m.Currency}
}

type personJSON struct {
	ID   string `json:"id"`
	Name string `json:"name"`
}

type namedJSON struct {
	ID   string `json:"id"`
	Name string `json:"name"`
}

type summaryJSON struct {
	ID        string     `json:"id"`
	Kind      string     `json:"kind"`
	State     string     `json:"state"`
	Amount    amountJSON `json:"amount"`
	CreatedAt time.Time  `json:"createdAt"`
}

func summaryOf(p payments.Payment) summaryJSON {
	return summaryJSON{
		ID: p.ID, Kind: string(p.Kind), State: string(p.State), CreatedAt: p.CreatedAt,
		Amount: amountOf(payments.Money{Minor: p.Amount, Currency: p.Currency}),
	}
}

func summariesOf(rows []payments.Payment) []summaryJSON {
	out := make([]summaryJSON, len(rows))
	for i, p := range rows {
		out[i] = summaryOf(p)
	}
	return out
}

type documentJSON struct {
	ID          string        `json:"id"`
	Number      string        `json:"number"`
	Title       string        `json:"title"`
	Total       amountJSON    `json:"total"`
	Paid        amountJSON    `json:"paid"`
	Refunded    amountJSON    `json:"refunded"`
	Outstanding amountJSON    `json:"outstanding"`
	Refundable  amountJSON    `json:"refundable"`
	Status      string        `json:"status"`
	OpenPayment *summaryJSON  `json:"openPayment"`
	Payments    []summaryJSON `json:"payments"`
}

func documentOf(d invoices.Document) documentJSON {
	out := documentJSON{
		ID: d.ID, Number: d.Number, Title: d.Title, Status: string(d.Status),
		Total: amountOf(d.Money(d.Total)), Paid: amountOf(d.Money(d.Paid)), Refunded: amountOf(d.Money(d.Refunded)),
		Outstanding: amountOf(d.Money(d.Outstanding)), Refundable: amountOf(d.Money(d.Refundable)),
		Payments: summariesOf(d.Payments),
	}
	if d.Open != nil {
		open := summaryOf(*d.Open)
		out.OpenPayment = &open
	}
	return out
}

type viewJSON struct {
	Entity    string             `json:"entity"`
	ID        string             `json:"id"`
	Title     string             `json:"title"`
	Total     amountJSON         `json:"total"`
	ToInvoice amountJSON         `json:"toInvoice"`
	Documents []documentJSON     `json:"documents"`
	Terminals []pickTerminalJSON `json:"terminals"`
}

type pickTerminalJSON struct {
	ID       string    `json:"id"`
	Name     string    `json:"name"`
	Provider string    `json:"provider"`
	Status   string    `json:"status"`
	Default  bool      `json:"default"`
	BusyWith *busyJSON `json:"busyWith"`
}

// busyJSON is what keeps a terminal: a payment of a document, or a function
// that is no payment, with null for both.
type busyJSON struct {
	Payment  *string     `json:"payment"`
	Document *string     `json:"document"`
	Function *string     `json:"function"`
	By       *personJSON `json:"by"` // null when the app does it by itself
	Since    time.Time   `json:"since"`
}

func viewOf(v invoices.View, cards []pairing.Card) viewJSON {
	out := viewJSON{
		Entity: v.Entity, ID: v.ID, Title: v.Title, Total: amountOf(v.Total), ToInvoice: amountOf(v.ToInvoice),
		Documents: make([]documentJSON, len(v.Documents)), Terminals: make([]pickTerminalJSON, len(cards)),
	}
	for i, d := range v.Documents {
		out.Documents[i] = documentOf(d)
	}
	for i, c := range cards {
		out.Terminals[i] = pickTerminalJSON{
			ID: c.ID, Name: c.Name, Provider: c.Provider, Status: string(c.Status), Default: c.Default, BusyWith: busyOf(c),
		}
	}
	return out
}

func busyOf(c pairing.Card) *busyJSON {
	if h := c.Held; h != nil {
		busy := &busyJSON{Function: &h.What, Since: h.Since}
		if h.ByID != "" {
			busy.By = &personJSON{ID: h.ByID, Name: h.ByName}
		}
		return busy
	}
	if c.Holder == nil {
		return nil
	}
	h := c.Holder
	return &busyJSON{
		Payment: &h.ID, Document: &h.Document, Since: h.CreatedAt, By: &personJSON{ID: h.StartedBy, Name: h.StartedByName},
	}
}

type terminalJSON struct {
	ID             string      `json:"id"`
	Name           string      `json:"name"`
	Provider       string      `json:"provider"`
	Environment    string      `json:"environment"`
	Currency       string      `json:"currency"`
	Status         string      `json:"status"`
	StatusReason   *string     `json:"statusReason"`
	Shared         bool        `json:"shared"`
	Users          []string    `json:"users"`
	Group          *namedJSON  `json:"group"`
	Default        bool        `json:"default"`
	Facts          factsJSON   `json:"facts"`
	LastApprovedAt *time.Time  `json:"lastApprovedAt"`
	LastSeenAt     *time.Time  `json:"lastSeenAt"`
	LastCallbackAt *time.Time  `json:"lastCallbackAt"`
	NextCheckAt    *time.Time  `json:"nextCheckAt"`
	BusyWith       *busyJSON   `json:"busyWith"`
	Bridge         *bridgeJSON `json:"bridge,omitempty"`
	// Settlement is when the terminal settles by itself; null is never.
	Settlement *settlementJSON `json:"settlement"`
}

type factsJSON struct {
	MerchantName string   `json:"merchantName"`
	Bank         string   `json:"bank"`
	TerminalID   string   `json:"terminalId"`
	MerchantID   string   `json:"merchantId"`
	Serial       string   `json:"serial"`
	RefundLimit  *string  `json:"refundLimit"`
	CashOutLimit *string  `json:"cashOutLimit"`
	Features     []string `json:"features"`
}

func terminalOf(c pairing.Card) terminalJSON {
	var group *namedJSON
	if c.GroupID != "" {
		group = &namedJSON{ID: c.GroupID, Name: c.Group}
	}
	return terminalJSON{
		Group: group, NextCheckAt: c.CheckAt,
		ID: c.ID, Name: c.Name, Provider: c.Provider, Environment: c.Environment, Currency: c.Currency,
		Status: string(c.Status), StatusReason: textOrNil(c.StatusReason), Shared: c.Shared, Users: c.Users,
		Default: c.Default, LastApprovedAt: c.LastApprovedAt, LastSeenAt: c.LastSeenAt, LastCallbackAt: c.LastCallbackAt,
		BusyWith: busyOf(c), Bridge: bridgeOf(c), Settlement: settlementOf(c.Terminal),
		Facts: factsJSON{
			MerchantName: c.Facts.MerchantName, Bank: c.Facts.Bank, TerminalID: c.Facts.TerminalID,
			MerchantID: c.Facts.MerchantID, Serial: c.Facts.Serial, RefundLimit: textOrNil(c.Facts.RefundLimit),
			CashOutLimit: textOrNil(c.Facts.CashOutLimit), Features: append([]string{}, c.Facts.Features...),
		},
	}
}

type paymentJSON struct {
	ID         string          `json:"id"`
	Kind       string          `json:"kind"`
	Document   string          `json:"document"`
	Terminal   namedJSON       `json:"terminal"`
	State      string          `json:"state"`
	Final      bool            `json:"final"`
	Released   bool            `json:"released"`
	Amount     amountJSON      `json:"amount"`
	Approved   *approvedJSON   `json:"approved"`
	Display    *displayJSON    `json:"display"`
	SessionID  string          `json:"sessionId"`
	TxnRef     string          `json:"txnRef"`
	Result     *resultJSON     `json:"result"`
	Receipts   []receiptJSON   `json:"receipts"`
	StartedBy  personJSON      `json:"startedBy"`
	Operator   *personJSON     `json:"operator"` // who took it over on the screen
	CreatedAt  time.Time       `json:"createdAt"`
	SentAt     *time.Time      `json:"sentAt"`
	DecidedAt  *time.Time      `json:"decidedAt"`
	NextLookAt *time.Time      `json:"nextLookAt"`
	Reason     *string         `json:"reason"`
	History    []entryJSON     `json:"history"`
	WriteBacks []writeBackJSON `json:"writeBacks"`
	Alerts     []alertJSON     `json:"alerts"`
	RefundOf   *string         `json:"refundOf"`
	Refunds    []summaryJSON   `json:"refunds"`
	Refundable amountJSON      `json:"refundable"`
	Pending    *decisionJSON   `json:"pendingApproval"`
	Asked      askedJSON       `json:"asked"`
	Requests   []requestJSON   `json:"refundRequests"`
	Mailings   []mailingJSON   `json:"mailings"`
	Practice   bool            `json:"practice"` // nothing of it is real
}

// decisionJSON is a first person's decision that waits for a second.
type decisionJSON struct {
	Outcome string     `json:"outcome"`
	Reason  string     `json:"reason"`
	By      personJSON `json:"by"`
	At      time.Time  `json:"at"`
}

func decisionOf(d *payments.Decision) *decisionJSON {
	if d == nil {
		return nil
	}
	out := &decisionJSON{Outcome: "not_paid", Reason: d.Reason, By: personJSON{ID: d.ByID, Name: d.ByName}, At: d.At}
	if d.Paid {
		out.Outcome = "paid"
	}
	return out
}

func operatorOf(p payments.Payment) *personJSON {
	if p.Operator == "" {
		return nil
	}
	return &personJSON{ID: p.Operator, Name: p.OperatorName}
}

type approvedJSON struct {
	amountJSON
	Surcharge string `json:"surcharge"`
	Tip       string `json:"tip"`
	CashOut   string `json:"cashOut"`
	Total     string `json:"total"`
}

type displayJSON struct {
	Lines []string       `json:"lines"`
	Keys  []payments.Key `json:"keys"`
	Input *string        `json:"input"`
	QR    string         `json:"qr,omitempty"`
	At    *time.Time     `json:"at"`
}

type resultJSON struct {
	ResponseCode   string     `json:"responseCode"`
	ResponseText   string     `json:"responseText"`
	CardType       string     `json:"cardType"`
	Last4          string     `json:"last4"`
	Entry          string     `json:"entry"`
	Account        string     `json:"account"`
	AuthCode       string     `json:"authCode"`
	RRN            string     `json:"rrn"`
	STAN           string     `json:"stan"`
	SettlementDate string     `json:"settlementDate"`
	Source         string     `json:"source"`
	ConfirmedAt    *time.Time `json:"confirmedAt"`
}

type receiptJSON struct {
	ID   string `json:"id"`
	Type string `json:"type"`
	Text string `json:"text"`
}

// slipJSON is what a terminal printed for something that is no payment.
type slipJSON struct {
	Type string `json:"type"`
	Text string `json:"text"`
}

type entryJSON struct {
	At       time.Time       `json:"at"`
	From     string          `json:"from"`
	To       string          `json:"to"`
	Event    string          `json:"event"`
	By       string          `json:"by"`
	Why      string          `json:"why"`
	Evidence json.RawMessage `json:"evidence"`
}

type writeBackJSON struct {
	Target    string     `json:"target"`
	State     string     `json:"state"`
	Attempts  int        `json:"attempts"`
	LastError *string    `json:"lastError"`
	DueAt     *time.Time `json:"dueAt"`
}

type alertJSON struct {
	Code   string     `json:"code"`
	At     time.Time  `json:"at"`
	Text   string     `json:"text"`
	SeenAt *time.Time `json:"seenAt"` // when somebody said that they have dealt with it
}

func paymentOf(d payments.Detail) paymentJSON {
	p := d.Payment
	money := func(minor int64) payments.Money { return payments.Money{Minor: minor, Currency: p.Currency} }
	return paymentJSON{
		ID: p.ID, Kind: string(p.Kind), Document: p.Document, Terminal: namedJSON{ID: p.TerminalID, Name: p.TerminalName},
		State: string(p.State), Final: p.State.Final(), Released: p.Released, Amount: amountOf(money(p.Amount)),
		Approved: approvedOf(p), Display: displayOf(p), SessionID: p.SessionID, TxnRef: p.TxnRef, Result: resultOf(p),
		Receipts: receiptsOf(d.Receipts), StartedBy: personJSON{ID: p.StartedBy, Name: p.StartedByName},
		CreatedAt: p.CreatedAt, SentAt: p.SentAt, DecidedAt: p.DecidedAt, NextLookAt: p.DueAt, Reason: textOrNil(p.Reason),
		History: historyOf(d.History), WriteBacks: writeBacksOf(d.WriteBacks), Alerts: alertsOf(d.Alerts),
		RefundOf: textOrNil(p.RefundOf), Refunds: summariesOf(d.Refunds), Refundable: amountOf(money(d.Refundable)),
		Operator: operatorOf(p), Pending: decisionOf(d.Proposed), Asked: askedOf(p), Requests: requestsOf(d),
		Mailings: mailingsOf(d.Mailings),
		Practice: p.Practice(),
	}
}

func approvedOf(p payments.Payment) *approvedJSON {
	if p.State != payments.Approved {
		return nil
	}
	money := func(minor int64) payments.Money { return payments.Money{Minor: minor, Currency: p.Currency} }
	return &approvedJSON{
		amountJSON: amountOf(money(p.Collected())), Surcharge: money(p.Surcharge).String(), Tip: money(p.Tip).String(),
		CashOut: money(p.CashOut).String(), Total: money(p.Total).String(),
	}
}

func displayOf(p payments.Payment) *displayJSON {
	d := p.Display
	if d.At == nil {
		return nil
	}
	out := &displayJSON{Lines: append([]string{}, d.Lines...), Keys: []payments.Key{}, Input: textOrNil(d.Input), QR: d.QR, At: d.At}
	if !p.State.Final() { // what a decided payment's terminal last offered is history
		out.Keys = append(out.Keys, d.Keys...)
	}
	return out
}

func resultOf(p payments.Payment) *resultJSON {
	if !p.State.Final() || p.Source == "" {
		return nil
	}
	return &resultJSON{
		ResponseCode: p.ResponseCode, ResponseText: p.ResponseText, CardType: p.CardType, Last4: p.Last4,
		Entry: p.Entry, Account: p.Account, AuthCode: p.AuthCode, RRN: p.RRN, STAN: p.STAN,
		SettlementDate: p.SettlementDate, Source: string(p.Source), ConfirmedAt: p.ConfirmedAt,
	}
}

func receiptsOf(rows []payments.Receipt) []receiptJSON {
	out := make([]receiptJSON, len(rows))
	for i, r := range rows {
		out[i] = receiptJSON{ID: r.Hash, Type: r.Type, Text: r.Text}
	}
	return out
}

func historyOf(rows []payments.Entry) []entryJSON {
	out := make([]entryJSON, len(rows))
	for i, h := range rows {
		out[i] = entryJSON{
			At: h.At, From: string(h.FromState), To: string(h.ToState), Event: string(h.Event),
			By: h.Actor, Why: h.Why, Evidence: h.Evidence,
		}
	}
	return out
}

func writeBacksOf(rows []payments.WriteBack) []writeBackJSON {
	out := make([]writeBackJSON, len(rows))
	for i, w := range rows {
		out[i] = writeBackJSON{
			Target: string(w.Target), State: string(w.State), Attempts: w.Attempts,
			LastError: textOrNil(w.LastError), DueAt: w.DueAt,
		}
	}
	return out
}

func alertsOf(rows []payments.Alert) []alertJSON {
	out := make([]alertJSON, len(rows))
	for i, a := range rows {
		out[i] = alertJSON{Code: a.Code, At: a.At, Text: a.Text, SeenAt: a.SeenAt}
	}
	return out
}

type grantJSON struct {
	Subject string         `json:"subject"`
	Rights  []access.Right `json:"rights"`
}

func textOrNil(s string) *string {
	if s == "" {
		return nil
	}
	return &s
}
