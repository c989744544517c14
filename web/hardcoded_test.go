package web

import (
	"io/fs"
	"regexp"
	"strings"
	"testing"
	"unicode"

	"golang.org/x/net/html"
)

// said are the attributes whose text people read or hear.
var saidAttributes = map[string]bool{"aria-label": true, "title": true, "alt": true, "placeholder": true, "data-announce": true, "data-label": true}

// names are texts that are the same in every language.
var sameEverywhere = map[string]bool{
	"UTC": true, "Asia/Kuala_Lumpur": true, "CallerDeviceType": true, "MsgVer": true, "Linkly": true, "Kayaaku": true, "DuitNow QR": true, "AUD": true, "NZD": true,
}

// TestNoTextIsHardCoded: every sentence in a template goes through T.
func TestNoTextIsHardCoded(t *testing.T) {
	t.Parallel()
	comment, action := regexp.MustCompile(`(?s)\{\{-? ?/\*.*?\*/ ?-?\}\}`), regexp.MustCompile(`(?s)\{\{.*?\}\}`)
	files, err := fs.Glob(templateFiles, "templates/*.html")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range files {
		raw, err := fs.ReadFile(templateFiles, name)
		if err != nil {
			t.Fatal(err)
		}
		// What the program puts in becomes digits: no letters, no end of a tag.
		text := action.ReplaceAllString(comment.ReplaceAllString(string(raw), ""), "0")
		for z := html.NewTokenizer(strings.NewReader(text)); ; {
			kind := z.Next()
			if kind == html.ErrorToken {
				break
			}
			token := z.Token()
			if kind == html.TextToken && spoken(token.Data) {
				t.Errorf("%s says %q without T", name, strings.TrimSpace(token.Data))
			}
			for _, a := range token.Attr {
				if saidAttributes[a.Key] && spoken(a.Val) {
					t.Errorf("%s: %s=%q without T", name, a.Key, a.Val)
				}
			}
		}
	}
}

func spoken(text string) bool {
	text = strings.TrimSpace(text)
	if strings.HasPrefix(text, "https://") || strings.HasPrefix(text, "bridge setup ") { // an address, a command
		return false
	}
	return strings.ContainsFunc(text, unicode.IsLetter) && !sameEverywhere[text]
}
