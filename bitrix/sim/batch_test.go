package sim_test

import (
	"strings"
	"testing"
)

func TestABatchRunsInOrderAndFollowsReferences(t *testing.T) {
	t.Parallel()
	w, token := installed(t)
	w.call(token, "batch", `{"halt":0,"cmd":{
		"deal":"crm.item.get?entityTypeId=2&id=512",
		"co":"crm.item.get?entityTypeId=4&id=$result[deal][item][companyId]",
		"inv":"crm.item.list?entityTypeId=31&filter[parentId2]=512&order[id]=DESC&select[]=id",
		"who":"user.current?"}}`).want(t, 200, map[string]any{
		"result.result.co.item.title": "Pelorus Marine Services", "result.result.inv.items": []any{},
		"result.result.who.ID": "1", "result.result_error": []any{}, "result.result_next": []any{},
		"result.result_total": map[string]any{"inv": 0.0},
	})
	w.wantViolations()
}

func TestABatchGoesOnOrHaltsAtAnError(t *testing.T) {
	t.Parallel()
	const commands = `"cmd":{"missing":"crm.item.get?entityTypeId=2&id=1","me":"profile"}}`
	w, token := installed(t)
	w.call(token, "batch", `{"halt":0,`+commands).want(t, 200, map[string]any{
		"result.result.me.ID": "1", "result.result_error.missing.error": "NOT_FOUND",
	})
	w.call(token, "batch", `{"halt":1,`+commands).want(t, 200, map[string]any{
		"result.result": []any{}, "result.result_error.missing.error": "NOT_FOUND",
	})
}

func TestABatchWithNumbersForNamesAnswersWithLists(t *testing.T) {
	t.Parallel()
	w, token := installed(t)
	w.call(token, "batch", `{"cmd":["profile","crm.item.get?entityTypeId=2&id=513"]}`).want(t, 200, map[string]any{
		"result.result.0.ID": "1", "result.result.1.item.id": 513.0, "result.result_error": []any{},
	})
}

func TestABatchHasItsLimits(t *testing.T) {
	t.Parallel()
	w, token := installed(t)
	long := `{"cmd":[` + strings.TrimSuffix(strings.Repeat(`"profile",`, 51), ",") + `]}`
	w.call(token, "batch", long).want(t, 400, map[string]any{"error": "ERROR_BATCH_LENGTH_EXCEEDED"})
	w.call(token, "batch", `{"cmd":{"in":"batch?cmd[a]=profile"}}`).want(t, 200, map[string]any{
		"result.result_error.in.error": "ERROR_BATCH_METHOD_NOT_ALLOWED",
	})
	w.wantViolations("batch length", "nested batch")
}

func TestAReferenceMayStandInsideAText(t *testing.T) {
	t.Parallel()
	w, token := installed(t)
	w.call(token, "batch", `{"cmd":{
		"deal":"crm.item.get?entityTypeId=2&id=512",
		"log":"crm.timeline.logmessage.add?fields[entityTypeId]=2&fields[entityId]=512&fields[title]=About%20$result[deal][item][title]&fields[text]=of%20$result[deal][item][id]%2C%20$result[nobody][here]end&fields[iconCode]=info"}}`).
		want(t, 200, map[string]any{
			"result.result.log.logMessage.title": "About Wharf pump kit", "result.result.log.logMessage.text": "of 512, end",
		})
}
