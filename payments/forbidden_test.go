package payments

import (
	"fmt"
	"testing"
)

// never is a move that the promises forbid, written by hand from design
// section 4 and not from the table.
type never struct {
	rule string
	// from are the standings it speaks of; by the events; to the states that
	// may not be the outcome. Nil means all; staying is always allowed.
	from func(standing) bool
	by   func(Event) bool
	to   []State
}

func is[T comparable](these ...T) func(T) bool {
	return func(x T) bool {
		for _, t := range these {
			if x == t {
				return true
			}
		}
		return false
	}
}

func not[T any](f func(T) bool) func(T) bool { return func(x T) bool { return !f(x) } }

func whatever[T any](T) bool { return true }

func decided(s standing) bool { return s.State.Final() }
func proven(s standing) bool  { return s.Proven }

func in(states ...State) func(standing) bool {
	f := is(states...)
	return func(s standing) bool { return f(s.State) }
}

// forbiddenMoves is the list.
func forbiddenMoves() []never {
	outcomes := []State{Approved, Declined, Cancelled, NeverStarted}
	told := is(ToldApproved, ToldDeclined, ToldCancelled)
	return []never{
		{"decision 3: what was not sent has no outcome of a terminal", in(Created), whatever[Event], []State{Approved, Declined, Unknown, Review}},
		{"decision 3: nothing becomes created again, it would be sent again", whatever[standing], whatever[Event], []State{Created}},
		{"decision 3: only created becomes sent, once", not(in(Created)), whatever[Event], []State{Sent}},
		{"decision 3: only the winner of send sends", in(Created), not(is(Send)), []State{Sent}},
		{
			"rule 1: approved needs an answer, a callback or a person that says approved", whatever[standing],
			not(is(FoundApproved, ToldApproved, ResolvePaid)),
			[]State{Approved},
		},
		{
			"rule 1: nothing but proof or a callback makes approved from sent", in(Sent),
			not(is(FoundApproved, ToldApproved)),
			[]State{Approved},
		},
		{
			"rule 1: declined needs an explicit no", whatever[standing],
			not(is(FoundDeclined, ToldDeclined, ResolveNotPaid)),
			[]State{Declined},
		},
		{
			"rule 1: cancelled needs the terminal's word, or that nothing was sent", whatever[standing],
			not(is(FoundCancelled, ToldCancelled, Withdraw)),
			[]State{Cancelled},
		},
		{
			"rule 2: never started is proven or certain, nothing else", whatever[standing],
			not(is(FoundAbsent, NotStarted, Expire)),
			[]State{NeverStarted},
		},
		{"rule 2: never started comes only from created, sent or unknown", not(in(Created, Sent, Unknown)), whatever[Event], []State{NeverStarted}},
		{"rule 2: review has waited too long for an absence to be proof", in(Review), whatever[Event], []State{NeverStarted}},
		{"rule 2: an absence overtakes nothing that was decided", decided, is(FoundAbsent), nil},
		{"rules 3 and 4: an unclear end of the sending call changes no state", whatever[standing], is(Unclear, Accepted), nil},
		{"rule 3: not started speaks of the sending call only", not(in(Sent, Unknown)), is(NotStarted), nil},
		{"decision 5: a callback never moves a decided payment", decided, told, nil},
		{"decision 5: a callback never moves a proven payment", proven, told, nil},
		{"section 4: a proven outcome stays whatever comes", proven, whatever[Event], nil},
		{"section 4: approved proven never leaves", is(standing{Approved, true}), whatever[Event], nil},
		{"section 4: declined proven never becomes approved", is(standing{Declined, true}), whatever[Event], []State{Approved}},
		{"section 4: a paid that proves not paid goes to a person, not to declined", in(Approved), whatever[Event], []State{Declined, Cancelled, NeverStarted}},
		{"decision 6: time decides nothing", whatever[standing], is(FellSilent, AskedEnough, GaveUp), outcomes},
		{"decision 6: a person decides only what cannot be learnt", not(in(Unknown, Review)), is(ResolvePaid, ResolveNotPaid), nil},
		{"decision 6: a released payment keeps its state", whatever[standing], is(Release), nil},
		{"decision 6: unknown comes from silence after sending", not(in(Sent)), whatever[Event], []State{Unknown}},
		{"section 4: cancel before sending is the only cancel by ourselves", not(in(Created)), is(Withdraw, Expire), nil},
		{"section 4: what is not certain never unblocks by giving up", whatever[standing], is(GaveUp), outcomes},
	}
}

