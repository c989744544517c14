package assets

import (
	"bytes"
	"compress/gzip"
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

// frontEnd is how much of the front end may travel, compressed, in all.
const frontEnd = 120_000

func TestTheWholeFrontEndStaysSmall(t *testing.T) {
	t.Parallel()

	if !Built() {
		t.Skip("the bundle is missing: skipped; make bundle builds it")
	}

	total := 0
	err := fs.WalkDir(FS, ".", func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() || !strings.HasSuffix(path, ".js") && !strings.HasSuffix(path, ".css") {
			return err
		}

		body, err := fs.ReadFile(FS, path)
		if err != nil {
			return err
		}

		var packed bytes.Buffer
		w, _ := gzip.NewWriterLevel(&packed, gzip.BestCompression) // the level is known
		if _, err := w.Write(body); err != nil {
			return err
		}
		if err := w.Close(); err != nil {
			return err
		}

		t.Logf("%s: %d bytes, %d compressed", path, len(body), packed.Len())
		total += packed.Len()

		return nil
	})
	if err != nil {
		t.Fatal(err)
	}

	if total > frontEnd {
		t.Errorf("the front end weighs %d bytes compressed, at most %d are allowed", total, frontEnd)
	}
}
