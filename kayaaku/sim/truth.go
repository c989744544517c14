package sim

import (
	"fmt"
	"strconv"
	"sync"
	"time"
)

// Record is what the host knows of one transaction. Amounts are sen.
type Record struct {
	TxnID    string
	Kind     string // sale, void, refund
	Of       string // a reversal's sale
	Method   string // PmtType
	Amount   int64
	RespCd   string // empty while undecided
	Scheme   string
	STAN     string
	RRN      string
	MRN      string
	HTR      string
	Auth     string
	At       time.Time
	Scenario Scenario
	unclear  int // enquiries that answer 63 first
}

// Approved reports whether money moved.
func (r Record) Approved() bool { return r.RespCd == "00" }

// truth is the host's books, the same for both faces.
type truth struct {
	mu      sync.Mutex
	records map[string]*Record
	order   []string
	stan    int
	days    map[string]map[string]bool // sequence numbers used, by day
}

func newTruth() *truth {
	return &truth{records: map[string]*Record{}, days: map[string]map[string]bool{}}
}

// open books a transaction as under way; false means that the TxnID exists.
func (t *truth) open(r Record) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.records[r.TxnID] != nil {
		return false
	}
	t.stan++
	r.STAN = fmt.Sprintf("%06d", t.stan)
	r.MRN = fmt.Sprintf("MRN%017d", t.stan)
	t.records[r.TxnID] = &r
	t.order = append(t.order, r.TxnID)
	return true
}

// decide closes it. Approved transactions get their references.
func (t *truth) decide(id, respCd, scheme string) Record {
	t.mu.Lock()
	defer t.mu.Unlock()
	r := t.records[id]
	if r.RespCd != "" {
		return *r
	}
	r.RespCd, r.Scheme = respCd, scheme
	if respCd != "00" {
		return *r
	}
	n, _ := strconv.Atoi(r.STAN)
	r.RRN = fmt.Sprintf("6241%08d", n)
	r.HTR = fmt.Sprintf("H%015d", n)
	if r.Method == "01" || r.Kind != "sale" {
		r.Auth = fmt.Sprintf("%06d", 318000+n)
	}
	return *r
}

func (t *truth) find(id string) (Record, bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	r := t.records[id]
	if r == nil {
		return Record{}, false
	}
	return *r, true
}

// asked answers an enquiry's RespCd; empty means that there is no such
// transaction.
func (t *truth) asked(id string) (Record, string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	r := t.records[id]
	if r == nil {
		return Record{}, ""
	}
	if r.unclear > 0 {
		r.unclear--
		return *r, "63"
	}
	if r.RespCd == "" {
		return *r, "63"
	}
	return *r, r.RespCd
}

func (t *truth) makeUnclear(id string, times int) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.records[id].unclear = times
}

// reversible says why a sale cannot be reversed by amount, as a RespCd.
func (t *truth) reversible(id string, amount int64, void bool) string {
	t.mu.Lock()
	defer t.mu.Unlock()
	sale := t.records[id]
	if sale == nil || sale.Kind != "sale" || !sale.Approved() {
		return "50"
	}
	if void && sale.Method != "01" {
		return "50" // a QR payment is refunded, never voided (reference kayaaku 3.1)
	}
	left := sale.Amount
	for _, r := range t.records {
		if r.Of == id && r.Approved() {
			left -= r.Amount
		}
	}
	switch {
	case void && left != sale.Amount:
		return "50"
	case amount > left:
		return "59"
	}
	return ""
}

// sequence notes a number and reports whether it is new on this day.
func (t *truth) sequence(day, source, n string) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	key := day + source
	if t.days[key] == nil {
		t.days[key] = map[string]bool{}
	}
	if t.days[key][n] {
		return false
	}
	t.days[key][n] = true
	return true
}

// Records is everything that the host ever saw, in order.
func (s *Sim) Records() []Record {
	s.truth.mu.Lock()
	defer s.truth.mu.Unlock()
	out := make([]Record, len(s.truth.order))
	for i, id := range s.truth.order {
		out[i] = *s.truth.records[id]
	}
	return out
}

// Approvals is the truth about money: every transaction that moved some.
func (s *Sim) Approvals() []Record {
	var out []Record
	for _, r := range s.Records() {
		if r.Approved() {
			out = append(out, r)
		}
	}
	return out
}
