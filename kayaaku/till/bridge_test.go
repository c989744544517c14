package till

import (
	"testing"
	"time"

	"receivepayment/kayaaku"
	"receivepayment/kayaaku/link"
	"receivepayment/kayaaku/sim"
)

func judge(e link.Event, id string, m kayaaku.Method) kayaaku.Outcome {
	if e.Happened != link.Answered {
		return kayaaku.Unknown
	}
	return kayaaku.DefaultCodes().Judge(kayaaku.AskedToSell, kayaaku.ReplyOf(e.Fields), kayaaku.Expect{TxnID: id, Method: m, Amount: 1050}).Outcome
}

// TestEveryScenarioOfTheCable: what the device does, what the bridge says, and
// whether the till may believe that money moved.
func TestEveryScenarioOfTheCable(t *testing.T) {
	t.Parallel()
	k := newCounter(t, sim.Config{LateNext: 300 * time.Millisecond, SendQR: true})
	k.config.AnswerWithin = Duration(1500 * time.Millisecond)
	k.run()
	for i, c := range []struct {
		how      sim.Scenario
		method   kayaaku.Method
		happened link.Happened
		outcome  kayaaku.Outcome
	}{
		{sim.Approve, kayaaku.Card, link.Answered, kayaaku.Paid},
		{sim.Approve, kayaaku.DuitNow, link.Answered, kayaaku.Paid},
		{sim.Decline, kayaaku.Card, link.Answered, kayaaku.NotPaid},
		{sim.DeclineHere, kayaaku.Card, link.Answered, kayaaku.NotPaid},
		{sim.NextDelayed, kayaaku.Card, link.Answered, kayaaku.Paid},
		{sim.HalfReply, kayaaku.Card, link.Answered, kayaaku.Paid},
		{sim.Noise, kayaaku.Card, link.Answered, kayaaku.Paid},
		{sim.BusyDevice, kayaaku.Card, link.Answered, kayaaku.Busy},
		{sim.AlreadyExists, kayaaku.Card, link.Answered, kayaaku.Busy},
		{sim.ResultCodeAlone, kayaaku.Card, link.Answered, kayaaku.Unknown},
		{sim.QRLate, kayaaku.AlipayQR, link.Answered, kayaaku.Unknown},
		{sim.LostReply, kayaaku.Card, link.Lost, kayaaku.Unknown},
		{sim.BadCheck, kayaaku.Card, link.Lost, kayaaku.Unknown},
		{sim.OtherTxnID, kayaaku.Card, link.Lost, kayaaku.Unknown},
		{sim.Unplug, kayaaku.Card, link.Lost, kayaaku.Unknown},
		{sim.CutReply, kayaaku.Card, link.Lost, kayaaku.Unknown},
		{sim.UnplugBefore, kayaaku.Card, link.Lost, kayaaku.Unknown},
	} {
		id := ids(i)
		k.await("the device is free", func() bool { return k.sim.Device.Screen().Step == "idle" })
		if err := k.sim.Plug(); err != nil {
			t.Fatal(err)
		}
		k.await("the port is open and free", func() bool { p := k.bridge.up(nil).Port; return p.Open && !p.Busy })
		k.sim.Device.Script(c.how)
		k.bridge.Do(saleOf(t, id, c.method))
		e := k.final(id)
		if e.Happened != c.happened || judge(e, id, c.method) != c.outcome {
			t.Errorf("%s: %s, %v (%s), want %s, %v", c.how, e.Happened, judge(e, id, c.method), e.Why, c.happened, c.outcome)
		}
	}
	if v := k.sim.Violations(); len(v) > 0 {
		t.Errorf("violations: %q", v)
	}
	k.noSecret()
}

