package web

import (
	"encoding/json"
	"time"

	"receivepayment/payments"
)

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
