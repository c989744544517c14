package web

import (
	"fmt"
	"html/template"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"receivepayment/payments"
	"receivepayment/web/assets"
	"receivepayment/words"
)

// functions are what templates may call beside the methods of their data, in
// the language of one voice.
func functions(w *words.Voice) template.FuncMap {
	return template.FuncMap{
		"T":         func(key words.Key, args ...any) any { return say(w, key, args...) },
		"asset":     assets.URL,
		"built":     assets.Built,
		"clockText": clockText,
		"dateText":  func(text string) template.HTML { return dateText(text) },
		"dir":       w.Dir,
		"lang":      w.Code,
		"left":      func() template.HTML { return `<span class="elapsed" data-life-clock></span>` }, // the script counts
		"locale":    w.Locale,
		"money":     func(m payments.Money) string { return moneyText(w, m) },
		"since":     sinceTag,
		"slug":      slug,
		"stamp":     stamp,
		"stored":    w.Stored,
		"strong":    func(text string) template.HTML { return tag("strong", text) },
		"time":      timeTag,
		"until":     untilTag,
	}
}

// say is T for templates: among the arguments there may be markup, such as a
// time that goes on ticking. The answer is markup then too.
func say(w *words.Voice, key words.Key, args ...any) any {
	marks := make([]any, len(args))
	var fill []string
	for i, a := range args {
		switch a := a.(type) {
		case template.HTML:
			marks[i] = fmt.Sprintf("\ue000%d\ue001", i) // letters of nobody
			fill = append(fill, marks[i].(string), string(a))
		case words.Key:
			marks[i] = w.T(a)
		default:
			marks[i] = a
		}
	}
	text := w.T(key, marks...)
	if fill == nil {
		return text
	}
	return template.HTML(strings.NewReplacer(fill...).Replace(template.HTMLEscapeString(text))) //nolint:gosec // every part is escaped or markup of ours
}

func tag(name, text string) template.HTML {
	return template.HTML("<" + name + ">" + template.HTMLEscapeString(text) + "</" + name + ">") //nolint:gosec // names are ours
}

// timeTag is a moment in the viewer's own zone, which the script knows.
func timeTag(t time.Time) template.HTML {
	return template.HTML(`<time datetime="` + stamp(t) + `" data-time>` + clockText(t) + `</time>`) //nolint:gosec // digits
}

// sinceTag counts up from a moment.
func sinceTag(t time.Time) template.HTML {
	return template.HTML(`<time class="elapsed" datetime="` + stamp(t) + `" data-since="` + stamp(t) + `">` + clockText(t) + `</time>`) //nolint:gosec // digits
}

// untilTag counts down to a moment.
func untilTag(t time.Time) template.HTML {
	return template.HTML(`<span class="elapsed" data-until="` + stamp(t) + `">` + clockText(t) + `</span>`) //nolint:gosec // digits
}

// echoTag repeats what is in a field of its form; the script keeps it current.
func echoTag(field, more, text string) template.HTML {
	return template.HTML(`<span data-echo="` + field + `"` + more + `>` + template.HTMLEscapeString(text) + `</span>`) //nolint:gosec // the text is escaped, the rest is ours
}

// amountEcho is the same for an amount, which the script writes as we do, with
// what stands in the fields that plus names.
func amountEcho(w *words.Voice, currency, text, plus string) template.HTML {
	return echoTag("amount", ` data-locale="`+w.MoneyLocale(currency)+`" data-currency="`+template.HTMLEscapeString(currency)+`" data-plus="`+plus+`"`, text)
}

// dateText is a day such as 2026-11-21, written in the viewer's way by the
// script; what is no such day stays as it is.
func dateText(text string) template.HTML {
	if _, err := time.Parse(time.DateOnly, text); err != nil {
		return template.HTML(template.HTMLEscapeString(text)) //nolint:gosec // escaped
	}
	return template.HTML(`<time datetime="` + text + `" data-date>` + text + `</time>`) //nolint:gosec // digits
}

// stamp is a moment as the script expects it.
func stamp(t time.Time) string { return t.UTC().Format(time.RFC3339) }

// clockText is what stands in a time element until the script has put the
// viewer's own clock there.
func clockText(t time.Time) string { return t.UTC().Format("2 Jan 15:04:05") + " UTC" }

// moneyText is an amount as the voice's readers write it.
func moneyText(w *words.Voice, m payments.Money) string { return m.Format(w.MoneyLocale(m.Currency)) }

// voiceKey is where a request keeps the language of whoever asks.
const voiceKey = "voice"

// voiceOf is the language of whoever asks: the one that their token names; of
// somebody whom we do not know, what Bitrix24 put into the address, or the
// browser's.
func voiceOf(c echo.Context) *words.Voice {
	if w, known := c.Get(voiceKey).(*words.Voice); known {
		return w
	}
	if lang := c.QueryParam("LANG"); lang != "" {
		return words.In(lang)
	}
	return words.Accepted(c.Request().Header.Get("Accept-Language"))
}
