package words_test

import (
	"fmt"
	"os"
	"regexp"
	"strings"
	"testing"

	"receivepayment/words"
)

// aboutMoney are sentences that tell somebody what became of money, or keep
// them from moving it twice.
var aboutMoney = regexp.MustCompile(`(?i)charge[sd]?\b|\bmoney\b|\bdo not\b|nothing was|refund exactly|paid twice|\bcash\b|not (paid|refunded)\b|more than|not known`)

const reviewFile = "../docs/review-sentences.md"

// TestTheSentencesToReviewAreListed keeps docs/review-sentences.md true; with
// -update it writes it.
func TestTheSentencesToReviewAreListed(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("reads what the catalogues hold, which may change for the length of a translation")
	}
	want := sentencesToReview(t)
	if *update {
		if err := os.WriteFile(reviewFile, []byte(want), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	have, err := os.ReadFile(reviewFile)
	if err != nil {
		t.Fatal(err)
	}
	if string(have) != want {
		t.Errorf("%s is old; run go test ./words -update", reviewFile)
	}
}

func sentencesToReview(t *testing.T) string {
	t.Helper()
	var b strings.Builder
	b.WriteString(`# Sentences to review

What these sentences say moves money, or keeps people from moving it twice. Before a release in a language a native speaker who
knows card payments reads them on the screens (` + "`make screens`" + `), and their meaning is compared with the English: what is certain stays
certain, what is not known stays not known, and "do not" stays an order. The languages were translated with care and were not yet
read by native speakers. This file is made by ` + "`go test ./words -update`" + `.
`)
	languages := words.Languages()[1:]
	said := map[string]map[words.Key]words.Form{}
	for _, code := range languages {
		have, err := words.Catalogue(code)
		if err != nil {
			t.Fatal(err)
		}
		said[code] = have
	}
	for _, key := range sorted(said["de"]) {
		if !aboutMoney.MatchString(string(key)) || said["de"][key].Empty() {
			continue
		}
		fmt.Fprintf(&b, "\n## %s\n\n", key)
		for _, code := range languages {
			fmt.Fprintf(&b, "- %s: %s\n", code, said[code][key].Text)
		}
	}
	return b.String()
}
