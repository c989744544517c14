// Package notices tells people of a portal what they should know while they
// look at something else: in Bitrix24's notification centre.
//
// A notice is a row per person and subject. [Service.Tell] stores it and comes
// back at once; a step of its own brings it to the portal and is repeated until
// it arrived or is a day old. Telling twice is harmless: Bitrix24 replaces a
// notice of the same tag. A newer text of the same subject replaces one that
// still waits, and the same text is told once.
//
// Nothing of the money depends on a notice.
package notices
