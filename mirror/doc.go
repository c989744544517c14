// Package mirror shows a portal's terminals in its CRM, on the administrator's
// wish: a smart process of its own with one card for each terminal.
//
//   - [Mirror.Switch] turns it on, which makes the smart process and its fields,
//     and off, which leaves the cards to the portal.
//   - [Mirror.Step] is the only work, and always the same: read the cards, compare
//     each with its terminal, and write what differs. Whatever was changed on
//     either side, and whatever was lost on the way, is found by the next look.
//   - Name and people go both ways; of both changed at once ours counts. Whoever
//     changed the card needs the right to pair terminals, and the change stands in
//     the audit under their name; otherwise the card is put back, which stands
//     there too. Everything else on the card is ours.
//   - A card that was deleted is made again: it shows a terminal, and is none. A
//     terminal is retired in the app only, and its card then says so.
//
// No secret is ever on a card.
package mirror
