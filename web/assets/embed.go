// Package assets carries the front-end bundle inside the binary.
//
// The sources are TypeScript and CSS under src; esbuild writes dist/app.js and dist/app.css (`make bundle`), and dist
// is embedded here. Only a placeholder of dist is committed, so the module builds on a fresh clone without Node;
// Built says whether the real bundle is there and the server should tell so when it is not. STYLEGUIDE.html shows every class.
package assets

import (
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"io/fs"
	"sync"
)

//go:embed all:dist
var embedded embed.FS

// FS is the bundle with dist as its root: app.js, app.css and what they name.
// It is complete only when Built reports true.
var FS = mustSub(embedded, "dist")

// Prefix is where the bundle is expected to be served; URL answers below it.
const Prefix = "/assets/"

// hashes holds the content hash of each embedded file. The files cannot change while the program runs.
var hashes = sync.OnceValue(func() map[string]string { return contentHashes(FS) })

// Built reports whether the bundle was there when the program was compiled.
func Built() bool {
	_, script := hashes()["app.js"]
	_, style := hashes()["app.css"]

	return script && style
}

// URL is the address of a bundled file such as "app.js", with a query made of its content, so that an answer may be
// cached for ever and a new release is fetched at once. An unknown name gives its plain address, which answers 404.
func URL(name string) string {
	hash, ok := hashes()[name]
	if !ok {
		return Prefix + name
	}

	return Prefix + name + "?v=" + hash
}

func mustSub(fsys fs.FS, dir string) fs.FS {
	sub, err := fs.Sub(fsys, dir)
	if err != nil { // only an invalid path, which is a constant here
		panic(err)
	}

	return sub
}

// contentHashes names each file's content in 12 hex digits: enough to tell releases apart.
func contentHashes(fsys fs.FS) map[string]string {
	found := make(map[string]string)

	// Walking an embedded file system cannot fail half way; a file that cannot be read simply has no hash.
	_ = fs.WalkDir(fsys, ".", func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}

		body, err := fs.ReadFile(fsys, path)
		if err != nil {
			return nil //nolint:nilerr // no hash is the answer: URL then gives the plain address
		}

		sum := sha256.Sum256(body)
		found[path] = hex.EncodeToString(sum[:6])

		return nil
	})

	return found
}
