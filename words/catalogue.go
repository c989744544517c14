package words

import (
	"embed"
	"encoding/json"
	"fmt"
	"strings"
	"sync"

	"golang.org/x/text/feature/plural"
	"golang.org/x/text/language"
	"golang.org/x/text/message"
	"golang.org/x/text/message/catalog"
)

//go:embed locale/*.json
var files embed.FS

// Form is what a language says for a key: one text, or one for each of the
// language's plural forms, chosen by the key's first number.
type Form struct {
	Text   string
	Plural map[string]string // by CLDR's names: one, two, few, many, other, and "=0"
}

// UnmarshalJSON reads a text, or an object of texts.
func (f *Form) UnmarshalJSON(raw []byte) error {
	if len(raw) > 0 && raw[0] == '{' {
		return json.Unmarshal(raw, &f.Plural)
	}
	return json.Unmarshal(raw, &f.Text)
}

// MarshalJSON writes what UnmarshalJSON reads.
func (f Form) MarshalJSON() ([]byte, error) {
	if f.Plural != nil {
		return json.Marshal(f.Plural)
	}
	return json.Marshal(f.Text)
}

// Empty reports whether nothing is said yet.
func (f Form) Empty() bool { return f.Text == "" && len(f.Plural) == 0 }

// Catalogue is what a language says, by key. It is read from the program's own
// files; English holds plural forms only.
func Catalogue(code string) (map[Key]Form, error) {
	raw, err := files.ReadFile("locale/" + code + ".json")
	if err != nil {
		return nil, fmt.Errorf("language %s: %w", code, err)
	}
	out := map[Key]Form{}
	if err := json.Unmarshal(raw, &out); err != nil {
		return nil, fmt.Errorf("language %s: %w", code, err)
	}
	return out, nil
}

// voices are built one by one, when their first word is said. A catalogue that
// cannot be read is a mistake of the build, which a test catches.
var voices = func() map[string]func() *Voice {
	out := map[string]func() *Voice{}
	for _, s := range speeches {
		out[s.code] = sync.OnceValue(func() *Voice {
			v, err := newVoice(s)
			if err != nil {
				panic(err)
			}
			return v
		})
	}
	return out
}()

func newVoice(s speech) (*Voice, error) {
	forms, err := Catalogue(s.code)
	if err != nil {
		return nil, err
	}
	b := catalog.NewBuilder(catalog.Fallback(language.English))
	v := &Voice{speech: s, forms: map[Key]string{}}
	for key, form := range forms {
		v.forms[key] = form.Text
		if err := enter(b, s.tag, key, form); err != nil {
			return nil, fmt.Errorf("language %s, %q: %w", s.code, key, err)
		}
	}
	v.moulds = sync.OnceValue(func() []mould { return mouldsOf(v.forms) })
	v.print = message.NewPrinter(s.tag, message.Catalog(b))
	return v, nil
}

func enter(b *catalog.Builder, tag language.Tag, key Key, form Form) error {
	if form.Empty() {
		return nil
	}
	if form.Plural == nil {
		return b.SetString(tag, string(key), form.Text)
	}
	number := firstNumber(string(key))
	if number == 0 {
		return fmt.Errorf("plural forms, and the key has no number")
	}
	var cases []any
	for _, name := range []string{"=0", "zero", "one", "two", "few", "many", "other"} { // the most general one last
		if text, found := form.Plural[name]; found {
			cases = append(cases, name, text)
		}
	}
	return b.Set(tag, string(key), plural.Selectf(number, "%d", cases...))
}

// firstNumber is the place, from one, of the first %d among the arguments.
func firstNumber(key string) int {
	place := 0
	for i := 0; i < len(key)-1; i++ {
		if key[i] != '%' {
			continue
		}
		i++
		if key[i] == '%' {
			continue
		}
		place++
		if strings.HasPrefix(key[i:], "d") {
			return place
		}
	}
	return 0
}
