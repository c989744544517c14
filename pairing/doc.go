// Package pairing knows who we serve and on what: the portals that installed
// the app with their sealed tokens, and the terminals with their sealed
// secrets.
//
//   - [Portals] takes Bitrix24's posts in (nothing is believed before the auth
//     server confirms it), installs, and hands out clients that speak as an
//     employee or as the administrator.
//   - [Terminals] pairs, proves, assigns and retires terminals.
//   - [Linkly] is the adapter that makes Linkly Cloud a payments.Gateway and
//     takes its callbacks in.
package pairing
