package bitrix

import "fmt"

// Layout is what a configurable activity shows (reference bitrix24 8). The portal takes at most two
// tags, two buttons and twenty lines; what is more is left out.
type Layout struct {
	Title   string
	Tags    []Tag
	Lines   []Line
	Buttons []Button
}

// Tag is a coloured word beside the title. Kind is success, failure, warning, primary or secondary.
type Tag struct{ Text, Kind string }

// Line is one line of the body. Name stands before the value; a line without a name is plain text.
// Long text keeps its line breaks and is folded by the portal.
type Line struct {
	Name, Value string
	Long        bool
}

// Button opens our page in a slider; Params arrive there in PLACEMENT_OPTIONS beside the item that the
// activity belongs to. They pass through the browser: nothing secret.
type Button struct {
	Text    string
	Primary bool
	Params  map[string]string
}

const (
	maxTags    = 2
	maxLines   = 20
	maxButtons = 2
	sliderPx   = 900
)

// wire builds the nested form. The keys are the application's own; they are numbered, because JSON
// objects are sorted by key and the portal shows them in the order of the text.
func (l Layout) wire() map[string]any {
	tags, blocks, buttons := map[string]any{}, map[string]any{}, map[string]any{}
	for i, t := range l.Tags[:min(len(l.Tags), maxTags)] {
		tags[numbered("tag", i)] = map[string]any{"title": t.Text, "type": t.Kind}
	}
	for i, line := range l.Lines[:min(len(l.Lines), maxLines)] {
		blocks[numbered("line", i)] = line.wire()
	}
	for i, b := range l.Buttons[:min(len(l.Buttons), maxButtons)] {
		buttons[numbered("button", i)] = b.wire(l.Title)
	}
	header := map[string]any{"title": l.Title}
	if len(tags) > 0 {
		header["tags"] = tags
	}
	out := map[string]any{
		"icon": map[string]any{"code": "info"}, "header": header,
		"body": map[string]any{"logo": map[string]any{"code": "notification"}, "blocks": blocks},
	}
	if len(buttons) > 0 {
		out["footer"] = map[string]any{"buttons": buttons}
	}

	return out
}

func numbered(what string, i int) string { return fmt.Sprintf("%s%02d", what, i+1) }

func (l Line) wire() map[string]any {
	switch {
	case l.Long:
		return map[string]any{"type": "largeText", "properties": map[string]any{"value": l.Value}}
	case l.Name == "":
		return map[string]any{"type": "text", "properties": map[string]any{"value": l.Value}}
	}

	return map[string]any{"type": "withTitle", "properties": map[string]any{
		"title": l.Name, "inline": true,
		"block": map[string]any{"type": "text", "properties": map[string]any{"value": l.Value}},
	}}
}

func (b Button) wire(title string) map[string]any {
	kind := "secondary"
	if b.Primary {
		kind = "primary"
	}

	return map[string]any{"title": b.Text, "type": kind, "action": map[string]any{
		"type": "openRestApp", "actionParams": b.Params,
		"sliderParams": map[string]any{"width": sliderPx, "title": title},
	}}
}
