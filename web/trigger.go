package web

import (
	"encoding/json"
	"strconv"
	"strings"

	"github.com/labstack/echo/v4"
)

// event is something that the page's script is told with an answer.
type event struct {
	name   string
	detail any
}

// The events that the script knows; STYLEGUIDE.html lists them.
var (
	closeDialog      = event{"close-dialog", struct{}{}}
	documentsChanged = event{"documents:changed", struct{}{}}
	terminalsChanged = event{"terminals:changed", struct{}{}}
	reloadCard       = event{"reload-card", struct{}{}}
	attentionChanged = event{"attention:changed", struct{}{}}
	peopleChanged    = event{"people:changed", struct{}{}}
	groupsChanged    = event{"groups:changed", struct{}{}}
	rightsChanged    = event{"rights:changed", struct{}{}}
)

type toastJSON struct {
	Tone string `json:"tone"`
	Text string `json:"text"`
}

// toast is a sentence at the top of the page; tone is info, ok, warn or error.
func toast(tone, text string) event { return event{"toast", toastJSON{tone, text}} }

// saved tells whoever pressed Save that it is done, after what has to be read
// again because of it.
func saved(c echo.Context, who caller, events ...event) {
	trigger(c, append(events, toast("ok", who.T("Saved.")))...)
}

// trigger tells the page's script something with this answer, in this order.
func trigger(c echo.Context, events ...event) {
	parts := make([]string, 0, len(events))
	for _, e := range events {
		detail, err := json.Marshal(e.detail)
		if err != nil { // only plain structs come here
			continue
		}
		parts = append(parts, strconv.Quote(e.name)+":"+ascii(detail))
	}
	c.Response().Header().Set("HX-Trigger", "{"+strings.Join(parts, ",")+"}")
}

// ascii writes JSON so that it fits a header: every other letter is escaped.
func ascii(raw []byte) string {
	var b strings.Builder
	for _, r := range string(raw) {
		switch {
		case r < 0x7f:
			b.WriteRune(r)
		case r <= 0xffff:
			b.WriteString(escaped(r))
		default: // two halves, as JSON wants it
			r -= 0x10000
			b.WriteString(escaped(0xd800 + r>>10))
			b.WriteString(escaped(0xdc00 + r&0x3ff))
		}
	}
	return b.String()
}

func escaped(r rune) string {
	digits := strconv.FormatInt(int64(r), 16)
	return `\u` + strings.Repeat("0", 4-len(digits)) + digits
}
