package payments

// InvalidError is a refusal of what somebody sent, naming the field at fault.
// Every feature uses it; nothing is stored when it is returned.
type InvalidError struct {
	Field string // as the JSON face spells it
	Text  string // a sentence for people
}

func (e *InvalidError) Error() string { return "invalid " + e.Field + ": " + e.Text }

// Invalid makes an [InvalidError].
func Invalid(field, text string) error { return &InvalidError{Field: field, Text: text} }
