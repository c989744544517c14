package payments

import "receivepayment/db"

// IsAway reports whether err means that our database cannot be reached. What
// was asked may be asked again, with the same request id.
func IsAway(err error) bool { return db.IsAway(err) }
