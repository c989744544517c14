package bitrix

import "errors"

// Numbers and short codes of the CRM's kinds of things (reference bitrix24 6.1).
const (
	TypeDeal    = 2
	TypeContact = 3
	TypeCompany = 4
	TypeInvoice = 31
	TypeOrder   = 14

	OwnerDeal    = "D"
	OwnerInvoice = "SI"
	OwnerOrder   = "O"
)

// itemParams addresses one item of the universal methods. Custom fields keep their original names, in
// both directions (reference bitrix24 6.3).
func itemParams(entityTypeID int, id int64) map[string]any {
	return map[string]any{"entityTypeId": entityTypeID, "id": id, "useOriginalUfNames": "Y"}
}

// itemAnswer is the result of crm.item.get, add and update.
type itemAnswer[T any] struct {
	Item T `json:"item"`
}

// wrongItem refuses an answer about another item than was asked for. want 0 accepts any real id.
func wrongItem(method string, got FlexInt, want int64) error {
	if got > 0 && (want == 0 || int64(got) == want) {
		return nil
	}

	return &Error{Method: method, Class: Unclear, Err: errors.New("answer is about another item")}
}

// contacts gives the list of contacts, from the single field where the list is missing.
func contacts(list List[FlexInt], first FlexInt) []int64 {
	ids := make([]int64, 0, len(list)+1)
	for _, id := range list {
		if id > 0 {
			ids = append(ids, int64(id))
		}
	}
	if len(ids) == 0 && first > 0 {
		ids = append(ids, int64(first))
	}
	if len(ids) == 0 {
		return nil
	}

	return ids
}
