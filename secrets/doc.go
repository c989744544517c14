// Package secrets seals what must not be read: portal tokens and terminal
// secrets before they reach a row, with a keyset that can be rotated (old keys
// still open, the primary seals).
//
// A sealed value is bound to the row it belongs to: opened under another name
// it fails, so a copied cell is worthless. Keys for other purposes (page
// tokens, callback proofs) are derived, never stored.
package secrets
