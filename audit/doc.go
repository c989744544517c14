// Package audit keeps who did what that somebody may ask about later: paired a
// terminal, changed a right, refunded, resolved by hand, exported, rotated keys.
//
//   - Lines are only ever added, in the very transaction of the change that they
//     speak of: [Write] takes that transaction. Who acts comes with the context
//     ([By]), so that no signature on the way has to carry it.
//   - Each line holds the hash of the one before it, one chain for each portal,
//     and a head names the newest: a line that was altered, removed or slipped in
//     is found by [Log.Verify].
//
// When the people of a portal are forgotten, [Forget] takes names and words from
// its lines: what was done, when, and by whom as a number stays, and the chain is
// verified as before. All lines up to one moment are forgotten at once, and the
// house's chain says so; a line that lost its words alone is found.
//
// What the chain cannot show is a chain that was computed anew from some line on,
// head included: for that, note a head elsewhere (`app audit verify` prints them)
// and give it to [Log.Verify] later. The database has no triggers against changes:
// there is no one SQL for them, and whoever may alter the rows may drop a trigger.
package audit
