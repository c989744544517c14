package invoices

import (
	"context"
	"slices"

	"receivepayment/bitrix"
)

// CustomerEmail is the address to which the receipt of a document would be
// sent, as the viewer may see it: that of the document's own contact, else of
// its deal's. It is empty when the CRM has none.
func (s *Service) CustomerEmail(ctx context.Context, portalID, userID, document string) (string, error) {
	ref, err := parseDocument(document)
	if err != nil {
		return "", err
	}
	crm, err := s.reader(ctx, portalID, userID)
	if err != nil {
		return "", err
	}
	contacts, err := s.contactsOf(ctx, crm, ref)
	if err != nil {
		return "", err
	}
	for _, id := range contacts {
		addresses, err := crm.ContactEmails(ctx, id)
		if err != nil {
			return "", crmError("read the contact", err)
		}
		if len(addresses) > 0 {
			return addresses[0], nil
		}
	}
	return "", nil
}

// contactsOf are the people of a document and after them those of its deal,
// each once.
func (s *Service) contactsOf(ctx context.Context, crm reader, ref reference) ([]int64, error) {
	own, dealID, err := s.buyers(ctx, crm, ref)
	if err != nil || dealID == 0 {
		return own, err
	}
	deal, err := crm.Deal(ctx, dealID)
	switch bitrix.ClassOf(err) {
	case bitrix.Denied, bitrix.NotFound: // whoever may see the invoice alone
		return own, nil
	case bitrix.Invalid, bitrix.Auth, bitrix.Limited, bitrix.Moved, bitrix.Gone, bitrix.Unavailable, bitrix.Unclear:
	}
	if err != nil {
		return nil, crmError("read the deal", err)
	}
	for _, id := range deal.ContactIDs {
		if !slices.Contains(own, id) {
			own = append(own, id)
		}
	}
	return own, nil
}

func (s *Service) buyers(ctx context.Context, crm reader, ref reference) (contacts []int64, dealID int64, err error) {
	if ref.order != 0 {
		order, dealID, err := s.readOrder(ctx, crm, ref.order)
		return order.ContactIDs, dealID, err
	}
	row, err := crm.Invoice(ctx, ref.invoice)
	if err != nil {
		return nil, 0, crmError("read the invoice", err)
	}
	return row.ContactIDs, row.DealID, nil
}
