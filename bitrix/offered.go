package bitrix

import "errors"

// NotOffered reports whether the portal has no such method: an old portal, or a module that is absent.
// Nothing was done.
func NotOffered(err error) bool {
	var e *Error

	return errors.As(err, &e) && (e.HasCode("ERROR_METHOD_NOT_FOUND") || e.HasCode("ERROR_WRONG_CONTEXT"))
}

// NotGranted reports whether the application was installed without the scope that the method needs.
func NotGranted(err error) bool {
	var e *Error

	return errors.As(err, &e) && (e.HasCode("insufficient_scope") || e.HasCode("invalid_scope"))
}
