package payments

import "strings"

// testPrefix begins the document of a test sale: no document of the CRM.
const testPrefix = "T:"

// TestDocument is what a test sale of a terminal is taken for: a document that
// the CRM does not have, owed once. The attempt tells one test from the next.
func TestDocument(terminalID, attempt string, amount Money) Owed {
	return Owed{ID: testPrefix + terminalID + "/" + attempt, Title: "Test", Total: amount}
}

// Test reports whether the payment only tries a terminal out. It moves real
// money where the terminal does, follows every rule of a payment, and is told
// to nobody: the CRM has nothing to write it on.
func (p Payment) Test() bool { return IsTest(p.Document) }

// IsTest reports whether the document is that of a test sale.
func IsTest(document string) bool { return strings.HasPrefix(document, testPrefix) }
