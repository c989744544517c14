package sim

import (
	"bytes"
	"cmp"
	"encoding/json"
	"net/http"
	"slices"
	"strings"
	"time"
)

// ticket is the answer to every accepted POST of v2 (reference linkly 5.12). Its requestId is the session id in the
// hyphenated form, whichever form the POS sent, so that a client may poll with either.
func ticket(session string) []byte {
	n := normal(session)
	id := strings.Join([]string{n[:8], n[8:12], n[12:16], n[16:20], n[20:]}, "-")
	return quote(struct {
		RequestID string `json:"requestId"`
		URI       string `json:"uri"`
	}{id, "/v2/sessions/" + id + "/result"})
}

// result answers GET /v2/sessions/{session}/result: the events since the last call, or all of them, or 425 when there is
// nothing to tell (reference linkly 5.12).
func (s *Sim) result(x *exchange) {
	tok, id, ok := s.question(x)
	if !ok {
		return
	}
	all, ok := x.all()
	if !ok {
		x.answer(http.StatusBadRequest, nil)
		return
	}
	if s.strikeStatus(x, id) {
		return
	}

	events, known := s.awaitEvents(x, id, tok, all)
	switch {
	case !known:
		x.answer(http.StatusNotFound, nil)
		return
	case len(events) == 0:
		x.answer(http.StatusTooEarly, nil)
		return
	}
	// Handed out and lost: with all=false they do not come again.
	if s.hit(id, PollCut) {
		x.fault = PollCut
		x.cut()
	}
	x.answer(http.StatusOK, s.flatList(events))
}

// all reads the query; omitted it is false. The official clients write it in capitals or not.
func (x *exchange) all() (all, ok bool) {
	switch v := x.r.URL.Query().Get("all"); strings.ToLower(v) {
	case "true":
		return true, true
	case "false", "":
		return false, true
	}
	x.violate(finding{"all", "all is neither true nor false", true})
	return false, false
}

// awaitEvents takes events from the list of a session, after waiting a while for the first. known is false for a session
// that v2 never began, or that is not this terminal's.
func (s *Sim) awaitEvents(x *exchange, id string, tok *token, all bool) (events []event, known bool) {
	limit := time.NewTimer(s.cfg.Timing.LongPoll)
	defer limit.Stop()
	for {
		s.mu.Lock()
		ses, changed := s.knownLocked(id, tok), s.changed
		if ses == nil || !ses.req.v2 {
			s.mu.Unlock()
			return nil, false
		}
		events = ses.takeLocked(all)
		s.mu.Unlock()
		if len(events) > 0 {
			return events, true
		}

		select {
		case <-changed:
		case <-limit.C:
			return nil, true
		case <-x.r.Context().Done():
			return nil, true
		case <-s.ctx.Done():
			return nil, true
		}
	}
}

// list puts an event where the POS will find it, and wakes whoever polls.
func (s *Sim) list(ses *session, e event, why Fault) {
	s.mu.Lock()
	ses.events = append(ses.events, e)
	s.touchLocked()
	s.mu.Unlock()
	s.logCall(ses, e, http.StatusOK, why)
}

// history answers GET /v2/transaction: the finished transactions of the terminal with this TxnRef or RRN, oldest first
// (reference linkly 5.12). Those that came in by v1 are found too.
func (s *Sim) history(x *exchange) {
	tok := s.bearer(x)
	if tok == nil {
		x.answer(http.StatusUnauthorized, nil)
		return
	}
	query := x.r.URL.Query()
	reference, by := strings.TrimSpace(query.Get("reference")), query.Get("referenceType")
	if reference == "" || by != "ReferenceNo" && by != "RRN" {
		x.violate(finding{"reference", "reference is missing, or referenceType is neither ReferenceNo nor RRN", true})
		x.answer(http.StatusBadRequest, nil)
		return
	}
	if s.strikeStatus(x, "") {
		return
	}

	found := s.find(tok, func(b transactionBody) bool {
		return by == "RRN" && b.RRN == reference || by == "ReferenceNo" && strings.TrimSpace(b.TxnRef) == reference
	})
	if len(found) == 0 {
		x.answer(http.StatusNotFound, nil)
		return
	}
	x.answer(http.StatusOK, s.flatList(found))
}

// find collects the results of a terminal in the order in which the transactions began.
func (s *Sim) find(tok *token, wanted func(transactionBody) bool) []event {
	s.mu.Lock()
	defer s.mu.Unlock()
	var hits []*session
	for id, ses := range s.sessions {
		if s.knownLocked(id, tok) == nil || ses.result == nil {
			continue
		}
		if body, ok := ses.result.Response.(transactionBody); ok && wanted(body) {
			hits = append(hits, ses)
		}
	}
	slices.SortFunc(hits, func(a, b *session) int { return cmp.Compare(a.nth, b.nth) })

	var results []event
	for _, ses := range hits {
		results = append(results, *ses.result)
	}
	return results
}

// flatList writes events as v2 has them: an array of flat objects, the type among the other members and no wrapper.
func (s *Sim) flatList(events []event) []byte {
	var list [][]byte
	for _, e := range events {
		var outer struct{ Response json.RawMessage }
		_ = json.Unmarshal(s.spell(e.SessionID, &event{Response: e.Response}, Pascal), &outer) // marshalled a moment ago
		flat := append([]byte(`{"ResponseType":`), quote(e.ResponseType)...)
		list = append(list, recase(append(append(flat, ','), outer.Response[1:]...), s.cfg.Casing.V2))
	}
	return append(append([]byte("["), bytes.Join(list, []byte(","))...), ']')
}
