//go:build !race

package words_test

var buildFlags []string
