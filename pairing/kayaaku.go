package pairing

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"receivepayment/db"
	"receivepayment/internal/fault"
	"receivepayment/jobs"
	"receivepayment/kayaaku"
	"receivepayment/payments"
	"receivepayment/secrets"
)

// Kayaaku makes Kayaaku POS a payments.Gateway, over either way to the device:
// the bridge at the till, or Finexus' host. It translates, and decides nothing
// that [kayaaku.Codes.Judge] does not decide.
type Kayaaku struct {
	DB    *db.DB
	Clock db.Clock
	Keys  *secrets.Keys
	Bell  *jobs.Bell
	Log   *slog.Logger
	// FirstGap is the wait between the first two enquiries; it doubles to a
	// minute (reference kayaaku 5.4).
	FirstGap time.Duration
	// Payments is set once both exist.
	Payments *payments.Service

	calls sync.WaitGroup
	quit  context.CancelFunc
	life  context.Context //nolint:containedctx // calls to the host outlive the step that began them
}

var _ payments.Gateway = (*Kayaaku)(nil)

// Start readies the adapter. Calls to the host run until Close.
func (k *Kayaaku) Start() *Kayaaku {
	k.life, k.quit = context.WithCancel(context.Background())
	return k
}

// Close cuts the calls to the host that still wait for a customer: what became
// of their payments is then asked about.
func (k *Kayaaku) Close() {
	k.quit()
	k.calls.Wait()
}

// errKeys: nothing can be pressed on this device from afar (reference kayaaku
// 5.2), and no display of it ever offers a key.
var errKeys = errors.New("the Kayaaku device is worked by hand")

// Press is refused: the device has no keys for us.
func (k *Kayaaku) Press(context.Context, payments.Payment, payments.Key, string) error {
	return errKeys
}

// Begin submits the payment, once. What never left is payments.ErrNotStarted.
func (k *Kayaaku) Begin(ctx context.Context, p payments.Payment, _ string) error {
	settings, err := k.settings(ctx, p.TerminalID, p.PairingID)
	if err != nil {
		return notStarted(err)
	}
	if p.Currency != kayaaku.MYR {
		return notStarted(errors.New("Kayaaku takes MYR only"))
	}
	if p.Unmatched || p.MOTO || p.AskTip || p.CashOnly || len(p.SurchargeRules) > 0 || p.WantTip+p.WantCashOut+p.WantSurcharge != 0 {
		return notStarted(errors.New("a Kayaaku device takes the amount and nothing beside it"))
	}
	fault.Here(fault.BeforeBegin)
	if p.Kind == payments.Refund {
		err = k.reverse(ctx, p, settings)
	} else {
		err = k.sell(ctx, p, settings)
	}
	fault.Here(fault.AfterBegin)
	return err
}

func notStarted(err error) error { return fmt.Errorf("%w: %w", payments.ErrNotStarted, err) }

func (k *Kayaaku) sell(ctx context.Context, p payments.Payment, settings KayaakuSettings) error {
	sale := kayaaku.Sale{
		TxnID: p.TxnRef, Method: methodOf(p.Method), Amount: p.Amount, At: k.Clock(), Description: p.DocumentTitle,
	}
	s := session{PaymentID: p.ID, TerminalID: p.TerminalID, Kind: "sale", Command: p.TxnRef, TxnID: p.TxnRef}
	if settings.Transport == USBBridge {
		message, err := settings.dialect(true).CableSale(sale)
		if err != nil {
			return notStarted(err)
		}
		return k.byCable(ctx, s, message)
	}
	return k.byHost(ctx, p, s, settings, func(ctx context.Context, host *kayaaku.Host, sequence string) (kayaaku.Reply, error) {
		return host.Sell(ctx, sale, sequence)
	})
}

// The methods, as payments and the JSON face call them.
const (
	MethodCard    = "card"
	MethodDuitNow = "duitnow"
	MethodAlipay  = "alipay"
)

func methodOf(method string) kayaaku.Method {
	switch method {
	case MethodDuitNow:
		return kayaaku.DuitNow
	case MethodAlipay:
		return kayaaku.AlipayQR
	}
	return kayaaku.Card
}

// expect is what an answer about the payment must be about.
func expect(p payments.Payment, s session) kayaaku.Expect {
	return kayaaku.Expect{
		TxnID: s.TxnID, Method: methodOf(p.Method), Amount: p.Amount, Reversal: p.Kind == payments.Refund,
	}
}

// judge reads everything that the device has said. Should it have thought
// better of it, money that moved wins.
func judge(p payments.Payment, s session, codes kayaaku.Codes) (kayaaku.Reply, kayaaku.Verdict) {
	question := kayaaku.AskedToSell
	if p.Kind == payments.Refund {
		question = kayaaku.AskedToReverse
	}
	var best kayaaku.Reply
	verdict := kayaaku.Verdict{Why: "no answer yet"}
	for _, r := range s.said() {
		v := codes.Judge(question, r, expect(p, s))
		if v.Outcome == kayaaku.Paid {
			return r, v
		}
		if v.Outcome == kayaaku.NotPaid || verdict.Outcome != kayaaku.NotPaid {
			best, verdict = r, v
		}
	}
	return best, verdict
}