// broken lists what of the list a table breaks.
func broken(cells map[standing]map[Event]move) []string {
	var faults []string
	for _, n := range forbiddenMoves() {
		for _, st := range standings() {
			for _, e := range Events() {
				if m, ok := cells[st][e]; ok && n.forbids(st, e, m.To) {
					faults = append(faults, fmt.Sprintf("%s: %s, %s -> %s", n.rule, st.label(), e, m.To))
				}
			}
		}
	}
	return faults
}

func (n never) forbids(from standing, by Event, to State) bool {
	return to != from.State && n.from(from) && n.by(by) && (n.to == nil || is(n.to...)(to))
}

// wantKept checks what apply did against the list.
func (h *heart) wantKept(from standing, by Event, to State) {
	h.t.Helper()
	for _, n := range forbiddenMoves() {
		if n.forbids(from, by, to) {
			h.t.Errorf("%s: %s, %s -> %s", n.rule, from.label(), by, to)
		}
	}
}

func TestTableBreaksNoPromise(t *testing.T) {
	t.Parallel()
	for _, fault := range broken(table()) {
		t.Error(fault)
	}
}

// Contradictions that nobody may miss, by design decision 5 and section 4.
func TestEveryContradictionRaisesAnAlert(t *testing.T) {
	t.Parallel()
	approvals := []Event{FoundApproved, ToldApproved}
	refusals := []Event{FoundDeclined, FoundCancelled, ToldDeclined, ToldCancelled}
	for _, c := range []struct {
		standing standing
		events   []Event
	}{
		{standing{Approved, true}, refusals},
		{standing{Approved, false}, refusals},
		{standing{Declined, true}, approvals},
		{standing{Declined, false}, approvals},
		{standing{Cancelled, true}, approvals},
		{standing{Cancelled, false}, approvals},
		{standing{NeverStarted, false}, append([]Event{Accepted}, approvals...)},
	} {
		for _, e := range c.events {
			if m, ok := table()[c.standing][e]; !ok || m.Alert == "" {
				t.Errorf("%s, %s: nobody hears of it", c.standing.label(), e)
			}
		}
	}
}

// Any cell that led elsewhere, or a cell too many, must be seen by the list:
// it is no copy of the table, so not all of them can be; these must.
func TestListOfForbiddenMovesSeesPlantedCells(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		at standing
		by Event
		to State
	}{
		{standing{State: Sent}, Unclear, NeverStarted},
		{standing{State: Sent}, Unclear, Created},
		{standing{State: Sent}, FellSilent, Declined},
		{standing{State: Sent}, Accepted, Approved},
		{standing{State: Sent}, ResolvePaid, Approved},
		{standing{State: Unknown}, AskedEnough, NeverStarted},
		{standing{State: Review}, FoundAbsent, NeverStarted},
		{standing{State: Declined}, GaveUp, Cancelled},
		{standing{State: Declined}, ToldApproved, Approved},
		{standing{State: Declined, Proven: true}, FoundApproved, Approved},
		{standing{State: Approved, Proven: true}, FoundDeclined, Review},
		{standing{State: Approved}, FoundDeclined, Declined},
		{standing{State: NeverStarted}, Accepted, Sent},
		{standing{State: NeverStarted}, ToldApproved, Approved},
		{standing{State: Created}, FoundApproved, Approved},
		{standing{State: Created}, Accepted, Sent},
		{standing{State: Cancelled}, FoundAbsent, NeverStarted},
	} {
		cells := table()
		cells[c.at][c.by] = move{To: c.to}
		if len(broken(cells)) == 0 {
			t.Errorf("%s, %s -> %s is not seen", c.at.label(), c.by, c.to)
		}
	}
}
