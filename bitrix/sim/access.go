package sim

import (
	"slices"
	"strings"
	"time"
)

// Invoice is a smart invoice as tests look at it.
type Invoice struct {
	ID         int
	DealID     int
	Title      string
	XMLID      string
	Stage      string // such as "DT31_3:P"
	Semantics  string // "", "S" (paid) or "F"
	Amount     string // such as "187.5"
	Currency   string
	Rows       int
	MovedBy    int
	CreatedBy  int
	MovedTime  time.Time
	CompanyID  int
	ContactIDs []int
}

// Deal is a deal as tests look at it.
type Deal struct {
	ID       int
	Title    string
	Stage    string
	Amount   string
	Currency string
	Rows     int
	Invoices []int
}

// TimelineEntry is one line in the history of an item.
type TimelineEntry struct {
	ID       int
	Kind     string // logmessage, comment, activity or todo
	AuthorID int
	Title    string
	Text     string
	Icon     string
	Created  time.Time
	// Of an activity or a to-do: its id, whose it is, its tags as "kind text", and its buttons with their parameters.
	Activity    int
	Responsible int
	Tags        []string
	Buttons     []string
	Params      map[string]map[string]string
}

// Invoice returns one smart invoice; ok is false when there is none.
func (s *Sim) Invoice(id int) (inv Invoice, ok bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	it := s.portals[0].item(typeInvoice, id)
	if it == nil {
		return Invoice{}, false
	}
	return s.portals[0].invoice(it), true
}

// Invoices lists all smart invoices of a deal by id; deal 0 lists all there are.
func (s *Sim) Invoices(dealID int) []Invoice {
	s.mu.Lock()
	defer s.mu.Unlock()
	var found []Invoice
	for _, it := range s.portals[0].sorted(typeInvoice) {
		if dealID == 0 || it.number("parentId2") == dealID {
			found = append(found, s.portals[0].invoice(it))
		}
	}
	return found
}

func (p *portal) invoice(it *item) Invoice {
	contacts, _ := it.vals["contactIds"].([]int)
	inv := Invoice{
		ID: it.id, DealID: it.number("parentId2"), Title: it.text("title"), XMLID: it.text("xmlId"),
		Stage: it.text("stageId"), Amount: it.amount("opportunity").String(), Currency: it.text("currencyId"),
		Rows: len(p.rows[ownerKey{typeInvoice, it.id}]), MovedBy: it.number("movedBy"),
		CreatedBy: it.number("createdBy"), MovedTime: it.moment("movedTime"),
		CompanyID: it.number("companyId"), ContactIDs: slices.Clone(contacts),
	}
	if st := p.stage(typeInvoice, inv.Stage); st != nil {
		inv.Semantics = st.semantics
	}
	return inv
}

// Deal returns one deal; ok is false when there is none.
func (s *Sim) Deal(id int) (deal Deal, ok bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	p := s.portals[0]
	it := p.item(typeDeal, id)
	if it == nil {
		return Deal{}, false
	}
	deal = Deal{
		ID: id, Title: it.text("title"), Stage: it.text("stageId"), Amount: it.amount("opportunity").String(),
		Currency: it.text("currencyId"), Rows: len(p.rows[ownerKey{typeDeal, id}]),
	}
	for _, inv := range p.sorted(typeInvoice) {
		if inv.number("parentId2") == id {
			deal.Invoices = append(deal.Invoices, inv.id)
		}
	}
	return deal, true
}

// Timeline lists the history of an item, oldest first; entityTypeID is 2 for deals and 31 for smart invoices.
func (s *Sim) Timeline(entityTypeID, id int) []TimelineEntry {
	s.mu.Lock()
	defer s.mu.Unlock()
	var found []TimelineEntry
	for _, e := range s.portals[0].history(ownerKey{entityTypeID, id}) {
		entry := TimelineEntry{
			ID: e.id, Kind: e.kind, AuthorID: e.authorID, Title: e.title, Text: e.text, Icon: e.icon, Created: e.created,
			Activity: e.activity,
		}
		if a := s.portals[0].activity(e.activity); a != nil {
			entry.describe(a)
		}
		found = append(found, entry)
	}
	return found
}

// describe copies what an activity shows.
func (e *TimelineEntry) describe(a *activity) {
	e.Responsible, e.Params = a.responsible, map[string]map[string]string{}
	for _, t := range a.layout.tags {
		e.Tags = append(e.Tags, t.Kind+" "+t.Title)
	}
	for _, b := range a.layout.buttons {
		e.Buttons = append(e.Buttons, b.Title)
		e.Params[b.Title] = b.Params
	}
}

// Notifications lists the messages in a user's bell, oldest first.
func (s *Sim) Notifications(userID int) []Notification {
	s.mu.Lock()
	defer s.mu.Unlock()
	var found []Notification
	for _, n := range s.portals[0].notifications {
		if n.UserID == userID {
			found = append(found, *n)
		}
	}
	return found
}

// Placements lists what the app has bound, as "CODE handler", in order of binding.
func (s *Sim) Placements() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	var found []string
	for _, b := range s.portals[0].app.placements {
		found = append(found, b.code+" "+b.handler)
	}
	return found
}

// Events lists the event handlers that the app has bound, as "EVENT handler".
func (s *Sim) Events() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	var found []string
	for _, b := range s.portals[0].app.events {
		found = append(found, strings.Join([]string{b.event, b.handler}, " "))
	}
	return found
}

// MemberID is the stable id of the main portal.
func (s *Sim) MemberID() string { return mainMemberID }

// ApplicationToken is the token that events of the main portal carry at present.
func (s *Sim) ApplicationToken() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.portals[0].app.token
}
