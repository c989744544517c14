// Package echoes recognises what the CRM tells us of that we did ourselves.
//
// Each write of ours comes back as an event, which says only what was changed
// and not by whom. [Echoes.Around] notes before a write that one event is to
// come, and [Echoes.Heard] takes one such note away: a person's change in the
// same moment then brings the other event, and is looked at. A note whose event
// never came is of no consequence after [hearWithin].
package echoes
