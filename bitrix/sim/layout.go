package sim

import (
	"net/http"
	"slices"
	"strings"
)

// activityLayout is what a configurable activity shows (reference bitrix24, section 8).
type activityLayout struct {
	icon, title string
	tags        []layoutTag
	lines       []layoutLine
	buttons     []layoutButton
}

type layoutTag struct{ Title, Kind string }

type layoutLine struct {
	Name, Value string
	Long        bool
}

// layoutButton opens the app in a slider, or an address of the portal.
type layoutButton struct {
	Title   string
	Primary bool
	Params  map[string]string
	Slider  string // title of the slider
	Width   int
	URI     string
}

// Bounds and words of the structure, as the service enforces them.
const (
	mostTags    = 2
	mostBlocks  = 20
	mostButtons = 2
	mostParams  = 20
)

// wrongLayout is a refusal that a correct client never meets.
func wrongLayout(code, text string) *restError {
	return breach(http.StatusBadRequest, code, text, "activity layout")
}

// readLayout refuses what the real service refuses: a missing part, too many of them, an unknown word.
func readLayout(sent *value) (activityLayout, *restError) {
	if !sent.isArray() || len(sent.keys) == 0 {
		return activityLayout{}, wrongLayout("ERROR_EMPTY_LAYOUT", "The layout field must be filled")
	}
	l := activityLayout{icon: sent.get("icon", "code").str(), title: sent.get("header", "title").str()}
	if l.icon == "" || l.title == "" || sent.get("body", "logo", "code").str() == "" {
		return l, wrongLayout("100", "icon.code, header.title and body.logo.code are required")
	}
	if refusal := l.readTags(sent.get("header", "tags")); refusal != nil {
		return l, refusal
	}
	if refusal := l.readBlocks(sent.get("body", "blocks")); refusal != nil {
		return l, refusal
	}
	return l, l.readButtons(sent.get("footer", "buttons"))
}

// children are the members of an associative array; their keys have few letters to choose from.
func children(sent *value, most int) ([]*value, *restError) {
	if sent == nil {
		return nil, nil
	}
	if len(sent.keys) > most {
		return nil, wrongLayout("TOO_MANY_ITEMS", "Too many items")
	}
	for _, key := range sent.keys {
		if strings.Trim(key, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_") != "" {
			return nil, wrongLayout("KEY_CONTAIN_WRONG_SYMBOLS", "The key "+key+" contains wrong symbols")
		}
	}
	return sent.items(), nil
}

func (l *activityLayout) readTags(sent *value) *restError {
	tags, refusal := children(sent, mostTags)
	for _, t := range tags {
		kind := t.get("type").str()
		if !slices.Contains([]string{"success", "failure", "warning", "primary", "secondary"}, kind) {
			return wrongLayout("ENUM_FIELD", "Unknown type of tag "+kind)
		}
		for _, key := range t.keys {
			if !slices.Contains([]string{"title", "type", "action"}, key) {
				return wrongLayout("FIELD_IS_REDUNDANT", "A tag has no field "+key)
			}
		}
		l.tags = append(l.tags, layoutTag{Title: t.get("title").str(), Kind: kind})
	}
	return refusal
}

func (l *activityLayout) readBlocks(sent *value) *restError {
	blocks, refusal := children(sent, mostBlocks)
	if refusal != nil {
		return refusal
	}
	if len(blocks) == 0 {
		return wrongLayout("100", "body.blocks must hold at least one block")
	}
	for _, block := range blocks {
		properties := block.get("properties")
		line := layoutLine{Value: properties.get("value").str()}
		switch block.get("type").str() {
		case "text":
		case "largeText":
			line.Long = true
		case "link":
			line.Value = properties.get("text").str()
		case "withTitle":
			line.Name = properties.get("title").str()
			line.Value = properties.get("block", "properties", "value").str()
			if line.Name == "" {
				return wrongLayout("100", "withTitle needs a title")
			}
		default:
			return wrongLayout("ENUM_FIELD", "Unknown type of block "+block.get("type").str())
		}
		if line.Value == "" {
			return wrongLayout("100", "A block has no value")
		}
		l.lines = append(l.lines, line)
	}
	return nil
}

func (l *activityLayout) readButtons(sent *value) *restError {
	buttons, refusal := children(sent, mostButtons)
	for _, sent := range buttons {
		kind, action := sent.get("type").str(), sent.get("action")
		b := layoutButton{Title: sent.get("title").str(), Primary: kind == "primary", Params: map[string]string{}}
		if b.Title == "" || !slices.Contains([]string{"primary", "secondary"}, kind) {
			return wrongLayout("ENUM_FIELD", "A button needs a title, and is primary or secondary")
		}
		switch action.get("type").str() {
		case "redirect":
			b.URI = action.get("uri").str()
		case "openRestApp":
			action.get("actionParams").flatten(b.Params, "")
			b.Slider, b.Width = action.get("sliderParams", "title").str(), numberOr(action.get("sliderParams", "width").str())
		default:
			return wrongLayout("ENUM_FIELD", "Unknown type of action "+action.get("type").str())
		}
		if len(b.Params) > mostParams {
			return wrongLayout("TOO_MANY_ITEMS", "Too many parameters")
		}
		l.buttons = append(l.buttons, b)
	}
	return refusal
}

// text joins the body for those who look at it without a browser.
func (l activityLayout) text() string {
	lines := make([]string, 0, len(l.lines))
	for _, line := range l.lines {
		if line.Name != "" {
			line.Value = line.Name + ": " + line.Value
		}
		lines = append(lines, line.Value)
	}
	return strings.Join(lines, "\n")
}
