//go:build race

package words_test

// buildFlags are those of this very build, so that what is imported is in the
// build's cache already.
var buildFlags = []string{"-race"}
