package stack

import (
	"maps"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"

	bitrixsim "receivepayment/bitrix/sim"
	"receivepayment/db"
)

// mirrored turns the cards on and answers the smart process's number.
func (s *shop) mirrored(t *testing.T) int {
	t.Helper()
	got := s.admin.Do(http.MethodPut, "/api/v1/settings", Object{"crm": Object{"terminals": true}}).Want(http.StatusOK)
	if crm, _ := got["crm"].(map[string]any); crm["terminals"] != true {
		t.Fatalf("the settings are %v", got)
	}
	types := s.Bitrix.SmartTypes()
	if len(types) != 1 || len(types["EFTPOS terminals"]) != 1 {
		t.Fatalf("the smart processes are %v", types)
	}
	return types["EFTPOS terminals"][0]
}

// cardSays waits until the one card is as it should be.
func (s *shop) cardSays(kind int, what string, want func(bitrixsim.SmartItem) bool) bitrixsim.SmartItem {
	s.t.Helper()
	s.Await(what, func() bool {
		items := s.Bitrix.SmartItems(kind)
		return len(items) == 1 && items[0].XMLID == s.terminal && want(items[0])
	})
	return s.Bitrix.SmartItems(kind)[0]
}

func people(i bitrixsim.SmartItem) []int {
	ids, _ := i.Custom["POS_USERS"].([]int)
	return ids
}

// looked waits until the mirror has looked and nothing is due any more.
func (s *shop) looked(t *testing.T) {
	t.Helper()
	s.Bitrix.WaitEvents()
	s.Await("the look at the cards is over", func() bool {
		return s.count("mirrors", "due_at > ? AND claimed_until IS NULL", db.Now()) == 1
	})
}

// auditSays lists what was done to the terminal, newest first, with who did it.
func (s *shop) auditSays() []string {
	s.t.Helper()
	var out []string
	for _, line := range s.admin.Do(http.MethodGet, "/api/v1/audit", nil).Want(http.StatusOK).List("items") {
		out = append(out, line.Text("action")+" by "+line.Text("by", "name"))
	}
	return out
}

func TestEachTerminalHasACardInTheCRMThatIsKeptBothWays(t *testing.T) {
	t.Parallel()
	eachShop(t, func(t *testing.T, s *shop) {
		s.Bitrix.Inject(bitrixsim.Fault{Kind: bitrixsim.FaultErrorAfter, Method: "crm.item.add", Times: 1})
		kind := s.mirrored(t)
		s.setMirror(t, "due_at", db.Now()) // the wait after an ambiguous answer is over
		card := s.cardSays(kind, "the terminal has a card", func(i bitrixsim.SmartItem) bool { return i.Title == "Counter 1" })
		if card.Custom["POS_STATUS"] != "Ready" || card.Custom["POS_MODE"] != "Everybody" || card.Custom["POS_TERMINAL"] == "" || card.Custom["POS_SERIAL"] == "" {
			t.Errorf("the card says %v", card.Custom)
		}
		s.looked(t)

		s.admin.Do(http.MethodPatch, "/api/v1/terminals/"+s.terminal, Object{"name": "Front desk", "shared": false, "users": []string{"14"}}).Want(http.StatusOK)
		s.cardSays(kind, "the card follows the terminal", func(i bitrixsim.SmartItem) bool {
			return i.Title == "Front desk" && slices.Equal(people(i), []int{14}) && i.Custom["POS_MODE"] == "Chosen people"
		})
		s.looked(t)

		s.Bitrix.EditItem(Admin, kind, card.ID, map[string]any{"title": "Back office", s.Bitrix.CustomField(kind, "POS_USERS"): []int{14, 15}})
		s.Await("the terminal follows the card", func() bool {
			got := s.admin.Do(http.MethodGet, "/api/v1/terminals/"+s.terminal, nil).Want(http.StatusOK)
			users, _ := got["users"].([]any)
			return got.Text("name") == "Back office" && len(users) == 2
		})
		if log := s.auditSays(); !strings.HasPrefix(log[0], "terminal.changed by Aroha") {
			t.Errorf("the audit says %v", log)
		}
		s.looked(t)

		s.Bitrix.EditItem(Cashier, kind, card.ID, map[string]any{"title": "Mine", s.Bitrix.CustomField(kind, "POS_USERS"): []int{14}})
		s.Await("the change of somebody without the right is noted", func() bool {
			return strings.HasPrefix(s.auditSays()[0], "terminal.card_refused by Mere")
		})
		s.cardSays(kind, "and put back", func(i bitrixsim.SmartItem) bool {
			return i.Title == "Back office" && slices.Equal(people(i), []int{14, 15})
		})
		s.looked(t)

		s.Bitrix.EditItem(Admin, kind, card.ID, map[string]any{"title": strings.Repeat("long ", 20)})
		s.cardSays(kind, "a name that no terminal may have is put back", func(i bitrixsim.SmartItem) bool { return i.Title == "Back office" })
		s.looked(t)

		s.Bitrix.DeleteItem(Admin, kind, card.ID)
		s.cardSays(kind, "a card that was deleted is made again", func(i bitrixsim.SmartItem) bool {
			return i.ID != card.ID && i.Title == "Back office" && slices.Equal(people(i), []int{14, 15})
		})
		s.looked(t)

		s.admin.Do(http.MethodDelete, "/api/v1/terminals/"+s.terminal, nil)
		s.cardSays(kind, "the card says that the terminal is retired", func(i bitrixsim.SmartItem) bool { return i.Custom["POS_STATUS"] == "Retired" })
		s.looked(t)
		s.onlyWhatPeopleMaySee(t, kind)
		s.honest()
	})
}

