package words

// portals are Bitrix24's own names of the languages that we speak (reference
// bitrix24 12.5).
var portals = []string{"en", "de", "la", "fr", "br", "ru", "it", "pl", "tr", "ms", "id", "sc", "tc", "ja", "ar"}

// Everywhere says a sentence in every language at once, by Bitrix24's names, for
// what a portal itself shows to each of its people in theirs.
func Everywhere(key Key, args ...any) map[string]string {
	out := make(map[string]string, len(portals))
	for _, code := range portals {
		out[code] = In(code).T(key, args...)
	}
	return out
}