// Ask looks first at what has been told already, then asks the host. Nothing
// known yet is an error: it teaches nothing, not even that the device has it.
func (k *Kayaaku) Ask(ctx context.Context, p payments.Payment) (payments.Answer, error) {
	s, err := k.session(ctx, p.ID)
	if err != nil && !errors.Is(err, db.ErrNotFound) {
		return payments.Answer{}, err
	}
	if err != nil || s.State == queued || s.State == notSent {
		return k.neverSent(ctx, p)
	}
	settings, err := k.settings(ctx, p.TerminalID, p.PairingID)
	if err != nil {
		return payments.Answer{}, err
	}
	reply, verdict := judge(p, s, settings.codes())
	switch verdict.Outcome {
	case kayaaku.Paid, kayaaku.NotPaid:
		return k.decided(ctx, p, reply, verdict.Outcome == kayaaku.Paid), nil
	case kayaaku.Unknown, kayaaku.Busy:
	}
	if s.State == taken || s.State == accepted {
		return payments.Answer{}, errors.New("the till's bridge has not said what became of it")
	}
	if !k.timeToEnquire(p, s, settings) {
		return payments.Answer{Kind: payments.Pending}, nil
	}
	return k.enquire(ctx, p, s, settings)
}

// handover is how long Begin has the payment to itself before Ask may rule that
// it is not to be sent.
const handover = 5 * time.Second

// neverSent proves, by taking its place, that a payment was not and will not
// be handed over. It speaks of our own hand-over, not of the device's word.
func (k *Kayaaku) neverSent(ctx context.Context, p payments.Payment) (payments.Answer, error) {
	if p.BeginOverAt == nil && p.SentAt != nil && k.Clock().Before(p.SentAt.Add(handover)) {
		return payments.Answer{}, errors.New("it is being handed over")
	}
	buried, err := k.bury(ctx, p.ID, p.TerminalID, "not handed over in time")
	if err != nil {
		return payments.Answer{}, err
	}
	if !buried {
		return payments.Answer{}, errors.New("it was handed over at this moment")
	}
	return payments.Answer{Kind: payments.Absent}, nil
}

func (k *Kayaaku) decided(ctx context.Context, p payments.Payment, r kayaaku.Reply, paid bool) payments.Answer {
	result := k.result(p, r, paid)
	if paid {
		if err := seen(ctx, k.DB, p.TerminalID, "last_approved_at", k.Clock()); err != nil {
			k.Log.WarnContext(ctx, "terminal card is out of date", "terminal", p.TerminalID, "error", err)
		}
	}
	return payments.Answer{Kind: payments.Decided, Result: &result, Status: 200}
}

// result translates. The answers name no amount; since they are matched by the
// TxnID under which we sent it, the one that was sent is the one that moved. An
// amount that is named must be the same (see [kayaaku.Codes.Judge]).
func (k *Kayaaku) result(p payments.Payment, r kayaaku.Reply, paid bool) payments.Result {
	text := kayaaku.TextOf(r.RespCd)
	if paid {
		text = "Approved"
	}
	if text == "" {
		text = r.RespDesc
	}
	amount := p.Amount
	out := payments.Result{
		Success: paid, Code: r.RespCd, Text: text, CardType: kayaaku.SchemeName(r.PaymentScheme), Last4: r.Last4,
		AuthCode: r.AuthIDResp, RRN: r.RRN, STAN: r.STAN, Reference: r.HTR,
	}
	if methodOf(p.Method).QR() || kayaaku.QRPaid(r.PaymentScheme) {
		out.Entry = "qr"
	}
	if paid {
		out.Amount, out.RFN = &amount, p.TxnRef
		if len(r.TxnDTTime) >= 8 {
			out.SettlementDate = r.TxnDTTime[:4] + "-" + r.TxnDTTime[4:6] + "-" + r.TxnDTTime[6:8]
		}
	}
	return out
}

// tell passes on what the device said: an outcome makes the payment ask at
// once, anything else shows that the device is alive.
func (k *Kayaaku) tell(ctx context.Context, s session) error {
	p, err := k.Payments.Get(ctx, s.PaymentID)
	if err != nil {
		return err
	}
	settings, err := k.settings(ctx, p.TerminalID, p.PairingID)
	if err != nil {
		return err
	}
	r, verdict := judge(p, s, settings.codes())
	switch verdict.Outcome {
	case kayaaku.Paid, kayaaku.NotPaid:
		result := k.result(p, r, verdict.Outcome == kayaaku.Paid)
		return k.Payments.Receive(ctx, p, payments.Message{Result: &result})
	case kayaaku.Unknown, kayaaku.Busy:
	}
	lines := []string{"The device gave no clear answer.", "We are asking Kayaaku what became of it."}
	if !settings.hasHost() {
		lines[1] = "Look at the device; without Finexus' host a person must decide."
	}
	if err := k.show(ctx, p, payments.Display{Lines: lines}); err != nil {
		return err
	}
	return k.Payments.Check(ctx, p.ID) // what is known to be lost is enquired about at once
}

// show puts words on the open screen of a payment. No key is ever offered.
func (k *Kayaaku) show(ctx context.Context, p payments.Payment, d payments.Display) error {
	d.Keys = []payments.Key{}
	return k.Payments.Receive(ctx, p, payments.Message{Display: &d})
}

// instructions are the words while the customer pays. The answer waits until
// somebody presses NEXT, so the till says so from the start (reference kayaaku
// 3.3).
func instructions(p payments.Payment) payments.Display {
	first := "Tap, swipe or insert the card on the reader."
	if methodOf(p.Method).QR() {
		first = "Scan the QR code on the Kayaaku device."
	}
	if p.Kind == payments.Refund {
		first = "The card payment is being taken back."
	}
	return payments.Display{Lines: []string{first, "If the device shows a receipt, press NEXT on it."}}
}
