package bitrix_test

import (
	"testing"

	"receivepayment/bitrix"
)

func TestTheAddressesOfAContactAreRead(t *testing.T) {
	t.Parallel()
	for name, one := range map[string]struct {
		answer string
		want   []string
	}{
		"two": {`{"ID":"208","NAME":"Wiremu","HAS_EMAIL":"Y","EMAIL":[{"ID":"7","VALUE_TYPE":"WORK","VALUE":" w@pelorus.example ","TYPE_ID":"EMAIL"},
			{"ID":"8","VALUE_TYPE":"HOME","VALUE":"home@pelorus.example","TYPE_ID":"EMAIL"}]}`, []string{"w@pelorus.example", "home@pelorus.example"}},
		"none":              {`{"ID":"208","HAS_EMAIL":"N"}`, nil},
		"an empty list":     {`{"ID":208,"EMAIL":[]}`, nil},
		"one without value": {`{"ID":"208","EMAIL":[{"ID":"7","VALUE":null}]}`, nil},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newScript(t).on("crm.contact.get", result(one.answer))
			got, err := s.portal().ContactEmails(t.Context(), 208)
			succeeds(t, err)
			equal(t, got, one.want)
			equal(t, s.last(), map[string]any{"id": 208.0})
		})
	}
}

func TestAnotherContactIsNoAnswer(t *testing.T) {
	t.Parallel()
	s := newScript(t).on("crm.contact.get", result(`{"ID":"209","EMAIL":[{"VALUE":"other@pelorus.example"}]}`))
	if got, err := s.portal().ContactEmails(t.Context(), 208); bitrix.ClassOf(err) != bitrix.Unclear || got != nil {
		t.Errorf("got %v, %v", got, err)
	}
}
