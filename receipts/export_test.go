package receipts

import "errors"

// Refused reports whether an error of [Post.Send] is final.
func Refused(err error) bool { return errors.Is(err, errRefused) }
