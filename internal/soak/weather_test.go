package soak_test

import (
	"context"
	"math/rand/v2"
	"net/http"
	"slices"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	bitrixsim "receivepayment/bitrix/sim"
	"receivepayment/internal/fault"
	linklysim "receivepayment/linkly/sim"
)

// storm lets both simulators misbehave: one call in five of each meets
// something.
func (s *soak) storm() {
	s.linkly.SetFaults(linklyStorm())
	for _, f := range bitrixStorm() {
		s.bitrix.Inject(f)
	}
}

// linklyStorm is every fault there is. Those of one call add up to a fifth;
// what a provider can only do once and for all is rarer.
func linklyStorm() linklysim.Faults {
	return linklysim.Faults{
		linklysim.PostLost: .016, linklysim.PostCut: .016, linklysim.PostLate: .016, linklysim.Post401: .016,
		linklysim.Post401Accepted: .016, linklysim.PostRedirect: .016, linklysim.Post403: .016, linklysim.Post429: .016,
		linklysim.Post408: .016, linklysim.Post408Accepted: .016, linklysim.Post500: .016, linklysim.Post500Accepted: .016,
		linklysim.Post503: .016, linklysim.Post503Accepted: .016, linklysim.TokenDies: .016,

		linklysim.Get400: .02, linklysim.Get401: .02, linklysim.Get404: .02, linklysim.Get408: .03, linklysim.Get500: .03,
		linklysim.Get503: .03, linklysim.GetCut: .03, linklysim.GetEmpty: .02, linklysim.GetHTML: .02,

		linklysim.CallbackDropped: .05, linklysim.CallbackDoubled: .05, linklysim.CallbackReordered: .05,
		linklysim.CallbackDelayed: .04, linklysim.CallbackEarly: .05, linklysim.CallbackWrongHeader: .02,
		linklysim.CallbackContradicts: .02, linklysim.CallbackForged: .02,

		linklysim.ResultForgotten: .004, linklysim.RepairForgets: .2, linklysim.Pair500: .2, linklysim.PairEmpty: .2,
		linklysim.PairUniform: .2,
		linklysim.Token500:    .2, linklysim.TokenNoExpiry: .2, linklysim.Sendkey500: .1, linklysim.SendkeyLost: .1,
		linklysim.OddShapes: .2, linklysim.Silence: .01, linklysim.TerminalBusy: .01, linklysim.TerminalOffline: .01,
		linklysim.PairedAgain: .001, linklysim.DisplayLies: .3, linklysim.PollCut: .2, // the last for those who poll
	}
}

// bitrixStorm spares the authorisation server: a pair of tokens that is used
// up and lost is dead, which has a test of its own.
func bitrixStorm() []bitrixsim.Fault {
	return []bitrixsim.Fault{
		{Kind: bitrixsim.FaultSlow, Method: "crm.*", Probability: .04, Delay: 200 * time.Millisecond},
		{Kind: bitrixsim.FaultQueryLimit, Method: "crm.*", Probability: .02},
		{Kind: bitrixsim.FaultOperationLimit, Method: "crm.*", Probability: .01},
		{Kind: bitrixsim.FaultErrorBefore, Method: "crm.*", Probability: .03},
		{Kind: bitrixsim.FaultErrorAfter, Method: "crm.item.update", Probability: .06},
		{Kind: bitrixsim.FaultErrorAfter, Method: entryAdd, Probability: .06},
		{Kind: bitrixsim.FaultLostAnswer, Method: "crm.*", Probability: .03},
		{Kind: bitrixsim.FaultHTML, Method: "crm.*", Probability: .02},
		{Kind: bitrixsim.FaultDown, Method: "crm.*", Probability: .02},
		{Kind: bitrixsim.FaultExpiredToken, Method: "crm.*", Probability: .002},
	}
}

// odd gives a few terminals a bank that answers oddly.
func (s *soak) odd() {
	for i, sc := range []linklysim.Script{{Partial: 3000}, {Amounts: "missing"}, {Amounts: "zero"}} {
		s.terminals[i].pad.Script(sc)
	}
}

// keep starts a process again whenever it has died, and half the time with the
// order to die at one of the numbered points.
func (s *soak) keep(ctx context.Context, p *process) {
	dice := s.dice(uint64(1_000_000 + len(p.name)*31 + int(p.name[len(p.name)-1])))
	for {
		select {
		case <-ctx.Done():
			return
		case <-p.ended():
		}
		if !p.killed() {
			s.breach("%s ended by itself: %s", p.name, p.lastWords())
			return
		}
		s.add("kills")
		if s.place == servers {
			s.adoption.crashed(s, time.Now())
		}
		pause(ctx, time.Duration(dice.IntN(400))*time.Millisecond)
		var extra []string
		if dice.IntN(2) == 0 {
			all := fault.Points()
			extra = orders(all[dice.IntN(len(all))], 1+dice.IntN(40))
		}
		if err := p.start(extra...); err != nil {
			s.breach("start %s: %v", p.name, err)
			return
		}
		if s.place == embedded {
			s.adoption.crashed(s, time.Now())
		}
	}
}

