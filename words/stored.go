package words

import (
	"regexp"
	"strings"
)

// Some sentences are stored when they become true, in English, because nobody
// knows who will read them: the reason of a history line, the text of an
// alert. Whoever shows them says them again in the reader's language.

// English says a sentence for the database.
func English(key Key, args ...any) string { return In("en").T(key, args...) }

// Stored says a sentence that was stored in English: one of ours, whole or with
// its names and amounts filled in, is translated; anything else, such as what a
// provider or a person wrote, stays as it is.
func (v *Voice) Stored(text string) string {
	v = v.or()
	if v.code == "en" || text == "" {
		return text
	}
	if said, known := v.forms[Key(text)]; known && said != "" {
		return v.T(Key(text))
	}
	best, args := mould{}, []any(nil)
	for _, m := range v.moulds() {
		if m.solid <= best.solid || !strings.Contains(text, m.longest) {
			continue
		}
		if found := m.shape.FindStringSubmatch(text); found != nil {
			best, args = m, nil
			for _, part := range found[1:] {
				args = append(args, v.Stored(part))
			}
		}
	}
	if best.shape == nil {
		return text
	}
	return v.T(best.key, args...)
}

// mould is a sentence with holes.
type mould struct {
	key     Key
	shape   *regexp.Regexp
	longest string // piece without a hole
	solid   int    // letters outside the holes: the mould with most of them is meant
}

// enough is how much of a sentence must be its own words before a stored text
// is taken for it.
const enough = 12

var holes = regexp.MustCompile(`%(\[\d\])?s`)

// mouldsOf are the sentences whose holes are all texts.
func mouldsOf(forms map[Key]string) []mould {
	var out []mould
	for key := range forms {
		if m, ok := newMould(key); ok {
			out = append(out, m)
		}
	}
	return out
}

func newMould(key Key) (mould, bool) {
	pieces := holes.Split(string(key), -1)
	if len(pieces) < 2 {
		return mould{}, false
	}
	m := mould{key: key}
	quoted := make([]string, len(pieces))
	for i, p := range pieces {
		if strings.Contains(p, "%") {
			return mould{}, false
		}
		if len(p) > len(m.longest) {
			m.longest = p
		}
		m.solid += len(p)
		quoted[i] = regexp.QuoteMeta(p)
	}
	m.shape = regexp.MustCompile(`(?s)^` + strings.Join(quoted, `(.*?)`) + `$`)
	return m, m.solid >= enough
}
