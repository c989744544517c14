package pairing

import (
	"context"
	"errors"
	"net/http/httptrace"
	"time"

	"receivepayment/kayaaku"
	"receivepayment/payments"
)

// answerWithin bounds the call that waits for the customer and for NEXT. How
// long the host holds it is not published (reference kayaaku 1.10).
const answerWithin = 10 * time.Minute

// hostCall is one call that moves money.
type hostCall func(ctx context.Context, host *kayaaku.Host, sequence string) (kayaaku.Reply, error)

// byHost sends to Finexus' host. The call probably lasts until the customer
// has paid, far longer than a sending step may: it goes on by itself, and Begin
// returns as soon as the request has left. What it answers is stored and rung;
// if this process dies, the answer is lost and the enquiry finds out.
func (k *Kayaaku) byHost(ctx context.Context, p payments.Payment, s session, settings KayaakuSettings, call hostCall) error {
	host, err := settings.host()
	if err != nil {
		return notStarted(err)
	}
	sequence, err := k.sequence(ctx, settings)
	if err != nil {
		return notStarted(err)
	}
	s.Route, s.State = "host", queued
	if err := k.open(ctx, s); err != nil {
		return k.unopened(ctx, s, err)
	}
	if mine, err := k.move(ctx, s.PaymentID, underWay, "", queued); err != nil {
		return err // it may be under way in the books: then the enquiry must find out
	} else if !mine {
		return notStarted(errors.New("taken for dead before it was sent"))
	}

	left, ended := make(chan struct{}), make(chan error, 1)
	k.calls.Go(func() { ended <- k.call(k.life, p, host, sequence, call, left) })
	select {
	case err := <-ended:
		return err
	case <-left:
		_ = k.show(ctx, p, instructions(p))
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// call waits for the host's answer and stores it.
func (k *Kayaaku) call(ctx context.Context, p payments.Payment, host *kayaaku.Host, sequence string, call hostCall, left chan<- struct{}) error {
	ctx, cancel := context.WithTimeout(ctx, answerWithin)
	defer cancel()
	reply, err := call(httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{
		WroteRequest: func(i httptrace.WroteRequestInfo) {
			if i.Err == nil {
				close(left)
			}
		},
	}), host, sequence)

	within, done := context.WithTimeout(context.WithoutCancel(ctx), handWithin)
	defer done()
	if kayaaku.IsNotStarted(err) {
		if _, moveErr := k.move(within, p.ID, notSent, err.Error(), underWay); moveErr != nil {
			return moveErr
		}
		return notStarted(err)
	}
	if err != nil {
		k.Log.WarnContext(within, "the host's answer is lost", "payment", p.ID, "error", err)
		_, moveErr := k.move(within, p.ID, lost, err.Error(), underWay)
		return errors.Join(err, moveErr)
	}
	fresh, err := k.keepReply(within, p.ID, reply.Fields)
	if err != nil || !fresh {
		return err
	}
	s, err := k.session(within, p.ID)
	if err != nil {
		return err
	}
	return k.tell(within, s)
}

// timeToEnquire: not before the soft limit unless the answer is known to be
// lost or unclear, and never about a void that has no TxnID of its own, because
// the host would answer for the sale.
func (k *Kayaaku) timeToEnquire(p payments.Payment, s session, settings KayaakuSettings) bool {
	now := k.Clock()
	if !settings.hasHost() || s.TxnID != p.TxnRef {
		return false
	}
	if s.EnquireAt != nil {
		return !now.Before(*s.EnquireAt)
	}
	soft := time.Duration(settings.EnquireAfter) * time.Second
	return s.State == lost || s.State == answered || !now.Before(s.CreatedAt.Add(soft))
}

// mostGap is the longest wait between two enquiries.
const mostGap = time.Minute

// enquire asks the host about the TxnID. "Not found" in any form is no proof of
// absence, since no code for it is published (reference kayaaku 4.4).
func (k *Kayaaku) enquire(ctx context.Context, p payments.Payment, s session, settings KayaakuSettings) (payments.Answer, error) {
	host, err := settings.host()
	if err != nil {
		return payments.Answer{}, err
	}
	sequence, err := k.sequence(ctx, settings)
	if err != nil {
		return payments.Answer{}, err
	}
	gap := min(k.FirstGap<<min(s.Enquiries, 6), mostGap)
	if err := k.enquired(ctx, s, map[string]any{"enquiries": s.Enquiries + 1, "enquire_at": k.Clock().Add(gap)}); err != nil {
		return payments.Answer{}, err
	}
	reply, err := host.Enquire(ctx, s.TxnID, sequence)
	if err != nil {
		return payments.Answer{}, err
	}
	if err := k.enquired(ctx, s, map[string]any{"enquiry": string(reply.Fields.JSON())}); err != nil {
		return payments.Answer{}, err
	}
	verdict := settings.codes().Judge(kayaaku.AskedAbout, reply, expect(p, s))
	switch verdict.Outcome {
	case kayaaku.Paid, kayaaku.NotPaid:
		return k.decided(ctx, p, reply, verdict.Outcome == kayaaku.Paid), nil
	case kayaaku.Unknown, kayaaku.Busy:
	}
	return k.unclear(ctx, p, s, settings, reply)
}

func (k *Kayaaku) enquired(ctx context.Context, s session, set map[string]any) error {
	return k.DB.WithContext(ctx).Model(&session{}).Where("payment_id = ?", s.PaymentID).Updates(set).Error
}

// unclear weighs an enquiry that proves nothing: the refusal of the question
// itself is worth an alert; an approval without reference is worth a look at
// Kayaaku's own list.
func (k *Kayaaku) unclear(ctx context.Context, p payments.Payment, s session, settings KayaakuSettings, r kayaaku.Reply) (payments.Answer, error) {
	switch kayaaku.GroupOf(r.RespCd) {
	case kayaaku.BadRequest, kayaaku.Setup:
		return payments.Answer{Kind: payments.BadQuestion, Status: 200}, nil
	case kayaaku.Unlisted, kayaaku.Declined, kayaaku.Unclear, kayaaku.Occupied, kayaaku.ReversalOnly, kayaaku.CardData:
	}
	says := settings.codes().Judge(kayaaku.AskedToReverse, r, kayaaku.Expect{TxnID: s.TxnID, Amount: p.Amount, Reversal: true})
	if says.Outcome == kayaaku.Paid && s.Enquiry == "" {
		_ = k.show(ctx, p, payments.Display{Lines: []string{
			"Kayaaku's host says " + r.RespCd + " (approved) and names no reference, which proves nothing.",
			"Compare with Kayaaku's own list of transactions before you decide.",
		}})
	}
	return payments.Answer{}, errors.New("the host's answer says nothing of the money")
}

// ask proves that host, key and login work: a question about a TxnID that was
// never used must get an answer that is not about the question.
func (k *Kayaaku) probe(ctx context.Context, settings KayaakuSettings) (bool, string) {
	host, err := settings.host()
	if err != nil {
		return false, "The settings of Finexus' host cannot be used."
	}
	sequence, err := k.sequence(ctx, settings)
	if err != nil {
		return false, "The test could not be made."
	}
	r, err := host.Enquire(ctx, "PROBE"+sequence[4:], sequence)
	if err != nil {
		return false, "Finexus' host gave no answer that can be used: " + err.Error()
	}
	switch kayaaku.GroupOf(r.RespCd) {
	case kayaaku.BadRequest, kayaaku.Setup:
		return false, kayaaku.TextOf(r.RespCd) + " (" + r.RespCd + ")"
	case kayaaku.Unlisted, kayaaku.Declined, kayaaku.Unclear, kayaaku.Occupied, kayaaku.ReversalOnly, kayaaku.CardData:
	}
	return true, ""
}
