package sim_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"receivepayment/bitrix/sim"
)

const rename = `{"entityTypeId":2,"id":512,"fields":{"title":"renamed"}}`

func TestEachFaultDoesWhatItSays(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		fault  sim.Fault
		status int
		code   any
		title  string
	}{
		"an expired token":                 {sim.Fault{Kind: sim.FaultExpiredToken}, 401, "expired_token", "Wharf pump kit"},
		"too many requests":                {sim.Fault{Kind: sim.FaultQueryLimit}, 503, "QUERY_LIMIT_EXCEEDED", "Wharf pump kit"},
		"too much operating time":          {sim.Fault{Kind: sim.FaultOperationLimit}, 429, "OPERATION_TIME_LIMIT", "Wharf pump kit"},
		"an error before the work":         {sim.Fault{Kind: sim.FaultErrorBefore}, 500, "INTERNAL_SERVER_ERROR", "Wharf pump kit"},
		"an error after the work":          {sim.Fault{Kind: sim.FaultErrorAfter}, 500, "INTERNAL_SERVER_ERROR", "renamed"},
		"a page with status 200":           {sim.Fault{Kind: sim.FaultHTML}, 200, nil, "Wharf pump kit"},
		"access denied":                    {sim.Fault{Kind: sim.FaultAccessDenied}, 400, "ACCESS_DENIED", "Wharf pump kit"},
		"a fault for another method":       {sim.Fault{Kind: sim.FaultErrorBefore, Method: "crm.item.get"}, 200, nil, "renamed"},
		"a fault for methods by prefix":    {sim.Fault{Kind: sim.FaultErrorBefore, Method: "crm.item.*"}, 500, "INTERNAL_SERVER_ERROR", "Wharf pump kit"},
		"a fault that never comes to pass": {sim.Fault{Kind: sim.FaultErrorBefore, Probability: 1e-12}, 200, nil, "renamed"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w, token := installed(t)
			w.t = t
			if tt.fault.Probability == 0 && tt.fault.Method == "" {
				tt.fault.Times = 1
			}
			w.sim.Inject(tt.fault)
			w.call(token, "crm.item.update", rename).want(t, tt.status, map[string]any{"error": tt.code})
			if deal, _ := w.sim.Deal(512); deal.Title != tt.title {
				t.Errorf("the deal is called %q, want %q", deal.Title, tt.title)
			}
			w.sim.Heal()
			w.call(w.token(1), "crm.item.update", rename).want(t, 200, nil)
			w.wantViolations()
		})
	}
}

func TestAConnectionMayBeLostBeforeOrAfterTheWork(t *testing.T) {
	t.Parallel()
	for kind, title := range map[sim.FaultKind]string{sim.FaultDown: "Wharf pump kit", sim.FaultLostAnswer: "renamed"} {
		t.Run(string(kind), func(t *testing.T) {
			t.Parallel()
			w, token := installed(t)
			w.sim.Inject(sim.Fault{Kind: kind, Times: 1})
			body := strings.NewReader(`{"auth":"` + token + `",` + rename[1:])
			req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, w.url+"/rest/crm.item.update", body)
			if err != nil {
				t.Fatal(err)
			}
			req.Header.Set("Content-Type", "application/json")
			resp, err := w.http.Do(req)
			if err == nil {
				_ = resp.Body.Close()
				t.Fatalf("answered %d, want a broken connection", resp.StatusCode)
			}
			if deal, _ := w.sim.Deal(512); deal.Title != title {
				t.Errorf("the deal is called %q, want %q", deal.Title, title)
			}
		})
	}
}

func TestAFaultMayHitOneCommandOfABatch(t *testing.T) {
	t.Parallel()
	w, token := installed(t)
	w.sim.Inject(sim.Fault{Kind: sim.FaultAccessDenied, Method: "crm.item.get", Times: 1})
	w.call(token, "batch", `{"cmd":{"me":"profile","deal":"crm.item.get?entityTypeId=2&id=512"}}`).want(t, 200, map[string]any{
		"result.result.me.ID": "1", "result.result_error.deal.error": "ACCESS_DENIED",
	})
}

func TestARefreshMayBeRefusedForAWhile(t *testing.T) {
	t.Parallel()
	w, _ := installed(t)
	refresh := w.sim.EntryForm(1, "DEFAULT", 0).Body.Get("REFRESH_ID")
	w.clock.advance(2 * time.Hour)
	w.sim.Inject(sim.Fault{Kind: sim.FaultRefreshRefused, Times: 1})
	w.refreshWith(refresh, nil).want(t, 400, map[string]any{"error": "invalid_grant"})
	w.refreshWith(refresh, nil).want(t, 200, nil)
}

func TestAFieldMayBeMissingForAStageOnce(t *testing.T) {
	t.Parallel()
	w, token := installed(t)
	w.sim.Inject(sim.Fault{Kind: sim.FaultRequiredField, Value: "UF_CRM_WAREHOUSE", Times: 1})
	w.addInvoice(token, `"title":"x"`)
	const pay = `{"entityTypeId":31,"id":77,"fields":{"stageId":"DT31_3:P"}}`
	w.call(token, "crm.item.update", pay).want(t, 400, map[string]any{
		"error": "CRM_FIELD_ERROR_REQUIRED", "error_description": `The field "UF_CRM_WAREHOUSE" is required.`,
	})
	w.call(token, "crm.item.update", pay).want(t, 200, nil)
}

func TestASlowCallEndsWhenItsCallerLeaves(t *testing.T) {
	t.Parallel()
	w, token := installed(t)
	w.sim.Inject(sim.Fault{Kind: sim.FaultSlow, Delay: time.Hour, Times: 1})
	w.http.Timeout = 30 * time.Millisecond
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, w.url+"/rest/profile?auth="+token, http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	resp, err := w.http.Do(req)
	if err == nil {
		_ = resp.Body.Close()
		t.Fatal("an hour passed in no time")
	}
}

func TestTheSameSeedMisbehavesTheSameWay(t *testing.T) {
	t.Parallel()
	run := func(seed int64) []int {
		w, _ := installed(t, func(c *sim.Config) { c.Calm, c.Seed, c.RateBurst = false, seed, -1 })
		w.http.Timeout = 5 * time.Second
		var statuses []int
		for range 150 {
			statuses = append(statuses, w.call(w.token(1), "crm.item.update", rename).status)
		}
		return statuses
	}
	first := run(7)
	if diff := cmp.Diff(first, run(7)); diff != "" {
		t.Errorf("two runs with one seed differ:\n%s", diff)
	}
	counted := map[bool]int{}
	for _, status := range first {
		counted[status == http.StatusOK]++
	}
	if counted[true] < 120 || counted[false] == 0 {
		t.Errorf("%d answers of 150 were good; a little misbehaviour is wanted", counted[true])
	}
}
