package payments

import "receivepayment/db"

// ErrNotFound means that the portal has no such thing; another portal's is the
// same to the asker.
var ErrNotFound = db.ErrNotFound
