// Package access says who may do what. Rights are read from the database at
// each request, never from a token; administrators of the portal have all.
package access
