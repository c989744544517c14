package bitrix

import (
	"context"
	"strings"
)

type contactWire struct {
	ID     FlexInt                `json:"ID"`
	Emails List[contactEmailWire] `json:"EMAIL"`
}

type contactEmailWire struct {
	Value FlexString `json:"VALUE"`
}

// ContactEmails are the e-mail addresses of a contact as people wrote them, the first in the CRM first; none
// when there is none. NotFound and Denied mean that the token's owner may not see the contact.
//
// crm.contact.get is the method that is documented to answer addresses; the universal crm.item.get names them
// differently from portal to portal.
func (p *Portal) ContactEmails(ctx context.Context, id int64) ([]string, error) {
	const method = "crm.contact.get"
	var got contactWire
	if _, err := p.Call(ctx, method, map[string]any{"id": id}, &got); err != nil {
		return nil, err
	}
	if err := wrongItem(method, got.ID, id); err != nil {
		return nil, err
	}
	var out []string
	for _, e := range got.Emails {
		if address := strings.TrimSpace(string(e.Value)); address != "" {
			out = append(out, address)
		}
	}

	return out, nil
}
