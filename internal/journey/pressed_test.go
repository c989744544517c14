package journey_test

import (
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// notPressed are the controls that no journey presses, and why.
var notPressed = map[string]string{
	"send-alipay":   "the same button as DuitNow's with another method; the provider suite sends it",
	"more-people":   "as more-terminals and more-audit: a list that is read on",
	"more-rights":   "likewise",
	"person-find":   "as terminal-search: a field that reads its list again; there are fewer terminals than it appears for",
	"pick-find":     "likewise",
	"function":      "reads itself each second while it runs",
	"pick":          "reads itself when its dialog opens",
	"prove":         "reads itself each second while the terminal is proven",
	"terminal-card": "likewise",
	"documents":     "reads itself when the CRM or a payment changes; every journey waits for that",
	"terminals":     "likewise when terminals change",
	"attention":     "reads itself each fifteen seconds",
	"queue":         "reads itself each ten seconds",
	"install-steps": "reads itself while the app is installed; the installer's journey waits for each step",
}

var (
	tagText    = regexp.MustCompile(`<(\w+)((?:[^<>{]|\{\{[^}]*\}\})*)>`)
	handleText = regexp.MustCompile(`data-test="([^"]*)"`)
	actsText   = regexp.MustCompile(`\s(hx-(get|post|put|patch|delete)|formaction|data-dialog|data-dismiss|data-select-users)=`)
	holeText   = regexp.MustCompile(`\{\{.*`)
	// pressText are the ways in which a journey presses or types: with the mouse,
	// by the keyboard, or by a helper that does.
	pressText = regexp.MustCompile(`\.(click|fill|tabTo|to)\(|\.click\(\)|\bsendRinggit\(|\bpress\(`)
)

// TestEveryControlIsPressedInAJourney: what is only drawn can be broken in ways
// that no drawing shows. Forms count as pressed with their button.
func TestEveryControlIsPressedInAJourney(t *testing.T) {
	t.Parallel()
	var pressing []string
	for line := range strings.Lines(sources(t, "*_test.go", "pressed_test.go")) {
		if pressText.MatchString(line) {
			pressing = append(pressing, line)
		}
	}
	for _, handle := range acting(t) {
		if _, excused := notPressed[handle]; excused {
			continue
		}
		named := regexp.MustCompile(`["=^]` + regexp.QuoteMeta(handle) + `["\]` + "`" + `]`)
		if strings.HasSuffix(handle, "-") { // what follows is filled in when it is drawn
			named = regexp.MustCompile(`["=^]` + regexp.QuoteMeta(handle))
		}
		if !slices.ContainsFunc(pressing, named.MatchString) {
			t.Errorf("no journey presses %q", handle)
		}
	}
	for handle := range maps.Keys(notPressed) {
		if !slices.Contains(acting(t), handle) {
			t.Errorf("%q is excused and not there", handle)
		}
	}
}

// acting are the handles of everything that does something when it is pressed
// or typed into, without what is filled in when it is drawn.
func acting(t *testing.T) []string {
	t.Helper()
	found := map[string]bool{}
	for _, tag := range tagText.FindAllStringSubmatch(sources(t, "../../web/templates/*.html", ""), -1) {
		handle := handleText.FindStringSubmatch(tag[2])
		if handle == nil || tag[1] == "form" || tag[1] != "button" && !actsText.MatchString(tag[2]) {
			continue
		}
		if name := holeText.ReplaceAllString(handle[1], ""); name != "" {
			found[name] = true
		}
	}
	if len(found) < 80 {
		t.Fatalf("only %d controls were found", len(found))
	}
	return slices.Sorted(maps.Keys(found))
}

// sources is the text of all files of the pattern but one.
func sources(t *testing.T, pattern, but string) string {
	t.Helper()
	names, err := filepath.Glob(pattern)
	if err != nil || len(names) == 0 {
		t.Fatalf("no files of %s: %v", pattern, err)
	}
	var all strings.Builder
	for _, name := range names {
		if name == but {
			continue
		}
		raw, err := os.ReadFile(name) // #nosec G304 -- of the repository
		if err != nil {
			t.Fatal(err)
		}
		all.Write(raw)
	}
	return all.String()
}
