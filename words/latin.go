package words

import "strings"

// Latin writes the digits and separators of Arabic and Persian numbers as
// European ones, and leaves out what only spaces or turns a number: hard spaces
// and marks of direction. Plain spaces stay.
func Latin(text string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r >= '٠' && r <= '٩':
			return '0' + r - '٠'
		case r >= '۰' && r <= '۹':
			return '0' + r - '۰'
		case r == '٫':
			return '.'
		case r == '٬':
			return ','
		case strings.ContainsRune("\u00a0\u202f\u200e\u200f\u2066\u2067\u2068\u2069", r):
			return -1
		}
		return r
	}, text)
}
