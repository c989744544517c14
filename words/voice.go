package words

import (
	"slices"
	"strings"

	"golang.org/x/text/language"
	"golang.org/x/text/message"
)

// Key is a sentence in English as fmt.Sprintf wants it. Every constant of this
// type in the program is a sentence that is translated: a test reads them from
// the code. Written in a table or returned by a function, it is translated
// where somebody says T.
type Key string

// speech is one language that we speak.
type speech struct {
	code   string // of the catalogue's file
	tag    language.Tag
	locale string   // as browsers and the money library name it
	names  []string // other names: Bitrix24's own (reference bitrix24 12.5), and those of browsers
}

// speeches are the languages, the first of them the one of the keys. Digits are
// the same in all of them: what is shown must look like what may be typed, and
// like what the terminal prints.
var speeches = []speech{
	{code: "en", tag: language.English, locale: "en"},
	{code: "de", tag: language.German, locale: "de"},
	{code: "es", tag: language.Spanish, locale: "es", names: []string{"la"}},
	{code: "fr", tag: language.French, locale: "fr"},
	{code: "pt", tag: language.BrazilianPortuguese, locale: "pt-BR", names: []string{"br"}},
	{code: "ru", tag: language.Russian, locale: "ru"},
	{code: "it", tag: language.Italian, locale: "it"},
	{code: "pl", tag: language.Polish, locale: "pl"},
	{code: "tr", tag: language.Turkish, locale: "tr"},
	{code: "ms", tag: language.Malay, locale: "ms"},
	{code: "id", tag: language.Indonesian, locale: "id", names: []string{"in"}},
	{code: "zh", tag: language.SimplifiedChinese, locale: "zh-CN", names: []string{"sc", "tc"}},
	{code: "ja", tag: language.Japanese, locale: "ja"},
	{code: "ar", tag: language.MustParse("ar-u-nu-latn"), locale: "ar-u-nu-latn"},
}

// Voice speaks one language. It is safe for concurrent use, and a nil Voice
// speaks English.
type Voice struct {
	speech
	print  *message.Printer
	forms  map[Key]string // what the catalogue has, to recognise stored sentences
	moulds func() []mould // made when a stored sentence is first met
}

// Languages are the codes of the languages that we speak, English first.
func Languages() []string {
	out := make([]string, len(speeches))
	for i, s := range speeches {
		out[i] = s.code
	}
	return out
}

// In is the voice for a language as Bitrix24 or a browser names it; English for
// one that we do not speak.
func In(code string) *Voice {
	code = strings.ToLower(strings.TrimSpace(code))
	base, _, _ := strings.Cut(strings.ReplaceAll(code, "_", "-"), "-")
	for _, s := range speeches {
		if s.code == base || slices.Contains(s.names, base) {
			return voices[s.code]()
		}
	}
	return voices["en"]()
}

// Accepted is the voice for a browser's Accept-Language header.
func Accepted(header string) *Voice {
	tags, _, err := language.ParseAcceptLanguage(header)
	if err != nil {
		return In("")
	}
	for _, tag := range tags {
		base, _ := tag.Base()
		if v := In(base.String()); v.code == base.String() {
			return v
		}
	}
	return In("")
}

func (v *Voice) or() *Voice {
	if v == nil {
		return In("")
	}
	return v
}

// T says a sentence. Names, amounts and other texts among the arguments are
// kept apart from the sentence where it runs from right to left.
func (v *Voice) T(key Key, args ...any) string {
	v = v.or()
	if v.RTL() {
		args = isolated(args)
	}
	return v.print.Sprintf(string(key), args...)
}

// Code is the language's code, as the attribute lang wants it.
func (v *Voice) Code() string { return v.or().code }

// RTL reports whether the language is written from right to left.
func (v *Voice) RTL() bool { return v.or().code == "ar" }

// Dir is the direction as the attribute dir wants it.
func (v *Voice) Dir() string {
	if v.RTL() {
		return "rtl"
	}
	return "ltr"
}

// Locale is how browsers name the way in which dates and numbers are written.
func (v *Voice) Locale() string { return v.or().locale }

// MoneyLocale is the way in which amounts of a currency are written: as in the
// country where the currency is at home, so that a dollar at home is a plain
// dollar. Currency codes begin with their country's (ISO 4217).
func (v *Voice) MoneyLocale(currency string) string {
	v = v.or()
	switch v.code {
	case "en", "de", "es", "fr", "it":
		if len(currency) == 3 && currency != "EUR" {
			return v.locale + "-" + currency[:2]
		}
	}
	return v.locale
}

// isolated wraps texts so that a Latin name or an amount does not turn the
// order of what stands around it (Unicode UAX 9: first strong isolate).
func isolated(args []any) []any {
	out := slices.Clone(args)
	for i, a := range out {
		if text, ok := a.(string); ok && text != "" {
			out[i] = isolate(text)
		}
	}
	return out
}

func isolate(text string) string { return "\u2068" + text + "\u2069" }

// Join puts sentences one after the other; empty ones are left out.
func (v *Voice) Join(sentences ...string) string {
	between := " "
	if c := v.Code(); c == "zh" || c == "ja" {
		between = ""
	}
	return strings.Join(slices.DeleteFunc(sentences, func(s string) bool { return s == "" }), between)
}

// List puts names or facts one after the other; empty ones are left out.
func (v *Voice) List(items ...string) string {
	between := ", "
	switch v.Code() {
	case "zh", "ja":
		between = "、"
	case "ar":
		between = "، "
	}
	items = slices.DeleteFunc(items, func(s string) bool { return s == "" })
	if !v.RTL() || len(items) < 2 {
		return strings.Join(items, between)
	}
	// The mark gives the list its direction: it may begin with a Latin name.
	for i, item := range items {
		items[i] = isolate(item)
	}
	return "\u200f" + strings.Join(items, between)
}