// setMirror changes the mirror's row.
func (s *shop) setMirror(t *testing.T, column string, value any) {
	t.Helper()
	if err := s.House.DB.WithContext(t.Context()).Table("mirrors").Where("1 = 1").Update(column, value).Error; err != nil {
		t.Fatal(err)
	}
}

// onlyWhatPeopleMaySee asserts that a card has no field beside those that were
// meant for it: no secret can be on it.
func (s *shop) onlyWhatPeopleMaySee(t *testing.T, kind int) {
	t.Helper()
	want := []string{"POS_MODE", "POS_SERIAL", "POS_STATUS", "POS_TERMINAL", "POS_USERS"}
	for _, card := range s.Bitrix.SmartItems(kind) {
		if got := slices.Sorted(maps.Keys(card.Custom)); !slices.Equal(got, want) {
			t.Errorf("the card has the fields %v", got)
		}
	}
}

// What changed nothing costs one request, and our own writes coming back none.
func TestLooksAtCardsAreFew(t *testing.T) {
	t.Parallel()
	s := openShop(t, Options{})
	kind := s.mirrored(t)
	s.looked(t)
	before := len(s.Bitrix.Calls())
	s.setMirror(t, "due_at", db.Now())
	s.looked(t)
	if got := methodsSince(s, before); !slices.Equal(got, []string{"crm.item.list"}) {
		t.Errorf("a look at cards that are as they should be asks %v", got)
	}

	before = len(s.Bitrix.Calls())
	s.admin.Do(http.MethodPatch, "/api/v1/terminals/"+s.terminal, Object{"name": "Front desk"}).Want(http.StatusOK)
	s.cardSays(kind, "the card follows", func(i bitrixsim.SmartItem) bool { return i.Title == "Front desk" })
	s.looked(t)
	if got := methodsSince(s, before); !slices.Equal(got, []string{"crm.item.list", "crm.item.update"}) {
		t.Errorf("one change makes us ask %v", got)
	}
	s.honest()
}

// methodsSince lists what the app asked of the portal after so many calls.
func methodsSince(s *shop, before int) []string {
	var out []string
	for _, call := range s.Bitrix.Calls()[before:] {
		out = append(out, call.Method)
	}
	return out
}

// Switched on again, by two at once, after the portal has forgotten nothing and
// we everything: one smart process, one card.
func TestTheCardsAreFoundAgain(t *testing.T) {
	t.Parallel()
	s := openShop(t, Options{})
	kind := s.mirrored(t)
	s.looked(t)
	tx := s.House.DB.WithContext(t.Context())
	for _, table := range []string{"mirrors", "mirror_cards"} {
		if err := tx.Exec("DELETE FROM " + table).Error; err != nil {
			t.Fatal(err)
		}
	}
	if again := s.mirrored(t); again != kind {
		t.Errorf("a second smart process %d was made beside %d", again, kind)
	}
	s.looked(t)
	s.cardSays(kind, "one card", func(bitrixsim.SmartItem) bool { return true })

	s.admin.Do(http.MethodPut, "/api/v1/settings", Object{"crm": Object{"terminals": false}}).Want(http.StatusOK)
	s.admin.Do(http.MethodPatch, "/api/v1/terminals/"+s.terminal, Object{"name": "Elsewhere"}).Want(http.StatusOK)
	if got := s.Bitrix.SmartItems(kind); len(got) != 1 || got[0].Title != "Counter 1" {
		t.Errorf("switched off, the cards are %v", got)
	}
	s.honest()
}

// Wished for by many at once, and refused by a portal whose plan has no more
// smart processes, then allowed: one of everything, and people see why it waits.
func TestTheSmartProcessIsMadeOnce(t *testing.T) {
	t.Parallel()
	s := openShop(t, Options{})
	s.Bitrix.Inject(bitrixsim.Fault{Kind: bitrixsim.FaultAccessDenied, Method: "crm.type.add", Times: 1})
	var many sync.WaitGroup
	for range 5 {
		many.Go(func() {
			s.admin.Do(http.MethodPut, "/api/v1/settings", Object{"crm": Object{"terminals": true}}).Want(http.StatusOK)
		})
	}
	many.Wait()
	s.Await("the refusal is known", func() bool { return s.count("mirrors", "trouble <> ''") == 1 })
	if n := len(s.Bitrix.SmartTypes()); n != 0 {
		t.Errorf("refused, and there are %d smart processes", n)
	}
	s.setMirror(t, "due_at", db.Now())
	s.Await("it is made", func() bool { return len(s.Bitrix.SmartTypes()["EFTPOS terminals"]) == 1 })
	s.looked(t)
	s.cardSays(s.Bitrix.SmartTypes()["EFTPOS terminals"][0], "one card", func(bitrixsim.SmartItem) bool { return true })
	if n := s.count("mirrors", "trouble <> ''"); n != 0 {
		t.Error("the refusal still stands there")
	}
	s.honest()
}
