// Package bitrix is a client of Bitrix24: its OAuth server, its REST methods, and the two kinds of
// posts that a portal sends to an application.
//
// A [Client] knows the application's keys and the few authorisation servers that may be asked. It
// checks who stands behind a posted token ([Client.Verify]) and replaces an expired pair
// ([Client.Renew]). [Client.Portal] gives a [Portal], which speaks with one account on behalf of one
// token owner; the tokens themselves stay with the caller behind [Tokens], so that this package
// keeps no secret longer than one call.
//
// Every failed call is an [*Error] with a [Class], and the class says what to do about it. The most
// important line runs between [Unclear], where a write may have been applied and must be looked for
// before it is repeated, and all the others, where it certainly was not. The client itself repeats
// only what the portal refused before running it: an expired token, once, and a full rate limit, a
// few times. It never repeats anything ambiguous.
//
// The typed calls live in one file per noun. [Portal.Call] and [Portal.Batch] reach everything else.
// [ParseEntry] reads the form with which a portal opens a page of the application, [ParseEvent] the
// form that announces an event. Neither proves who sent it: verify the token or compare the
// application token first.
//
// Amounts are exact decimal text and never pass through a float. Section numbers in comments, such
// as "reference bitrix24 3.2", name the project's notes on the platform.
package bitrix
