package bitrix

import "context"

// Deal is what the application reads of a deal (reference bitrix24 6.2). Ids are 0 where there is none.
type Deal struct {
	ID    int64
	Title string
	// Opportunity is the deal's amount as exact decimal text, in Currency (ISO code).
	Opportunity, Currency string
	// CompanyID and ContactIDs are the customer; MyCompanyID is the seller.
	CompanyID   int64
	ContactIDs  []int64
	MyCompanyID int64
	// AssignedByID is the responsible user.
	AssignedByID int64
	// CategoryID is the funnel, 0 being the general one; StageID the stage in it.
	CategoryID int64
	StageID    string
	// StageSemantic is P in progress, S won, F lost, or empty when the portal did not say.
	StageSemantic string
}

type dealWire struct {
	ID            FlexInt       `json:"id"`
	Title         FlexString    `json:"title"`
	Opportunity   Amount        `json:"opportunity"`
	Currency      FlexString    `json:"currencyId"`
	CompanyID     FlexInt       `json:"companyId"`
	ContactID     FlexInt       `json:"contactId"`
	ContactIDs    List[FlexInt] `json:"contactIds"`
	MyCompanyID   FlexInt       `json:"mycompanyId"`
	AssignedByID  FlexInt       `json:"assignedById"`
	CategoryID    FlexInt       `json:"categoryId"`
	StageID       FlexString    `json:"stageId"`
	StageSemantic FlexString    `json:"stageSemanticId"`
}

func (w dealWire) deal() Deal {
	return Deal{
		ID: int64(w.ID), Title: string(w.Title),
		Opportunity: string(w.Opportunity), Currency: string(w.Currency),
		CompanyID: int64(w.CompanyID), ContactIDs: contacts(w.ContactIDs, w.ContactID),
		MyCompanyID: int64(w.MyCompanyID), AssignedByID: int64(w.AssignedByID),
		CategoryID: int64(w.CategoryID), StageID: string(w.StageID), StageSemantic: string(w.StageSemantic),
	}
}

// Deal reads one deal. NotFound and Denied mean that the token's owner may not see it.
func (p *Portal) Deal(ctx context.Context, id int64) (Deal, error) {
	var got itemAnswer[dealWire]
	if _, err := p.Call(ctx, "crm.item.get", itemParams(TypeDeal, id), &got); err != nil {
		return Deal{}, err
	}
	if err := wrongItem("crm.item.get", got.Item.ID, id); err != nil {
		return Deal{}, err
	}

	return got.Item.deal(), nil
}
