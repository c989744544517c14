package sim

import (
	"crypto/rsa"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"time"
)

// Config is how the simulator behaves. Now is required.
type Config struct {
	Now func() time.Time
	// Auto lets customers pay and somebody press NEXT by themselves.
	Auto     bool
	Think    time.Duration // until the customer pays; default 20 ms
	Next     time.Duration // until NEXT; default nothing
	LateNext time.Duration // in the scenario NextDelayed; default one second
	Patience time.Duration // of Act; default five seconds
	// Choose picks the scenario of a payment that no script speaks of.
	Choose func() Scenario
	// Cut picks how many bytes of an answer of that length leave before the
	// cable is pulled (CutReply); nil means two thirds.
	Cut func(length int) int
	// PullAt picks after how many bytes of a request the cable is pulled; zero
	// means not at all, as nil does. A device cannot carry out half a request.
	PullAt func() int
	// Lines frames messages as one object per line instead of STX … ETX, check.
	Lines bool
	// SendQR sends the code's content over the cable while it is shown.
	SendQR bool
	// Rich lets the enquiry answer with amount and references. Finexus
	// documents none of them (reference kayaaku 1.7).
	Rich bool

	Email, Password, Serial, MID, SourceSystem string
	// Merchant verifies what is asked; Host signs what is answered. Without
	// them the HTTPS face refuses everybody.
	Merchant *rsa.PublicKey
	Host     *rsa.PrivateKey
}

// Sim is the device, the host and the truth. Safe for concurrent use.
type Sim struct {
	Device *Device

	config Config
	truth  *truth
	closed chan struct{}
	stop   sync.Once
	wait   sync.WaitGroup
	cable  *cable // nil without one
	pair   func(code string) error
	mu     sync.Mutex
	wrong  []string
	setup  string
}

// The login and numbers of the demo device.
const (
	DemoEmail        = "till@harbour.example"
	DemoPassword     = "not-a-secret"
	DemoSerial       = "KY2600000001"
	DemoMID          = "000001234567890"
	DemoSourceSystem = "HBR"
)

// New makes a simulator; nothing listens yet.
func New(c Config) *Sim {
	for _, f := range []struct {
		field *string
		is    string
	}{
		{&c.Email, DemoEmail},
		{&c.Password, DemoPassword},
		{&c.Serial, DemoSerial},
		{&c.MID, DemoMID},
		{&c.SourceSystem, DemoSourceSystem},
	} {
		if *f.field == "" {
			*f.field = f.is
		}
	}
	for _, f := range []struct {
		field *time.Duration
		is    time.Duration
	}{{&c.Think, 20 * time.Millisecond}, {&c.LateNext, time.Second}, {&c.Patience, 5 * time.Second}} {
		if *f.field == 0 {
			*f.field = f.is
		}
	}
	s := &Sim{config: c, truth: newTruth(), closed: make(chan struct{})}
	s.Device = &Device{sim: s, acts: make(chan string), screen: Screen{Step: "idle"}}
	return s
}

// Handler is the host's HTTPS face under /thirdparty/, the device's page under
// /device/ and what tests use under /control/.
func (s *Sim) Handler() http.Handler {
	mux := http.NewServeMux()
	s.hostFace(mux)
	s.page(mux)
	return mux
}

// Close pulls the cable and ends whatever waits.
func (s *Sim) Close() {
	s.stop.Do(func() { close(s.closed) })
	if s.cable != nil {
		s.cable.pull()
	}
	s.wait.Wait()
}

// violate keeps what no well-behaved till would do.
func (s *Sim) violate(format string, args ...any) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.wrong = append(s.wrong, fmt.Sprintf(format, args...))
}

// Violations is what a till did that it must never do; empty at the end of a
// good test.
func (s *Sim) Violations() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]string(nil), s.wrong...)
}

// sell runs one payment on the device. deliver is called with the answer at
// most once, with the fault that the face should play; it is not called when
// the answer is lost.
func (s *Sim) sell(r Record, shown func(Record), deliver func(Record, Scenario)) {
	r.Scenario, r.Kind, r.At = s.Device.scenario(), "sale", s.config.Now()
	if r.Scenario == BusyDevice || !s.Device.take() {
		r.RespCd = "77"
		deliver(r, Approve)
		return
	}
	defer s.Device.release()
	if !s.truth.open(r) {
		s.violate("TxnID %s was sent a second time", r.TxnID)
		r.RespCd = "78"
		deliver(r, Approve)
		return
	}
	switch {
	case r.Scenario == Silent:
		return
	case r.Scenario == UnplugBefore:
		deliver(r, Unplug)
		s.truth.decide(r.TxnID, "76", "")
		return
	case r.Scenario == ResultCodeAlone:
		s.truth.decide(r.TxnID, "76", "")
		deliver(r, ResultCodeAlone)
		return
	case r.Scenario == QRLate:
		late := r
		late.RespCd = "75"
		deliver(late, Approve)
	}
	shown(r)
	respCd, scheme, ok := s.Device.customer(r)
	if !ok {
		return
	}
	s.finish(s.truth.decide(r.TxnID, respCd, scheme), deliver)
}

// finish waits for NEXT after an approval and lets the answer go, or not.
func (s *Sim) finish(r Record, deliver func(Record, Scenario)) {
	if r.Scenario == EnquiryUnclear {
		s.truth.makeUnclear(r.TxnID, 3)
	}
	if r.Approved() && !s.Device.next(r) {
		return
	}
	switch {
	case r.Scenario == LostReply || r.Scenario == EnquiryUnclear || r.Scenario == QRLate:
	case r.Scenario == AlreadyExists:
		r.RespCd, r.Auth, r.HTR, r.RRN = "78", "", "", ""
		deliver(r, Approve)
	default:
		deliver(r, r.Scenario)
	}
}

// reverse books a void or a refund and answers its RespCd.
func (s *Sim) reverse(r Record) Record {
	r.At = s.config.Now()
	if !s.truth.open(r) {
		r.RespCd = "78"
		return r
	}
	if refused := s.truth.reversible(r.Of, r.Amount, r.Kind == "void"); refused != "" {
		return s.truth.decide(r.TxnID, refused, "")
	}
	return s.truth.decide(r.TxnID, "00", "")
}

func money(sen int64) string { return fmt.Sprintf("%d.%02d", sen/100, sen%100) }

// receipt is what the device prints or shows.
func receipt(r Record) string {
	return strings.Join([]string{
		"HARBOUR SUPPLIES", "MID " + DemoMID, r.At.UTC().Format("2006-01-02 15:04"), "SALE  " + r.Scheme,
		"MYR " + money(r.Amount), "RRN " + r.RRN, "APPR " + r.Auth, "APPROVED",
	}, "\n")
}
