// Package words speaks to people in their language. The English sentence is
// the key: code and templates say T("Sent to %s", name), and locale/<code>.json
// holds what other languages say for it. A sentence that nobody has translated
// yet is said in English.
//
// It stands at the bottom, beside db: screens speak the viewer's language,
// what is written into the CRM speaks the portal's, and both come here.
// How to add a sentence: locale/README.md.
package words
