package pairing

import (
	"context"
	"errors"
	"fmt"
	"time"

	"receivepayment/kayaaku"
)

const (
	// handWithin is how long Begin waits for the bridge to write, less than any
	// sending call is allowed.
	handWithin = 8 * time.Second
	// freshFor is how old a queued command may be when it is handed over: the
	// customer of an older one may have gone.
	freshFor = handWithin + 2*time.Second
	// handLook is the safety look while Begin waits: a ring may be lost.
	handLook = 250 * time.Millisecond
)

// byCable hands a message to the till's bridge and waits until the bridge says
// that it writes it. It returns nil only then: up to that point everything that
// goes wrong can still be proven not to have been sent.
func (k *Kayaaku) byCable(ctx context.Context, s session, message kayaaku.Message) error {
	if why := k.bridgeOffline(ctx, s.TerminalID); why != "" {
		return notStarted(errors.New(why))
	}
	s.Route, s.State, s.Request = "cable", queued, string(message.JSON())
	rings, stop := k.Bell.Listen(sessionBell(s.PaymentID))
	defer stop()
	if err := k.open(ctx, s); err != nil {
		return k.unopened(ctx, s, err)
	}
	k.Bell.Ring(ctx, bridgeBell(s.TerminalID))

	ctx, cancel := context.WithTimeout(ctx, handWithin)
	defer cancel()
	look := time.NewTicker(handLook)
	defer look.Stop()
	for {
		select {
		case <-ctx.Done():
			return k.notHanded(context.WithoutCancel(ctx), s)
		case <-rings:
		case <-look.C:
		}
		now, err := k.session(ctx, s.PaymentID)
		if err != nil {
			continue // looked at again, or the time runs out
		}
		switch now.State {
		case underWay, answered, lost:
			return nil
		case notSent:
			return notStarted(errors.New(now.Why))
		case queued, taken, accepted:
		}
	}
}

// unopened: the row may be there all the same when a commit's answer was lost.
// Whoever takes its place decides.
func (k *Kayaaku) unopened(ctx context.Context, s session, cause error) error {
	if buried, err := k.bury(ctx, s.PaymentID, s.TerminalID, "could not be handed over"); err != nil || !buried {
		return cause
	}
	return notStarted(cause)
}

// notHanded takes a command back that the bridge has not fetched. If it was
// fetched meanwhile, nothing is proven: the bridge is asked to recall it.
func (k *Kayaaku) notHanded(ctx context.Context, s session) error {
	ctx, cancel := context.WithTimeout(ctx, handWithin)
	defer cancel()
	withdrawn, err := k.move(ctx, s.PaymentID, notSent, "the till's bridge did not fetch it", queued)
	if err != nil {
		return err
	}
	if withdrawn {
		return notStarted(errors.New("the till's bridge did not fetch it"))
	}
	return errors.New("the till's bridge fetched it and has not said what became of it")
}

func sessionBell(paymentID string) string { return "kayaaku:" + paymentID }

func bridgeBell(terminalID string) string { return "bridge:" + terminalID }

// bridgeOffline says why the till's bridge cannot take anything now, or
// nothing.
func (k *Kayaaku) bridgeOffline(ctx context.Context, terminalID string) string {
	b, err := k.bridge(ctx, terminalID)
	if err != nil {
		return "the till's bridge is not known: " + err.Error()
	}
	return b.offline(k.Clock())
}

// offline says why the bridge cannot take anything now, in words for people.
func (b bridgeRow) offline(now time.Time) string {
	switch {
	case b.TokenHash == "":
		return "The till's bridge is not paired yet."
	case b.SeenAt == nil || now.Sub(*b.SeenAt) > bridgeAway:
		return "The till's bridge is offline."
	case !b.Port.Open:
		return fmt.Sprintf("The device is not connected to the till (%s).", b.Port.Why)
	}
	return ""
}
