package assets

import (
	"io/fs"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"
)

func TestContentHashesFollowTheContent(t *testing.T) {
	t.Parallel()

	before := contentHashes(fstest.MapFS{"app.js": {Data: []byte("one")}, "fonts/a.woff2": {Data: []byte("x")}})
	after := contentHashes(fstest.MapFS{"app.js": {Data: []byte("two")}, "fonts/a.woff2": {Data: []byte("x")}})

	if before["app.js"] == after["app.js"] || len(before["app.js"]) != 12 {
		t.Errorf("hash of app.js stayed %q although its content changed", after["app.js"])
	}

	if diff := cmp.Diff(before["fonts/a.woff2"], after["fonts/a.woff2"]); diff != "" {
		t.Errorf("hash of an unchanged file moved (-before +after):\n%s", diff)
	}
}

func TestURLOfAnUnknownFileIsPlain(t *testing.T) {
	t.Parallel()

	if diff := cmp.Diff("/assets/no-such.js", URL("no-such.js")); diff != "" {
		t.Errorf("URL (-want +got):\n%s", diff)
	}
}

func TestBuiltSaysWhatIsEmbedded(t *testing.T) {
	t.Parallel()

	_, missing := fs.Stat(FS, "app.js")
	if Built() != (missing == nil) {
		t.Errorf("Built() = %v, but app.js: %v", Built(), missing)
	}

	if Built() && !strings.HasPrefix(URL("app.js"), "/assets/app.js?v=") {
		t.Errorf("URL(app.js) = %q, want a content hash in the query", URL("app.js"))
	}
}
