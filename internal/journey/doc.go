// Package journey drives the whole product through Chromium as people do: the
// app's frame inside the pretend portal, cross-site as in Bitrix24, with the
// virtual PIN pad beside it and real HTTP between all of them.
//
// It holds tests only. With SCREENS_DIR set they also write pictures of what
// they see there.
package journey
