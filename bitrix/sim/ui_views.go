package sim

import (
	"encoding/json"
	"maps"
	"slices"
	"strings"
	"time"
)

// linkText is a piece of a text, with an address where it is a link.
type linkText struct{ Text, Link string }

// noteView is one notification in the bell.
type noteView struct {
	Parts []linkText
	When  string
}

// bell lists the user's notifications, newest first.
func (v *visit) bell() []noteView {
	var notes []noteView
	for _, n := range v.p.notifications {
		if n.UserID == v.u.id {
			notes = append(notes, noteView{Parts: bbLinks(n.Message), When: shortTime(n.At)})
		}
	}
	slices.Reverse(notes)
	return notes
}

// bbLinks cuts [URL=/path/]text[/URL] out of a message. Links that leave the portal are shown as text.
func bbLinks(message string) []linkText {
	var parts []linkText
	for {
		before, rest, found := strings.Cut(message, "[URL=")
		if before != "" {
			parts = append(parts, linkText{Text: before})
		}
		if !found {
			return parts
		}
		link, rest, _ := strings.Cut(rest, "]")
		text, after, _ := strings.Cut(rest, "[/URL]")
		if !strings.HasPrefix(link, "/") || strings.HasPrefix(link, "//") {
			link = ""
		}
		parts = append(parts, linkText{Text: text, Link: link})
		message = after
	}
}

// shortTime is a moment in the portal's zone, for people.
func shortTime(t time.Time) string { return t.In(portalZone()).Format("2 Jan, 15:04") }

// rowView is one line of a list.
type rowView struct {
	ID     int
	Title  string
	Path   string
	Stage  string
	Tone   string
	Client string
	Amount string
}

// row is an item in a list.
func (p *portal) row(it *item) rowView {
	r := rowView{
		ID: it.id, Title: displayTitle(it), Path: "/crm/deal/details/" + itoa(it.id) + "/",
		Amount: displayAmount(it), Stage: it.text("stageId"),
	}
	if it.typeID == typeInvoice {
		r.Path = "/crm/type/31/details/" + itoa(it.id) + "/"
	}
	if company := p.item(typeCompany, it.number("companyId")); company != nil {
		r.Client = company.text("title")
	}
	if st := p.stage(it.typeID, it.text("stageId")); st != nil {
		r.Stage, r.Tone = st.name, tone(st)
	}
	return r
}

// tone is the colour of a stage's pill.
func tone(st *status) string {
	switch st.semantics {
	case "S":
		return "success"
	case "F":
		return "failure"
	}
	return "process"
}

// displayTitle names an item without a title by number and date, as the portal does (reference bitrix24, 6.3).
func displayTitle(it *item) string {
	if title := it.text("title"); title != "" {
		return title
	}
	return "No. " + itoa(it.id) + " of " + it.moment("createdTime").In(portalZone()).Format("2 January 2006")
}

// displayAmount has thousands grouped and the ISO code behind.
func displayAmount(it *item) string {
	return groupThousands(it.amount("opportunity").fixed(2)) + " " + it.text("currencyId")
}

// groupThousands sets a comma at every third digit.
func groupThousands(text string) string {
	whole, fraction, _ := strings.Cut(text, ".")
	for at := len(whole) - 3; at > 0 && whole[at-1] != '-'; at -= 3 {
		whole = whole[:at] + "," + whole[at:]
	}
	return whole + "." + fraction
}

// stageView is the bar of stages above a card.
type stageView struct {
	Test    string
	Current string
	TypeID  int
	ID      int
	Steps   []stepView
}

// stepView is one stage in the bar; Class is done for those behind the item, aside for failures it is not in.
type stepView struct {
	Code, Name, Color, Class string
	Current                  bool
}

// stageBar shows the way so far in the colour of the present stage. Failure stages are shown only while the item
// stands in one; the bar would otherwise not fit.
func (p *portal) stageBar(it *item) stageView {
	bar := stageView{Test: typeName(it.typeID) + "-stage", Current: it.text("stageId"), TypeID: it.typeID, ID: it.id}
	all := p.stages(it.typeID, it.number("categoryId"))
	at := slices.IndexFunc(all, func(st *status) bool { return st.code == bar.Current })
	for i, st := range all {
		step := stepView{Code: st.code, Name: st.name, Color: st.color, Current: i == at}
		if i <= at && (all[at].semantics != "F" || i == at) {
			step.Class, step.Color = "done", all[at].color
		}
		if st.semantics == "F" && i != at {
			step.Class = "aside"
		}
		bar.Steps = append(bar.Steps, step)
	}
	return bar
}

// productView is a product row with its texts.
type productView struct{ Name, Price, Quantity, Sum string }

// productViews lists the rows of an item.
func (p *portal) productViews(it *item) []productView {
	var views []productView
	for _, row := range p.rows[ownerKey{it.typeID, it.id}] {
		views = append(views, productView{
			Name: row.name, Price: row.price.fixed(2), Quantity: row.quantity.String(),
			Sum: row.price.times(row.quantity).fixed(2),
		})
	}
	return views
}

// entryView is a timeline entry for people.
type entryView struct {
	Kind, Title, Text, When, Author string
	Tags                            []layoutTag
	Lines                           []layoutLine
	Buttons                         []buttonView
}

// buttonView is a button of a card; Options are what the app's page gets.
type buttonView struct {
	Title, Options, Slider string
	Primary                bool
	Width                  int
	Test                   string
}

// show fills in what a configurable activity shows beside its title. The page that a button opens gets the item and
// the activity beside the button's own parameters.
func (e *entryView) show(a *activity) {
	e.Text, e.Tags, e.Lines = "", a.layout.tags, a.layout.lines
	for _, b := range a.layout.buttons {
		options := map[string]string{
			"entityTypeId": itoa(a.owner.typeID), "entityId": itoa(a.owner.id), "activityId": itoa(a.id),
		}
		maps.Copy(options, b.Params)
		// A map of strings always encodes.
		encoded, _ := json.Marshal(options)
		e.Buttons = append(e.Buttons, buttonView{
			Title: b.Title, Primary: b.Primary, Options: string(encoded), Slider: b.Slider, Width: b.Width,
			Test: "activity-" + strings.ToLower(b.Title),
		})
	}
}

// timelineViews lists the history of an item, newest first.
func (p *portal) timelineViews(it *item) []entryView {
	var views []entryView
	for _, e := range p.history(ownerKey{it.typeID, it.id}) {
		author := ""
		if u := p.user(e.authorID); u != nil {
			author = u.fullName()
		}
		view := entryView{Kind: e.kind, Title: e.title, Text: e.text, When: shortTime(e.created), Author: author}
		if a := p.activity(e.activity); a != nil && a.kind == kindActivity {
			view.show(a)
		}
		views = append(views, view)
	}
	slices.Reverse(views)
	return views
}

// tabView is one entry of the app in a card or a menu.
type tabView struct{ Placement, Title string }

// widgets lists the app's entries in a place, none for users who may not open the app.
func (v *visit) widgets(placement string) []tabView {
	if !v.u.may(canOpen) {
		return nil
	}
	var views []tabView
	for _, b := range v.p.app.bound(placement) {
		views = append(views, tabView{Placement: placement, Title: b.label()})
	}
	return views
}
