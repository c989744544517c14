package bitrix

import (
	"net/http"
	"strings"
)

// classify turns the portal's answer into a class (reference bitrix24 2.4 and B). The code decides
// where it means something; the codes that methods use for "something else" are told apart by
// their text where it is known, then by the HTTP status.
func classify(status int, code, description string) Class {
	if class, ok := classOfCode(strings.ToUpper(code)); ok {
		return class
	}
	if vague(code) && status < http.StatusInternalServerError {
		if class, ok := classOfText(strings.ToLower(description)); ok {
			return class
		}
	}

	return classOfStatus(status)
}

// classOfCode knows the codes by themselves, whatever the status beside them: sources disagree on
// the status of several, and some come with 200.
func classOfCode(code string) (Class, bool) {
	switch code {
	case "ACCESS_DENIED", "USER_ACCESS_ERROR", "WRONG_AUTH_TYPE", "ALLOWED_ONLY_INTRANET_USER",
		"METHOD_CONFIRM_DENIED", "METHOD_CONFIRM_WAITING", "INSUFFICIENT_SCOPE", "INVALID_SCOPE",
		"INVALID_CREDENTIALS", "PAYMENT_REQUIRED", "UPDATE_DYNAMIC_ITEM_RESTRICTED",
		"200040300010", "200040300020":
		return Denied, true
	case "NOT_FOUND", "OWNER_NOT_FOUND", "ERROR_EVENT_NOT_FOUND", "ERROR_PLACEMENT_NOT_FOUND",
		"200540400001", "201240400001", "200640400001":
		return NotFound, true
	case "INVALID_REQUEST", "INVALID_ARG_VALUE", "CRM_FIELD_ERROR_VALUE_NOT_VALID", "100",
		"ERROR_ARGUMENT", "ENTITY_TYPE_NOT_SUPPORTED", "ERROR_BATCH_LENGTH_EXCEEDED",
		"ERROR_BATCH_METHOD_NOT_ALLOWED", "ERROR_METHOD_NOT_FOUND", "ERROR_MANIFEST_IS_NOT_AVAILABLE":
		// A missing method means an old portal or an absent module, not a missing item.
		return Invalid, true
	case "EXPIRED_TOKEN", "INVALID_TOKEN", "NO_AUTH_FOUND", "AUTHORIZATION_ERROR",
		"INVALID_GRANT", "INVALID_CLIENT", "WRONG_CLIENT":
		return Auth, true
	case "QUERY_LIMIT_EXCEEDED", "OPERATION_TIME_LIMIT", "OVERLOAD_LIMIT":
		return Limited, true
	case "PORTAL_DELETED", "NOT_INSTALLED", "APPLICATION_NOT_FOUND":
		return Gone, true
	case "INTERNAL_SERVER_ERROR", "ERROR_UNEXPECTED_ANSWER":
		return Unclear, true
	}

	return 0, false
}

// vague reports whether a code stands for whatever its sentence says.
func vague(code string) bool {
	switch strings.ToUpper(code) {
	case "", "-", "0", "ERROR_CORE", "ERROR_OAUTH":
		return true
	}

	return false
}

// classOfText reads the few sentences that stand behind vague codes (reference bitrix24 6.4, 6.7
// and B). It only refines a refusal that is certain already.
func classOfText(text string) (Class, bool) {
	switch {
	case strings.Contains(text, "application not installed"):
		return Gone, true
	case strings.Contains(text, "access denied"):
		return Denied, true
	case strings.Contains(text, "not found"):
		return NotFound, true
	}

	return 0, false
}

// classOfStatus is the last resort. An error on a 2xx or an unknown 4xx is a refusal.
func classOfStatus(status int) Class {
	switch {
	case status >= http.StatusInternalServerError:
		return Unclear
	case status == http.StatusUnauthorized:
		return Auth
	case status == http.StatusForbidden:
		return Denied
	case status == http.StatusGone:
		return Gone
	case status == http.StatusTooManyRequests:
		return Limited
	case status == http.StatusRequestTimeout:
		return Unclear
	}

	return Invalid
}

// renewable reports whether a new access token lets the same call succeed (reference bitrix24 2.3).
func renewable(e *Error) bool { return e.HasCode("expired_token") || e.HasCode("invalid_token") }
