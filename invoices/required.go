package invoices

import (
	"context"

	"receivepayment/bitrix"
)

// RequiredError says which field of an invoice the portal's administrator wants
// to be filled, in the words that people see there.
type RequiredError struct {
	Field, Title string
	err          error
}

func (e *RequiredError) Error() string {
	return "the field " + e.Field + " is required: " + e.err.Error()
}

// Unwrap gives the refusal itself.
func (e *RequiredError) Unwrap() error { return e.err }

// wanted finds out which required field a refused invoice left empty, if that is
// why it was refused.
func (s *Service) wanted(ctx context.Context, api *bitrix.Portal, err error) error {
	field, title := api.RequiredField(ctx, bitrix.TypeInvoice, err)
	if field == "" {
		return err
	}
	return &RequiredError{Field: field, Title: title, err: err}
}
