// Package secrets seals what must not be read: portal tokens and terminal
// secrets before they reach a row, with a keyset that is rotated while the
// product runs (old keys still open, the primary seals).
//
// A sealed value is bound to the row it belongs to: opened under another name
// it fails, so a copied cell is worthless. It names its key, so that what an
// older one sealed can be counted, sealed anew and the key taken away. Keys for
// other purposes (page tokens) are derived from the oldest key, never stored:
// when that one is retired, open pages have to be opened again.
package secrets
