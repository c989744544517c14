package bitrix

import "context"

// Opened is what somebody who opens a deal sees first: the deal with its invoices, as far as they may see
// it, read in the same request as who they are.
type Opened struct {
	DealID int64

	deal     Deal
	invoices []Invoice
	err      error
}

// Deal is [Portal.DealWithInvoices] as it was when the page was opened.
func (o *Opened) Deal() (Deal, []Invoice, error) { return o.deal, o.invoices, o.err }

// OpenDeal tells who the token's owner is, as [Portal.Profile] does, and reads the deal that they have
// opened. The error is about the owner; what is wrong with the deal is told by [Opened.Deal].
func (p *Portal) OpenDeal(ctx context.Context, dealID int64) (Profile, *Opened, error) {
	expect := p.client.sizes.of(p.memberID, dealID)
	batch, err := p.Batch(ctx, append([]Command{{Key: "profile", Method: "profile"}}, dealCommands(dealID, expect)...))
	if err != nil {
		return Profile{}, nil, err
	}
	var got profileWire
	if _, err := batch.Decode("profile", &got); err != nil {
		return Profile{}, nil, err
	}
	profile, err := got.profile()
	if err != nil {
		return Profile{}, nil, err
	}
	o := &Opened{DealID: dealID}
	o.deal, o.invoices, o.err = p.dealIn(ctx, batch, dealID, expect)

	return profile, o, nil
}