// weather does one thing after the other to the parts of the run.
func (s *soak) weather(ctx context.Context) {
	dice := s.dice(2_000_000)
	for ctx.Err() == nil {
		pause(ctx, time.Duration(500+dice.IntN(1500))*time.Millisecond)
		if ctx.Err() != nil {
			return
		}
		n := dice.IntN(100)
		switch {
		case n < 45:
			s.processes[dice.IntN(len(s.processes))].kill()
		case n < 49:
			for _, p := range s.processes {
				p.kill()
			}
		case n < 58:
			s.cutProvider(ctx, dice)
		case n < 68:
			s.repair(ctx, dice)
		case n < 73:
			s.unplug(ctx, dice)
		case n < 80:
			for _, p := range s.till {
				p.enter(ctx) // people open the app now and then
			}
		case s.place == servers && n < 91:
			s.hurtRedis(ctx, dice)
		case s.place == servers:
			s.hurtDatabase(ctx, dice)
		}
	}
}

func short(dice *rand.Rand) time.Duration {
	return time.Duration(500+dice.IntN(1500)) * time.Millisecond
}

func (s *soak) cutProvider(ctx context.Context, dice *rand.Rand) {
	s.add("provider cut off")
	from := time.Now()
	s.down.Store(true)
	pause(ctx, 2*short(dice))
	s.down.Store(false)
	s.mu.Lock()
	defer s.mu.Unlock()
	s.outages = append(s.outages, span{from, time.Now()})
}

// repair pairs a terminal again, whatever it is doing at the moment: first one
// at which somebody made a new code that nobody has entered yet.
func (s *soak) repair(ctx context.Context, dice *rand.Rand) {
	s.add("paired again")
	if s.pairAgain(ctx) {
		return
	}
	s.enterSecret(ctx, s.terminals[dice.IntN(len(s.terminals))])
}

// pairAgain enters the new codes of all terminals that lost their pairing, and
// reports whether there were any.
func (s *soak) pairAgain(ctx context.Context) bool {
	lost := false
	for _, term := range s.everyTerminal() {
		if !term.pad.Paired() {
			lost = true
			s.enterSecret(ctx, term)
		}
	}
	return lost
}

func (s *soak) enterSecret(ctx context.Context, term terminal) {
	secret := s.newSecret(term.pad)
	for ctx.Err() == nil {
		a := s.boss.do(ctx, http.MethodPost, "/api/v1/terminals/"+term.id+"/pair", object{"secret": secret})
		if a.status == http.StatusOK {
			return
		}
		pause(ctx, 200*time.Millisecond)
	}
}

func (s *soak) everyTerminal() []terminal { return slices.Concat(s.terminals, s.spare) }

func (s *soak) unplug(ctx context.Context, dice *rand.Rand) {
	s.add("unplugged")
	term := s.terminals[dice.IntN(len(s.terminals))]
	term.pad.Online(false)
	pause(ctx, short(dice)/2)
	term.pad.Online(true)
}

func (s *soak) hurtRedis(ctx context.Context, dice *rand.Rand) {
	s.add("redis hurt")
	defer s.redis.mend()
	switch dice.IntN(4) {
	case 0:
		s.flush(ctx)
		return
	case 1:
		s.redis.sever()
		s.flush(ctx) // gone and come back empty
	case 2:
		s.redis.freeze()
	case 3:
		s.redis.delay(20 * time.Millisecond)
	}
	pause(ctx, short(dice))
}

// flush empties our database of the real Redis.
func (r *running) flush(ctx context.Context) {
	o, err := redis.ParseURL(r.redisURL)
	if err != nil {
		return
	}
	c := redis.NewClient(o)
	defer func() { _ = c.Close() }()
	_ = c.FlushDB(ctx).Err()
}

// hurtDatabase waits until nobody has to be taken up after a kill: the bound
// on that holds for a database that answers.
func (s *soak) hurtDatabase(ctx context.Context, dice *rand.Rand) {
	within(takenUpWithin, func() bool { return ctx.Err() != nil || s.adoption.idle() })
	s.add("database hurt")
	switch n := dice.IntN(3); {
	case s.hard && n == 0:
		s.restartPostgres()
	case n == 1:
		s.postgres.freeze()
		pause(ctx, short(dice))
	default:
		s.postgres.sever()
		pause(ctx, short(dice))
	}
	s.postgres.mend()
	s.adoption.restamp(time.Now())
}

func TestStormHoldsEveryFaultOfTheProvider(t *testing.T) {
	t.Parallel()
	storm := linklyStorm()
	for _, f := range linklysim.AllFaults() {
		if storm[f] <= 0 {
			t.Errorf("%s never happens in the soak", f)
		}
	}
}
