package bitrix_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"receivepayment/bitrix"
)

func TestABatchSendsItsCommandsInOneRequest(t *testing.T) {
	t.Parallel()
	s := newScript(t).on("batch", result(`{"result":{"deal":{"item":{"id":512}},"inv":{"items":[]}},
		"result_error":{"co":{"error":"NOT_FOUND","error_description":"<b>Not</b> found"}},
		"result_total":{"inv":"120"},"result_next":{"inv":50},"result_time":{"deal":{"duration":0.01}}}`))

	got, err := s.portal().Batch(t.Context(), []bitrix.Command{
		{Key: "deal", Method: "crm.item.get", Params: map[string]any{"entityTypeId": 2, "id": 512}},
		{Key: "inv", Method: "crm.item.list", Params: map[string]any{"entityTypeId": 31, "filter": map[string]any{"parentId2": 512}}},
		{Key: "co", Method: "crm.item.get", Params: map[string]any{"entityTypeId": 4, "id": "$result[deal][item][companyId]"}},
		{Key: "me", Method: "profile"},
	})
	succeeds(t, err)

	equal(t, s.last(), map[string]any{"halt": 0.0, "cmd": map[string]any{
		"deal": "crm.item.get?entityTypeId=2&id=512",
		"inv":  "crm.item.list?entityTypeId=31&filter[parentId2]=512",
		"co":   "crm.item.get?entityTypeId=4&id=$result[deal][item][companyId]",
		"me":   "profile?",
	}})
	var deal struct {
		Item struct {
			ID int `json:"id"`
		} `json:"item"`
	}
	_, err = got.Decode("deal", &deal)
	succeeds(t, err)
	equal(t, deal.Item.ID, 512)
	page, err := got.Decode("inv", nil)
	succeeds(t, err)
	next := 50
	equal(t, page, bitrix.Page{Next: &next, Total: 120})

	_, err = got.Decode("co", nil)
	class(t, err, bitrix.NotFound)
	equal(t, err.Error(), "bitrix crm.item.get: not found: http 200 NOT_FOUND: Not found")
	_, err = got.Decode("me", nil)
	class(t, err, bitrix.Unclear)
}

func TestABatchReadsListsInPlaceOfMaps(t *testing.T) {
	t.Parallel()
	s := newScript(t).on("batch",
		result(`{"result":[{"ID":"14"}],"result_error":[],"result_total":[],"result_next":[],"result_time":[]}`),
		result(`{"result":[],"result_error":[{"error":"","error_description":"Access denied."}]}`),
		result(`{"result":[],"result_error":["expired_token"]}`))

	for i, want := range []bitrix.Class{0, bitrix.Denied, bitrix.Auth} {
		got, err := s.portal().Batch(t.Context(), []bitrix.Command{{Key: "0", Method: "profile"}})
		succeeds(t, err)
		_, err = got.Decode("0", nil)
		if bitrix.ClassOf(err) != want {
			t.Errorf("answer %d: class = %v, want %v", i, bitrix.ClassOf(err), want)
		}
	}
}

func TestABatchThatCannotBeRightIsNotSent(t *testing.T) {
	t.Parallel()
	var many []bitrix.Command
	for i := range 51 {
		many = append(many, bitrix.Command{Key: fmt.Sprint(i), Method: "profile"})
	}
	s := newScript(t)
	for name, cmds := range map[string][]bitrix.Command{
		"51 commands":       many,
		"two with one key":  {{Key: "a", Method: "profile"}, {Key: "a", Method: "scope"}},
		"no key":            {{Method: "profile"}},
		"method with query": {{Key: "a", Method: "profile?x=1"}},
		"list of params":    {{Key: "a", Method: "profile", Params: []int{1}}},
	} {
		_, err := s.portal().Batch(t.Context(), cmds)
		if bitrix.ClassOf(err) != bitrix.Invalid {
			t.Errorf("%s: error = %v", name, err)
		}
	}

	_, err := s.portal().Batch(t.Context(), nil)
	succeeds(t, err)
	equal(t, len(s.calls), 0)
}

func TestABatchThatFailsAsAWholeSaysSo(t *testing.T) {
	t.Parallel()
	s := newScript(t).on("batch", refuses(400, "ERROR_BATCH_LENGTH_EXCEEDED"), result(`"x"`))
	one := []bitrix.Command{{Key: "a", Method: "profile"}}

	_, err := s.portal().Batch(t.Context(), one)
	class(t, err, bitrix.Invalid)
	_, err = s.portal().Batch(t.Context(), one)
	class(t, err, bitrix.Unclear)
}

func TestTheNotationOfBatchCommands(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		params any
		want   string
	}{
		"nothing":                {nil, ""},
		"list of single values":  {map[string]any{"select": []string{"id", "title"}}, "select[]=id&select[]=title"},
		"list of objects":        {map[string]any{"rows": []any{map[string]any{"b": 2, "a": 1}}}, "rows[0][a]=1&rows[0][b]=2"},
		"filter with a prefix":   {map[string]any{"filter": map[string]any{"=xmlId": "a&b=c"}}, "filter[%3DxmlId]=a%26b%3Dc"},
		"yes, no and nothing":    {map[string]any{"a": true, "b": false, "c": nil}, "a=1&b=0&c="},
		"exact numbers":          {map[string]any{"n": json.Number("90071992547409931.01"), "p": bitrix.Amount("187.50")}, "n=90071992547409931.01&p=187.50"},
		"reference left alone":   {map[string]any{"id": "$result[deal][id]"}, "id=$result[deal][id]"},
		"no reference by force":  {map[string]any{"id": "$result[x]&auth=1"}, "id=%24result%5Bx%5D%26auth%3D1"},
		"a name with a bracket":  {map[string]any{"a]b": "c"}, "a%5Db=c"},
		"text in another script": {map[string]any{"t": "Zahlung für 5 €"}, "t=Zahlung+f%C3%BCr+5+%E2%82%AC"},
		"struct":                 {struct{ ID int }{7}, "ID=7"},
	} {
		got, err := bitrix.EncodeQuery(c.params)
		succeeds(t, err)
		if got != c.want {
			t.Errorf("%s: %q, want %q", name, got, c.want)
		}
	}
	if got, err := bitrix.EncodeQuery(make(chan int)); err == nil || strings.Contains(got, "=") {
		t.Errorf("a channel was sent as %q", got)
	}
}