// TestDiesAtEachStepAndNeverSellsTwice kills the bridge wherever it could die
// and starts it again on the same journal.
func TestDiesAtEachStepAndNeverSellsTwice(t *testing.T) {
	t.Parallel()
	for i, c := range []struct {
		point    string
		happened link.Happened
		pays     bool
	}{
		{"accepted", link.Refused, false},
		{"writing", link.Lost, false},
		{"written", link.Lost, true},
		{"answer", link.Lost, true},
		{"answered", link.Answered, true},
	} {
		t.Run(c.point, func(t *testing.T) {
			t.Parallel()
			k := newCounter(t, sim.Config{})
			died := make(chan struct{})
			k.hook = func(b *Bridge, point string) {
				if point == c.point && !b.died() {
					b.Kill()
					close(died)
				}
			}
			first := k.run()
			id := ids(i)
			command := saleOf(t, id, kayaaku.Card)
			first.Do(command)
			<-died
			k.halt()
			if c.pays {
				k.await("the host has the money", func() bool { return len(k.sim.Approvals()) == 1 })
			}

			k.hook = nil
			second := k.run()
			if e := k.final(id); e.Happened != c.happened {
				t.Errorf("after the crash: %s (%s), want %s", e.Happened, e.Why, c.happened)
			}
			second.Do(command)                                 // the server delivers it again
			second.Do(link.Command{Verb: link.Recall, ID: id}) // and asks
			second.Do(saleOf(t, ids(100+i), kayaaku.Card))     // and goes on
			if e := k.final(ids(100 + i)); e.Happened != link.Answered {
				t.Errorf("the next payment: %s (%s)", e.Happened, e.Why)
			}
			want := 1
			if c.pays {
				want = 2
			}
			if n := len(k.sim.Approvals()); n != want || len(k.sim.Violations()) > 0 {
				t.Errorf("%d approvals, want %d; violations %q", n, want, k.sim.Violations())
			}
			k.noSecret()
		})
	}
}

// TestALateAnswerIsStillRecognised: after "lost", and after a restart.
func TestALateAnswerIsStillRecognised(t *testing.T) {
	t.Parallel()
	k := newCounter(t, sim.Config{LateNext: 700 * time.Millisecond})
	k.config.AnswerWithin = Duration(20 * time.Millisecond)
	k.run()
	k.sim.Device.Script(sim.NextDelayed)
	k.bridge.Do(saleOf(t, "A1", kayaaku.Card))
	if e := k.final("A1"); e.Happened != link.Lost {
		t.Fatalf("first: %s", e.Happened)
	}
	k.halt()
	k.run()
	k.await("the late answer", func() bool { return k.final("A1").Happened == link.Answered })
	if judge(k.final("A1"), "A1", kayaaku.Card) != kayaaku.Paid {
		t.Error("the late answer is no approval")
	}
}

func TestOneTransactionAtATime(t *testing.T) {
	t.Parallel()
	k := newCounter(t, sim.Config{LateNext: time.Hour})
	k.run()
	k.sim.Device.Script(sim.NextDelayed)
	k.bridge.Do(saleOf(t, "A1", kayaaku.Card))
	k.await("the receipt", func() bool { return k.sim.Device.Screen().Step == "receipt" })
	k.bridge.Do(saleOf(t, "B2", kayaaku.Card))
	if e := k.final("B2"); e.Happened != link.Refused {
		t.Errorf("a second sale: %s", e.Happened)
	}
	k.bridge.Do(link.Command{Verb: link.Recall, ID: "C3"})
	if e := k.final("C3"); e.Happened != link.Never {
		t.Errorf("recalled what never came: %s", e.Happened)
	}
	k.bridge.Do(saleOf(t, "C3", kayaaku.Card)) // it comes after all
	if !k.sim.Device.Act("next") {
		t.Error("nobody waits for NEXT")
	}
	if e := k.final("A1"); e.Happened != link.Answered {
		t.Errorf("the first sale: %s", e.Happened)
	}
	if n := len(k.sim.Records()); n != 1 {
		t.Errorf("the device saw %d sales, want 1", n)
	}
}

func TestVoidOverTheCable(t *testing.T) {
	t.Parallel()
	k := newCounter(t, sim.Config{})
	k.run()
	k.bridge.Do(saleOf(t, "A1", kayaaku.Card))
	sale := kayaaku.ReplyOf(k.final("A1").Fields)
	message, err := kayaaku.CableDialect("test", time.UTC).CableVoid(kayaaku.Reversal{
		TxnID: "V1", Amount: 1050, At: time.Now(),
		Of: kayaaku.References{TxnID: "A1", STAN: sale.STAN, AuthIDResp: sale.AuthIDResp, RRN: sale.RRN, MRN: sale.MRN},
	})
	if err != nil {
		t.Fatal(err)
	}
	k.bridge.Do(link.Command{Verb: link.Write, ID: "V1", Message: message})
	if e := k.final("V1"); e.Fields.Get("RespCd") != "00" {
		t.Errorf("void: %+v", e)
	}
}
