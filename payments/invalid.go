package payments

import "receivepayment/words"

// InvalidError is a refusal of what somebody sent, naming the field at fault.
// Every feature uses it; nothing is stored when it is returned.
type InvalidError struct {
	Field string    // as the JSON face spells it
	Text  words.Key // a sentence for people
	Args  []any     // what fills its holes
}

func (e *InvalidError) Error() string {
	return "invalid " + e.Field + ": " + words.English(e.Text, e.Args...)
}

// Invalid makes an [InvalidError].
func Invalid(field string, text words.Key, args ...any) error {
	return &InvalidError{Field: field, Text: text, Args: args}
}
