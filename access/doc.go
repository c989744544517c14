// Package access says who may do what. Rights are read from the database at
// each request, never from a token; administrators of the portal have all.
//
// A right is put for a person, or for a department as D5; rule.go says which
// of them counts. Who belongs to which department is what Bitrix24 says when
// they open the app, kept by package pairing.
package access
