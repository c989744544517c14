package mirror

import (
	"slices"

	"receivepayment/bitrix"
	"receivepayment/pairing"
	"receivepayment/words"
)

// both is what goes both ways.
type both struct {
	Name  string   `json:"name"`
	Users []string `json:"users"` // by id, sorted
}

func (b both) equal(o both) bool { return b.Name == o.Name && slices.Equal(b.Users, o.Users) }

// ofTerminal is what our terminal says.
func ofTerminal(t pairing.Card) both {
	return both{Name: t.Name, Users: sorted(t.Users)}
}

// ofCard is what the card says.
func ofCard(process bitrix.SmartType, card bitrix.SmartItem) both {
	return both{Name: card.Title, Users: sorted(card.Texts(process.FieldName(fieldUsers)))}
}

func sorted(ids []string) []string {
	out := slices.DeleteFunc(slices.Clone(ids), func(id string) bool { return id == "0" })
	slices.Sort(out)
	return slices.Compact(out)
}

// face is all that a card shows of a terminal, by field.
func face(v *words.Voice, process bitrix.SmartType, t pairing.Card) map[string]any {
	mode := v.T("Chosen people")
	if t.Shared {
		mode = v.T("Everybody")
	}
	return map[string]any{
		"title": t.Name, "xmlId": t.ID,
		process.FieldName(fieldTerminal): t.Facts.TerminalID,
		process.FieldName(fieldSerial):   t.Facts.Serial,
		process.FieldName(fieldStatus):   v.T(t.Status.Words()),
		process.FieldName(fieldMode):     mode,
		process.FieldName(fieldUsers):    sorted(t.Users),
	}
}

// shows reports whether the card says what it should.
func shows(process bitrix.SmartType, card bitrix.SmartItem, face map[string]any) bool {
	if card.Title != face["title"] {
		return false
	}
	for _, code := range []string{fieldTerminal, fieldSerial, fieldStatus, fieldMode} {
		name := process.FieldName(code)
		if card.Text(name) != face[name] {
			return false
		}
	}
	users, _ := face[process.FieldName(fieldUsers)].([]string)
	return slices.Equal(ofCard(process, card).Users, users)
}
